//! Bodies that are not the operation's JSON: text, bytes, and what came under a status that the document does not declare.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use super::{BufferedResponse, Response, is_promised, is_web_page, without_bom};
use crate::error::Error;
use crate::json::{Document, Kind};
use crate::schema::{Operation, Replay, ResponseForm, Type, Wrap};

/// A part of something: whole only where the document says so.
const PARTIAL_CONTENT: u16 = 206;

/// A body that is not read as the operation's JSON.
#[derive(Clone)]
pub(super) enum OtherBody {
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Bytes),
    /// JSON of which the document does not say what it is.
    Json,
}

/// Shows no body.
impl std::fmt::Debug for OtherBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text",
            Self::Bytes(_) => "Bytes",
            Self::Json => "Json",
        })
    }
}

impl Response {
    /// The response of an operation whose success is no JSON.
    #[cold]
    pub(super) fn of_form(response: BufferedResponse, form: ResponseForm) -> Self {
        let BufferedResponse { status, headers, body, document } = response;
        let other = match (form, document) {
            (ResponseForm::Bytes, None) => OtherBody::Bytes(body.into()),
            (ResponseForm::Bytes, Some(read)) => {
                OtherBody::Bytes(read.document.text().to_owned().into())
            }
            (_, Some(read)) => OtherBody::Text(read.document.text().to_owned()),
            (_, None) => OtherBody::Text(decoded(body, &headers)),
        };
        let mut this = Self::unopened(status, headers, Document::new(""));
        this.other = Some(Arc::new(other));
        this
    }

    /// The response under a success of which the document does not say what is in it: what came. With `has_promise`, a call
    /// that creates something or moves money must find something in it.
    #[cold]
    pub(super) fn undeclared(
        response: BufferedResponse,
        operation: &'static Operation,
        has_promise: bool,
    ) -> Result<Self, Error> {
        let BufferedResponse { status, headers, body, document } = response;
        let read = match document {
            Some(read) => Ok(read.document),
            None => String::from_utf8(body).map(|text| Document::new(without_bom(text))),
        };
        let document = match read {
            Ok(document) => document,
            Err(error) => {
                let mut this = Self::unopened(status, headers, Document::new(""));
                this.other = Some(Arc::new(OtherBody::Bytes(error.into_bytes().into())));
                return Ok(this);
            }
        };
        let mut this = Self::unopened(status, headers, document);
        if this.text().trim().is_empty() {
            return if has_promise && is_promised(operation, operation.response) {
                Err(this.not_understood(operation, "has no body"))
            } else {
                Ok(this)
            };
        }
        if this.document.problem().is_none() {
            this.payload = this.whole();
            this.other = Some(Arc::new(OtherBody::Json));
            return Ok(this);
        }
        if is_web_page(&this.headers, this.text()) {
            return Err(this.not_understood(operation, "is not JSON"));
        }
        this.keep_as_text();
        Ok(this)
    }

    /// Whether a body that is no JSON can be what the operation returns: text where the document has a text or anything, and
    /// whatever text came of a call that changed something and that may be repeated.
    pub(super) fn is_text_instead(&self, operation: &Operation, ty: Type) -> bool {
        let fits = match ty {
            Type::Text | Type::Uuid | Type::Date | Type::DateTime | Type::Enum(_) | Type::Any => {
                true
            }
            _ => matches!(operation.replay, Replay::Idempotent | Replay::Keyed),
        };
        let media_type = self.headers.get(CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
        let is_text = media_type.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"text/"));
        fits && is_text
            && operation.wrap == Wrap::Bare
            && self.status != PARTIAL_CONTENT
            && !is_web_page(&self.headers, self.text())
    }

    /// Takes the body as text.
    pub(super) fn keep_as_text(&mut self) {
        let text = self.document.text().to_owned();
        self.document = Arc::new(Document::new(""));
        self.other = Some(Arc::new(OtherBody::Text(text)));
    }

    /// Whether the body is not the operation's JSON: bytes, text, or JSON of which the document does not say what it is.
    pub fn has_other_body(&self) -> bool {
        self.other.is_some()
    }

    /// The body where it is bytes: what the operation returns, or what came instead.
    pub fn bytes(&self) -> Option<&Bytes> {
        match self.other.as_deref()? {
            OtherBody::Bytes(bytes) => Some(bytes),
            OtherBody::Text(_) | OtherBody::Json => None,
        }
    }

    /// The body where it is text and no JSON: what the operation returns, or what came instead.
    pub fn plain_text(&self) -> Option<&str> {
        match self.other.as_deref()? {
            OtherBody::Text(text) => Some(text),
            OtherBody::Bytes(_) | OtherBody::Json => None,
        }
    }

    /// Whether the document says nothing of a JSON body: it has no success of this status.
    pub fn is_undeclared(&self) -> bool {
        matches!(self.other.as_deref(), Some(OtherBody::Json))
    }

    /// Whether a payload of which the document says nothing is nevertheless what it says of another success.
    pub fn is_as_declared(&self, ty: Type) -> bool {
        let Some(payload) = self.payload() else { return true };
        match ty {
            Type::Object(schema) => {
                payload.kind() == Kind::Object && super::has_field_of(payload, schema)
            }
            Type::Map(_) => payload.kind() == Kind::Object,
            Type::List(_) => payload.kind() == Kind::List,
            Type::Any => true,
            _ => !matches!(payload.kind(), Kind::Object | Kind::List),
        }
    }
}

/// Whether a status that the document does not declare is a success of which nothing is known.
pub(super) fn is_open(operation: &Operation, status: u16) -> bool {
    operation.wrap == Wrap::Bare && status != PARTIAL_CONTENT
}

/// Bytes as text: UTF-8, or Latin-1 where the vendor says so.
fn decoded(body: Vec<u8>, headers: &HeaderMap) -> String {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let charset = media_type.and_then(|value| {
        value.to_ascii_lowercase().split_once("charset=").map(|(_, charset)| {
            charset.split(';').next().unwrap_or_default().trim_matches([' ', '"']).to_owned()
        })
    });
    match String::from_utf8(body) {
        Ok(text) => without_bom(text),
        Err(error) if charset.as_deref() == Some("iso-8859-1") => {
            error.into_bytes().into_iter().map(char::from).collect()
        }
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}
