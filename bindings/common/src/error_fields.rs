//! An error as each language raises it: the name of its class and the fields of the error table.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error as _;
use std::time::Duration;

use payglot_runtime::client::{CallContext, CallFate, header_pairs};
use payglot_runtime::schema::Replay;
use payglot_runtime::{Error, ErrorKind};
use serde::Serialize;
use serde_json::value::RawValue;

/// Longest wait for a call to stop. The thread that runs it is busy for so long only with a large response.
const PATIENCE: Duration = Duration::from_millis(50);
/// Most links of a chain of causes.
const MAX_CAUSES: usize = 8;

/// What an exception is made of. As JSON, names are in camel case.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorFields<'a> {
    /// Name of the class.
    pub name: &'static str,
    /// What happened, without the name of the operation.
    pub message: Cow<'a, str>,
    /// Name of the operation, in a call.
    pub operation: Option<&'a str>,
    /// Whether the vendor may have acted although the call failed.
    pub may_have_happened: bool,
    /// HTTP status.
    pub status: Option<u16>,
    /// The vendor's error code.
    pub code: Option<&'a str>,
    /// The vendor's `detail` as JSON.
    pub detail: Option<&'a RawValue>,
    /// The response's request id.
    pub request_id: Option<&'a str>,
    /// The response's body as text.
    pub body: Option<&'a str>,
    /// The response's headers; the values of a repeated one are joined with a comma.
    pub headers: BTreeMap<&'a str, String>,
    /// How many times the request was sent or tried.
    pub attempts: u32,
    /// Seconds that the vendor asks to wait.
    pub retry_after: Option<f64>,
    /// What to look up before trying again.
    pub reconcile: Option<&'a str>,
    /// The argument that is invalid.
    pub argument: Option<&'a str>,
    /// The rule of a guard that refused the call.
    pub rule: Option<&'a str>,
    /// The record of a payment that failed, as JSON; each language reads it as it reads responses.
    pub record: Option<Box<RawValue>>,
    /// Messages of the causes, outermost first.
    pub causes: Vec<String>,
}

impl<'a> ErrorFields<'a> {
    /// An error that the binding itself found; `operation` is empty outside a call.
    pub fn new(kind: ErrorKind, operation: &'a str, message: impl Into<Cow<'a, str>>) -> Self {
        Self {
            name: kind.name(),
            message: message.into(),
            operation: Some(operation).filter(|name| !name.is_empty()),
            may_have_happened: kind == ErrorKind::OutcomeUnknown,
            ..Self::default()
        }
    }

    /// A call that ended without a result because its task was dropped or panicked, which only a fault in payglot can do.
    ///
    /// A call that must not be repeated may have taken effect, and says what to look up.
    pub fn lost(context: CallContext) -> Self {
        let CallContext { operation, replay, reconcile } = context;
        let what =
            "the call ended without a response inside payglot, which is a fault: please report it";
        if replay.is_repeatable() {
            // A read changes nothing, whatever became of it.
            let may_have_happened = replay != Replay::Read;
            let fields = Self::new(ErrorKind::ApiConnection, operation, what);
            return Self { may_have_happened, ..fields };
        }
        let message = format!(
            "{what}. It may have taken effect and was not sent again. Before you try again: {reconcile}"
        );
        let reconcile = Some(reconcile).filter(|text| !text.is_empty());
        Self { reconcile, ..Self::new(ErrorKind::OutcomeUnknown, operation, message) }
    }

    /// The message with the name of the operation.
    pub fn text(&self) -> String {
        self.operation
            .map_or_else(|| self.message.to_string(), |name| format!("{name}: {}", self.message))
    }

    /// A call that its caller gave up, where it may have left. `None` where it provably did not, or may be repeated.
    pub fn given_up(context: CallContext, fate: Option<&CallFate>) -> Option<Self> {
        if !fate?.may_have_happened(PATIENCE) {
            return None;
        }
        let CallContext { operation, reconcile, .. } = context;
        let message = format!(
            "the call was given up by its caller, and may have taken effect; it was not sent again. Before you try again: {reconcile}"
        );
        let fields = Self::new(ErrorKind::OutcomeUnknown, operation, message);
        let reconcile = Some(reconcile).filter(|text| !text.is_empty());
        Some(Self { attempts: 1, reconcile, ..fields })
    }

    /// All fields as JSON.
    pub fn to_json(&self) -> String {
        // Writing this type cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl<'a> From<&'a Error> for ErrorFields<'a> {
    fn from(error: &'a Error) -> Self {
        let mut causes = Vec::new();
        let mut cause = error.source();
        while let Some(next) = cause.filter(|_| causes.len() < MAX_CAUSES) {
            causes.push(next.to_string());
            cause = next.source();
        }
        Self {
            may_have_happened: error.may_have_happened(),
            status: error.status(),
            code: error.code(),
            detail: error.detail().and_then(|detail| serde_json::from_str(detail).ok()),
            request_id: error.request_id(),
            body: error.body(),
            headers: header_pairs(error.headers()).into_iter().collect(),
            attempts: error.attempts(),
            retry_after: error.retry_after().map(|wait| wait.as_secs_f64()),
            reconcile: error.reconcile(),
            argument: error.argument(),
            rule: error.rule(),
            causes,
            ..Self::new(error.kind(), error.operation(), error.message())
        }
    }
}

/// An argument that a binding refuses before the runtime sees it.
#[derive(Debug, Clone)]
pub struct InvalidRequest {
    argument: String,
    problem: String,
}

impl InvalidRequest {
    /// `problem` goes on after the argument's name, as in "must be text".
    pub fn new(argument: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { argument: argument.into(), problem: problem.into() }
    }

    /// The message, without the name of the operation.
    pub fn message(&self) -> String {
        format!("`{}` {}", self.argument, self.problem)
    }

    /// The error of a call; `operation` is empty outside a call.
    pub fn fields<'a>(&'a self, operation: &'a str) -> ErrorFields<'a> {
        let argument = Some(self.argument.as_str());
        let fields = ErrorFields::new(ErrorKind::InvalidRequest, operation, self.message());
        ErrorFields { argument, ..fields }
    }
}

/// Why something was not done: the runtime refused or failed, or the binding refused an argument.
#[derive(Debug)]
pub enum BindingError {
    /// An error of the runtime.
    Runtime(Error),
    /// An argument that the binding refused.
    Invalid(InvalidRequest),
}

impl BindingError {
    /// The error as each language raises it; `operation` is for one that does not name its own.
    pub fn fields<'a>(&'a self, operation: &'a str) -> ErrorFields<'a> {
        match self {
            Self::Runtime(error) => error.into(),
            Self::Invalid(invalid) => invalid.fields(operation),
        }
    }
}

impl From<Error> for BindingError {
    fn from(error: Error) -> Self {
        Self::Runtime(error)
    }
}

impl From<InvalidRequest> for BindingError {
    fn from(invalid: InvalidRequest) -> Self {
        Self::Invalid(invalid)
    }
}

#[cfg(test)]
mod tests {
    use payglot_runtime::schema::Replay;

    use super::*;

    fn lost(replay: Replay) -> ErrorFields<'static> {
        let reconcile = "List the payments.";
        ErrorFields::lost(CallContext { operation: "payments.create", replay, reconcile })
    }

    #[test]
    fn a_lost_call_that_can_be_repeated_is_a_connection_error() {
        for replay in [Replay::Read, Replay::Idempotent, Replay::Keyed] {
            let error = lost(replay);
            assert_eq!(error.name, "APIConnectionError");
            assert_eq!(error.reconcile, None);
            assert!(
                error.text().starts_with(
                    "payments.create: the call ended without a response inside payglot"
                )
            );
        }
    }

    #[test]
    fn a_lost_call_that_must_not_be_repeated_has_an_unknown_outcome() {
        for replay in [Replay::Create, Replay::Money] {
            let error = lost(replay);
            assert_eq!(error.name, "OutcomeUnknownError");
            assert_eq!(error.operation, Some("payments.create"));
            assert_eq!(error.reconcile, Some("List the payments."));
            assert!(error.message.ends_with("Before you try again: List the payments."));
        }
    }

    #[test]
    fn an_invalid_argument_is_named_beside_its_operation() {
        let invalid = InvalidRequest::new("amount", "must be a finite number");
        let error = invalid.fields("payments.create");
        assert_eq!(error.text(), "payments.create: `amount` must be a finite number");
        assert_eq!(error.argument, Some("amount"));
        assert_eq!(invalid.fields("").text(), "`amount` must be a finite number");
        let json: serde_json::Value = serde_json::from_str(&error.to_json()).unwrap();
        assert_eq!(json["name"], "InvalidRequestError");
        assert_eq!(json["requestId"], serde_json::Value::Null);
    }
}
