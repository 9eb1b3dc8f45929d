//! Turns a failed call into the error a user sees.
//!
//! Messages name the operation, the status, the vendor's own short words and the way out; never a URL, a
//! header or a body.

use std::sync::Arc;
use std::time::SystemTime;

use crate::core::{Target, kind_of};
use crate::error::{Error, ErrorKind};
use crate::json::Kind;
use crate::record::Raw;
use crate::retry::retry_after;
use crate::transport::{WireAnswer, WireError};

/// Longest piece of the vendor's words in a message, in characters.
const WORDS: usize = 200;
/// Longest run of digits that a message repeats.
const LONGEST_NUMBER: usize = 7;

/// An answer whose status is not a success.
pub(crate) fn status(target: Target, answer: WireAnswer, attempts: u32) -> Error {
    let WireAnswer { status, headers, body } = answer;
    let body: Arc<str> = String::from_utf8_lossy(&body).into();
    let vendor = VendorWords::read(&body);
    let wait = retry_after(&headers, SystemTime::now());
    let kind = kind_of(status);
    let mut message = format!("the vendor answered {status}");
    if let Some(words) = &vendor.message {
        message = format!("{message}: {words}");
    }
    if let Some(way_out) = kind.way_out() {
        message = format!("{message} ({way_out})");
    }
    Error::new(kind, message)
        .with_operation(target.name)
        .with_attempts(attempts)
        .with_retry_after(wait)
        .with_vendor_words(vendor.code, vendor.detail)
        .with_answer(status, headers, body.to_string())
}

/// No answer, from a call that can be repeated or that was never sent.
pub(crate) fn transport(target: Target, error: WireError, attempts: u32, timed_out: bool) -> Error {
    let error = match error {
        WireError::NotSent(source) => {
            let kind = if source.is_timeout() { ErrorKind::ApiTimeout } else { ErrorKind::ApiConnection };
            Error::new(kind, "no connection to the host; nothing was sent").with_source(source)
        }
        WireError::Lost(source) => {
            let is_timeout = timed_out || source.as_ref().is_some_and(reqwest::Error::is_timeout);
            let error = if is_timeout {
                Error::new(ErrorKind::ApiTimeout, "no answer within the time for the call")
            } else {
                Error::new(ErrorKind::ApiConnection, "the connection broke before an answer came")
            };
            match source {
                Some(source) => error.with_source(source),
                None => error,
            }
        }
        WireError::CutOff { status, headers, source } => {
            Error::new(ErrorKind::ApiConnection, "the answer broke off before its end")
                .with_source(source)
                .with_answer(status, headers, String::new())
        }
        WireError::TooLarge { status, headers } => {
            Error::new(
                ErrorKind::ApiResponse,
                format!("the vendor answered {status}, but the answer is larger than `max_answer_bytes` allows"),
            )
            .with_answer(status, headers, String::new())
        }
        WireError::Refused => Error::new(ErrorKind::InvalidRequest, "the request could not be made; nothing was sent"),
    };
    error.with_operation(target.name).with_attempts(attempts)
}

/// Nobody knows whether the vendor acted.
pub(crate) fn outcome_unknown(
    target: Target,
    result: Result<WireAnswer, WireError>,
    attempts: u32,
) -> Error {
    let what = match &result {
        Ok(answer) => format!("the vendor answered {}", answer.status),
        Err(WireError::CutOff { status, .. }) => format!("the answer ({status}) broke off"),
        Err(_) => "no answer came".to_owned(),
    };
    let message = format!(
        "{what}, and the call may have taken effect; it was not sent again. Before you try again: {}",
        target.reconcile
    );
    let error = Error::new(ErrorKind::OutcomeUnknown, message)
        .with_operation(target.name)
        .with_attempts(attempts)
        .with_reconcile(target.reconcile);
    match result {
        Ok(answer) => {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            error.with_answer(answer.status, answer.headers, body)
        }
        Err(WireError::CutOff { status, headers, source }) => {
            error.with_answer(status, headers, String::new()).with_source(source)
        }
        Err(WireError::Lost(Some(source)) | WireError::NotSent(source)) => {
            error.with_source(source)
        }
        Err(_) => error,
    }
}

/// What an error body says, read leniently: no vendor publishes a format.
#[derive(Default)]
pub(crate) struct VendorWords {
    pub message: Option<String>,
    pub code: Option<String>,
    pub detail: Option<String>,
}

impl VendorWords {
    pub fn read(body: &Arc<str>) -> Self {
        let Some(raw) = Raw::document(body) else { return Self::default() };
        let text = |name: &str| {
            let value = raw.get(name)?;
            (value.kind() == Kind::Text).then(|| value.as_text())?.filter(|text| !text.is_empty())
        };
        let detail = raw.get("detail").filter(|detail| !detail.is_null());
        let message = ["message", "detail", "error"]
            .iter()
            .find_map(|name| text(name))
            .map(|text| shorten(&text));
        Self {
            message: message.or_else(|| detail.and_then(fields)),
            code: ["code", "error_code"]
                .iter()
                .find_map(|name| raw.get(name)?.as_text())
                .map(|code| shorten(&code)),
            detail: detail.map(|detail| detail.json().to_owned()),
        }
    }
}

/// The fields that a 422 names: where and what, not the values.
fn fields(detail: Raw<'_>) -> Option<String> {
    let items = detail.as_items()?;
    let words = items.iter().filter_map(|item| {
        let place: Vec<_> =
            item.get("loc")?.as_items()?.iter().filter_map(|step| step.as_text()).collect();
        Some(format!("{}: {}", place.join("."), item.get("msg")?.as_text()?))
    });
    Some(shorten(&words.collect::<Vec<_>>().join("; "))).filter(|text| !text.is_empty())
}

/// The vendor's words, fit for a log: one line, not long, and without runs of digits that may be a card or
/// an account.
fn shorten(text: &str) -> String {
    let mut clean = String::new();
    let mut digits = String::new();
    for c in text.chars().chain(std::iter::once('\0')) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        clean.push_str(if digits.len() > LONGEST_NUMBER { "[digits]" } else { &digits });
        digits.clear();
        if c != '\0' {
            clean.push(if c.is_control() { ' ' } else { c });
        }
    }
    match clean.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}…", clean.get(..end).unwrap_or_default()),
        None => clean,
    }
}
