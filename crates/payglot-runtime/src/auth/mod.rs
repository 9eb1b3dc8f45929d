//! Puts authentication on a request, by the scheme of the provider's table.
//!
//! Runs once per attempt, last, so that a signature is always fresh and always over the bytes that leave. May use the
//! layers above; knows nothing of connections, retries or the client that sends the request.

use base64::Engine as _;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::{PathAndQuery, Uri};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::request::push_query;
use crate::schema::{Auth, EmptyBody, Provider};

mod credentials;
#[cfg(feature = "tower")]
mod layer;
#[cfg(feature = "reqwest-middleware")]
mod middleware;
mod plain_http;
#[cfg(any(feature = "progenitor", feature = "reqwest-middleware"))]
mod reqwest;
mod sign;

pub use credentials::Credentials;
#[cfg(feature = "tower")]
pub use layer::{AuthFuture, AuthLayer, AuthService};
#[cfg(feature = "reqwest-middleware")]
pub use middleware::AuthMiddleware;
pub(crate) use plain_http::is_this_machine;
pub(crate) use sign::keyed;
use sign::{Signature, Signer};
pub use sign::{canonical_string, sign};

/// Authentication ready for use: keys checked, static headers built.
pub struct Authenticator {
    /// Headers that are the same on every request.
    static_headers: Vec<(HeaderName, HeaderValue)>,
    per_request: PerRequest,
    /// Whether plain HTTP may lead to another machine.
    allows_insecure_http: bool,
}

/// What is made for each attempt.
enum PerRequest {
    Nothing,
    Signature { signer: Signer, headers: Vec<(HeaderName, Template)> },
    Query { name: &'static str, value: Zeroizing<String> },
}

/// A header of a signed request.
enum Template {
    Signature,
    /// Names more than the signature alone.
    Text(Zeroizing<String>),
}

/// Shows nothing of it.
impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

impl Authenticator {
    /// Builds the keys of a provider. What is missing comes from the environment.
    pub fn new(provider: &'static Provider, mut credentials: Credentials) -> Result<Self, Error> {
        credentials.resolve(provider)?;
        let secret = |name: &str| {
            credentials.get(name).ok_or_else(|| {
                Error::configuration(format!("{}: `{name}` is missing", provider.title))
            })
        };
        let filled = |template: &str| {
            let mut text = Zeroizing::new(template.to_owned());
            for (name, value) in credentials.iter() {
                text = Zeroizing::new(text.replace(&format!("{{{name}}}"), value));
            }
            text
        };
        let mut static_headers = Vec::new();
        let per_request = match &provider.auth {
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
        };
        let allows_insecure_http = credentials.allow_insecure_http();
        Ok(Self { static_headers, per_request, allows_insecure_http })
    }

    /// Signs with another contribution of an empty body than the provider's. Where nothing is signed, this changes
    /// nothing.
    #[must_use]
    pub fn with_empty_body(mut self, empty_body: EmptyBody) -> Self {
        if let PerRequest::Signature { signer, .. } = &mut self.per_request {
            signer.set_empty_body(empty_body);
        }
        self
    }

    /// Every header that this sets on a request, with its value where that is the same on all of them.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&HeaderName, Option<&HeaderValue>)> {
        let templates: &[_] = match &self.per_request {
            PerRequest::Signature { headers, .. } => headers,
            PerRequest::Nothing | PerRequest::Query { .. } => &[],
        };
        let static_headers = self.static_headers.iter().map(|(name, value)| (name, Some(value)));
        static_headers.chain(templates.iter().map(|(name, _)| (name, None)))
    }

    /// Whether a header is one of those that authenticate, and so not the caller's to set.
    pub fn is_reserved(&self, name: &HeaderName) -> bool {
        self.headers().any(|(own, _)| own == name)
    }

    /// Authenticates one request: sets its headers, or its query parameter. `body` is the bytes that leave.
    ///
    /// Path and query are signed as they stand in the URI, so nothing may change them afterwards.
    pub fn authenticate(&self, parts: &mut Parts, body: &[u8]) {
        for (name, value) in &self.static_headers {
            parts.headers.insert(name, value.clone());
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
            PerRequest::Nothing => {}
        }
    }
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

/// The error for a body that is not in memory as a whole.
#[cfg(any(feature = "progenitor", feature = "reqwest-middleware", feature = "tower"))]
fn streaming_body() -> Error {
    Error::invalid_request(
        "body",
        "is a stream, which cannot be signed; pass bytes. Nothing was sent",
    )
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
