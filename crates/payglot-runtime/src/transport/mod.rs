//! How one attempt reaches the network and what is known when it does not: the [`Transport`] seam, and the transports
//! behind it.
//!
//! May use the layers above. Knows nothing of operations, retries or what a response means: it sends one request at
//! most once and tells whether it may have arrived.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use bytes::Bytes;

mod body;
pub(crate) mod hyper;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "reqwest-middleware")]
mod reqwest_middleware;
mod shared;

use self::hyper::ConnectError;
#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;
pub use body::ResponseBody;
pub(crate) use shared::AnyTransport;
pub use shared::SharedTransport;

/// Whatever went wrong in a library below.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Sends one attempt of a call.
pub trait Transport: Send + Sync + 'static {
    /// Sends a request, and waits for the head of its response.
    ///
    /// At most one copy of the request reaches the network: no redirect, no retry. Dropping the future stops it. The
    /// URI is absolute; the headers are complete but for those that frame the message.
    fn send<'a>(
        &'a self,
        request: http::Request<Bytes>,
        progress: &'a SendProgress,
    ) -> impl Future<Output = Result<http::Response<ResponseBody>, TransportError>> + Send + 'a;
}

/// How far an attempt has come, as far as its transport tells. The client reads it when the time for a call runs out.
///
/// Until a transport says otherwise, the request may have been sent.
#[derive(Debug, Default)]
pub struct SendProgress {
    phase: AtomicU8,
    is_expired: AtomicBool,
    /// Whether the call must not be repeated, so that a connection that is about to close would be a loss.
    prefers_fresh: bool,
}

/// What an attempt is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// The request may be on its way.
    Sending,
    /// It connects, and does not say how.
    Connecting,
    /// All connections are in use.
    Turn,
    /// It looks up a name.
    Lookup,
    /// It waits for TCP.
    Tcp,
    /// It waits for a proxy.
    Proxy,
    /// It waits for the TLS handshake.
    Tls,
}

impl Phase {
    /// What did not end in time.
    pub fn unfinished(self) -> &'static str {
        match self {
            Self::Sending => "no response",
            Self::Connecting => "no connection",
            Self::Turn => "all connections of this client were in use (see `max_connections`)",
            Self::Lookup => "the name was not looked up",
            Self::Tcp => "it did not accept the connection",
            Self::Proxy => "the proxy did not respond",
            Self::Tls => "it did not finish the TLS handshake",
        }
    }
}

impl SendProgress {
    /// For a call that may not be repeated, or for another.
    pub(crate) fn of_call(prefers_fresh: bool) -> Self {
        Self { prefers_fresh, ..Self::default() }
    }

    /// There is no connection yet: not a byte of the request has left.
    pub fn connecting(&self) {
        self.enter(Phase::Connecting);
    }

    /// From now on the request may be on its way.
    pub fn sending(&self) {
        self.enter(Phase::Sending);
    }

    /// What is known of the request if the attempt is dropped now.
    pub fn delivery(&self) -> Delivery {
        if self.phase() == Phase::Sending { Delivery::Unknown } else { Delivery::NotSent }
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    pub(crate) fn phase(&self) -> Phase {
        let phase = self.phase.load(Ordering::Relaxed);
        [Phase::Connecting, Phase::Turn, Phase::Lookup, Phase::Tcp, Phase::Proxy, Phase::Tls]
            .into_iter()
            .find(|known| *known as u8 == phase)
            .unwrap_or(Phase::Sending)
    }

    /// The time for the call has run out: the attempt is about to be dropped.
    pub(crate) fn expire(&self) {
        self.is_expired.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_expired(&self) -> bool {
        self.is_expired.load(Ordering::Relaxed)
    }

    pub(crate) fn prefers_fresh(&self) -> bool {
        self.prefers_fresh
    }
}

/// Whether a request that failed may have arrived: the first question about money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The vendor provably did not get it.
    NotSent,
    /// It may have arrived.
    Unknown,
}

/// What kind of error ended an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The request cannot be sent as it is; trying again will not help.
    Request,
    /// There is no connection: name, TCP, proxy or TLS.
    Connect,
    /// Time ran out.
    Timeout,
    /// The connection broke.
    Io,
    /// The host refused the request before it looked at it, and says so as the protocol has it (RFC 9113, section 8.7).
    Unprocessed,
}

/// Why an attempt has no response.
pub struct TransportError {
    /// What kind of error it is.
    pub kind: TransportErrorKind,
    /// Whether the request may have arrived.
    pub delivery: Delivery,
    /// What the library below says; it never reaches a log of payglot's.
    pub source: Option<BoxError>,
}

impl TransportError {
    /// An error with its source.
    pub fn new(kind: TransportErrorKind, delivery: Delivery, source: impl Into<BoxError>) -> Self {
        Self { kind, delivery, source: Some(source.into()) }
    }

    /// Where there is no connection, why.
    pub(crate) fn connect_error(&self) -> Option<&ConnectError> {
        let source = self.source.as_ref()?.downcast_ref::<Arc<ConnectError>>()?;
        Some(&**source)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TransportErrorKind::Request => "the request cannot be sent as it is",
            TransportErrorKind::Connect => "there is no connection",
            TransportErrorKind::Timeout => "time ran out",
            TransportErrorKind::Io => "the connection broke",
            TransportErrorKind::Unprocessed => "the host refused the request unprocessed",
        })
    }
}

/// Shows kind and delivery alone: a source may print a URL.
impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("kind", &self.kind)
            .field("delivery", &self.delivery)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}
