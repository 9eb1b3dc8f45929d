//! Turns a failed call into the error a user sees.
//!
//! Messages name the operation, the status, the vendor's own short words and the way out; never a URL, a
//! header or a body.

use std::sync::Arc;
use std::time::SystemTime;

use crate::core::{Target, kind_of};
use crate::document::Document;
use crate::error::{Error, ErrorKind};
use crate::json::Kind;
use crate::receive::WireAnswer;
use crate::record::Raw;
use crate::retry::retry_after;
use crate::transport::WireError;

/// Longest piece of the vendor's words in a message, in characters.
const WORDS: usize = 200;
/// Most digits of a number that a message repeats: a date has eight.
const LONGEST_NUMBER: usize = 8;

/// An answer whose status is not a success.
pub(crate) fn status(target: Target, answer: WireAnswer, attempts: u32) -> Error {
    let WireAnswer { status, headers, body } = answer;
    let body = Arc::new(Document::new(String::from_utf8_lossy(&body)));
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
        .with_answer(status, headers, body.text().to_owned())
}

/// No answer, from a call that can be repeated or that was never sent.
pub(crate) fn transport(target: Target, error: WireError, attempts: u32, timed_out: bool) -> Error {
    let error = match error {
        WireError::NotSent(source) => {
            let kind = if is_timeout(source.as_ref()) { ErrorKind::ApiTimeout } else { ErrorKind::ApiConnection };
            Error::new(kind, "no connection to the host; nothing was sent").with_source(source)
        }
        WireError::Lost(source) => {
            let error = if timed_out || source.as_deref().is_some_and(|source| is_timeout(source)) {
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

/// Whether time ran out somewhere below.
fn is_timeout(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>();
        io.is_some_and(|error| error.kind() == std::io::ErrorKind::TimedOut)
    })
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
    pub fn read(body: &Arc<Document>) -> Self {
        let Some(raw) = Raw::root(body) else { return Self::default() };
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

/// The vendor's words, fit for a log: one line, not long, and without numbers that may be a card, an account or a
/// person's.
fn shorten(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut out = String::new();
    let mut rest = clean.as_str();
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let (number, after) = from.split_at(length_of_number(from));
        out.push_str(before);
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        out.push_str(if digits > LONGEST_NUMBER { "[digits]" } else { number });
        rest = after;
    }
    out.push_str(rest);
    match out.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}…", out.get(..end).unwrap_or_default()),
        None => out,
    }
}

/// Bytes of the number that `text` begins with: digits, with single spaces or dashes between them.
fn length_of_number(text: &str) -> usize {
    let mut length = 0;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((position, byte)) = bytes.next() {
        let goes_on = bytes.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        if byte.is_ascii_digit() {
            length = position + 1;
        } else if !(matches!(byte, b' ' | b'-') && goes_on) {
            break;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_no_number_that_may_be_somebodys() {
        for (text, shown) in [
            ("card 4242424242424242 declined", "card [digits] declined"),
            ("card 4242 4242 4242 4242 declined", "card [digits] declined"),
            ("ssn 123-45-6789", "ssn [digits]"),
            ("amount 10.10 of 2026-01-31", "amount 10.10 of 2026-01-31"),
            ("code 12345678, line 2", "code 12345678, line 2"),
            ("7", "7"),
            ("", ""),
            ("a\nb\u{7}", "a b "),
            ("né 123456789é", "né [digits]é"),
        ] {
            assert_eq!(shorten(text), shown);
        }
        assert_eq!(shorten(&"é".repeat(300)).chars().count(), WORDS + 1);
    }
}
