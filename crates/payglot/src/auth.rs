//! Puts authentication on a request, by the scheme of the provider's table.
//!
//! Runs once per attempt, in the hook that executes the request, so that a signature is always fresh and is
//! always over the bytes that leave.

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use base64::Engine as _;

use crate::config::Config;
use crate::error::Error;
use crate::schema::Auth;
use crate::sign::{Signature, Signer};

/// Authentication ready for use: keys checked, fixed values made.
#[derive(Debug)]
pub(crate) enum Authorizer {
    Signature { signer: Signer, headers: Vec<(HeaderName, Value)> },
    Headers(Vec<(HeaderName, HeaderValue)>),
    Query { name: &'static str, value: Zeroizing<String> },
}

/// A header of a signed request.
pub(crate) enum Value {
    Fixed(HeaderValue),
    Signature,
    /// A template that names more than the signature alone.
    Template(Zeroizing<String>),
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
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
        Ok(match &config.provider.auth {
            Auth::Hmac(scheme) => {
                let signer = Signer::new(scheme, secret(scheme.key)?.as_bytes(), config.empty_body);
                let headers = scheme.headers.iter().map(|(name, template)| {
                    let value = match *template {
                        "{signature}" => Value::Signature,
                        template
                            if ["{signature}", "{timestamp}", "{nonce}"]
                                .iter()
                                .any(|part| template.contains(part)) =>
                        {
                            Value::Template(filled(template))
                        }
                        template => Value::Fixed(header_value(name, &filled(template))?),
                    };
                    Ok((header_name(name)?, value))
                });
                Self::Signature { signer, headers: headers.collect::<Result<_, Error>>()? }
            }
            Auth::Headers(headers) => {
                let headers = headers.iter().map(|(name, template)| {
                    Ok((header_name(name)?, header_value(name, &filled(template))?))
                });
                Self::Headers(headers.collect::<Result<_, Error>>()?)
            }
            Auth::Bearer(token) => {
                let value = Zeroizing::new(format!("Bearer {}", secret(token)?));
                Self::Headers(vec![(AUTHORIZATION, header_value("Authorization", &value)?)])
            }
            Auth::Basic(user, password) => {
                let pair = Zeroizing::new(format!("{}:{}", secret(user)?, secret(password)?));
                let encoded = Zeroizing::new(
                    base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()),
                );
                let value = Zeroizing::new(format!("Basic {}", encoded.as_str()));
                Self::Headers(vec![(AUTHORIZATION, header_value("Authorization", &value)?)])
            }
            Auth::Query(name, credential) => {
                Self::Query { name, value: Zeroizing::new(secret(credential)?.to_owned()) }
            }
        })
    }

    /// Authenticates one attempt.
    pub fn authorize(&self, request: &mut reqwest::Request) {
        match self {
            Self::Signature { signer, headers } => {
                let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
                let url = request.url();
                let signature =
                    signer.sign(request.method().as_str(), url.path(), url.query(), body);
                for (name, value) in headers {
                    if let Some(value) = value.fill(&signature) {
                        request.headers_mut().insert(name, value);
                    }
                }
            }
            Self::Headers(headers) => {
                for (name, value) in headers {
                    request.headers_mut().insert(name, value.clone());
                }
            }
            Self::Query { name, value } => {
                request.url_mut().query_pairs_mut().append_pair(name, value);
            }
        }
    }
}

impl Value {
    /// `None` cannot happen: credentials were checked when the client was built, and the rest is ASCII.
    fn fill(&self, signature: &Signature) -> Option<HeaderValue> {
        let mut value = match self {
            Self::Fixed(value) => return Some(value.clone()),
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
