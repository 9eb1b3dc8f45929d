//! Checks what a caller gave against the tables and writes the request.
//!
//! Nothing is sent that is known to be wrong: the error names the argument and the way out, and never repeats
//! the value. Fields are written in the document's order, so that every language sends the same bytes.

use std::borrow::Cow;
use std::fmt::Write as _;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE};
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Method};

use crate::error::Error;
use crate::json::{FloatMoney, Value};
use crate::schema::{BodyForm, Content, Field, Operation, ParameterStyle, Type};

mod currency;
mod file;
mod form;
mod headers;
mod model;
mod multipart;
mod names;
#[cfg(feature = "progenitor")]
pub mod progenitor;
mod query;
mod remember;
mod scalars;
mod stored;
mod to_value;
mod unions;
mod values;

pub use file::MAX_BODY_BYTES;
pub use model::{RequestModel, not_set, serialize_request};
pub use names::closest;
pub(crate) use query::push_query;
pub(crate) use remember::remember;
pub use remember::{Spend, paid_from, spend};
pub use stored::{FromStored, StoredFields, deserialize_request};
pub use to_value::{Nullable, PathParam, ToValue};
use values::Encoder;

/// Longest path parameter, in bytes: a URI holds 64 KiB, three bytes for each that must be encoded.
const LONGEST_SEGMENT: usize = 8 * 1024;

/// A checked request, ready to be sent any number of times. The base path of the host is not in it.
#[derive(Clone)]
pub struct PreparedRequest {
    pub(crate) method: Method,
    /// Path and query as they leave, percent-encoded.
    pub(crate) target: PathAndQuery,
    /// The exact bytes of the body, shared by the attempts of a call.
    pub(crate) body: Option<Bytes>,
    /// The body's media type.
    pub(crate) media_type: &'static str,
    /// Headers that are arguments of the call.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl PreparedRequest {
    /// A request outside the document.
    pub(crate) fn new(method: Method, target: String, body: Option<String>) -> Result<Self, Error> {
        let target = PathAndQuery::from_maybe_shared(Bytes::from(target)).map_err(|_| {
            Error::invalid_request("path", "cannot be sent: it is too long, or not a path")
        })?;
        Ok(Self {
            method,
            target,
            body: body.map(Bytes::from),
            media_type: Content::JSON.media_type,
            headers: Vec::new(),
        })
    }

    /// The same with further query parameters, which must not be its own; nothing where there are none.
    pub(crate) fn with_query(
        &self,
        extra: &[(String, String)],
        operation: &Operation,
    ) -> Result<Option<Box<Self>>, Error> {
        if extra.is_empty() {
            return Ok(None);
        }
        let invalid = |problem: String| {
            Error::invalid_request("extra_query", problem).with_operation(operation.name)
        };
        let own = self.target.query().unwrap_or_default();
        let mut target = self.target.as_str().to_owned();
        for (name, value) in extra {
            let is_own = |(known, _): (Cow<'_, str>, _)| known == name.as_str();
            if form_urlencoded::parse(own.as_bytes()).any(is_own) {
                return Err(invalid(format!("must not hold {name}, which the call has already")));
            }
            push_query(&mut target, name, value);
        }
        let target = PathAndQuery::from_maybe_shared(Bytes::from(target))
            .map_err(|_| invalid("is too long".to_owned()))?;
        Ok(Some(Box::new(Self { target, ..self.clone() })))
    }

    /// The HTTP method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Path and query, percent-encoded, without the base path of a host.
    pub fn target(&self) -> &PathAndQuery {
        &self.target
    }

    /// Headers that are arguments of the call.
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// The body, where there is one.
    pub fn body(&self) -> Option<&Bytes> {
        self.body.as_ref()
    }
}

/// Checks the arguments of a call. `params` holds query and body fields together: their names never collide.
pub fn prepare(
    operation: &'static Operation,
    path: &[Cow<'_, str>],
    params: &[(Cow<'_, str>, Value<'_>)],
    floats: FloatMoney,
) -> Result<PreparedRequest, Error> {
    prepare_parts(operation, path, params, floats)
        .map_err(|error| error.with_operation(operation.name))
}

fn prepare_parts(
    operation: &'static Operation,
    path: &[Cow<'_, str>],
    params: &[(Cow<'_, str>, Value<'_>)],
    floats: FloatMoney,
) -> Result<PreparedRequest, Error> {
    if path.len() > operation.path_params.len() {
        let expected = operation.path_params.len();
        return Err(Error::invalid_request(
            "arguments",
            format!("are too many: the call takes {expected} positional"),
        ));
    }
    let mut target = String::with_capacity(operation.path.len() + 64);
    write_path(&mut target, operation, path, floats)?;
    let mut encoder = Encoder::new(floats);
    let mut headers = Vec::new();
    let mut cookies = String::new();
    for field in operation.query {
        let given = params.iter().find(|(name, _)| is_asked(operation, field, name));
        let given = given.map(|(_, value)| value);
        match field.style {
            ParameterStyle::Header => headers.extend(headers::header(&mut encoder, field, given)?),
            ParameterStyle::Cookie => headers::cookie(&mut cookies, &mut encoder, field, given)?,
            _ => query::push(&mut target, &mut encoder, field, given)?,
        }
    }
    if let Ok(value) = HeaderValue::from_str(&cookies)
        && !cookies.is_empty()
    {
        headers.push((COOKIE, value));
    }
    if let Some(accept) = operation.returns.accept {
        headers.push((ACCEPT, HeaderValue::from_static(accept)));
    }
    let is_query =
        |name: &str| operation.query.iter().any(|field| is_asked(operation, field, name));
    let mut body = None;
    if let Some(schema) = operation.body {
        let rest: Vec<_> = params.iter().filter(|(name, _)| !is_query(name)).collect();
        let mut out = String::with_capacity(128);
        encoder.takes_text = is_bytes_of_text(operation.content);
        encoder.object(&mut out, (schema.fields, schema.open), &rest)?;
        body = match operation.content.form {
            BodyForm::Object => Some(out.into()),
            BodyForm::Value => form::value(&out, schema).map(Bytes::from),
            BodyForm::Form(styles) => Some(form::pairs(&out, styles)?.into()),
            BodyForm::Multipart(parts) => {
                let form = (operation.content.media_type, parts);
                let (body, kind) = multipart::body(&out, schema, form, &encoder.files)?;
                headers.push(content_type(&kind)?);
                Some(body)
            }
            BodyForm::Bytes => match encoder.files.first() {
                None => None,
                Some(file) => {
                    let declared = operation.content.media_type;
                    headers.push(content_type(&file::content_type(file, declared, "body")?)?);
                    Some(file::bytes(file, "body")?)
                }
            },
        };
    } else if let Some((name, _)) = params.iter().find(|(name, _)| !is_query(name)) {
        let known: Vec<_> =
            operation.query.iter().map(|field| names::name_of(field, floats)).collect();
        return Err(names::unknown(name, &known));
    }
    let method = Method::from_bytes(operation.method.as_bytes())
        .map_err(|_| Error::invalid_request("method", "is not an HTTP method"))?;
    let media_type = operation.content.media_type;
    Ok(PreparedRequest { body, media_type, headers, ..PreparedRequest::new(method, target, None)? })
}

/// The header for a content type that is not the same for all calls of an operation. It replaces the one of the operation.
fn content_type(kind: &str) -> Result<(HeaderName, HeaderValue), Error> {
    let value = HeaderValue::from_str(kind)
        .map_err(|_| Error::invalid_request("body", "has a content type that is none"))?;
    Ok((CONTENT_TYPE, value))
}

/// Whether the bytes of a body are a text, so that a text can be given for them.
fn is_bytes_of_text(content: Content) -> bool {
    let kind = content.media_type;
    content.form == BodyForm::Bytes
        && (kind.starts_with("text/") || kind.contains("xml") || kind.contains("json"))
}

/// Fills the operation's path template.
fn write_path(
    target: &mut String,
    operation: &Operation,
    path: &[Cow<'_, str>],
    floats: FloatMoney,
) -> Result<(), Error> {
    let missing = |name: &str| Error::invalid_request(name.to_owned(), "is missing");
    for (field, value) in
        operation.path_params.iter().zip(path.iter().map(Some).chain(std::iter::repeat(None)))
    {
        let name = || names::path_name(field, floats);
        check_segment(field, name, value.ok_or_else(|| missing(&name()))?)?;
    }
    let mut rest = operation.path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let position = operation.path_params.iter().position(|field| field.wire == name);
        let value =
            position.and_then(|position| path.get(position)).ok_or_else(|| missing(name))?;
        target.push_str(before);
        target.push_str(&encode_path(value));
        rest = after;
    }
    target.push_str(rest);
    Ok(())
}

/// Percent-encodes a path parameter: everything but RFC 3986's unreserved characters. URL rules take a backslash
/// for a slash, so nothing is left to them.
pub fn encode_path(text: &str) -> Cow<'_, str> {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if text.bytes().all(unreserved) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    push_encoded(&mut out, text, unreserved);
    out.into()
}

/// Percent-encodes all bytes but those that stay.
fn push_encoded(out: &mut String, text: &str, stays: impl Fn(u8) -> bool) {
    for byte in text.bytes() {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

fn check_segment(field: &Field, name: impl FnOnce() -> String, value: &str) -> Result<(), Error> {
    // A dot segment would be folded away by URL rules and reach another path.
    if value.is_empty() || value == "." || value == ".." {
        return Err(Error::invalid_request(
            name(),
            "must be an identifier: it is empty or a dot segment",
        ));
    }
    if matches!(field.ty, Type::Uuid) && uuid::Uuid::try_parse(value).is_err() {
        return Err(Error::invalid_request(name(), "must be a UUID"));
    }
    if value.len() > LONGEST_SEGMENT {
        return Err(Error::invalid_request(
            name(),
            format!("must be an identifier: it is longer than {LONGEST_SEGMENT} bytes"),
        ));
    }
    Ok(())
}

/// Whether an argument means this query parameter: a name that the body has too is the body's.
fn is_asked(operation: &Operation, field: &Field, name: &str) -> bool {
    field.name == name
        || field.wire == name && !operation.body.is_some_and(|schema| is_known(schema.fields, name))
}

fn matches(field: &Field, name: &str) -> bool {
    field.wire == name || field.name == name
}

fn is_known(fields: &[Field], name: &str) -> bool {
    fields.iter().any(|field| matches(field, name))
}
