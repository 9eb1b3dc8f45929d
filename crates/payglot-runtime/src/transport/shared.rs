//! A transport behind a handle, so that a client is one type whatever sends its requests.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_core::future::BoxFuture;

use super::hyper::HyperTransport;
use super::{BoxError, ResponseBody, SendProgress, Transport, TransportError};

type SendResult = Result<http::Response<ResponseBody>, TransportError>;

/// Any transport, shared by the clones of a client.
#[derive(Clone)]
pub struct SharedTransport(Arc<dyn ErasedTransport>);

impl SharedTransport {
    /// Shares a transport.
    pub fn new(transport: impl Transport) -> Self {
        Self(Arc::new(transport))
    }
}

impl std::fmt::Debug for SharedTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedTransport").finish_non_exhaustive()
    }
}

/// [`Transport`] with a boxed future, which a trait object needs.
trait ErasedTransport: Send + Sync {
    fn send_boxed<'a>(
        &'a self,
        request: http::Request<Bytes>,
        progress: &'a SendProgress,
    ) -> BoxFuture<'a, SendResult>;
}

impl<T: Transport> ErasedTransport for T {
    fn send_boxed<'a>(
        &'a self,
        request: http::Request<Bytes>,
        progress: &'a SendProgress,
    ) -> BoxFuture<'a, SendResult> {
        Box::pin(self.send(request, progress))
    }
}

/// What a client sends with. The built-in transport is called directly: it pays for no box and no virtual call.
#[allow(clippy::large_enum_variant)] // there is one for each client
pub(crate) enum AnyTransport {
    Hyper(HyperTransport),
    Shared(SharedTransport),
}

impl AnyTransport {
    /// Sends what `build` makes. It is made here, because a future that holds a request keeps room for it to the end.
    pub async fn send(
        &self,
        build: impl FnOnce() -> http::Request<Bytes>,
        progress: &SendProgress,
    ) -> SendResult {
        match self {
            Self::Hyper(transport) => transport.send(build(), progress).await,
            Self::Shared(SharedTransport(transport)) => {
                transport.send_boxed(build(), progress).await
            }
        }
    }

    /// What is told of an attempt whose time ran out before it was sent; `None` where the transport does not say.
    pub fn unfinished(&self, progress: &SendProgress, limit: Duration) -> Option<BoxError> {
        match self {
            Self::Hyper(transport) => Some(Arc::new(transport.unfinished(progress, limit)).into()),
            Self::Shared(_) => None,
        }
    }

    /// The same for the child of a fork. A user's own transport is the user's to replace.
    pub fn reconnect_after_fork(&self) -> Self {
        match self {
            Self::Hyper(transport) => Self::Hyper(transport.reconnect_after_fork()),
            Self::Shared(shared) => Self::Shared(shared.clone()),
        }
    }
}
