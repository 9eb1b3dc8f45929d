//! An answer with its payload found: what the bindings and the typed calls read from.

use std::sync::Arc;

use http::HeaderMap;

use crate::error::{Error, ErrorKind, request_id};
use crate::failure::VendorWords;
use crate::record::{AnswerValue, Raw};
use crate::schema::{Envelope, Operation, Wrap};
use crate::transport::WireAnswer;

/// A successful answer.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: HeaderMap,
    text: Arc<str>,
    payload: Payload,
    message: Option<String>,
    total: Option<u64>,
}

/// Where in the text the payload is, by name in the envelope.
#[derive(Debug, Clone, Copy)]
enum Payload {
    Whole,
    Named(&'static str),
    Nothing,
}

impl Answer {
    /// Finds the payload. A 200 whose envelope says `success: false` is an error.
    pub(crate) fn new(
        answer: WireAnswer,
        operation: &'static Operation,
        envelope: Option<&'static Envelope>,
    ) -> Result<Self, Error> {
        let not_understood = |status, headers, body: String, problem: &str| {
            Error::new(
                ErrorKind::ApiResponse,
                format!(
                    "the vendor answered {status}, but the answer was not understood: {problem}"
                ),
            )
            .with_operation(operation.name)
            .with_answer(status, headers, body)
        };
        let WireAnswer { status, headers, body } = answer;
        let text: Arc<str> = match String::from_utf8(body) {
            Ok(text) => text.into(),
            Err(error) => {
                let body = String::from_utf8_lossy(error.as_bytes()).into_owned();
                return Err(not_understood(status, headers, body, "it is not UTF-8 text"));
            }
        };
        if text.trim().is_empty() && operation.wrap != Wrap::Records {
            // Nothing is a legitimate answer of a delete, and no reason to lose the news that it worked.
            return Ok(Self {
                status,
                headers,
                text,
                payload: Payload::Nothing,
                message: None,
                total: None,
            });
        }
        let Some(document) = Raw::document(&text) else {
            return Err(not_understood(status, headers, text.to_string(), "it is not JSON"));
        };
        let Some(envelope) = envelope.filter(|_| operation.wrap != Wrap::Bare) else {
            return Ok(Self {
                status,
                headers,
                text,
                payload: Payload::Whole,
                message: None,
                total: None,
            });
        };
        if document.kind() != crate::json::Kind::Object {
            return Err(not_understood(status, headers, text.to_string(), "it has no envelope"));
        }
        let message =
            document.get(envelope.message).and_then(Raw::as_text).map(std::borrow::Cow::into_owned);
        if document.get(envelope.success).and_then(Raw::as_bool) == Some(false) {
            return Err(refused(operation, status, headers, &text));
        }
        let total = document
            .get(envelope.total)
            .and_then(Raw::as_integer)
            .and_then(|total| total.try_into().ok());
        let name = if operation.wrap == Wrap::Records { envelope.records } else { envelope.data };
        let payload = if document.get(name).is_none_or(Raw::is_null) {
            Payload::Nothing
        } else {
            Payload::Named(name)
        };
        Ok(Self { status, headers, text, payload, message, total })
    }

    /// Takes the body as it is, for calls outside the document.
    pub(crate) fn untyped(answer: WireAnswer) -> Self {
        let WireAnswer { status, headers, body } = answer;
        let text: Arc<str> = String::from_utf8_lossy(&body).into();
        let payload =
            if Raw::document(&text).is_some() { Payload::Whole } else { Payload::Nothing };
        Self { status, headers, text, payload, message: None, total: None }
    }

    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The answer's request id, where it carries one.
    pub fn request_id(&self) -> Option<String> {
        request_id(&self.headers)
    }

    /// The envelope's message.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Number of records over all pages, where the envelope tells it.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// The whole body as text. It may hold personal data: do not log it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The payload; `None` where it is null.
    pub fn payload(&self) -> Option<Raw<'_>> {
        let document = match self.payload {
            Payload::Nothing => return None,
            Payload::Whole | Payload::Named(_) => Raw::document(&self.text)?,
        };
        match self.payload {
            Payload::Named(name) => document.get(name),
            _ => Some(document),
        }
    }

    /// The payload as a Rust value; `None` where it is null.
    pub fn read<T: AnswerValue>(&self) -> Option<T> {
        self.payload().and_then(T::from_answer)
    }
}

/// `success: false` under a good status.
fn refused(
    operation: &'static Operation,
    status: u16,
    headers: HeaderMap,
    text: &Arc<str>,
) -> Error {
    let vendor = VendorWords::read(text);
    let words = vendor.message.as_deref().unwrap_or("no reason given");
    Error::new(ErrorKind::Api, format!("the vendor refused the call: {words}"))
        .with_operation(operation.name)
        .with_vendor_words(vendor.code, vendor.detail)
        .with_answer(status, headers, text.to_string())
}
