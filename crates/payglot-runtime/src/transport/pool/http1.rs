//! One connection of HTTP/1.1, driven by the call that has it.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use http::{Request, Response};
use hyper::body::{Body as _, Bytes, Frame, Incoming};
use hyper::client::conn::{TrySendError, http1};

use super::Body;
use crate::connect::{Source, Stream};

pub(super) struct Http1 {
    sender: http1::SendRequest<Body>,
    /// Writes and reads while it is polled, and only then. `None` once it has ended.
    driver: Option<http1::Connection<Stream, Body>>,
    is_forwarded: bool,
}

impl Http1 {
    pub async fn new(stream: Stream) -> Result<Box<Self>, Source> {
        let is_forwarded = stream.is_forwarded();
        // Bodies are small: head and body in one piece cost less than in two.
        let (sender, driver) = http1::Builder::new().writev(false).handshake(stream).await?;
        Ok(Box::new(Self { sender, driver: Some(driver), is_forwarded }))
    }

    /// Whether it leads to a proxy that wants to be told the host.
    pub fn is_forwarded(&self) -> bool {
        self.is_forwarded
    }

    /// Sends a request, and waits for the head of its answer.
    pub async fn ask(
        &mut self,
        request: Box<Request<Body>>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Body>>> {
        let mut answer = pin!(self.sender.try_send_request(*request));
        poll_fn(|context| {
            self.drive(context);
            answer.as_mut().poll(context)
        })
        .await
    }

    /// Whether it can take a request: it is open, and done with what it had before.
    pub async fn is_ready(&mut self) -> bool {
        poll_fn(|context| Poll::Ready(self.look(context))).await
    }

    /// [`Http1::is_ready`] as far as is known now.
    pub fn look(&mut self, context: &mut Context<'_>) -> bool {
        self.drive(context);
        self.driver.is_some() && self.sender.is_ready()
    }

    /// Does what can be done now. How it ends is told to whoever waits for an answer or a body.
    fn drive(&mut self, context: &mut Context<'_>) {
        if let Some(driver) = &mut self.driver
            && Pin::new(driver).poll(context).is_ready()
        {
            self.driver = None;
        }
    }
}

/// The next piece of a body that comes by this connection, or by one that runs by itself.
pub(super) async fn piece(
    body: &mut Incoming,
    mut line: Option<&mut Http1>,
) -> Option<Result<Frame<Bytes>, hyper::Error>> {
    poll_fn(|context| {
        let piece = Pin::new(&mut *body).poll_frame(context);
        match &mut line {
            // Asking for a piece is what lets the connection read it.
            Some(line) if piece.is_pending() => {
                line.drive(context);
                Pin::new(&mut *body).poll_frame(context)
            }
            _ => piece,
        }
    })
    .await
}
