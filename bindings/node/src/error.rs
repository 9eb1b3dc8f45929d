//! Errors as JSON, for `lib/failure.cjs` to build the class that the name says.

use std::collections::BTreeMap;
use std::error::Error as _;

use payglot::runtime::client::header_pairs;
use payglot::{Error, ErrorKind};
use serde::Serialize;
use serde_json::value::RawValue;

/// Most links of a chain of causes.
const MAX_CAUSES: usize = 8;

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Failure<'a> {
    name: &'a str,
    message: &'a str,
    operation: Option<&'a str>,
    status: Option<u16>,
    code: Option<&'a str>,
    detail: Option<&'a RawValue>,
    request_id: Option<&'a str>,
    body: Option<&'a str>,
    headers: BTreeMap<&'a str, String>,
    attempts: u32,
    /// Seconds.
    retry_after: Option<f64>,
    reconcile: Option<&'a str>,
    argument: Option<&'a str>,
    /// Messages, outermost first.
    causes: Vec<String>,
}

/// An error of the core.
pub fn to_json(error: &Error) -> String {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(next) = cause.filter(|_| causes.len() < MAX_CAUSES) {
        causes.push(next.to_string());
        cause = next.source();
    }
    write(&Failure {
        name: error.kind().name(),
        message: &error.to_string(),
        operation: Some(error.operation()).filter(|name| !name.is_empty()),
        status: error.status(),
        code: error.code(),
        detail: error.detail().and_then(|detail| serde_json::from_str(detail).ok()),
        request_id: error.request_id(),
        body: error.body(),
        headers: headers(error),
        attempts: error.attempts(),
        retry_after: error.retry_after().map(|wait| wait.as_secs_f64()),
        reconcile: error.reconcile(),
        argument: error.argument(),
        causes,
    })
}

/// An error that this crate found.
pub fn to_json_of(kind: ErrorKind, operation: &str, message: &str) -> String {
    let operation = Some(operation).filter(|name| !name.is_empty());
    write(&Failure { name: kind.name(), message, operation, ..Failure::default() })
}

/// An answer of another shape than the operation's.
pub fn to_json_of_answer(operation: &str, status: u16, body: &str) -> String {
    let message = format!(
        "{operation}: the vendor answered {status}, but the answer was not understood: it has another shape"
    );
    write(&Failure {
        name: ErrorKind::ResponseFormat.name(),
        message: &message,
        operation: Some(operation),
        status: Some(status),
        body: Some(body),
        ..Failure::default()
    })
}

/// Headers by name; equal names are joined, as HTTP allows.
pub fn joined<'a>(pairs: Vec<(&'a str, String)>) -> BTreeMap<&'a str, String> {
    let mut headers: BTreeMap<&'a str, String> = BTreeMap::new();
    for (name, value) in pairs {
        headers
            .entry(name)
            .and_modify(|known| {
                known.push_str(", ");
                known.push_str(&value);
            })
            .or_insert(value);
    }
    headers
}

fn headers(error: &Error) -> BTreeMap<&str, String> {
    joined(header_pairs(error.headers()))
}

fn write(failure: &Failure<'_>) -> String {
    // Writing this type cannot fail; an empty text would be met in `lib/failure.cjs`.
    serde_json::to_string(failure).unwrap_or_default()
}
