//! A response with its payload found: what the bindings and the typed calls read from.
//!
//! May use [`schema`](crate::schema), [`json`](crate::json) and [`error`](crate::error). Knows nothing of how a response
//! came.

use std::borrow::Cow;
use std::sync::Arc;

use http::HeaderMap;

use crate::error::{Error, ErrorBody, ErrorKind, request_id};
use crate::json::{Document, Kind, NodeId, RawJson, ResponseValue};
use crate::schema::{
    Envelope, Operation, Paging, Path, Replay, ResponseForm, Schema, SuccessBody, Type, Wrap,
};
use forms::OtherBody;

mod certain;
mod events;
mod forms;
mod model;
mod recorded;
mod several;
mod union;

pub use certain::{certain, missing};
pub use events::{Event, ServerEvent, event_data};
pub(crate) use events::{EventParser, TooLong};
pub use model::{
    Extra, ReceivedAt, deserialize_response, keep_field, length, misfit, read_field,
    serialize_response, without_misfit,
};
pub use recorded::RecordedResponse;
pub use several::other_json;

/// A response as it came: the whole body in memory.
// Without `Debug`: it holds a body.
pub(crate) struct BufferedResponse {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// The body where it was read apart already, because it is large; `body` is empty then.
    pub document: Option<ReadBody>,
}

/// A body that was read.
pub(crate) struct ReadBody {
    pub document: Document,
    /// Whether all of it was text.
    pub is_utf8: bool,
}

impl ReadBody {
    /// Reads a body.
    pub fn of(body: Vec<u8>) -> Self {
        let (text, is_utf8) = match String::from_utf8(body) {
            Ok(text) => (text, true),
            Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), false),
        };
        Self { document: Document::new(without_bom(text)), is_utf8 }
    }
}

impl BufferedResponse {
    /// Status, headers and the body as it was read.
    pub fn read(self) -> (u16, HeaderMap, ReadBody) {
        let Self { status, headers, body, document } = self;
        (status, headers, document.unwrap_or_else(|| ReadBody::of(body)))
    }
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
    /// Whether a journal had it, and nothing was sent.
    is_replay: bool,
    /// The body where it is not the operation's JSON.
    other: Option<Arc<OtherBody>>,
}

/// Why a 2xx is no success.
enum Problem {
    /// The vendor says that it refused the call.
    RefusedByVendor,
    /// It cannot be read as what the document promises; in words that follow "it".
    NotUnderstood(&'static str),
}

impl Response {
    /// Finds the payload. A 200 whose envelope says `success: false` is an error, and so is one from which a call
    /// that creates something or moves money cannot read what it was promised.
    pub(crate) fn new(
        response: BufferedResponse,
        operation: &'static Operation,
        envelope: Option<&'static Envelope>,
    ) -> Result<Self, Error> {
        Self::opened(response, operation, envelope)?.if_certain(operation)
    }

    fn opened(
        response: BufferedResponse,
        operation: &'static Operation,
        envelope: Option<&'static Envelope>,
    ) -> Result<Self, Error> {
        if operation.returns.form != ResponseForm::Json {
            return Ok(Self::of_form(response, operation.returns.form));
        }
        match operation.returns.body(response.status) {
            Some(SuccessBody::Nothing) => return Self::undeclared(response, operation, false),
            None if forms::is_open(operation, response.status) => {
                return Self::undeclared(response, operation, true);
            }
            Some(SuccessBody::Payload | SuccessBody::Own(_)) | None => {}
        }
        let (status, headers, ReadBody { document, is_utf8 }) = response.read();
        let mut response = Self::unopened(status, headers, document);
        let problem = if is_utf8 {
            response.find_payload(operation, envelope).err()
        } else {
            Some(Problem::NotUnderstood("is not UTF-8 text"))
        };
        match problem {
            None => Ok(response),
            Some(Problem::RefusedByVendor) => Err(response.refused(operation)),
            Some(Problem::NotUnderstood(problem)) => {
                Err(response.not_understood(operation, problem))
            }
        }
    }

    /// A response whose payload has not been looked for.
    fn unopened(status: u16, headers: HeaderMap, document: Document) -> Self {
        let document = Arc::new(document);
        let (payload, message, total) = Default::default();
        Self { status, headers, document, payload, message, total, is_replay: false, other: None }
    }

    fn find_payload(
        &mut self,
        operation: &Operation,
        envelope: Option<&Envelope>,
    ) -> Result<(), Problem> {
        let ty = operation.response_under(self.status);
        if self.text().trim().is_empty() && !matches!(operation.wrap, Wrap::Records | Wrap::At(_)) {
            // Nothing is a legitimate response to a delete, and no reason to lose the news that it worked.
            return if is_promised(operation, ty) {
                Err(Problem::NotUnderstood("has no body"))
            } else {
                Ok(())
            };
        }
        if let Some(problem) = self.document.problem() {
            if !is_list(operation) && self.is_text_instead(operation, ty) {
                self.keep_as_text();
                return Ok(());
            }
            return Err(Problem::NotUnderstood(problem));
        }
        match (operation.wrap, envelope) {
            (Wrap::At(path), _) => self.find_list(path, envelope)?,
            (Wrap::Bare, _) | (_, None) => self.payload = self.whole(),
            (_, Some(envelope)) => self.open(operation, envelope)?,
        }
        if let Paging::Followed(follow) = operation.paging {
            let root = RawJson::root(&self.document);
            let total = root
                .and_then(|root| root.within(follow.total))
                .filter(|_| !follow.total.is_empty());
            self.total =
                total.and_then(RawJson::as_integer).and_then(|total| total.try_into().ok());
        }
        if is_list(operation)
            && matches!(operation.response, Type::Object(_))
            && self.payload().is_some_and(holds_others)
        {
            return Err(Problem::NotUnderstood("has records of another shape"));
        }
        if is_promised(operation, ty) {
            let payload = self.payload();
            match (payload, payload.map_or(ty, |payload| payload.concrete(ty))) {
                (None, _) => return Err(Problem::NotUnderstood("has no payload")),
                (Some(payload), Type::Object(schema)) if !has_field_of(payload, schema) => {
                    return Err(Problem::NotUnderstood("has none of the fields that are promised"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Finds a list that is within the body. One that is missing is no empty list.
    fn find_list(&mut self, path: Path, envelope: Option<&Envelope>) -> Result<(), Problem> {
        let document = self.document.clone();
        let root = RawJson::root(&document).ok_or(Problem::NotUnderstood("has no body"))?;
        if envelope.and_then(|names| root.get(names.success)?.as_bool()) == Some(false) {
            return Err(Problem::RefusedByVendor);
        }
        let list = root.within(path).ok_or(Problem::NotUnderstood("has no list of records"))?;
        self.payload = (!list.is_null()).then(|| list.position());
        Ok(())
    }

    /// Reads the envelope.
    fn open(&mut self, operation: &Operation, envelope: &Envelope) -> Result<(), Problem> {
        let document = self.document.clone();
        let root = RawJson::root(&document)
            .filter(|root| root.kind() == Kind::Object)
            .ok_or(Problem::NotUnderstood("has no envelope"))?;
        let payload_name =
            if operation.wrap == Wrap::Records { envelope.records } else { envelope.data };
        // Whether it succeeded; where it does not say, a call that changes nothing is read all the same.
        let mut succeeded = operation.replay.is_repeatable().then_some(true);
        for (name, value) in root.entries() {
            if name == payload_name {
                self.payload = (!value.is_null()).then(|| value.position());
            } else if name == envelope.success && !value.is_null() {
                succeeded = value.as_bool();
            } else if name == envelope.message {
                self.message = value.as_text().map(Cow::into_owned);
            } else if name == envelope.total {
                self.total = value.as_integer().and_then(|total| total.try_into().ok());
            }
        }
        if self.payload.is_none() && is_list(operation) && holds_records(root, 1) {
            return Err(Problem::NotUnderstood("has its records where the document has none"));
        }
        match succeeded {
            Some(true) => Ok(()),
            Some(false) => Err(Problem::RefusedByVendor),
            None => Err(Problem::NotUnderstood("does not say that the call succeeded")),
        }
    }

    /// The error where the response is not what the document says; `problem` follows "it". Where the call creates
    /// something or moves money, nobody knows what became of it.
    pub(crate) fn not_understood(self, operation: &'static Operation, problem: &str) -> Error {
        let Self { status, headers, document, .. } = self;
        let hint = if is_web_page(&headers, document.text()) {
            " (it is a web page and no response of the API: check the base URL)"
        } else {
            ""
        };
        let what = format!(
            "the vendor answered {status}, but the response was not understood: it {problem}{hint}"
        );
        let error = unusable(what, operation.replay, operation.reconcile);
        let text = document.text().to_owned();
        error.with_operation(operation.name).with_response(status, headers, text)
    }

    /// `success: false` under a good status.
    fn refused(self, operation: &'static Operation) -> Error {
        let Self { status, headers, document, .. } = self;
        let vendor = ErrorBody::read(&document);
        let words = vendor.message.as_deref().unwrap_or("no reason given");
        Error::new(ErrorKind::Api, format!("the vendor refused the call: {words}"))
            .with_operation(operation.name)
            .with_error_body(vendor.code, vendor.detail)
            .with_response(status, headers, document.text().to_owned())
    }

    /// Whether the record says that what was asked for was not done, and will not be, `x-payglot-outcome` of its model.
    /// False for reads: they did what was asked for.
    pub fn has_failed(&self, operation: &Operation) -> bool {
        self.failed_status(operation).is_some()
    }

    /// The status that says so.
    fn failed_status(&self, operation: &Operation) -> Option<&'static str> {
        if operation.replay == Replay::Read {
            return None;
        }
        let ty = operation.response_under(self.status);
        let Type::Object(Schema { outcome: Some(outcome), .. }) = ty else {
            return None;
        };
        let status = self.payload()?.get(outcome.field)?.as_text()?;
        outcome.failed.iter().copied().find(|failed| *failed == status)
    }

    /// An error instead of a record that says that what was asked for was not done.
    pub(crate) fn or_failed(self, operation: &'static Operation) -> Result<Self, Error> {
        let Some(status) = self.failed_status(operation) else { return Ok(self) };
        let message = format!(
            "the vendor took the request, and its record says `{status}`: nothing was done, and nothing will be. Read `record`; \
             to try again is a new request"
        );
        let error = Error::new(ErrorKind::PaymentFailed, message).with_operation(operation.name);
        let Self { status, headers, document, payload, .. } = self;
        let error = error.with_response(status, headers, document.text().to_owned());
        Err(match payload {
            Some(record) => error.with_record(document, record),
            None => error,
        })
    }

    /// A response of which only this JSON is kept.
    #[doc(hidden)]
    pub fn of_json(status: u16, headers: HeaderMap, json: &str) -> Self {
        let mut response = Self::unopened(status, headers, Document::new(json));
        response.payload = response.whole();
        response
    }

    /// Takes the body as it is, for calls outside the document.
    pub(crate) fn untyped(response: BufferedResponse) -> Self {
        let (status, headers, body) = response.read();
        let mut response = Self::unopened(status, headers, body.document);
        response.payload = response.whole();
        response
    }

    /// The whole document as the payload, unless it is null.
    fn whole(&self) -> Option<NodeId> {
        RawJson::root(&self.document).filter(|root| !root.is_null()).map(RawJson::position)
    }

    /// The whole body as JSON; none where it is none.
    pub(crate) fn root(&self) -> Option<RawJson<'_>> {
        RawJson::root(&self.document)
    }

    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Whether a journal had the response of an earlier call under the same intent, and nothing was sent. Its fields are
    /// less those that are sensitive, its only header is the request id.
    pub fn is_replay(&self) -> bool {
        self.is_replay
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

    /// The whole body as text; empty where it is bytes that are none. It may hold personal data: do not log it.
    pub fn text(&self) -> &str {
        match self.other.as_deref() {
            None | Some(OtherBody::Json) => self.document.text(),
            Some(OtherBody::Text(text)) => text,
            Some(OtherBody::Bytes(bytes)) => std::str::from_utf8(bytes).unwrap_or_default(),
        }
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
    Response::new(
        BufferedResponse { status, headers: HeaderMap::new(), body, document: None },
        operation,
        envelope,
    )
}

/// The error of a call that succeeded and whose response cannot be used; `what` says why not. Where the call creates something
/// or moves money, nobody knows what became of it.
pub(crate) fn unusable(what: String, replay: Replay, reconcile: &'static str) -> Error {
    if replay.is_repeatable() {
        return Error::new(ErrorKind::ResponseFormat, what)
            .with_may_have_happened(replay != Replay::Read);
    }
    let message = format!(
        "{what}. The call may have taken effect; it was not sent again. Before you try again: {reconcile}"
    );
    Error::new(ErrorKind::OutcomeUnknown, message).with_reconcile(reconcile)
}

/// Whether a response without a payload leaves a caller without what it pays for: a call that creates something or
/// moves money, and whose response has a model.
fn is_promised(operation: &Operation, ty: Type) -> bool {
    !operation.replay.is_repeatable()
        && matches!(ty, Type::Object(_) | Type::List(_) | Type::Map(_) | Type::Union(_))
}

/// Whether an operation's payload is a list.
pub(crate) fn is_list(operation: &Operation) -> bool {
    operation.wrap == Wrap::Records || !matches!(operation.paging, Paging::None)
}

/// Whether a list has items that are no objects: left out in silence, the list would be short.
fn holds_others(list: RawJson<'_>) -> bool {
    list.items().any(|item| !matches!(item.kind(), Kind::Object | Kind::Null))
}

/// Whether a list of objects is among the values of an object, or of an object within it.
fn holds_records(object: RawJson<'_>, depth: usize) -> bool {
    object.entries().any(|(_, value)| match value.kind() {
        Kind::List => value.items().next().is_some_and(|item| item.kind() == Kind::Object),
        Kind::Object => depth > 0 && holds_records(value, depth - 1),
        _ => false,
    })
}

/// Whether an object has at least one field that the model knows. What is no object is another shape altogether, which
/// whoever decodes it finds out.
fn has_field_of(payload: RawJson<'_>, schema: &Schema) -> bool {
    payload.kind() != Kind::Object
        || schema.fields.is_empty()
        || payload.entries().any(|(name, _)| schema.position(&name, 0).is_some())
}

/// Whether a text is a web page, as servers respond with that know nothing of the API.
pub(crate) fn is_web_page(headers: &HeaderMap, text: &str) -> bool {
    let text = text.trim_start();
    let media_type =
        headers.get(http::header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    let is_html = media_type.get(..9).is_some_and(|start| start.eq_ignore_ascii_case(b"text/html"));
    text.starts_with('<') || (text.is_empty() && is_html)
}

/// Some servers begin with a byte order mark, which is no JSON.
fn without_bom(text: String) -> String {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}
