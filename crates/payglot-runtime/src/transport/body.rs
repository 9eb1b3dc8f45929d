//! The body of a response, as any transport gives it.

use std::future::poll_fn;
use std::pin::Pin;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Body;

use super::BoxError;
use super::hyper::PooledBody;

/// The body of a response, on its way.
// Without `Debug`: it holds a body.
pub struct ResponseBody(Inner);

enum Inner {
    Pooled(PooledBody),
    Other(Pin<Box<dyn Body<Data = Bytes, Error = BoxError> + Send>>),
}

impl ResponseBody {
    /// A body of any HTTP library.
    pub fn new<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(Inner::Other(Box::pin(body.map_err(Into::into))))
    }

    pub(super) fn pooled(body: PooledBody) -> Self {
        Self(Inner::Pooled(body))
    }

    /// The time for the call has run out, and nobody reads what is left: a connection that other calls share may be the
    /// reason.
    pub(crate) fn expire(&mut self) {
        if let Inner::Pooled(body) = &mut self.0 {
            body.expire();
        }
    }

    /// How long the body says it is, in bytes; 0 where it does not.
    pub fn size_hint(&self) -> u64 {
        match &self.0 {
            Inner::Pooled(body) => body.size_hint(),
            Inner::Other(body) => body.size_hint().lower(),
        }
    }

    /// The next bytes; `None` after the last. Trailers are skipped: they say nothing that is needed.
    pub async fn next_chunk(&mut self) -> Option<Result<Bytes, BoxError>> {
        let body = match &mut self.0 {
            Inner::Pooled(body) => return body.next_chunk().await,
            Inner::Other(body) => body,
        };
        loop {
            let frame = poll_fn(|context| body.as_mut().poll_frame(context)).await?;
            match frame.map(hyper::body::Frame::into_data) {
                Ok(Ok(data)) => return Some(Ok(data)),
                Ok(Err(_trailers)) => {}
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
