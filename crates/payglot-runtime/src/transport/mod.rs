//! One attempt on the wire: the request that a generated method makes is authenticated and sent here.
//!
//! Authentication goes on last, over the bytes that leave.

use std::sync::Arc;

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::Full;
use hyper::body::Bytes;
use url::Url;

use crate::auth::Authorizer;
use crate::config::Config;
use crate::connect::{Connector, Source};
use crate::encode::{Body, push_query};
use crate::error::Error;
use crate::pool::{Exchange, Pool};

/// The beginning of an answer, or why there is none.
pub type WireResult = Result<Exchange, WireError>;

/// What every call of one client shares: the connection pool, the host, the credentials.
pub(crate) struct Host {
    pool: Pool,
    pub base_url: Url,
    /// Path of the base URL, without a slash at its end.
    leading: String,
    /// Headers that every request carries, those that authenticate among them.
    headers: HeaderMap,
    pub authorizer: Arc<Authorizer>,
}

/// What the attempts of one call share; generated methods begin their requests here.
#[derive(Clone, Copy)]
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
        let address = Uri::builder().scheme(scheme.clone()).authority(authority.clone());
        let address = address.path_and_query("/").build().map_err(|_| unusable())?;
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
        // Places that each request fills, so that its copy need not grow.
        headers.insert(http::header::HOST, HeaderValue::from_static(""));
        for name in authorizer.fresh() {
            headers.insert(name, HeaderValue::from_static(""));
        }
        let authorizer = Arc::new(authorizer);
        let pool = Pool::new(connector, scheme, authority).ok_or_else(unusable)?;
        Ok(Self { pool, base_url, leading, headers, authorizer })
    }

    /// The same with connections of its own, and nothing that another process may hold a lock of.
    pub fn renewed(&self) -> Self {
        Self {
            pool: self.pool.renewed(),
            base_url: self.base_url.clone(),
            leading: self.leading.clone(),
            headers: self.headers.clone(),
            authorizer: self.authorizer.clone(),
        }
    }
}

impl<'a> Wire<'a> {
    /// Begins a request to a path of the host, which is percent-encoded; the leading path of the base URL stays before it.
    pub fn request(self, method: Method, path: impl Into<String>) -> Draft<'a> {
        let mut target = path.into();
        target.insert_str(0, &self.host.leading);
        Draft { wire: self, method, target, body: None }
    }
}

impl<'a> Draft<'a> {
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
    pub fn send(self) -> impl Future<Output = WireResult> + Send + 'a {
        let host = self.wire.host;
        let request = self.request();
        async move { host.pool.send(request.ok_or(WireError::Refused)?).await }
    }

    /// The request as it leaves; `None` where its path is none.
    // Boxed: it is large, and handed on from one future to the next.
    fn request(self) -> Option<Box<Request<Full<Bytes>>>> {
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
        let target = PathAndQuery::from_maybe_shared(Bytes::from(target)).ok()?;
        let mut request = Box::new(Request::new(Full::new(body)));
        *request.method_mut() = method;
        *request.uri_mut() = target.into();
        *request.headers_mut() = all;
        Some(request)
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
