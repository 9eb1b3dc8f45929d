//! The host that a client calls, with what all its requests share: transport, base path, headers, authentication.

use std::sync::Arc;

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header};
use hyper::body::Bytes;
use url::Url;

use super::config::Config;
use crate::auth::{Authenticator, Chosen};
use crate::error::Error;
use crate::request::PreparedRequest;
use crate::transport::AnyTransport;
use crate::transport::hyper::HyperTransport;

/// How many headers a request has room for.
const ROOM: usize = 12;

pub(super) struct Endpoint {
    pub base_url: Url,
    /// Shared by the clients of other accounts.
    pub transport: Arc<AnyTransport>,
    pub authenticator: Arc<Authenticator>,
    scheme: Scheme,
    authority: Authority,
    /// Path of the base URL, without a slash at its end.
    base_path: String,
    /// Headers of every request.
    headers: HeaderMap,
    /// The same with those of the default authentication. What an attempt makes anew has a slot already.
    authenticated: HeaderMap,
}

/// The headers of every request with those of the default authentication.
fn authenticated(headers: &HeaderMap, authenticator: &Authenticator) -> HeaderMap {
    let mut authenticated = headers.clone();
    // Cookies are added to those that are there.
    for (name, value) in authenticator.headers().filter(|(name, _)| **name != header::COOKIE) {
        let slot = HeaderValue::from_static("");
        authenticated.insert(name, value.cloned().unwrap_or(slot));
    }
    authenticated
}

impl Endpoint {
    /// Prepares for a host; nothing is connected yet.
    pub fn new(
        config: &Config,
        base_url: Url,
        authenticator: Arc<Authenticator>,
    ) -> Result<Self, Error> {
        let unusable =
            || Error::configuration("`base_url` cannot be used as the address of a host");
        let host = base_url.host_str().ok_or_else(unusable)?;
        let authority = match base_url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let host = HeaderValue::from_str(&authority).map_err(|_| unusable())?;
        let scheme: Scheme = base_url.scheme().parse().map_err(|_| unusable())?;
        let authority: Authority = authority.parse().map_err(|_| unusable())?;
        let base_path = base_url.path().trim_end_matches('/').to_owned();
        let user_agent = config.whole_user_agent()?;
        let transport = match &config.transport {
            Some(shared) => AnyTransport::Shared(shared.clone()),
            None => AnyTransport::Hyper(HyperTransport::new(
                &config.connect,
                scheme.clone(),
                authority.clone(),
            )?),
        };
        // A copy has room for as many: what an attempt adds does not make it grow.
        let mut headers = HeaderMap::with_capacity(ROOM);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(header::USER_AGENT, user_agent);
        headers.insert(header::HOST, host);
        let authenticated = authenticated(&headers, &authenticator);
        Ok(Self {
            base_url,
            transport: Arc::new(transport),
            authenticator,
            scheme,
            authority,
            base_path,
            headers,
            authenticated,
        })
    }

    /// The same with connections of its own, and nothing that another process may hold a lock of.
    pub fn reconnect_after_fork(&self) -> Self {
        Self {
            base_url: self.base_url.clone(),
            transport: Arc::new(self.transport.reconnect_after_fork()),
            authenticator: self.authenticator.clone(),
            scheme: self.scheme.clone(),
            authority: self.authority.clone(),
            base_path: self.base_path.clone(),
            headers: self.headers.clone(),
            authenticated: self.authenticated.clone(),
        }
    }

    /// Whether a URL leads to this host.
    pub fn is_host_of(&self, url: &Url) -> bool {
        self.base_url.origin() == url.origin()
    }

    /// Path of the base URL, without a slash at its end.
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// The same host with other keys, over the same connections.
    pub fn with_authenticator(&self, authenticator: Arc<Authenticator>) -> Self {
        Self {
            base_url: self.base_url.clone(),
            transport: self.transport.clone(),
            authenticated: authenticated(&self.headers, &authenticator),
            authenticator,
            scheme: self.scheme.clone(),
            authority: self.authority.clone(),
            base_path: self.base_path.clone(),
            headers: self.headers.clone(),
        }
    }

    /// The URI of a call: host and base path before the request's own target. An operation may have a base path of its own.
    pub fn uri(&self, base_path: Option<&str>, target: &PathAndQuery) -> Result<Uri, Error> {
        let base_path = base_path.unwrap_or(&self.base_path);
        let too_long = || Error::invalid_request("path", "cannot be sent: the URL is too long");
        let target = if base_path.is_empty() {
            target.clone()
        } else {
            let whole = [base_path, target.as_str()].concat();
            PathAndQuery::from_maybe_shared(Bytes::from(whole)).map_err(|_| too_long())?
        };
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(target);
        Uri::from_parts(parts).map_err(|_| too_long())
    }

    /// The request of one attempt, authenticated last, over the bytes that leave.
    pub fn build_request(
        &self,
        prepared: &PreparedRequest,
        uri: &Uri,
        chosen: Chosen,
        call_headers: &[(HeaderName, HeaderValue)],
        token: Option<&HeaderValue>,
    ) -> Request<Bytes> {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = prepared.method.clone();
        parts.uri = uri.clone();
        let is_default = self.authenticator.is_default(chosen);
        parts.headers = if is_default { &self.authenticated } else { &self.headers }.clone();
        if prepared.body.is_some() {
            let media_type = HeaderValue::from_static(prepared.media_type);
            parts.headers.insert(header::CONTENT_TYPE, media_type);
        }
        for (name, value) in prepared.headers.iter().chain(call_headers) {
            parts.headers.insert(name, value.clone());
        }
        let body = prepared.body.clone().unwrap_or_default();
        if let Some(token) = token {
            parts.headers.insert(header::AUTHORIZATION, token.clone());
        }
        self.authenticator.authenticate_by(chosen, &mut parts, &body);
        Request::from_parts(parts, body)
    }
}
