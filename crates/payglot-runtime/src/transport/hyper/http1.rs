//! One connection of HTTP/1.1, polled by the call that holds it.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::client::conn::{TrySendError, http1};
use hyper_util::rt::TokioIo;
use tokio::sync::OwnedSemaphorePermit;

use super::lifetime::keep_alive;
use super::request_body::RequestBody;
use super::stream::{Meter, Stream};
use crate::transport::BoxError;

/// Bytes that may come until the head of a response is there, with all that a host says before it (1xx).
const MAX_HEAD: u64 = 512 * 1024;

pub(super) struct Http1 {
    sender: http1::SendRequest<RequestBody>,
    /// Writes and reads while it is polled, and only then. `None` once it has ended.
    io: Option<http1::Connection<TokioIo<Stream>, RequestBody>>,
    meter: Arc<Meter>,
    is_forwarded: bool,
    /// How long the host keeps it while it is idle, as the last response says.
    pub keep_alive: Option<Duration>,
    /// How long it was idle before the call that holds it; `None` where it was made for that.
    pub was_idle: Option<Duration>,
    /// The right to be open, of a call that holds it.
    pub permit: Option<OwnedSemaphorePermit>,
}

impl Http1 {
    pub async fn new(
        stream: Stream,
        permit: OwnedSemaphorePermit,
    ) -> Result<Box<Self>, hyper::Error> {
        let is_forwarded = stream.is_forwarded();
        let meter = stream.meter();
        // Bodies are small: head and body in one piece cost less than in two.
        let (sender, io) =
            http1::Builder::new().writev(false).handshake(TokioIo::new(stream)).await?;
        Ok(Box::new(Self {
            sender,
            io: Some(io),
            meter,
            is_forwarded,
            keep_alive: None,
            was_idle: None,
            permit: Some(permit),
        }))
    }

    /// Whether it leads to a proxy that wants to be told the host.
    pub fn is_forwarded(&self) -> bool {
        self.is_forwarded
    }

    /// Sends a request, and waits for the head of its response.
    pub async fn send(
        &mut self,
        request: Box<Request<RequestBody>>,
    ) -> Result<Response<Incoming>, TrySendError<Request<RequestBody>>> {
        self.meter.allow(MAX_HEAD);
        let mut response = pin!(self.sender.try_send_request(*request));
        let response = poll_fn(|context| {
            poll_io(&mut self.io, context);
            response.as_mut().poll(context)
        })
        .await?;
        self.meter.allow_all();
        self.keep_alive = keep_alive(response.headers());
        Ok(response)
    }

    /// Whether it can take a request: it is open, and done with what it had before.
    pub async fn is_ready(&mut self) -> bool {
        poll_fn(|context| Poll::Ready(self.poll_ready(context))).await
    }

    /// [`Http1::is_ready`] as far as is known now.
    pub fn poll_ready(&mut self, context: &mut Context<'_>) -> bool {
        poll_io(&mut self.io, context);
        self.io.is_some() && self.sender.is_ready()
    }
}

/// Writes and reads what it can now. How it ends is reported to whoever waits for a response or a body.
fn poll_io(
    io_slot: &mut Option<http1::Connection<TokioIo<Stream>, RequestBody>>,
    context: &mut Context<'_>,
) {
    if let Some(io) = io_slot
        && Pin::new(io).poll(context).is_ready()
    {
        *io_slot = None;
    }
}

/// The next bytes of a body that comes by this connection. Trailers are skipped: they say nothing that is needed.
pub(super) async fn next_chunk(
    body: &mut Incoming,
    connection: &mut Http1,
) -> Option<Result<Bytes, BoxError>> {
    loop {
        let frame = poll_fn(|context| {
            let frame = Pin::new(&mut *body).poll_frame(context);
            if frame.is_pending() {
                // Asking for a frame is what lets the connection read it.
                poll_io(&mut connection.io, context);
                Pin::new(&mut *body).poll_frame(context)
            } else {
                frame
            }
        })
        .await?;
        match frame.map(hyper::body::Frame::into_data) {
            Ok(Ok(data)) => return Some(Ok(data)),
            Ok(Err(_trailers)) => {}
            Err(error) => return Some(Err(error.into())),
        }
    }
}
