//! Authenticates the requests of another HTTP client, from plain values to plain values.

use http::uri::{PathAndQuery, Uri};
use http::{Method, Request};
use payglot_runtime::Error;
use payglot_runtime::auth::{Authenticator, Credential, Credentials};
use payglot_runtime::schema::Provider;
use payglot_runtime::variables::Variables;

use crate::{BindingError, ClientOptions, InvalidRequest};

/// The keys of one provider.
#[derive(Debug)]
pub struct RequestAuthenticator(Authenticator);

/// What authenticates a request.
#[derive(Debug)]
pub struct Authenticated {
    /// Path and query that the request must have.
    pub target: String,
    /// Headers, each replaces all that the request has by that name.
    pub headers: Vec<(String, String)>,
}

impl RequestAuthenticator {
    /// Checks the credentials. Of the other options only those of empty bodies and of plain HTTP count here.
    pub fn new(
        provider: &'static Provider,
        mut options: ClientOptions,
        function: &impl Fn(u32) -> Credential,
    ) -> Result<Self, Error> {
        let mut given = options.take_credentials(function);
        let mut credentials = Credentials::default();
        credentials.variables(Variables::given(options.variables));
        for credential in provider.credentials {
            if let Some(given) = given.remove(credential.name) {
                credentials.set(credential.name, given);
            }
        }
        let authenticator = Authenticator::new(provider, credentials)?
            .allow_insecure_http(options.allow_insecure_http);
        Ok(Self(match options.empty_body {
            Some(empty_body) => authenticator.with_empty_body(empty_body),
            None => authenticator,
        }))
    }

    /// Authenticates a request to this origin (scheme and host) with this method, target (path and query) and body on
    /// the wire.
    pub fn authenticate(
        &self,
        method: &str,
        (origin, target): (&str, &str),
        body: &[u8],
    ) -> Result<Authenticated, BindingError> {
        let invalid_url =
            || InvalidRequest::new("url", "has a path or query that cannot be sent as it is");
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = Method::from_bytes(method.as_bytes())
            .map_err(|_| InvalidRequest::new("method", "is not an HTTP method"))?;
        let target = PathAndQuery::try_from(target).map_err(|_| invalid_url())?;
        if !target.as_str().starts_with('/') {
            return Err(invalid_url().into());
        }
        parts.uri = Uri::from(target);
        let origin: Uri = origin.parse().map_err(|_| invalid_url())?;
        self.0.check_destination(&origin)?;
        self.0.authenticate(&mut parts, body);
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = parts.headers.iter();
        let headers = headers.map(|(name, value)| (name.to_string(), text(value.as_bytes())));
        Ok(Authenticated { target: parts.uri.to_string(), headers: headers.collect() })
    }
}
