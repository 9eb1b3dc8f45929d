//! The additional checks of a strict sandbox: input that the document does not declare is an error.

use axum::http::request::Parts;
use payglot::schema::{Auth, Operation, Provider, Replay, Schema, Type};
use serde_json::{Value, json};

use super::walk::Walk;
use super::{foreign_content_type, unions};
use crate::operation::idempotency;
use crate::operation::{Fault, Problem};

/// Fields, query parameters and headers of a request that is valid otherwise.
pub(crate) fn undeclared(
    provider: &Provider,
    operation: &Operation,
    parts: &Parts,
    bytes: &[u8],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut extra =
        |at: &[Value]| problems.push(Problem::new(Fault::extra(), at.to_vec(), Value::Null));

    let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    for (name, _) in query {
        let is_key = is_key(&provider.auth, &name);
        if !is_key
            && !operation.query.iter().any(|field| field.wire == name && field.style.is_query())
        {
            extra(&[json!("query"), json!(name)]);
        }
    }
    if operation.replay != Replay::Keyed && parts.headers.contains_key(idempotency::HEADER) {
        extra(&[json!("header"), json!(idempotency::HEADER)]);
    }
    match operation.body {
        None if !bytes.is_empty() => extra(&[json!("body")]),
        Some(schema) => {
            let value = serde_json::from_slice(bytes).unwrap_or_default();
            object(schema, &value, &mut vec![json!("body")], &mut extra);
        }
        None => {}
    }
    let is_untyped = !bytes.is_empty() && foreign_content_type(&parts.headers).is_none();
    if is_untyped && !parts.headers.contains_key(axum::http::header::CONTENT_TYPE) {
        problems.push(Problem::new(Fault::not_json("missing"), vec![json!("body")], Value::Null));
    }
    problems
}

fn object(schema: &Schema, value: &Value, at: &mut Vec<Value>, extra: &mut impl FnMut(&[Value])) {
    for (name, value) in value.as_object().into_iter().flatten() {
        at.push(json!(name));
        match schema.fields.iter().find(|field| field.wire == name) {
            Some(field) => inner(&field.ty, value, at, extra),
            None if schema.open => {}
            None => extra(at),
        }
        at.pop();
    }
}

fn inner(ty: &Type, value: &Value, at: &mut Vec<Value>, extra: &mut impl FnMut(&[Value])) {
    match ty {
        Type::Object(schema) => object(schema, value, at, extra),
        Type::List(item) => {
            for (position, value) in value.as_array().into_iter().flatten().enumerate() {
                at.push(json!(position));
                inner(item, value, at, extra);
                at.pop();
            }
        }
        Type::Union(union) => {
            // It is valid: nothing is reported.
            let member = unions::check(&mut Walk::at("body"), union, (false, 0), value);
            if let Some(member) = member.filter(|member| !matches!(member, Type::Union(_))) {
                inner(&member, value, at, extra);
            }
        }
        Type::Map(item) => {
            for (name, value) in value.as_object().into_iter().flatten() {
                at.push(json!(name));
                inner(item, value, at, extra);
                at.pop();
            }
        }
        _ => {}
    }
}

/// Whether a query parameter is one of authentication.
fn is_key(auth: &Auth, name: &str) -> bool {
    match auth {
        Auth::Query(parameter, _) => *parameter == name,
        Auth::Schemes(all) => all.schemes.iter().any(|scheme| is_key(scheme, name)),
        _ => false,
    }
}
