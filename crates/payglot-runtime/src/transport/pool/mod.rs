//! The connections of one client, kept open between its calls.
//!
//! A connection of HTTP/1.1 belongs to one call at a time, and that call drives it: for a request to leave and its
//! answer to come nothing else has to run or to be woken. One of HTTP/2 is shared, and runs by itself.

use std::sync::Arc;

use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, Uri, Version, header, response};
use http_body_util::Full;
use hyper::body::{Body as _, Bytes, Frame, Incoming};
use hyper::client::conn::{TrySendError, http2};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::connect::{Connector, Source};
use crate::transport::WireError;

mod http1;
mod idle;

use http1::Http1;
use idle::{Idle, Kept};

type Body = Full<Bytes>;

/// Connections to one host.
pub(crate) struct Pool {
    connector: Connector,
    scheme: Scheme,
    authority: Authority,
    /// The `Host` of HTTP/1.1.
    host: HeaderValue,
    idle: Arc<Idle>,
}

impl Pool {
    /// Nothing is connected yet. `None` where the authority cannot be a header.
    pub fn new(connector: Connector, scheme: Scheme, authority: Authority) -> Option<Self> {
        let host = HeaderValue::from_str(authority.as_str()).ok()?;
        Some(Self { connector, scheme, authority, host, idle: Arc::default() })
    }

    /// The same with connections of its own, and nothing that another process may hold a lock of.
    pub fn renewed(&self) -> Self {
        Self {
            connector: self.connector.renewed(),
            scheme: self.scheme.clone(),
            authority: self.authority.clone(),
            host: self.host.clone(),
            idle: Arc::default(),
        }
    }

    /// Sends a request, and waits for the head of its answer.
    pub async fn send(&self, mut request: Box<Request<Body>>) -> Result<Exchange, WireError> {
        loop {
            let kept = self.idle.take().await;
            let was_kept = kept.is_some();
            let kept = match kept {
                Some(kept) => kept,
                // Boxed, because it is large and rare.
                None => Box::pin(self.connect()).await.map_err(WireError::NotSent)?,
            };
            match self.ask(kept, request).await {
                // It had been closed, and the request came back: not a byte of it was sent.
                Err(Unanswered { unsent: Some(unsent), .. }) if was_kept => request = unsent,
                result => return Ok(result?),
            }
        }
    }

    async fn connect(&self) -> Result<Kept, Source> {
        let stream = self.connector.open(self.uri(PathAndQuery::from_static("/"))?).await?;
        if !stream.is_http2() {
            return Ok(Kept::Http1(Http1::new(stream).await?));
        }
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.timer(TokioTimer::new());
        let (mut sender, connection) = builder.handshake(stream).await?;
        tokio::spawn(connection);
        sender.ready().await?;
        self.idle.share(sender.clone());
        Ok(Kept::Http2(sender))
    }

    async fn ask(
        &self,
        kept: Kept,
        mut request: Box<Request<Body>>,
    ) -> Result<Exchange, Unanswered> {
        match kept {
            Kept::Http1(mut connection) => {
                self.address(&mut request, connection.is_forwarded())?;
                request.headers_mut().insert(header::HOST, self.host.clone());
                let answer = connection.ask(request).await?;
                Ok(Exchange::new(answer, Some((connection, &self.idle))))
            }
            Kept::Http2(mut sender) => {
                self.address(&mut request, true)?;
                request.headers_mut().remove(header::HOST);
                match sender.try_send_request(*request).await {
                    Ok(answer) => Ok(Exchange::new(answer, None)),
                    Err(error) => {
                        if error.message().is_some() {
                            self.idle.unshare();
                        }
                        Err(error.into())
                    }
                }
            }
        }
    }

    /// Gives a request the URI that its connection wants: path and query alone, or with the host.
    fn address(&self, request: &mut Request<Body>, with_host: bool) -> Result<(), Source> {
        if request.uri().authority().is_some() == with_host {
            return Ok(());
        }
        let target = request.uri().path_and_query().cloned();
        let target = target.unwrap_or(PathAndQuery::from_static("/"));
        *request.uri_mut() = if with_host { self.uri(target)? } else { target.into() };
        Ok(())
    }

    fn uri(&self, target: PathAndQuery) -> Result<Uri, Source> {
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(target);
        Ok(Uri::from_parts(parts)?)
    }
}

/// Why a request has no answer.
struct Unanswered {
    source: Source,
    /// The request, where nothing of it was sent.
    unsent: Option<Box<Request<Body>>>,
}

impl From<TrySendError<Request<Body>>> for Unanswered {
    fn from(mut error: TrySendError<Request<Body>>) -> Self {
        let unsent = error.take_message().map(Box::new);
        Self { source: error.into_error().into(), unsent }
    }
}

impl From<Source> for Unanswered {
    fn from(source: Source) -> Self {
        Self { source, unsent: None }
    }
}

/// When in doubt, the request may have arrived.
impl From<Unanswered> for WireError {
    fn from(Unanswered { source, .. }: Unanswered) -> Self {
        Self::Lost(Some(source))
    }
}

/// An answer whose head has come, with the connection that its body comes by.
// Without `Debug`: it holds a body.
pub struct Exchange {
    /// Status and headers.
    pub(crate) head: response::Parts,
    body: Incoming,
    /// What to drive for the rest, and where it goes afterwards, unless the host closes it.
    line: Option<(Box<Http1>, Option<Arc<Idle>>)>,
}

impl Exchange {
    fn new(answer: Response<Incoming>, line: Option<(Box<Http1>, &Arc<Idle>)>) -> Self {
        let (head, body) = answer.into_parts();
        let line =
            line.map(|(connection, idle)| (connection, (!says_close(&head)).then(|| idle.clone())));
        Self { head, body, line }
    }

    /// How long the body says it is, in bytes; 0 where it does not.
    pub(crate) fn announced(&self) -> u64 {
        self.body.size_hint().lower()
    }

    /// The next piece of the body. After the last one the connection is free for other calls.
    pub(crate) async fn piece(&mut self) -> Option<Result<Frame<Bytes>, hyper::Error>> {
        if !self.body.is_end_stream() {
            let connection = self.line.as_mut().map(|(connection, _)| &mut **connection);
            let piece = http1::piece(&mut self.body, connection).await;
            if piece.is_some() {
                return piece;
            }
        }
        if let Some((connection, Some(idle))) = self.line.take() {
            idle.put(connection);
        }
        None
    }
}

/// Whether the host closes the connection behind this answer. That it does so unannounced is found out later.
fn says_close(head: &response::Parts) -> bool {
    let close = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"close");
    head.version < Version::HTTP_11 || head.headers.get(header::CONNECTION).is_some_and(close)
}
