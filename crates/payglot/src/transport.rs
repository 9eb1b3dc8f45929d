//! One attempt on the wire: the request that a generated method makes is authenticated and sent here.
//!
//! Authentication goes on last, over the bytes that leave.

use std::sync::Arc;

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use url::Url;

use crate::auth::Authorizer;
use crate::config::Config;
use crate::connect::{Connector, Source};
use crate::encode::{Body, push_query};
use crate::error::Error;

/// The beginning of an answer, or why there is none.
pub type WireResult = Result<Response<Incoming>, WireError>;

/// What every call of one client shares: the connection pool, the host, the credentials.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    pool: Client<Connector, Full<Bytes>>,
    connector: Connector,
    scheme: Scheme,
    authority: Authority,
    pub base_url: Url,
    /// Path of the base URL, without a slash at its end.
    leading: String,
    /// Headers that every request carries, those that authenticate among them.
    headers: HeaderMap,
    pub authorizer: Arc<Authorizer>,
}

/// What the attempts of one call share; generated methods begin their requests here.
#[derive(Debug, Clone, Copy)]
pub struct Wire<'a> {
    pub(crate) host: &'a Host,
    pub(crate) headers: &'a [(HeaderName, HeaderValue)],
}

/// A request that is being put together.
// Without `Debug`: it holds a body.
pub struct Draft<'a> {
    wire: Wire<'a>,
    method: Method,
    /// Path and query, as they leave.
    target: String,
    body: Option<Bytes>,
}

/// Why an attempt gave no answer.
#[derive(Debug)]
pub enum WireError {
    /// It ended before a byte of the request was sent.
    NotSent(Source),
    /// The request may have arrived.
    Lost(Option<Source>),
    /// An answer came, but was larger than the limit.
    TooLarge {
        /// HTTP status.
        status: u16,
        /// Its headers.
        headers: HeaderMap,
    },
    /// The answer began, and broke off.
    CutOff {
        /// HTTP status.
        status: u16,
        /// Its headers.
        headers: HeaderMap,
        /// What ended it.
        source: Source,
    },
    /// The request could not be made at all.
    Refused,
}

impl Host {
    /// Makes the pool; nothing is connected yet.
    pub fn new(config: &Config, base_url: Url) -> Result<Self, Error> {
        let unusable =
            || Error::configuration("`base_url` cannot be used as the address of a host");
        let host = base_url.host_str().ok_or_else(unusable)?;
        let authority = match base_url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let scheme: Scheme = base_url.scheme().parse().map_err(|_| unusable())?;
        let authority: Authority = authority.parse().map_err(|_| unusable())?;
        let leading = base_url.path().trim_end_matches('/').to_owned();
        let address = uri(&scheme, &authority, "/".to_owned()).ok_or_else(unusable)?;
        let authorizer = Authorizer::new(config)?;
        let connector = Connector::new(config, &address)?;
        let user_agent = HeaderValue::from_str(&config.user_agent)
            .map_err(|_| Error::configuration("the user agent is not plain text"))?;
        let mut headers = HeaderMap::new();
        headers.insert(http::header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(http::header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(http::header::USER_AGENT, user_agent);
        if let Some(authorization) = connector.forward_authorization(&address) {
            headers.insert(http::header::PROXY_AUTHORIZATION, authorization);
        }
        headers.extend(authorizer.fixed().iter().cloned());
        let authorizer = Arc::new(authorizer);
        let pool = pool(connector.clone());
        Ok(Self { pool, connector, scheme, authority, base_url, leading, headers, authorizer })
    }

    /// The same with connections of its own, and nothing that another process may hold a lock of.
    pub fn renewed(&self) -> Self {
        let connector = self.connector.renewed();
        Self { pool: pool(connector.clone()), connector, ..self.clone() }
    }
}

fn pool(connector: Connector) -> Client<Connector, Full<Bytes>> {
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .build(connector)
}

impl<'a> Wire<'a> {
    /// Begins a request to a path of the host, which is percent-encoded; the leading path of the base URL stays before it.
    pub fn request(self, method: Method, path: impl Into<String>) -> Draft<'a> {
        let mut target = path.into();
        target.insert_str(0, &self.host.leading);
        Draft { wire: self, method, target, body: None }
    }
}

impl Draft<'_> {
    /// Adds a query parameter: once, not at all, or once for each value.
    #[must_use]
    pub fn query(mut self, name: &str, values: impl QueryValues) -> Self {
        values.each(|value| push_query(&mut self.target, name, value));
        self
    }

    /// Sets the JSON body.
    #[must_use]
    pub fn json(mut self, body: &Body) -> Self {
        self.body = Some(body.bytes());
        self
    }

    /// Authenticates and sends the request, once.
    pub async fn send(self) -> WireResult {
        let Self { wire: Wire { host, headers }, method, mut target, body } = self;
        let mut all = host.headers.clone();
        if body.is_some() {
            all.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in headers {
            all.insert(name, value.clone());
        }
        let body = body.unwrap_or_default();
        host.authorizer.authorize(method.as_str(), &mut target, &body, &mut all);
        let uri = uri(&host.scheme, &host.authority, target).ok_or(WireError::Refused)?;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = all;
        host.pool.request(request).await.map_err(WireError::from)
    }
}

/// Values of a query parameter.
pub trait QueryValues {
    /// Visits each.
    fn each(self, visit: impl FnMut(&str));
}

impl QueryValues for &str {
    fn each(self, mut visit: impl FnMut(&str)) {
        visit(self);
    }
}

impl QueryValues for &Vec<String> {
    fn each(self, mut visit: impl FnMut(&str)) {
        for value in self {
            visit(value);
        }
    }
}

impl<T: QueryValues> QueryValues for Option<T> {
    fn each(self, visit: impl FnMut(&str)) {
        if let Some(values) = self {
            values.each(visit);
        }
    }
}

/// Tells "not sent" from "may have arrived". When in doubt, it may have arrived.
impl From<ClientError> for WireError {
    fn from(error: ClientError) -> Self {
        if error.is_connect() {
            Self::NotSent(error.into())
        } else {
            Self::Lost(Some(error.into()))
        }
    }
}

fn uri(scheme: &Scheme, authority: &Authority, target: String) -> Option<Uri> {
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(scheme.clone());
    parts.authority = Some(authority.clone());
    parts.path_and_query = Some(PathAndQuery::from_maybe_shared(Bytes::from(target)).ok()?);
    Uri::from_parts(parts).ok()
}
