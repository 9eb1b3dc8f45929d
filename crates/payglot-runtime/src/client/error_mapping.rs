//! Turns a failed call into the error a user sees.
//!
//! Messages name the operation, the status, the vendor's own short words and the way out; never a URL, a
//! header or a body.

use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;

use super::CallContext;
use super::attempt::{AttemptError, AttemptResult};
use super::receive::content_encoding;
use crate::error::{Error, ErrorBody, ErrorKind};
use crate::response::{BufferedResponse, is_web_page};
use crate::retry::retry_after;
use crate::transport::{BoxError, Delivery, TransportError, TransportErrorKind};

/// A response whose status is not a success.
pub(crate) fn status(context: CallContext, response: BufferedResponse, attempts: u32) -> Error {
    let (status, headers, body) = response.read();
    let body = Arc::new(body.document);
    let vendor = ErrorBody::read(&body);
    let wait = retry_after(&headers, SystemTime::now());
    let kind = ErrorKind::from_status(status);
    let mut message = format!("the vendor answered {status}");
    if let Some(words) = &vendor.message {
        message = format!("{message}: {words}");
    }
    let encoding = content_encoding(&headers).map(|encoding| {
        format!("Its text cannot be read: it is encoded as {encoding}, which was not asked for.")
    });
    let way_out = elsewhere(status, &headers, body.text()).or_else(|| kind.way_out());
    for hint in [encoding.as_deref(), way_out].into_iter().flatten() {
        message = format!("{message} ({hint})");
    }
    Error::new(kind, message)
        .with_operation(context.operation)
        .with_attempts(attempts)
        .with_retry_after(wait)
        .with_error_body(vendor.code, vendor.detail)
        .with_response(status, headers, body.text().to_owned())
}

/// The hint where not the API but a web server in front of it or instead of it responds.
fn elsewhere(status: u16, headers: &HeaderMap, body: &str) -> Option<&'static str> {
    match status {
        300..400 => Some(
            "It leads to another address, and redirects are never followed: check the base URL, its scheme and its path.",
        ),
        // What these say, a gateway says as well.
        408 | 429 => None,
        400..500 if is_web_page(headers, body) => Some(
            "It is a web page and no response of the API: check the base URL, its path, and what stands in front of the API.",
        ),
        _ => None,
    }
}

/// No whole response, from a call that can be repeated or that was never sent.
pub(crate) fn attempt(
    context: CallContext,
    error: AttemptError,
    attempts: u32,
    was_sent: bool,
) -> Error {
    let error = match error {
        AttemptError::Transport(error) => transport(error, was_sent),
        AttemptError::TruncatedBody { status, headers, source: None } => {
            Error::new(ErrorKind::ApiTimeout, "the time ran out while the response was read")
                .with_response(status, headers, String::new())
        }
        AttemptError::TruncatedBody { status, headers, source } => {
            let message = "the response broke off before its end";
            with_source(Error::new(ErrorKind::ApiConnection, message), source).with_response(
                status,
                headers,
                String::new(),
            )
        }
        AttemptError::ResponseTooLarge { status, headers } => {
            let message = format!(
                "the vendor answered {status}, but the response is larger than `max_response_bytes` allows"
            );
            Error::new(ErrorKind::ResponseFormat, message).with_response(
                status,
                headers,
                String::new(),
            )
        }
        AttemptError::UnknownEncoding { status, headers, encoding } => Error::new(
            ErrorKind::ResponseFormat,
            undecoded(status, &encoding),
        )
        .with_response(status, headers, String::new()),
    };
    error.with_operation(context.operation).with_attempts(attempts)
}

/// No response at all. `was_sent`: this attempt or one before it may have reached the vendor.
fn transport(error: TransportError, was_sent: bool) -> Error {
    let reason = error.connect_error().map(ToString::to_string);
    let TransportError { kind, delivery, source } = error;
    let (error_kind, problem) = match (delivery, kind) {
        (Delivery::NotSent, TransportErrorKind::Unprocessed) => {
            let message =
                "the host refused the request before it looked at it, so that it has no effect";
            return with_source(Error::new(ErrorKind::ApiConnection, message), source);
        }
        (Delivery::NotSent, TransportErrorKind::Request) => {
            (ErrorKind::InvalidRequest, "the request could not be made")
        }
        (Delivery::NotSent, TransportErrorKind::Timeout) => {
            (ErrorKind::ApiTimeout, "no connection to the host within the time")
        }
        (Delivery::NotSent, _) => (ErrorKind::ApiConnection, "no connection to the host"),
        (Delivery::Unknown, TransportErrorKind::Timeout) => {
            (ErrorKind::ApiTimeout, "no response within the time for the call")
        }
        (Delivery::Unknown, _) => {
            (ErrorKind::ApiConnection, "the connection broke before a response came")
        }
    };
    let problem = reason.unwrap_or_else(|| problem.to_owned());
    let message = if was_sent { problem } else { format!("{problem}; nothing was sent") };
    with_source(Error::new(error_kind, message), source)
}

/// Nobody knows whether the vendor acted.
pub(crate) fn outcome_unknown(context: CallContext, result: AttemptResult, attempts: u32) -> Error {
    let what = match &result {
        Ok(BufferedResponse { status, .. }) => format!("the vendor answered {status}"),
        Err(AttemptError::TruncatedBody { status, .. }) => {
            format!("the response ({status}) broke off")
        }
        Err(AttemptError::ResponseTooLarge { status, .. }) => {
            format!("the vendor answered {status}, and more than `max_response_bytes` allows")
        }
        Err(AttemptError::UnknownEncoding { status, encoding, .. }) => undecoded(*status, encoding),
        Err(AttemptError::Transport(_)) => "no response came".to_owned(),
    };
    let message = format!(
        "{what}, and the call may have taken effect; it was not sent again. Before you try again: {}",
        context.reconcile
    );
    let error = Error::new(ErrorKind::OutcomeUnknown, message)
        .with_operation(context.operation)
        .with_attempts(attempts)
        .with_reconcile(context.reconcile);
    match result {
        Ok(response) => {
            let (status, headers, body) = response.read();
            error.with_response(status, headers, body.document.text().to_owned())
        }
        Err(AttemptError::TruncatedBody { status, headers, source }) => {
            with_source(error, source).with_response(status, headers, String::new())
        }
        Err(
            AttemptError::ResponseTooLarge { status, headers }
            | AttemptError::UnknownEncoding { status, headers, .. },
        ) => error.with_response(status, headers, String::new()),
        Err(AttemptError::Transport(TransportError { source, .. })) => with_source(error, source),
    }
}

fn undecoded(status: u16, encoding: &str) -> String {
    format!(
        "the vendor answered {status}, but the response cannot be read: it is encoded as {encoding}, which was not asked for"
    )
}

fn with_source(error: Error, source: Option<BoxError>) -> Error {
    match source {
        Some(source) => error.with_source(source),
        None => error,
    }
}
