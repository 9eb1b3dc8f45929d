//! The built-in transport: hyper's connections to one host, kept open between calls.
//!
//! A connection of HTTP/1.1 belongs to one call at a time, and that call polls it: for a request to leave and its
//! response to come nothing else has to run or to be woken. One of HTTP/2 is shared, and runs as a task.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, Uri, Version, header};
use hyper::body::Incoming;

use super::{
    BoxError, Delivery, Phase, ResponseBody, SendProgress, Transport, TransportError,
    TransportErrorKind,
};
use crate::error::Error;

mod body;
mod connect;
mod connect_error;
mod dial;
mod frames;
mod http1;
mod http2;
mod lifetime;
mod options;
mod pool;
mod proxy;
mod request_body;
mod stream;
mod tls;
mod tunnel;

pub(in crate::transport) use body::PooledBody;
pub(crate) use connect_error::ConnectError;
pub(crate) use options::ConnectOptions;

use connect::Connector;
use connect_error::Problem;
use http1::Http1;
use http2::{Http2, Turn};
use pool::{Pool, Route};
pub(crate) use proxy::ProxyChoice;
use request_body::RequestBody;

/// How often in a row a shared connection may be closed before a request is sent by it.
const MAX_CLOSED: usize = 5;

/// Sends requests over pooled connections to one host.
pub(crate) struct HyperTransport {
    connector: Connector,
    scheme: Scheme,
    authority: Authority,
    /// What a proxy that forwards wants on every request.
    proxy_authorization: Option<HeaderValue>,
    pool: Arc<Pool>,
}

/// A connection that can take a request.
enum PooledConnection {
    Http1(Box<Http1>),
    Http2(Turn),
}

/// Why a request has no response.
enum SendFailure {
    /// Not a byte of it has left, and here it is again.
    Unsent(Box<Request<RequestBody>>, Option<BoxError>),
    /// Not a byte of it has left.
    NotSent(BoxError),
    /// The host refused it unprocessed.
    Unprocessed(BoxError),
    /// It may have arrived.
    Unknown(BoxError),
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
        let proxy_authorization = connector.forward_authorization();
        let pool = Pool::new(options.max_connections, !connector.may_be_http2());
        Ok(Self { connector, scheme, authority, proxy_authorization, pool })
    }

    /// The same with connections of its own, and nothing that another process may hold a lock of.
    pub fn reconnect_after_fork(&self) -> Self {
        Self {
            connector: self.connector.reconnect_after_fork(),
            scheme: self.scheme.clone(),
            authority: self.authority.clone(),
            proxy_authorization: self.proxy_authorization.clone(),
            pool: self.pool.renew(!self.connector.may_be_http2()),
        }
    }

    /// What is told of a call whose time ran out while it waited for a connection.
    pub fn unfinished(&self, progress: &SendProgress, limit: Duration) -> ConnectError {
        self.connector.error(Problem::Timeout { phase: progress.phase(), limit })
    }

    /// A connection for one request, made or taken from the pool.
    async fn connection(
        &self,
        progress: &SendProgress,
    ) -> Result<PooledConnection, TransportError> {
        for _ in 0..MAX_CLOSED {
            progress.connecting();
            let opening = match self.pool.route() {
                Route::Shared(shared) => {
                    // It runs by itself: a turn for it to learn that it was closed.
                    tokio::task::yield_now().await;
                    progress.enter(Phase::Turn);
                    if let Some(turn) = shared.turn().await {
                        return Ok(PooledConnection::Http2(turn));
                    }
                    continue;
                }
                Route::Wait(mut opening) => {
                    // Where the call that makes it is given up, another call makes it.
                    if let Ok(failed) = opening.wait_for(Option::is_some).await
                        && let Some(error) = failed.clone()
                    {
                        return Err(not_connected(error));
                    }
                    continue;
                }
                Route::Own => None,
                Route::Open(opening) => Some(opening),
            };
            let permit = self.pool.turn(progress).await.ok_or_else(|| self.hung_up("no pool"))?;
            let permit = match self.pool.take(permit, progress.prefers_fresh()).await {
                Ok(connection) => return Ok(PooledConnection::Http1(connection)),
                Err(permit) => permit,
            };
            self.pool.make_room();
            // Boxed, as what follows: it is large and rare.
            let stream = match Box::pin(self.connector.open(progress)).await {
                Ok(stream) => stream,
                Err(error) => {
                    let error = Arc::new(error);
                    if let Some(opening) = opening {
                        let _ = opening.send(Some(error.clone()));
                    }
                    return Err(not_connected(error));
                }
            };
            if stream.is_http2() {
                let started = Box::pin(Http2::start(stream, &self.pool)).await;
                let shared = started.map_err(|error| self.hung_up(error))?;
                self.pool.share(shared);
            } else {
                self.pool.found_http1();
                drop(opening);
                let connection = Box::pin(Http1::new(stream, permit)).await;
                let connection = connection.map_err(|error| self.hung_up(error))?;
                return Ok(PooledConnection::Http1(connection));
            }
        }
        Err(self.hung_up("closed again and again"))
    }

    fn hung_up(&self, source: impl Into<BoxError>) -> TransportError {
        not_connected(Arc::new(self.connector.error(Problem::Http(source.into()))))
    }

    async fn send_on(
        &self,
        connection: PooledConnection,
        mut request: Box<Request<RequestBody>>,
        progress: &SendProgress,
    ) -> Result<Response<ResponseBody>, SendFailure> {
        let mut connection = match connection {
            PooledConnection::Http1(connection) => connection,
            PooledConnection::Http2(turn) => {
                let response = turn.send(request, progress, &self.pool).await?;
                return Ok(PooledBody::http2(response).map(ResponseBody::pooled));
            }
        };
        if connection.is_forwarded() {
            if let Some(authorization) = &self.proxy_authorization {
                let headers = request.headers_mut();
                headers.insert(header::PROXY_AUTHORIZATION, authorization.clone());
            }
        } else {
            make_relative(request.uri_mut());
        }
        let was_idle = connection.was_idle;
        match connection.send(request).await {
            Ok(response) => {
                self.pool.learn(was_idle, true);
                let is_reusable = !is_connection_close(&response)
                    && connection.keep_alive.is_none_or(|idle| !idle.is_zero());
                let pool = is_reusable.then(|| self.pool.clone());
                let response = PooledBody::http1(response, connection, pool);
                Ok(response.map(ResponseBody::pooled))
            }
            Err(mut error) => {
                self.pool.learn(was_idle, false);
                let unsent = error.take_message();
                let source = error.into_error().into();
                Err(match unsent {
                    Some(unsent) if was_idle.is_some() => {
                        SendFailure::Unsent(Box::new(unsent), Some(source))
                    }
                    Some(_) => SendFailure::NotSent(source),
                    None => SendFailure::Unknown(source),
                })
            }
        }
    }

    /// Sends a request over a connection that is open, and over another where that one turns out to be closed.
    async fn exchange(
        &self,
        mut request: Box<Request<RequestBody>>,
        progress: &SendProgress,
    ) -> Result<Response<ResponseBody>, TransportError> {
        let mut closed = 0;
        loop {
            let connection = self.connection(progress).await?;
            progress.sending();
            let (kind, delivery, source) = match self.send_on(connection, request, progress).await {
                Ok(response) => return Ok(response),
                // The pooled connection had been closed, and not a byte of the request was sent.
                Err(SendFailure::Unsent(unsent, source)) => {
                    closed += 1;
                    if closed > MAX_CLOSED {
                        return Err(self.hung_up(source.unwrap_or_else(|| "closed".into())));
                    }
                    progress.connecting();
                    request = unsent;
                    absolute(request.uri_mut(), &self.scheme, &self.authority)
                        .map_err(unsendable)?;
                    continue;
                }
                Err(SendFailure::NotSent(source)) => return Err(self.hung_up(source)),
                Err(SendFailure::Unprocessed(source)) => {
                    (TransportErrorKind::Unprocessed, Delivery::NotSent, source)
                }
                Err(SendFailure::Unknown(source)) => {
                    (TransportErrorKind::Io, Delivery::Unknown, source)
                }
            };
            return Err(TransportError::new(kind, delivery, source));
        }
    }
}

impl Transport for HyperTransport {
    fn send<'a>(
        &'a self,
        request: Request<Bytes>,
        progress: &'a SendProgress,
    ) -> impl Future<Output = Result<Response<ResponseBody>, TransportError>> + Send + 'a {
        // Boxed: it is large, and handed on from one future to the next.
        self.exchange(Box::new(request.map(RequestBody)), progress)
    }
}

fn not_connected(error: Arc<ConnectError>) -> TransportError {
    let kind =
        if error.is_timeout() { TransportErrorKind::Timeout } else { TransportErrorKind::Connect };
    TransportError::new(kind, Delivery::NotSent, error)
}

fn unsendable(source: http::Error) -> TransportError {
    TransportError::new(TransportErrorKind::Request, Delivery::NotSent, source)
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
