//! The built-in transport: hyper's connections to one host, kept open between calls.
//!
//! A connection of HTTP/1.1 belongs to one call at a time, and that call polls it: for a request to leave and its
//! response to come nothing else has to run or to be woken. One of HTTP/2 is shared, and runs as a task.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, Uri, Version, header};
use http_body_util::Full;
use hyper::body::{Body as _, Frame, Incoming};
use hyper::client::conn::{TrySendError, http2};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::{
    BoxError, Delivery, ResponseBody, SendProgress, Transport, TransportError, TransportErrorKind,
};
use crate::error::Error;
use crate::variables::Variables;

mod connect;
mod http1;
mod idle;
mod proxy;
mod tls;

use connect::Connector;
use http1::Http1;
use idle::{Idle, PooledConnection};
pub(crate) use proxy::ProxyChoice;

type Body = Full<Bytes>;

/// Time to connect unless set: 5 seconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How connections are made.
#[derive(Clone)]
pub(crate) struct ConnectOptions {
    pub timeout: Duration,
    pub proxy: ProxyChoice,
    /// Certificates in PEM form to trust beside the system's; empty for none.
    pub ca_certificates: Vec<u8>,
    /// Where proxies and the system's certificates may be named.
    pub variables: Variables,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            timeout: CONNECT_TIMEOUT,
            proxy: ProxyChoice::default(),
            ca_certificates: Vec::new(),
            variables: Variables::default(),
        }
    }
}

impl ConnectOptions {
    /// Whether anything was set.
    pub fn is_customized(&self) -> bool {
        matches!(self.proxy, ProxyChoice::Url(_))
            || !self.ca_certificates.is_empty()
            || self.timeout != CONNECT_TIMEOUT
    }
}

/// Sends requests over pooled connections to one host.
pub(crate) struct HyperTransport {
    connector: Connector,
    scheme: Scheme,
    authority: Authority,
    /// What a proxy that forwards wants on every request.
    proxy_authorization: Option<HeaderValue>,
    idle: Arc<Idle>,
}

impl HyperTransport {
    /// Reads certificates and proxy settings; nothing is connected yet.
    pub fn new(
        options: &ConnectOptions,
        scheme: Scheme,
        authority: Authority,
    ) -> Result<Self, Error> {
        let host = uri(&scheme, &authority, PathAndQuery::from_static("/")).map_err(|_| {
            Error::configuration("`base_url` cannot be used as the address of a host")
        })?;
        let connector = Connector::new(options, &host)?;
        let proxy_authorization = connector.forward_authorization(&host);
        Ok(Self { connector, scheme, authority, proxy_authorization, idle: Arc::default() })
    }

    /// The same with connections of its own, and nothing that another process may hold a lock of.
    pub fn reconnect_after_fork(&self) -> Self {
        Self {
            connector: self.connector.reconnect_after_fork(),
            scheme: self.scheme.clone(),
            authority: self.authority.clone(),
            proxy_authorization: self.proxy_authorization.clone(),
            idle: Arc::default(),
        }
    }

    async fn connect(&self) -> Result<PooledConnection, BoxError> {
        let host = uri(&self.scheme, &self.authority, PathAndQuery::from_static("/"))?;
        let stream = self.connector.open(host).await?;
        if !stream.is_http2() {
            return Ok(PooledConnection::Http1(Http1::new(stream).await?));
        }
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.timer(TokioTimer::new());
        let (mut sender, connection) = builder.handshake(stream).await?;
        tokio::spawn(connection);
        sender.ready().await?;
        self.idle.share(sender.clone());
        Ok(PooledConnection::Http2(sender))
    }

    async fn send_on(
        &self,
        connection: PooledConnection,
        mut request: Box<Request<Body>>,
    ) -> Result<Response<ResponseBody>, TrySendError<Request<Body>>> {
        match connection {
            PooledConnection::Http1(mut connection) => {
                if connection.is_forwarded() {
                    if let Some(authorization) = &self.proxy_authorization {
                        request
                            .headers_mut()
                            .insert(header::PROXY_AUTHORIZATION, authorization.clone());
                    }
                } else {
                    make_relative(request.uri_mut());
                }
                let response = connection.send(request).await?;
                let is_reusable = !is_connection_close(&response);
                let owner = (connection, is_reusable.then(|| self.idle.clone()));
                Ok(response
                    .map(|body| ResponseBody::pooled(PooledBody { body, owner: Some(owner) })))
            }
            PooledConnection::Http2(mut sender) => {
                request.headers_mut().remove(header::HOST);
                match sender.try_send_request(*request).await {
                    Ok(response) => {
                        Ok(response
                            .map(|body| ResponseBody::pooled(PooledBody { body, owner: None })))
                    }
                    Err(error) => {
                        if error.message().is_some() {
                            self.idle.unshare();
                        }
                        Err(error)
                    }
                }
            }
        }
    }
}

impl Transport for HyperTransport {
    async fn send(
        &self,
        request: Request<Bytes>,
        progress: &SendProgress,
    ) -> Result<Response<ResponseBody>, TransportError> {
        progress.connecting();
        // Boxed: it is large, and handed on from one future to the next.
        let mut request = Box::new(request.map(Full::new));
        loop {
            let pooled = self.idle.take().await;
            let is_pooled = pooled.is_some();
            let connection = match pooled {
                Some(connection) => connection,
                // Boxed, because it is large and rare.
                None => Box::pin(self.connect()).await.map_err(not_connected)?,
            };
            progress.sending();
            let mut error = match self.send_on(connection, request).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            match error.take_message() {
                // The pooled connection had been closed, and not a byte of the request was sent.
                Some(unsent) if is_pooled => {
                    request = Box::new(unsent);
                    absolute(request.uri_mut(), &self.scheme, &self.authority)
                        .map_err(unsendable)?;
                    progress.connecting();
                }
                unsent => {
                    let delivery =
                        if unsent.is_some() { Delivery::NotSent } else { Delivery::Unknown };
                    let source = error.into_error();
                    return Err(TransportError::new(TransportErrorKind::Io, delivery, source));
                }
            }
        }
    }
}

fn not_connected(source: BoxError) -> TransportError {
    let kind = if is_timeout(source.as_ref()) {
        TransportErrorKind::Timeout
    } else {
        TransportErrorKind::Connect
    };
    TransportError { kind, delivery: Delivery::NotSent, source: Some(source) }
}

fn unsendable(source: http::Error) -> TransportError {
    TransportError::new(TransportErrorKind::Request, Delivery::NotSent, source)
}

/// Whether time ran out somewhere below.
fn is_timeout(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>();
        io.is_some_and(|error| error.kind() == std::io::ErrorKind::TimedOut)
    })
}

fn uri(scheme: &Scheme, authority: &Authority, target: PathAndQuery) -> Result<Uri, http::Error> {
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(scheme.clone());
    parts.authority = Some(authority.clone());
    parts.path_and_query = Some(target);
    Ok(Uri::from_parts(parts)?)
}

/// HTTP/1.1 to the host itself wants path and query alone.
fn make_relative(uri: &mut Uri) {
    if uri.authority().is_some() {
        let target = std::mem::take(uri).into_parts().path_and_query;
        *uri = target.unwrap_or(PathAndQuery::from_static("/")).into();
    }
}

/// Undoes [`make_relative`], for another connection.
fn absolute(uri_slot: &mut Uri, scheme: &Scheme, authority: &Authority) -> Result<(), http::Error> {
    if uri_slot.authority().is_none() {
        let target = std::mem::take(uri_slot).into_parts().path_and_query;
        *uri_slot = uri(scheme, authority, target.unwrap_or(PathAndQuery::from_static("/")))?;
    }
    Ok(())
}

/// Whether the host closes the connection behind this response. That it does so unannounced is found out later.
fn is_connection_close(response: &Response<Incoming>) -> bool {
    let close = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"close");
    response.version() < Version::HTTP_11
        || response.headers().get(header::CONNECTION).is_some_and(close)
}

/// The body of a response, with the connection that it comes by.
pub(super) struct PooledBody {
    body: Incoming,
    /// The connection to poll while the body is read, and the pool it returns to unless the host closes it.
    owner: Option<(Box<Http1>, Option<Arc<Idle>>)>,
}

impl PooledBody {
    /// How long the body says it is, in bytes; 0 where it does not.
    pub fn size_hint(&self) -> u64 {
        self.body.size_hint().lower()
    }

    /// The next frame of the body. After the last one the connection is free for other calls.
    pub async fn frame(&mut self) -> Option<Result<Frame<Bytes>, hyper::Error>> {
        if !self.body.is_end_stream() {
            let connection = self.owner.as_mut().map(|(connection, _)| &mut **connection);
            let frame = http1::frame(&mut self.body, connection).await;
            if frame.is_some() {
                return frame;
            }
        }
        if let Some((connection, Some(idle))) = self.owner.take() {
            idle.put(connection);
        }
        None
    }
}
