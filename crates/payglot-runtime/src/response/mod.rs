//! An answer with its payload found: what the bindings and the typed calls read from.

use std::borrow::Cow;
use std::sync::Arc;

use http::HeaderMap;

use crate::document::{Document, Position};
use crate::error::{Error, ErrorKind, request_id};
use crate::failure::VendorWords;
use crate::json::Kind;
use crate::receive::WireAnswer;
use crate::record::{AnswerValue, Raw};
use crate::schema::{Envelope, Operation, Wrap};

/// A successful answer.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: HeaderMap,
    document: Arc<Document>,
    /// Where the payload is, unless it is null.
    payload: Option<Position>,
    message: Option<String>,
    total: Option<u64>,
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
        let document = match String::from_utf8(body) {
            Ok(text) => Arc::new(Document::new(text)),
            Err(error) => {
                let body = String::from_utf8_lossy(error.as_bytes()).into_owned();
                return Err(not_understood(status, headers, body, "it is not UTF-8 text"));
            }
        };
        let mut answer =
            Self { status, headers, document, payload: None, message: None, total: None };
        if answer.text().trim().is_empty() && operation.wrap != Wrap::Records {
            // Nothing is a legitimate answer of a delete, and no reason to lose the news that it worked.
            return Ok(answer);
        }
        let problem = match envelope.filter(|_| operation.wrap != Wrap::Bare) {
            None if answer.document.is_json() => {
                answer.payload = answer.whole();
                return Ok(answer);
            }
            None => "it is not JSON",
            Some(envelope) => match answer.open(operation, envelope) {
                Some(true) => return Ok(answer),
                Some(false) => {
                    return Err(refused(
                        operation,
                        answer.status,
                        answer.headers,
                        &answer.document,
                    ));
                }
                None if answer.document.is_json() => "it has no envelope",
                None => "it is not JSON",
            },
        };
        Err(not_understood(
            answer.status,
            answer.headers,
            answer.document.text().to_owned(),
            problem,
        ))
    }

    /// Reads the envelope, and whether it speaks of success; `None` where there is none.
    fn open(&mut self, operation: &Operation, envelope: &Envelope) -> Option<bool> {
        let document = self.document.clone();
        let root = Raw::root(&document).filter(|root| root.kind() == Kind::Object)?;
        let wanted = if operation.wrap == Wrap::Records { envelope.records } else { envelope.data };
        let mut succeeded = true;
        for (name, value) in root.entries() {
            if name == wanted {
                self.payload = (!value.is_null()).then(|| value.position());
            } else if name == envelope.success {
                succeeded = value.as_bool() != Some(false);
            } else if name == envelope.message {
                self.message = value.as_text().map(Cow::into_owned);
            } else if name == envelope.total {
                self.total = value.as_integer().and_then(|total| total.try_into().ok());
            }
        }
        Some(succeeded)
    }

    /// Takes the body as it is, for calls outside the document.
    pub(crate) fn untyped(answer: WireAnswer) -> Self {
        let WireAnswer { status, headers, body } = answer;
        let document = Arc::new(Document::new(String::from_utf8_lossy(&body)));
        let mut answer =
            Self { status, headers, document, payload: None, message: None, total: None };
        answer.payload = answer.whole();
        answer
    }

    /// The whole document as the payload, unless it is null.
    fn whole(&self) -> Option<Position> {
        Raw::root(&self.document).filter(|root| !root.is_null()).map(Raw::position)
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
        self.document.text()
    }

    /// The payload; `None` where it is null.
    pub fn payload(&self) -> Option<Raw<'_>> {
        Some(Raw::at(&self.document, self.payload?))
    }

    /// The payload as a Rust value; `None` where it is null.
    pub fn read<T: AnswerValue>(&self) -> Option<T> {
        self.payload().and_then(T::from_answer)
    }
}

/// Reads an answer's bytes as the answer of an operation, for fuzzing and for tests without a socket.
pub fn decode(
    status: u16,
    body: Vec<u8>,
    operation: &'static Operation,
    envelope: Option<&'static Envelope>,
) -> Result<Answer, Error> {
    Answer::new(WireAnswer { status, headers: HeaderMap::new(), body }, operation, envelope)
}

/// `success: false` under a good status.
fn refused(
    operation: &'static Operation,
    status: u16,
    headers: HeaderMap,
    document: &Arc<Document>,
) -> Error {
    let vendor = VendorWords::read(document);
    let words = vendor.message.as_deref().unwrap_or("no reason given");
    Error::new(ErrorKind::Api, format!("the vendor refused the call: {words}"))
        .with_operation(operation.name)
        .with_vendor_words(vendor.code, vendor.detail)
        .with_answer(status, headers, document.text().to_owned())
}
