//! The attempts of one call: send, read, and go on until the call has a result.

use std::pin::pin;
use std::time::{Duration, Instant, SystemTime};

use http::{HeaderMap, Method, Request};
use hyper::body::Bytes;

use super::fate::AttemptWatch;
use super::hooks::Hooks;
use super::receive::read_body;
use super::streamed::StreamSlot;
use super::{CallContext, CallFate, error_mapping};
use crate::error::{Error, request_id};
use crate::response::BufferedResponse;
use crate::retry::{Outcome, RetryDecision, backoff, classify, retry_after};
use crate::schema::Replay;
use crate::transport::{
    AnyTransport, BoxError, Delivery, SendProgress, TransportError, TransportErrorKind,
};

/// How one call is attempted.
pub(super) struct Attempts<'a> {
    pub context: CallContext,
    pub max_retries: u32,
    pub max_response_bytes: usize,
    pub first_backoff: Duration,
    /// Whether a success is JSON.
    pub is_json: bool,
    /// Told what became of the call if its future is dropped.
    pub fate: Option<&'a CallFate>,
    /// Takes the body of a success, which is not read then.
    pub slot: Option<&'a StreamSlot>,
    /// HTTP method.
    pub method: &'a Method,
    /// Told of each attempt.
    pub hooks: Option<&'a Hooks>,
}

/// Why an attempt has no whole response.
#[derive(Debug)]
pub(super) enum AttemptError {
    /// No response began.
    Transport(TransportError),
    /// A response began and broke off, or the time ran out while it was read.
    TruncatedBody { status: u16, headers: HeaderMap, source: Option<BoxError> },
    /// A response came that is larger than the limit.
    ResponseTooLarge { status: u16, headers: HeaderMap },
    /// A successful response came that is encoded with what was not asked for.
    UnknownEncoding { status: u16, headers: HeaderMap, encoding: String },
}

impl AttemptError {
    /// Why there is no connection, with host, port and reason; nothing of what was sent.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Transport(error) => error.connect_error().map(ToString::to_string),
            _ => None,
        }
    }
}

pub(super) type AttemptResult = Result<BufferedResponse, AttemptError>;

impl Attempts<'_> {
    /// Runs attempts within `timeout`; `build` makes and authenticates the request of each.
    pub async fn run(
        &self,
        timeout: Duration,
        transport: &AnyTransport,
        build: impl Fn() -> Request<Bytes>,
    ) -> Result<BufferedResponse, Error> {
        let deadline = Instant::now().checked_add(timeout);
        let mut attempt = 1;
        let mut was_sent = false;
        let mut may_have_happened = false;
        loop {
            let started = Instant::now();
            let remaining =
                deadline.map_or(timeout, |deadline| deadline.saturating_duration_since(started));
            if let Some(hooks) = self.hooks {
                hooks.request(self.context, self.method, attempt);
            }
            let result = self.once(timeout, remaining, transport, &build).await;
            trace(&result, attempt, started);
            if let Some(hooks) = self.hooks {
                hooks.response(self.context, self.method, attempt, started, &result);
            }
            let outcome = outcome(&result);
            was_sent |= !matches!(outcome, Outcome::NotSent | Outcome::Unsendable);
            // A read changes nothing, whatever became of it.
            may_have_happened |= self.context.replay != Replay::Read && outcome.may_have_happened();
            let wait = match classify(self.context.replay, outcome, attempt, self.max_retries) {
                RetryDecision::Retry(wait) => {
                    wait.unwrap_or_else(|| backoff(self.first_backoff, attempt, fastrand::f64()))
                }
                RetryDecision::Unknown => {
                    return Err(error_mapping::outcome_unknown(self.context, result, attempt));
                }
                RetryDecision::Final => {
                    return self
                        .finish(result, attempt, was_sent)
                        .map_err(|error| error.with_may_have_happened(may_have_happened));
                }
            };
            let has_time = deadline
                .is_none_or(|deadline| deadline.saturating_duration_since(Instant::now()) > wait);
            if !has_time {
                return self
                    .finish(result, attempt, was_sent)
                    .map_err(|error| error.with_may_have_happened(may_have_happened));
            }
            tracing::debug!(
                target: "payglot",
                attempt,
                wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                "trying again"
            );
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    /// Runs one attempt within what remains of the time for the call.
    async fn once(
        &self,
        timeout: Duration,
        remaining: Duration,
        transport: &AnyTransport,
        build: impl FnOnce() -> Request<Bytes>,
    ) -> AttemptResult {
        let progress = SendProgress::of_call(!self.context.replay.is_repeatable());
        let (context, fate) = (self.context, self.fate);
        let mut watch = AttemptWatch { context, fate, progress: &progress, has_ended: false };
        // Outside the timeout: what came of a response is not lost when the time runs out while it is read.
        let mut response = None;
        let mut body = None;
        let result = {
            let mut attempt = pin!(async {
                let (head, rest) = transport
                    .send(build, &progress)
                    .await
                    .map_err(AttemptError::Transport)?
                    .into_parts();
                let response = response.insert(BufferedResponse {
                    status: head.status.as_u16(),
                    headers: head.headers,
                    body: Vec::new(),
                    document: None,
                });
                let body = body.insert(rest);
                if self.slot.is_some() && (200..300).contains(&response.status) {
                    return Ok(());
                }
                read_body(response, body, self.max_response_bytes, self.is_json).await
            });
            let result = tokio::time::timeout(remaining, attempt.as_mut()).await;
            if result.is_err() {
                progress.expire();
            }
            result
        };
        watch.has_ended = true;
        if let (Err(_), Some(body)) = (&result, &mut body) {
            body.expire();
        }
        match (result, response) {
            (Ok(Ok(())), Some(response)) => {
                if let Some(slot) = self.slot {
                    slot.put(body);
                }
                Ok(response)
            }
            (Ok(Err(error)), _) => Err(error),
            (_, Some(BufferedResponse { status, headers, .. })) => {
                Err(AttemptError::TruncatedBody { status, headers, source: None })
            }
            (_, None) => {
                let delivery = progress.delivery();
                let source = (delivery == Delivery::NotSent)
                    .then(|| transport.unfinished(&progress, timeout))
                    .flatten();
                let kind = TransportErrorKind::Timeout;
                Err(AttemptError::Transport(TransportError { kind, delivery, source }))
            }
        }
    }

    /// Ends the call with what its last attempt came to. `was_sent`: any of them may have reached the vendor.
    fn finish(
        &self,
        result: AttemptResult,
        attempt: u32,
        was_sent: bool,
    ) -> Result<BufferedResponse, Error> {
        match result {
            Ok(response) if (200..300).contains(&response.status) => Ok(response),
            Ok(response) => Err(error_mapping::status(self.context, response, attempt)),
            Err(error) => Err(error_mapping::attempt(self.context, error, attempt, was_sent)),
        }
    }
}

fn outcome(result: &AttemptResult) -> Outcome {
    match result {
        Ok(response) => Outcome::Responded {
            status: response.status,
            retry_after: retry_after(&response.headers, SystemTime::now()),
        },
        // The vendor did respond: sending again would not make the response another.
        Err(
            AttemptError::ResponseTooLarge { status, .. }
            | AttemptError::UnknownEncoding { status, .. },
        ) => Outcome::Unreadable { status: *status },
        Err(AttemptError::TruncatedBody { .. }) => Outcome::Unknown,
        Err(AttemptError::Transport(TransportError { kind, delivery, .. })) => {
            match (delivery, kind) {
                (Delivery::NotSent, TransportErrorKind::Request) => Outcome::Unsendable,
                (Delivery::NotSent, _) => Outcome::NotSent,
                (Delivery::Unknown, _) => Outcome::Unknown,
            }
        }
    }
}

/// Never a URL, a query, a header value or a body.
fn trace(result: &AttemptResult, attempt: u32, started: Instant) {
    if !tracing::enabled!(target: "payglot", tracing::Level::DEBUG) {
        return;
    }
    let status = result.as_ref().ok().map(|response| response.status);
    let id = result.as_ref().ok().and_then(|response| request_id(&response.headers));
    let span = tracing::Span::current();
    span.record("attempts", attempt);
    let duration_ms = started.elapsed().as_secs_f64() * 1000.0;
    let error = result.as_ref().err().and_then(AttemptError::reason);
    tracing::debug!(
        target: "payglot",
        attempt,
        status,
        duration_ms,
        request_id = id,
        error,
        "attempt ended"
    );
}
