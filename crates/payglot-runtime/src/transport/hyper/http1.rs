//! One connection of HTTP/1.1, polled by the call that holds it.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use http::{Request, Response};
use hyper::body::{Body as _, Bytes, Frame, Incoming};
use hyper::client::conn::{TrySendError, http1};

use super::Body;
use super::connect::Stream;
use crate::transport::BoxError;

pub(super) struct Http1 {
    sender: http1::SendRequest<Body>,
    /// Writes and reads while it is polled, and only then. `None` once it has ended.
    io: Option<http1::Connection<Stream, Body>>,
    is_forwarded: bool,
}

impl Http1 {
    pub async fn new(stream: Stream) -> Result<Box<Self>, BoxError> {
        let is_forwarded = stream.is_forwarded();
        // Bodies are small: head and body in one piece cost less than in two.
        let (sender, io) = http1::Builder::new().writev(false).handshake(stream).await?;
        Ok(Box::new(Self { sender, io: Some(io), is_forwarded }))
    }

    /// Whether it leads to a proxy that wants to be told the host.
    pub fn is_forwarded(&self) -> bool {
        self.is_forwarded
    }

    /// Sends a request, and waits for the head of its response.
    pub async fn send(
        &mut self,
        request: Box<Request<Body>>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Body>>> {
        let mut response = pin!(self.sender.try_send_request(*request));
        poll_fn(|context| {
            self.poll_io(context);
            response.as_mut().poll(context)
        })
        .await
    }

    /// Whether it can take a request: it is open, and done with what it had before.
    pub async fn is_ready(&mut self) -> bool {
        poll_fn(|context| Poll::Ready(self.poll_ready(context))).await
    }

    /// [`Http1::is_ready`] as far as is known now.
    pub fn poll_ready(&mut self, context: &mut Context<'_>) -> bool {
        self.poll_io(context);
        self.io.is_some() && self.sender.is_ready()
    }

    /// Writes and reads what it can now. How it ends is reported to whoever waits for a response or a body.
    fn poll_io(&mut self, context: &mut Context<'_>) {
        if let Some(io) = &mut self.io
            && Pin::new(io).poll(context).is_ready()
        {
            self.io = None;
        }
    }
}

/// The next frame of a body that comes by this connection, or by one that runs as a task.
pub(super) async fn frame(
    body: &mut Incoming,
    mut connection: Option<&mut Http1>,
) -> Option<Result<Frame<Bytes>, hyper::Error>> {
    poll_fn(|context| {
        let frame = Pin::new(&mut *body).poll_frame(context);
        match &mut connection {
            // Asking for a frame is what lets the connection read it.
            Some(connection) if frame.is_pending() => {
                connection.poll_io(context);
                Pin::new(&mut *body).poll_frame(context)
            }
            _ => frame,
        }
    })
    .await
}
