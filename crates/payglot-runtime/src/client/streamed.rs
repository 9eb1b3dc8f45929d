//! A success whose body is read while it comes: the head is waited for as for any call, the body piece by piece.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, HeaderValue};

use super::attempt::AttemptError;
use super::receive::content_encoding;
use super::{CallContext, CallOptions, Core, error_mapping};
use crate::error::Error;
use crate::request::PreparedRequest;
use crate::response;
use crate::schema::Operation;
use crate::transport::{BoxError, ResponseBody};

/// Where an attempt leaves the body of a success.
#[derive(Default)]
pub(super) struct StreamSlot(Mutex<Option<ResponseBody>>);

impl StreamSlot {
    pub fn put(&self, body: Option<ResponseBody>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = body;
    }

    fn take(&self) -> Option<ResponseBody> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A success whose body has not been read.
pub(super) struct StreamedResponse {
    pub status: u16,
    pub headers: HeaderMap,
    context: CallContext,
    body: ResponseBody,
    /// The longest time without a byte.
    idle: Duration,
}

impl Core {
    /// Makes a call of the provider's document, and leaves the body of its success to be read.
    pub(super) async fn open(
        &self,
        operation: &'static Operation,
        request: &PreparedRequest,
        options: &CallOptions,
    ) -> Result<StreamedResponse, Error> {
        let context = CallContext::of(operation);
        if self.journalled(context, options)?.is_some() {
            let problem = "is for a call whose response is read whole: what comes piece by piece cannot be remembered";
            return Err(Error::invalid_request("intent", problem).with_operation(operation.name));
        }
        let extended = request.with_query(&options.extra_query, operation)?;
        let mut request = extended.as_deref().unwrap_or(request).clone();
        request.headers.push((ACCEPT_ENCODING, HeaderValue::from_static("identity")));
        let slot = StreamSlot::default();
        let response = self.send(context, Some(operation), &request, options, Some(&slot)).await?;
        let idle = options.timeout.unwrap_or(self.0.settings.timeout);
        let (status, headers) = (response.status, response.headers);
        match (slot.take(), content_encoding(&headers)) {
            (Some(body), None) => Ok(StreamedResponse { status, headers, context, body, idle }),
            (Some(_), Some(encoding)) => {
                Err(failed(context, AttemptError::UnknownEncoding { status, headers, encoding }))
            }
            (None, _) => {
                Err(failed(context, AttemptError::TruncatedBody { status, headers, source: None }))
            }
        }
    }
}

impl StreamedResponse {
    /// The next bytes; none after the last.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        match tokio::time::timeout(self.idle, self.body.next_chunk()).await {
            Ok(None) => Ok(None),
            Ok(Some(Ok(bytes))) => Ok(Some(bytes)),
            Ok(Some(Err(source))) => Err(self.broken(Some(source))),
            Err(_) => {
                self.body.expire();
                Err(self.broken(None))
            }
        }
    }

    /// The error where the body broke off, or no byte came within the time.
    fn broken(&self, source: Option<BoxError>) -> Error {
        let (status, headers) = (self.status, self.headers.clone());
        failed(self.context, AttemptError::TruncatedBody { status, headers, source })
    }

    /// The error where a body cannot be used; `problem` follows "the response".
    pub fn unusable(&self, problem: &str, source: Option<BoxError>) -> Error {
        let CallContext { operation, replay, reconcile } = self.context;
        let status = self.status;
        let what = format!("the vendor answered {status}, but the response {problem}");
        let error = response::unusable(what, replay, reconcile);
        let error = match source {
            Some(source) => error.with_source(source),
            None => error,
        };
        error.with_operation(operation).with_response(status, self.headers.clone(), String::new())
    }
}

/// A success without its whole body: nobody knows what became of a call that creates something or moves money.
fn failed(context: CallContext, error: AttemptError) -> Error {
    if context.replay.is_repeatable() {
        error_mapping::attempt(context, error, 1, true)
            .with_may_have_happened(context.replay != crate::schema::Replay::Read)
    } else {
        error_mapping::outcome_unknown(context, Err(error), 1)
    }
}
