//! Puts authentication on a request, by the scheme of the provider's table.
//!
//! Runs once per attempt, where the request is sent, so that a signature is always fresh and is always over the
//! bytes that leave.

use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use base64::Engine as _;

use crate::config::Config;
use crate::encode::push_query;
use crate::error::Error;
use crate::schema::Auth;
use crate::sign::{Signature, Signer};

/// Authentication ready for use: keys checked, fixed values made.
pub(crate) struct Authorizer {
    /// Headers that are the same on every request.
    fixed: Vec<(HeaderName, HeaderValue)>,
    fresh: Fresh,
}

/// What is made anew for every attempt.
enum Fresh {
    Nothing,
    Signature { signer: Signer, headers: Vec<(HeaderName, Value)> },
    Query { name: &'static str, value: Zeroizing<String> },
}

/// A header of a signed request.
enum Value {
    Signature,
    /// A template that names more than the signature alone.
    Template(Zeroizing<String>),
}

/// Shows nothing of it.
impl std::fmt::Debug for Authorizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authorizer").finish_non_exhaustive()
    }
}

impl Authorizer {
    pub fn new(config: &Config) -> Result<Self, Error> {
        let secret = |name: &str| {
            config
                .credentials
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.as_str())
                .ok_or_else(|| {
                    Error::configuration(format!("{}: `{name}` is missing", config.provider.title))
                })
        };
        let filled = |template: &str| {
            let mut text = Zeroizing::new(template.to_owned());
            for (name, value) in &config.credentials {
                text = Zeroizing::new(text.replace(&format!("{{{name}}}"), value));
            }
            text
        };
        let mut fixed = Vec::new();
        let fresh = match &config.provider.auth {
            Auth::Hmac(scheme) => {
                let signer = Signer::new(scheme, secret(scheme.key)?.as_bytes(), config.empty_body);
                let mut headers = Vec::new();
                for (name, template) in scheme.headers {
                    let parts = ["{signature}", "{timestamp}", "{nonce}"];
                    if *template == "{signature}" {
                        headers.push((header_name(name)?, Value::Signature));
                    } else if parts.iter().any(|part| template.contains(part)) {
                        headers.push((header_name(name)?, Value::Template(filled(template))));
                    } else {
                        fixed.push((header_name(name)?, header_value(name, &filled(template))?));
                    }
                }
                Fresh::Signature { signer, headers }
            }
            Auth::Headers(headers) => {
                for (name, template) in *headers {
                    fixed.push((header_name(name)?, header_value(name, &filled(template))?));
                }
                Fresh::Nothing
            }
            Auth::Bearer(token) => {
                let value = Zeroizing::new(format!("Bearer {}", secret(token)?));
                fixed.push((AUTHORIZATION, header_value("Authorization", &value)?));
                Fresh::Nothing
            }
            Auth::Basic(user, password) => {
                let pair = Zeroizing::new(format!("{}:{}", secret(user)?, secret(password)?));
                let encoded = Zeroizing::new(
                    base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()),
                );
                let value = Zeroizing::new(format!("Basic {}", encoded.as_str()));
                fixed.push((AUTHORIZATION, header_value("Authorization", &value)?));
                Fresh::Nothing
            }
            Auth::Query(name, credential) => {
                Fresh::Query { name, value: Zeroizing::new(secret(credential)?.to_owned()) }
            }
        };
        Ok(Self { fixed, fresh })
    }

    /// The headers that are the same on every request.
    pub fn fixed(&self) -> &[(HeaderName, HeaderValue)] {
        &self.fixed
    }

    /// Names of the headers that are made for each request.
    pub fn fresh(&self) -> impl Iterator<Item = &HeaderName> {
        let headers: &[_] = match &self.fresh {
            Fresh::Signature { headers, .. } => headers,
            Fresh::Nothing | Fresh::Query { .. } => &[],
        };
        headers.iter().map(|(name, _)| name)
    }

    /// Whether a header is one of those that authenticate.
    pub fn owns(&self, name: &HeaderName) -> bool {
        self.fixed.iter().map(|(name, _)| name).chain(self.fresh()).any(|own| own == name)
    }

    /// Adds to one attempt what is made for it alone. `target` is path and query.
    pub fn authorize(
        &self,
        method: &str,
        target: &mut String,
        body: &[u8],
        headers: &mut HeaderMap,
    ) {
        match &self.fresh {
            Fresh::Signature { signer, headers: templates } => {
                let (path, query) = match target.split_once('?') {
                    Some((path, query)) => (path, Some(query)),
                    None => (target.as_str(), None),
                };
                let signature = signer.sign(method, path, query, body);
                for (name, value) in templates {
                    if let Some(value) = value.fill(&signature) {
                        headers.insert(name, value);
                    }
                }
            }
            Fresh::Query { name, value } => {
                push_query(target, name, value);
            }
            Fresh::Nothing => {}
        }
    }
}

impl Value {
    /// `None` cannot happen: credentials were checked when the client was built, and the rest is ASCII.
    fn fill(&self, signature: &Signature) -> Option<HeaderValue> {
        let mut value = match self {
            Self::Signature => HeaderValue::from_str(&signature.value).ok()?,
            Self::Template(template) => {
                let text = template
                    .replace("{signature}", &signature.value)
                    .replace("{timestamp}", &signature.timestamp)
                    .replace("{nonce}", &signature.nonce);
                HeaderValue::from_str(&text).ok()?
            }
        };
        value.set_sensitive(true);
        Some(value)
    }
}

fn header_name(name: &str) -> Result<HeaderName, Error> {
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| Error::configuration(format!("`{name}` is not a header name")))
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        Error::configuration(format!(
            "the credential for header {name} has a character that a header cannot hold"
        ))
    })?;
    value.set_sensitive(true);
    Ok(value)
}
