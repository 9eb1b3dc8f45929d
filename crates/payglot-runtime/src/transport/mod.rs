//! How one attempt reaches the network and what is known when it does not: the [`Transport`] seam, and the transports
//! behind it.
//!
//! May use the layers above. Knows nothing of operations, retries or what a response means: it sends one request at
//! most once and tells whether it may have arrived.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

use bytes::Bytes;

mod body;
pub(crate) mod hyper;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "reqwest-middleware")]
mod reqwest_middleware;
mod shared;

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
pub struct SendProgress(AtomicU8);

impl SendProgress {
    const MAY_BE_SENT: u8 = 0;
    const CONNECTING: u8 = 1;

    /// There is no connection yet: not a byte of the request has left.
    pub fn connecting(&self) {
        self.0.store(Self::CONNECTING, Ordering::Relaxed);
    }

    /// From now on the request may be on its way.
    pub fn sending(&self) {
        self.0.store(Self::MAY_BE_SENT, Ordering::Relaxed);
    }

    /// What is known of the request if the attempt is dropped now.
    pub fn delivery(&self) -> Delivery {
        if self.0.load(Ordering::Relaxed) == Self::CONNECTING {
            Delivery::NotSent
        } else {
            Delivery::Unknown
        }
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
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TransportErrorKind::Request => "the request cannot be sent as it is",
            TransportErrorKind::Connect => "there is no connection",
            TransportErrorKind::Timeout => "time ran out",
            TransportErrorKind::Io => "the connection broke",
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
