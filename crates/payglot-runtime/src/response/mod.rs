//! A response with its payload found: what the bindings and the typed calls read from.
//!
//! May use [`schema`](crate::schema), [`json`](crate::json) and [`error`](crate::error). Knows nothing of how a response
//! came.

use std::borrow::Cow;
use std::sync::Arc;

use http::HeaderMap;

use crate::error::{Error, ErrorBody, ErrorKind, request_id};
use crate::json::{Document, Kind, NodeId, RawJson, ResponseValue};
use crate::schema::{Envelope, Operation, Wrap};

mod model;

pub use model::{Extra, ReceivedAt, deserialize_response, serialize_response};

/// A response as it came: the whole body in memory.
// Without `Debug`: it holds a body.
pub(crate) struct BufferedResponse {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// A successful response.
#[derive(Debug, Clone)]
pub struct Response {
    status: u16,
    headers: HeaderMap,
    document: Arc<Document>,
    /// Where the payload is, unless it is null.
    payload: Option<NodeId>,
    message: Option<String>,
    total: Option<u64>,
}

impl Response {
    /// Finds the payload. A 200 whose envelope says `success: false` is an error.
    pub(crate) fn new(
        response: BufferedResponse,
        operation: &'static Operation,
        envelope: Option<&'static Envelope>,
    ) -> Result<Self, Error> {
        let not_understood = |status, headers, body: String, problem: &str| {
            Error::new(
                ErrorKind::ResponseFormat,
                format!(
                    "the vendor answered {status}, but the response was not understood: {problem}"
                ),
            )
            .with_operation(operation.name)
            .with_response(status, headers, body)
        };
        let BufferedResponse { status, headers, body } = response;
        let document = match String::from_utf8(body) {
            Ok(text) => Arc::new(Document::new(text)),
            Err(error) => {
                let body = String::from_utf8_lossy(error.as_bytes()).into_owned();
                return Err(not_understood(status, headers, body, "it is not UTF-8 text"));
            }
        };
        let mut response =
            Self { status, headers, document, payload: None, message: None, total: None };
        if response.text().trim().is_empty() && operation.wrap != Wrap::Records {
            // Nothing is a legitimate response to a delete, and no reason to lose the news that it worked.
            return Ok(response);
        }
        let problem = match envelope.filter(|_| operation.wrap != Wrap::Bare) {
            None if response.document.is_json() => {
                response.payload = response.whole();
                return Ok(response);
            }
            None => "it is not JSON",
            Some(envelope) => match response.open(operation, envelope) {
                Some(true) => return Ok(response),
                Some(false) => {
                    return Err(refused(
                        operation,
                        response.status,
                        response.headers,
                        &response.document,
                    ));
                }
                None if response.document.is_json() => "it has no envelope",
                None => "it is not JSON",
            },
        };
        Err(not_understood(
            response.status,
            response.headers,
            response.document.text().to_owned(),
            problem,
        ))
    }

    /// Reads the envelope, and whether it speaks of success; `None` where there is none.
    fn open(&mut self, operation: &Operation, envelope: &Envelope) -> Option<bool> {
        let document = self.document.clone();
        let root = RawJson::root(&document).filter(|root| root.kind() == Kind::Object)?;
        let payload_name =
            if operation.wrap == Wrap::Records { envelope.records } else { envelope.data };
        let mut succeeded = true;
        for (name, value) in root.entries() {
            if name == payload_name {
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
    pub(crate) fn untyped(response: BufferedResponse) -> Self {
        let BufferedResponse { status, headers, body } = response;
        let document = Arc::new(Document::new(String::from_utf8_lossy(&body)));
        let mut response =
            Self { status, headers, document, payload: None, message: None, total: None };
        response.payload = response.whole();
        response
    }

    /// The whole document as the payload, unless it is null.
    fn whole(&self) -> Option<NodeId> {
        RawJson::root(&self.document).filter(|root| !root.is_null()).map(RawJson::position)
    }

    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The response's request id, where it carries one.
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
    pub fn payload(&self) -> Option<RawJson<'_>> {
        Some(RawJson::at(&self.document, self.payload?))
    }

    /// The payload as a Rust value; `None` where it is null.
    pub fn read<T: ResponseValue>(&self) -> Option<T> {
        self.payload().and_then(T::from_response)
    }
}

/// Reads a response's bytes as the response of an operation, for fuzzing and for tests without a socket.
pub fn decode(
    status: u16,
    body: Vec<u8>,
    operation: &'static Operation,
    envelope: Option<&'static Envelope>,
) -> Result<Response, Error> {
    Response::new(BufferedResponse { status, headers: HeaderMap::new(), body }, operation, envelope)
}

/// `success: false` under a good status.
fn refused(
    operation: &'static Operation,
    status: u16,
    headers: HeaderMap,
    document: &Arc<Document>,
) -> Error {
    let vendor = ErrorBody::read(document);
    let words = vendor.message.as_deref().unwrap_or("no reason given");
    Error::new(ErrorKind::Api, format!("the vendor refused the call: {words}"))
        .with_operation(operation.name)
        .with_error_body(vendor.code, vendor.detail)
        .with_response(status, headers, document.text().to_owned())
}
