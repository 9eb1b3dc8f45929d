//! The escape hatch: any method and path of a provider's host, authenticated and retried like the rest.

use std::pin::Pin;
use std::time::Duration;

use super::{CallOptions, Core};
use crate::error::Error;
use crate::response::Response;
use crate::schema::Replay;

/// A call outside the document, described but not sent. Awaiting it sends it.
///
/// Nothing is known of such a call, so it counts as one that moves money, and is not sent again once it may
/// have arrived, unless [`Request::replay`] says that it is safe.
#[must_use = "a call does nothing until it is awaited"]
pub struct Request<'a> {
    core: &'a Core,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    body: Result<Option<String>, Error>,
    replay: Replay,
    options: CallOptions,
}

impl<'a> Request<'a> {
    #[doc(hidden)]
    pub fn new(core: &'a Core, method: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            core,
            method: method.into(),
            path: path.into(),
            query: Vec::new(),
            body: Ok(None),
            replay: Replay::Money,
            options: CallOptions::default(),
        }
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sends this as JSON. Amounts are safest as [`crate::Json`] made from text: a Rust float is not exact.
    pub fn json(mut self, body: &impl serde::Serialize) -> Self {
        self.body = serde_json::to_string(body).map(Some).map_err(|source| {
            Error::invalid_request("json", "cannot be written as JSON")
                .with_operation("request")
                .with_source(source)
        });
        self
    }

    /// Says whether the call may be sent again.
    pub fn replay(mut self, replay: Replay) -> Self {
        self.replay = replay;
        self
    }

    /// Time for this call with all its attempts.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// How many times this call may be tried again where that is safe.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.options.max_retries = Some(retries);
        self
    }

    /// Sends this `Idempotency-Key`, which makes sense for [`Replay::Keyed`] alone: others are refused.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.options.idempotency_key = Some(key.into());
        self
    }

    /// Names what the call means to do, 1 to 255 printable characters, for the client's journal.
    pub fn intent(mut self, intent: impl Into<String>) -> Self {
        self.options.intent = Some(intent.into());
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.headers.push((name.into(), value.into()));
        self
    }
}

impl<'a> IntoFuture for Request<'a> {
    type Output = Result<Response, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let body = self.body?;
            self.core
                .request(&self.method, &self.path, &self.query, body, self.replay, &self.options)
                .await
        })
    }
}
