//! The one error type of the crate.
//!
//! Low in the layers, because everything above may fail: it may use [`json`](crate::json) and knows nothing of requests,
//! transports or clients. Its kinds come from the error table that also feeds Python and Node. A message names the operation and the
//! way out; what was sent or received is reachable through accessors and never printed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use crate::json::{Document, NodeId, RawJson, ResponseValue};

mod body;
// Formatted by the generator; class names are written as users of all languages know them.
#[rustfmt::skip]
#[allow(clippy::doc_markdown)]
mod generated;

pub(crate) use body::ErrorBody;
pub use generated::ErrorKind;

/// Why a call failed, or a client could not be built.
///
/// `Display` and `Debug` show the kind, the operation, the status and the vendor's short message; bodies and
/// headers are only given by [`Error::body`] and [`Error::headers`].
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: &'static str,
    message: String,
    status: Option<u16>,
    code: Option<String>,
    detail: Option<String>,
    request_id: Option<String>,
    body: Option<String>,
    headers: HeaderMap,
    attempts: u32,
    retry_after: Option<Duration>,
    reconcile: &'static str,
    may_have_happened: bool,
    nothing_was_sent: bool,
    argument: Option<String>,
    rule: &'static str,
    record: Option<(Arc<Document>, NodeId)>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: "",
            message: message.into(),
            status: None,
            code: None,
            detail: None,
            request_id: None,
            body: None,
            headers: HeaderMap::new(),
            attempts: 0,
            retry_after: None,
            reconcile: "",
            may_have_happened: kind == ErrorKind::OutcomeUnknown,
            nothing_was_sent: false,
            argument: None,
            rule: "",
            record: None,
            source: None,
        }))
    }

    /// A client that cannot be built as asked.
    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    /// A request refused before sending; `argument` names what is wrong.
    pub(crate) fn invalid_request(argument: impl Into<String>, problem: impl fmt::Display) -> Self {
        let argument = argument.into();
        let mut error = Self::new(ErrorKind::InvalidRequest, format!("`{argument}` {problem}"));
        error.0.argument = Some(argument);
        error
    }

    pub(crate) fn with_operation(mut self, operation: &'static str) -> Self {
        self.0.operation = operation;
        self
    }

    /// Says one thing more.
    pub(crate) fn with_note(mut self, note: &str) -> Self {
        self.0.message = format!("{}; {note}", self.0.message);
        self
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_response(mut self, status: u16, headers: HeaderMap, body: String) -> Self {
        self.0.status = Some(status);
        self.0.request_id = request_id(&headers);
        self.0.headers = headers;
        self.0.body = Some(body);
        self
    }

    pub(crate) fn with_error_body(mut self, code: Option<String>, detail: Option<String>) -> Self {
        self.0.code = code;
        self.0.detail = detail;
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    pub(crate) fn with_reconcile(mut self, reconcile: &'static str) -> Self {
        self.0.reconcile = reconcile;
        self
    }

    /// Says that the vendor may have acted although the call failed.
    pub(crate) fn with_may_have_happened(mut self, may_have_happened: bool) -> Self {
        self.0.may_have_happened |= may_have_happened;
        self
    }

    /// Says that the call never left, although the error may have a status: that of another request.
    pub(crate) fn with_nothing_sent(mut self) -> Self {
        self.0.nothing_was_sent = true;
        self
    }

    pub(crate) fn nothing_was_sent(&self) -> bool {
        self.0.nothing_was_sent
    }

    /// The rule of a guard that refused the call.
    pub(crate) fn with_rule(mut self, rule: &'static str) -> Self {
        self.0.rule = rule;
        self
    }

    /// The record that says that what was asked for was not done.
    pub(crate) fn with_record(mut self, document: Arc<Document>, record: NodeId) -> Self {
        self.0.record = Some((document, record));
        self
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that failed, for example `cards.get`; empty outside a call.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// What happened, without the operation's name.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// HTTP status, where there was a response.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The vendor's error code, where the response has one.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The vendor's `detail` as JSON text, where the response has one (a list of fields on 422).
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// The inputs that a 422 rejects; empty where the response has no such list.
    pub fn problems(&self) -> Vec<Problem> {
        let Some(detail) = self.0.detail.as_deref() else { return Vec::new() };
        let document = Arc::new(Document::new(detail));
        RawJson::root(&document).into_iter().flat_map(RawJson::items).map(Problem::read).collect()
    }

    /// The response's request id, where it carries one.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The response's body as text. It may hold personal data: do not log it.
    pub fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// The response's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// How many times the request was sent or tried.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the vendor asks to wait (429 and 503).
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the vendor may have acted. False means that it did not: the call changed nothing.
    pub fn may_have_happened(&self) -> bool {
        self.0.may_have_happened
    }

    /// What to look up before trying again, on [`ErrorKind::OutcomeUnknown`].
    pub fn reconcile(&self) -> Option<&'static str> {
        Some(self.0.reconcile).filter(|text| !text.is_empty())
    }

    /// The argument that was refused, on [`ErrorKind::InvalidRequest`].
    pub fn argument(&self) -> Option<&str> {
        self.0.argument.as_deref()
    }

    /// The rule that refused the call, on [`ErrorKind::GuardRefused`].
    pub fn rule(&self) -> Option<&'static str> {
        Some(self.0.rule).filter(|rule| !rule.is_empty())
    }

    /// The record as the operation returns it, on [`ErrorKind::PaymentFailed`]. It may hold personal data: do not log it.
    pub fn record<T: ResponseValue>(&self) -> Option<T> {
        self.record_json().and_then(T::from_response)
    }

    /// The record as JSON, on [`ErrorKind::PaymentFailed`].
    pub fn record_json(&self) -> Option<RawJson<'_>> {
        self.0.record.as_ref().map(|(document, record)| RawJson::at(document, *record))
    }
}

/// One rejected input of a 422.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problem {
    /// Where it is, such as `body`, `amount`.
    pub location: Vec<String>,
    /// What is wrong.
    pub message: String,
    /// Kind of the problem, such as `missing`.
    pub kind: String,
}

impl Problem {
    fn read(raw: RawJson<'_>) -> Self {
        let text =
            |name: &str| raw.get(name).and_then(RawJson::as_text).unwrap_or_default().into_owned();
        let steps = raw.get("loc").and_then(RawJson::as_items).unwrap_or_default();
        Self {
            location: steps
                .into_iter()
                .filter_map(|step| Some(step.as_text()?.into_owned()))
                .collect(),
            message: text("msg"),
            kind: text("type"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.operation.is_empty() {
            write!(f, "{}: ", self.0.operation)?;
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(self.0.kind.name())
            .field("operation", &self.0.operation)
            .field("message", &self.0.message)
            .field("status", &self.0.status)
            .field("attempts", &self.0.attempts)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

/// The request id under the header names in use in the field.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-request-id", "request-id", "x-correlation-id"]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
        .map(str::to_owned)
}
