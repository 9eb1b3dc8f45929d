//! Checks requests against the operation tables and collects every problem, as FastAPI does.

mod scalar;
mod strict;
mod unions;
mod walk;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use payglot::schema::{BodyForm, Field, Operation, Schema, Type};
use serde_json::{Map, Number, Value};

pub(crate) use strict::undeclared;

use super::{Call, Fault, PathValues, Problem};
use query::{form_object, header_object, query_object};
use walk::Walk;

/// Checks path, query and body of a request, in this order.
pub(crate) fn request(
    operation: &Operation,
    path: PathValues,
    parts: &Parts,
    bytes: &Bytes,
) -> Result<Call, Vec<Problem>> {
    let mut walk = Walk::at("path");
    walk.fields(operation.path_params, &path_object(operation.path_params, &path));
    let mut problems = walk.problems;

    let raw_query = parts.uri.query().unwrap_or_default();
    let mut query = query_object(operation.query, raw_query);
    query.extend(header_object(operation.query, &parts.headers));
    let mut walk = Walk::at("query");
    walk.fields(operation.query, &query);
    problems.extend(walk.problems);

    let body = match operation
        .body
        .map(|schema| body_of(operation, schema, &parts.headers, bytes))
        .transpose()
    {
        Ok(body) => body.unwrap_or_default(),
        Err(body_problems) => {
            problems.extend(body_problems);
            Map::new()
        }
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let (raw_query, raw_body) = (raw_query.to_owned(), bytes.clone());
    Ok(Call { path, query, body, raw_query, raw_body })
}

/// Checks a body in the form that the operation has.
fn body_of(
    operation: &Operation,
    schema: &Schema,
    headers: &HeaderMap,
    bytes: &[u8],
) -> Result<Map<String, Value>, Vec<Problem>> {
    let whole = |object: Map<String, Value>| {
        let mut walk = Walk::at("body");
        let value = Value::Object(object);
        walk.object(schema, &value);
        match value {
            Value::Object(object) if walk.problems.is_empty() => Ok(object),
            _ => Err(walk.problems),
        }
    };
    match operation.content.form {
        BodyForm::Object => body(schema, headers, bytes),
        BodyForm::Value if bytes.is_empty() => whole(Map::new()),
        BodyForm::Value => {
            let value = serde_json::from_slice(bytes);
            let value = value.map_err(|error| vec![Problem::json_invalid(&error)])?;
            let name = schema.fields.first().map_or("body", |field| field.wire);
            whole(Map::from_iter([(name.to_owned(), value)]))
        }
        BodyForm::Form(styles) => {
            if let Some(other) = foreign(headers, operation.content.media_type) {
                let mut walk = Walk::at("body");
                walk.report(Fault::not_json(other), Value::Null);
                return Err(walk.problems);
            }
            whole(form_object(schema.fields, styles, &String::from_utf8_lossy(bytes)))
        }
        // No vendor here takes files: what is in them is not looked at.
        BodyForm::Multipart(_) | BodyForm::Bytes => Ok(Map::new()),
    }
}

/// The content type, where there is one and it is not the one that is wanted.
fn foreign<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().unwrap_or("not text");
    let essence = text.split(';').next().unwrap_or_default().trim();
    (!essence.eq_ignore_ascii_case(wanted)).then_some(text)
}

/// Checks a JSON body.
pub(crate) fn body(
    schema: &Schema,
    headers: &HeaderMap,
    bytes: &[u8],
) -> Result<Map<String, Value>, Vec<Problem>> {
    let mut walk = Walk::at("body");
    if bytes.is_empty() && schema.fields.is_empty() {
        return Ok(Map::new());
    }
    if bytes.is_empty() {
        walk.report(Fault::missing(), Value::Null);
        return Err(walk.problems);
    }
    if let Some(other) = foreign_content_type(headers) {
        walk.report(Fault::not_json(other), Value::Null);
        return Err(walk.problems);
    }
    let value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => return Err(vec![Problem::json_invalid(&error)]),
    };
    walk.object(schema, &value);
    match value {
        Value::Object(object) if walk.problems.is_empty() => Ok(object),
        _ => Err(walk.problems),
    }
}

/// The content type, where there is one and it is not JSON.
fn foreign_content_type(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::CONTENT_TYPE)?.to_str().unwrap_or("not text");
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = essence == "application/json" || essence.ends_with("+json");
    (!is_json).then_some(text)
}

fn path_object(fields: &[Field], values: &PathValues) -> Map<String, Value> {
    let read = |field: &Field| {
        Some((field.wire.to_owned(), from_text(&field.ty, values.get(field.wire)?)))
    };
    fields.iter().filter_map(read).collect()
}

/// A path or query value as JSON. A text that cannot be converted stays text, and the check then reports it.
fn from_text(ty: &Type, text: &str) -> Value {
    let number = || text.parse::<Number>().ok().map(Value::Number);
    let value = match ty {
        Type::Union(union) => {
            let mut members = union.members.iter().map(|member| from_text(member, text));
            members.find(|value| !value.is_string())
        }
        Type::Boolean => text.parse().ok().map(Value::Bool),
        Type::Integer | Type::Number | Type::Money(_) => number(),
        _ => None,
    };
    value.unwrap_or_else(|| Value::String(text.to_owned()))
}

mod query;
#[cfg(test)]
mod tests;
