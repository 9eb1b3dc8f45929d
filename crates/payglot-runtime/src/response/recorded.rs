//! What of a response may be written down, and the response that is made of it again.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Response, is_list};
use crate::json::{Document, Kind, RawJson, write_name};
use crate::schema::{Operation, Schema, Type};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is kept of a response: no field that is sensitive, none that its model does not know, and no header but the
/// request id.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RecordedResponse {
    /// HTTP status.
    pub status: u16,
    /// Identifier of the request, where the vendor sends one.
    pub request_id: Option<String>,
    /// The payload as JSON; `None` where it was null, or where there is no model of it.
    pub payload: Option<String>,
}

/// Shows no payload.
impl std::fmt::Debug for RecordedResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordedResponse").field("status", &self.status).finish_non_exhaustive()
    }
}

impl RecordedResponse {
    /// What may be written down of a value, as JSON.
    pub(crate) fn json_of(value: RawJson<'_>, ty: Type) -> Option<String> {
        let mut out = String::new();
        write(&mut out, value, ty).then_some(out)
    }
}

impl Response {
    /// What may be written down of it. A call outside the document has no operation, and keeps its status alone.
    pub(crate) fn recorded(&self, operation: Option<&Operation>) -> RecordedResponse {
        let payload = operation.and_then(|operation| {
            let payload = self.payload()?;
            let ty = operation.response_under(self.status);
            let mut out = String::new();
            let is_written = if is_list(operation) && payload.kind() == Kind::List {
                write_items(&mut out, payload, ty);
                true
            } else {
                write(&mut out, payload, ty)
            };
            is_written.then_some(out)
        });
        RecordedResponse { status: self.status, request_id: self.request_id(), payload }
    }

    /// The response of a call that was made before. Its text is what was written down.
    pub(crate) fn replayed(recorded: RecordedResponse) -> Self {
        let RecordedResponse { status, request_id, payload } = recorded;
        let mut headers = HeaderMap::new();
        if let Some(id) = request_id.and_then(|id| HeaderValue::try_from(id).ok()) {
            headers.insert(REQUEST_ID, id);
        }
        let document = Document::new(payload.unwrap_or_default());
        let mut response = Self { is_replay: true, ..Self::unopened(status, headers, document) };
        response.payload = response.whole();
        response
    }
}

/// Writes what may be written of a value; gives whether anything was.
fn write(out: &mut String, value: RawJson<'_>, ty: Type) -> bool {
    match (ty, value.kind()) {
        (_, Kind::Null) => out.push_str("null"),
        (Type::Object(schema), Kind::Object) => {
            write_object(out, value, |name| harmless(schema, name));
        }
        (Type::List(item), Kind::List) => write_items(out, value, *item),
        (Type::Map(item), Kind::Object) => write_object(out, value, |_| Some(*item)),
        // A value without a model, or of another shape than its model's, may hold what must not be written.
        (Type::Any | Type::Object(_) | Type::List(_) | Type::Map(_) | Type::File, _)
        | (_, Kind::Object | Kind::List) => {
            return false;
        }
        _ => out.push_str(value.json()),
    }
    true
}

/// Writes an object; a field without a type is left out.
fn write_object(out: &mut String, value: RawJson<'_>, type_of: impl Fn(&str) -> Option<Type>) {
    out.push('{');
    for (name, value) in value.entries() {
        let Some(ty) = type_of(&name) else { continue };
        let length = out.len();
        write_name(out, &name);
        if !write(out, value, ty) {
            out.truncate(length);
        }
    }
    out.push('}');
}

/// The type of a field that may be written down.
fn harmless(schema: &Schema, name: &str) -> Option<Type> {
    let field = schema.fields.get(schema.position(name, 0)?)?;
    (!field.sensitive).then_some(field.ty)
}

fn write_items(out: &mut String, list: RawJson<'_>, item: Type) {
    out.push('[');
    let mut is_first = true;
    for value in list.items() {
        let length = out.len();
        if !is_first {
            out.push(',');
        }
        if write(out, value, item) {
            is_first = false;
        } else {
            out.truncate(length);
        }
    }
    out.push(']');
}
