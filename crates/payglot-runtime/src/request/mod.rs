//! Checks what a caller gave against the tables and writes the request.
//!
//! Nothing is sent that is known to be wrong: the error names the argument and the way out, and never repeats
//! the value. Fields are written in the document's order, so that every language sends the same bytes.

use std::borrow::Cow;
use std::fmt::Write as _;

use bytes::Bytes;

use crate::error::Error;
use crate::input::{FloatMoney, Input};
use crate::schema::{Field, Operation, Type};

mod scalars;
mod values;

use values::Encoder;

/// A checked request, ready to be sent any number of times.
#[derive(Clone, Default)]
pub struct Args {
    path: Vec<String>,
    /// The values of each parameter; none where it was left out.
    query: Vec<Vec<String>>,
    body: Body,
}

/// The exact bytes of a JSON body, shared by the attempts of a call.
#[derive(Clone, Default)]
pub struct Body(Bytes);

impl Body {
    /// A body that is written already.
    pub(crate) fn new(json: String) -> Self {
        Self(json.into())
    }

    pub(crate) fn bytes(&self) -> Bytes {
        self.0.clone()
    }
}

impl Args {
    /// The path parameter at a position; [`prepare`] has made sure that it is there.
    pub fn path(&self, position: usize) -> &str {
        self.path.get(position).map_or("", String::as_str)
    }

    /// The query parameter at a position; empty when it was left out.
    pub fn query(&self, position: usize) -> &str {
        self.query_option(position).unwrap_or("")
    }

    /// The query parameter at a position, where it was given.
    pub fn query_option(&self, position: usize) -> Option<&str> {
        self.query.get(position)?.first().map(String::as_str)
    }

    /// The values of the query parameter at a position, which can be given several times.
    pub fn query_list(&self, position: usize) -> &Vec<String> {
        const NONE: &Vec<String> = &Vec::new();
        self.query.get(position).unwrap_or(NONE)
    }

    /// The values of the query parameter at a position, where there are any.
    pub fn query_list_option(&self, position: usize) -> Option<&Vec<String>> {
        self.query.get(position).filter(|values| !values.is_empty())
    }

    /// The body.
    pub fn body(&self) -> &Body {
        &self.body
    }
}

/// Checks the arguments of a call. `params` holds query and body fields together: their names never collide.
pub fn prepare(
    operation: &'static Operation,
    path: &[Cow<'_, str>],
    params: &[(Cow<'_, str>, Input<'_>)],
    floats: FloatMoney,
) -> Result<Args, Error> {
    prepare_parts(operation, path, params, floats)
        .map_err(|error| error.with_operation(operation.name))
}

fn prepare_parts(
    operation: &'static Operation,
    path: &[Cow<'_, str>],
    params: &[(Cow<'_, str>, Input<'_>)],
    floats: FloatMoney,
) -> Result<Args, Error> {
    let mut args = Args::default();
    for (position, field) in operation.path_params.iter().enumerate() {
        let value =
            path.get(position).ok_or_else(|| Error::invalid_request(field.name, "is missing"))?;
        args.path.push(path_segment(field, value)?);
    }
    if path.len() > operation.path_params.len() {
        let expected = operation.path_params.len();
        return Err(Error::invalid_request(
            "arguments",
            format!("are too many: the call takes {expected} positional"),
        ));
    }
    let mut encoder = Encoder { floats, at: String::new() };
    for field in operation.query {
        let given = params.iter().find(|(name, _)| is_asked(operation, field, name));
        args.query.push(encoder.query(field, given.map(|(_, value)| value))?);
    }
    let is_query =
        |name: &str| operation.query.iter().any(|field| is_asked(operation, field, name));
    if let Some(schema) = operation.body {
        let rest: Vec<_> = params.iter().filter(|(name, _)| !is_query(name)).collect();
        let mut out = String::with_capacity(128);
        encoder.object(&mut out, schema, &rest)?;
        args.body = Body::new(out);
    } else if let Some((name, _)) = params.iter().find(|(name, _)| !is_query(name)) {
        return Err(unknown(name));
    }
    Ok(args)
}

/// Percent-encodes a path parameter: everything but RFC 3986's unreserved characters. URL rules take a backslash
/// for a slash, so nothing is left to them.
pub fn encode_path(text: &str) -> Cow<'_, str> {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if text.bytes().all(unreserved) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if unreserved(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out.into()
}

/// Adds a parameter to path and query, in the form encoding.
pub(crate) fn push_query(target: &mut String, name: &str, value: &str) {
    target.push(if target.contains('?') { '&' } else { '?' });
    target.extend(form_urlencoded::byte_serialize(name.as_bytes()));
    target.push('=');
    target.extend(form_urlencoded::byte_serialize(value.as_bytes()));
}

fn path_segment(field: &Field, value: &str) -> Result<String, Error> {
    // A dot segment would be folded away by URL rules and reach another path.
    if value.is_empty() || value == "." || value == ".." {
        return Err(Error::invalid_request(
            field.name,
            "must be an identifier: it is empty or a dot segment",
        ));
    }
    if matches!(field.ty, Type::Uuid) && uuid::Uuid::try_parse(value).is_err() {
        return Err(Error::invalid_request(field.name, "must be a UUID"));
    }
    Ok(value.to_owned())
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

fn unknown(name: &str) -> Error {
    Error::invalid_request(name.to_owned(), "is not an argument of this call")
}
