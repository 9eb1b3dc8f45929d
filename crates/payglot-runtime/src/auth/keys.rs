//! The keys of one scheme, ready for use: what they put on a request.

use base64::Engine as _;
use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::{PathAndQuery, Uri};
use zeroize::Zeroizing;

use super::Credentials;
use super::grant::Grant;
use super::sign::{Signature, Signer};
use crate::error::Error;
use crate::request::push_query;
use crate::schema::{Auth, EmptyBody};

/// One scheme: keys checked, static headers built.
pub(super) struct Keys {
    /// Headers that are the same on every request.
    static_headers: Vec<(HeaderName, HeaderValue)>,
    per_request: PerRequest,
}

/// What is made for each attempt.
enum PerRequest {
    Nothing,
    Signature {
        signer: Signer,
        headers: Vec<(HeaderName, Template)>,
    },
    Query {
        name: &'static str,
        value: Zeroizing<String>,
    },
    /// The client that sends the request fetches the token.
    Token(Grant),
}

/// A header of a signed request.
enum Template {
    Signature,
    /// Names more than the signature alone.
    Text(Zeroizing<String>),
}

/// The credentials that a scheme takes, as far as its provider knows them.
pub(super) fn wanted<'n>(
    auth: &Auth,
    known: impl Iterator<Item = &'n str>,
) -> impl Iterator<Item = &'n str> {
    let auth = *auth;
    known.filter(move |name| match auth {
        Auth::None | Auth::Schemes(_) => false,
        Auth::Hmac(scheme) => scheme.key == *name || is_in(scheme.headers, name),
        Auth::Headers(headers) => is_in(headers, name),
        Auth::Bearer(token) | Auth::Query(_, token) => token == *name,
        Auth::Basic(user, password) => user == *name || password == *name,
        Auth::ClientCredentials(scheme) => {
            scheme.client_id == *name || scheme.client_secret == *name
        }
    })
}

fn is_in(headers: &[(&str, &str)], name: &str) -> bool {
    headers.iter().any(|(_, template)| template.contains(&format!("{{{name}}}")))
}

impl Keys {
    /// Builds the keys of a scheme; `title` names the API in errors.
    pub(super) fn new(auth: &Auth, title: &str, credentials: &Credentials) -> Result<Self, Error> {
        let secret = |name: &str| {
            credentials
                .get(name)
                .ok_or_else(|| Error::configuration(format!("{title}: `{name}` is missing")))
        };
        let filled = |template: &str| {
            let mut text = Zeroizing::new(template.to_owned());
            for (name, value) in credentials.iter() {
                text = Zeroizing::new(text.replace(&format!("{{{name}}}"), value));
            }
            text
        };
        let mut static_headers = Vec::new();
        let per_request = match auth {
            // Schemes within schemes are none.
            Auth::None | Auth::Schemes(_) => PerRequest::Nothing,
            Auth::Hmac(scheme) => {
                let signer = Signer::new(scheme, secret(scheme.key)?.as_bytes(), None);
                let mut headers = Vec::new();
                for (name, template) in scheme.headers {
                    let parts = ["{signature}", "{timestamp}", "{nonce}"];
                    if *template == "{signature}" {
                        headers.push((header_name(name)?, Template::Signature));
                    } else if parts.iter().any(|part| template.contains(part)) {
                        headers.push((header_name(name)?, Template::Text(filled(template))));
                    } else {
                        static_headers
                            .push((header_name(name)?, header_value(name, &filled(template))?));
                    }
                }
                PerRequest::Signature { signer, headers }
            }
            Auth::Headers(headers) => {
                for (name, template) in *headers {
                    static_headers
                        .push((header_name(name)?, header_value(name, &filled(template))?));
                }
                PerRequest::Nothing
            }
            Auth::Bearer(token) => {
                let value = Zeroizing::new(format!("Bearer {}", secret(token)?));
                static_headers.push((AUTHORIZATION, header_value("Authorization", &value)?));
                PerRequest::Nothing
            }
            Auth::Basic(user, password) => {
                let pair = Zeroizing::new(format!("{}:{}", secret(user)?, secret(password)?));
                let encoded = Zeroizing::new(
                    base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()),
                );
                let value = Zeroizing::new(format!("Basic {}", encoded.as_str()));
                static_headers.push((AUTHORIZATION, header_value("Authorization", &value)?));
                PerRequest::Nothing
            }
            Auth::Query(name, credential) => {
                PerRequest::Query { name, value: Zeroizing::new(secret(credential)?.to_owned()) }
            }
            Auth::ClientCredentials(scheme) => {
                let (id, secret) = (secret(scheme.client_id)?, secret(scheme.client_secret)?);
                PerRequest::Token(Grant::new(scheme, id, secret)?)
            }
        };
        Ok(Self { static_headers, per_request })
    }

    pub(super) fn set_empty_body(&mut self, empty_body: EmptyBody) {
        if let PerRequest::Signature { signer, .. } = &mut self.per_request {
            signer.set_empty_body(empty_body);
        }
    }

    /// Every header that they set, with its value where that is the same on all requests.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&HeaderName, Option<&HeaderValue>)> {
        let templates: &[_] = match &self.per_request {
            PerRequest::Signature { headers, .. } => headers,
            PerRequest::Nothing | PerRequest::Query { .. } | PerRequest::Token(_) => &[],
        };
        let static_headers = self.static_headers.iter().map(|(name, value)| (name, Some(value)));
        let token = self.grant().map(|_| (&AUTHORIZATION, None));
        static_headers.chain(templates.iter().map(|(name, _)| (name, None))).chain(token)
    }

    /// What a token is asked for by, where the scheme takes one.
    pub(super) fn grant(&self) -> Option<&Grant> {
        match &self.per_request {
            PerRequest::Token(grant) => Some(grant),
            _ => None,
        }
    }

    /// Authenticates one request. `body` is the bytes that leave.
    pub(super) fn authenticate(&self, parts: &mut Parts, body: &[u8]) {
        for (name, value) in &self.static_headers {
            if *name == COOKIE {
                add_cookie(&mut parts.headers, value);
            } else {
                parts.headers.insert(name, value.clone());
            }
        }
        match &self.per_request {
            PerRequest::Signature { signer, headers } => {
                let (path, query) = (parts.uri.path(), parts.uri.query());
                let signature = signer.sign(parts.method.as_str(), path, query, body);
                for (name, template) in headers {
                    if let Some(value) = template.fill(&signature) {
                        parts.headers.insert(name, value);
                    }
                }
            }
            PerRequest::Query { name, value } => add_query(&mut parts.uri, name, value),
            PerRequest::Nothing | PerRequest::Token(_) => {}
        }
    }
}

/// Adds a cookie to those that a request has: there is one header for all of them.
pub(crate) fn add_cookie(headers: &mut HeaderMap, cookie: &HeaderValue) {
    let joined = headers
        .get(COOKIE)
        .map(|known| Zeroizing::new([known.as_bytes(), b"; ", cookie.as_bytes()].concat()))
        .and_then(|joined| HeaderValue::from_bytes(&joined).ok());
    let mut value = joined.unwrap_or_else(|| cookie.clone());
    value.set_sensitive(true);
    headers.insert(COOKIE, value);
}

/// Adds a parameter to a URI. One that would be longer than a URI can be stays as it is, and the vendor refuses it.
fn add_query(uri: &mut Uri, name: &str, value: &str) {
    let mut target = uri.path_and_query().map_or("/", PathAndQuery::as_str).to_owned();
    push_query(&mut target, name, value);
    let Ok(target) = PathAndQuery::from_maybe_shared(Bytes::from(target)) else { return };
    let mut parts = std::mem::take(uri).into_parts();
    parts.path_and_query = Some(target);
    *uri = Uri::from_parts(parts).unwrap_or_default();
}

impl Template {
    /// `None` cannot happen: credentials were checked when the client was built, and the rest is ASCII.
    fn fill(&self, signature: &Signature) -> Option<HeaderValue> {
        let mut value = match self {
            Self::Signature => HeaderValue::from_str(&signature.value).ok()?,
            Self::Text(template) => {
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

pub(super) fn header_value(name: &str, value: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        Error::configuration(format!(
            "the credential for header {name} has a character that a header cannot hold"
        ))
    })?;
    value.set_sensitive(true);
    Ok(value)
}
