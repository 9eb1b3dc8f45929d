//! Responses as JSON for V8: the payload alone, one page, or the whole response.

use payglot::runtime::client::{header_pairs, is_list};
use payglot::runtime::json::{Kind, write_name, write_text};
use payglot::runtime::paging::{Turn, Walk};
use payglot::schema::{Operation, ResponseForm, Type};
use payglot::{Error, Response};
use serde_json::value::RawValue;

use crate::{forms, table, transcode};

/// The response has another shape than the operation's.
pub struct OtherShape;

/// The payload. Lists and pages are objects with `records`, or with what [`table`] writes instead of them.
pub fn value(
    out: &mut String,
    response: &Response,
    operation: &'static Operation,
    page: Option<(&Walk, &Turn)>,
) -> Result<(), OtherShape> {
    if operation.returns.form != ResponseForm::Json || response.has_other_body() {
        return forms::value(out, response, operation, page.is_some());
    }
    if operation.returns.is_several() {
        forms::begin(out, response);
        record(out, response, operation)?;
        out.push('}');
        return Ok(());
    }
    if !is_list(operation) {
        return record(out, response, operation);
    }
    out.push('{');
    records(out, response, operation, page.map_or(0, |(_, turn)| turn.skip))?;
    if let Some(page) = page {
        page_fields(out, response, operation, page);
    }
    out.push('}');
    Ok(())
}

/// Writes what a page has beside its records.
fn page_fields(
    out: &mut String,
    response: &Response,
    operation: &Operation,
    (page, turn): (&Walk, &Turn),
) {
    write_name(out, "total");
    number(out, response.total());
    write_name(out, "number");
    number(out, Some(page.number));
    write_name(out, "size");
    let count = || response.payload().map_or(0, |list| list.items().count() as u64);
    number(out, Some(if page.size == 0 { count() } else { page.size }));
    // The text comes back with the call for the next page.
    write_name(out, "next");
    let next = turn.next.as_ref().and_then(|next| serde_json::to_string(next).ok());
    text_or_null(out, next.as_deref());
    write_name(out, "warning");
    let warning = turn.warning.as_ref().map(|warning| format!("{}: {warning}", operation.name));
    text_or_null(out, warning.as_deref());
}

/// Status, headers and text beside `data`, which is JSON already.
pub fn whole(response: &Response, data: &str) -> String {
    let mut out = String::with_capacity(response.text().len() + data.len() + 512);
    out.push('{');
    write_name(&mut out, "status");
    number(&mut out, Some(u64::from(response.status())));
    write_name(&mut out, "headers");
    out.push('{');
    for (name, value) in header_pairs(response.headers()) {
        write_name(&mut out, name);
        write_text(&mut out, &value);
    }
    out.push('}');
    write_name(&mut out, "message");
    text_or_null(&mut out, response.message());
    write_name(&mut out, "requestId");
    text_or_null(&mut out, response.request_id().as_deref());
    write_name(&mut out, "isReplay");
    out.push_str(if response.is_replay() { "true" } else { "false" });
    write_name(&mut out, "text");
    write_text(&mut out, response.text());
    write_name(&mut out, "data");
    out.push_str(data);
    out.push('}');
    out
}

/// The body of a call outside the document; null where it is not JSON.
pub fn untyped(out: &mut String, response: &Response) {
    match response.payload() {
        Some(payload) => transcode::write(out, response.text(), payload, Type::Any),
        None => out.push_str("null"),
    }
}

/// Writes an response that is no list.
fn record(
    out: &mut String,
    response: &Response,
    operation: &'static Operation,
) -> Result<(), OtherShape> {
    let Some(payload) = response.payload() else {
        out.push_str("null");
        return Ok(());
    };
    let ty = operation.response_under(response.status());
    let has_shape = match ty {
        Type::Object(_) | Type::Map(_) => payload.kind() == Kind::Object,
        Type::List(_) => payload.kind() == Kind::List,
        _ => true,
    };
    if !has_shape {
        return Err(OtherShape);
    }
    transcode::write(out, response.text(), payload, ty);
    Ok(())
}

/// Writes the records of a list with their name, without those to skip.
fn records(
    out: &mut String,
    response: &Response,
    operation: &'static Operation,
    skip: usize,
) -> Result<(), OtherShape> {
    let Some(payload) = response.payload() else {
        out.push_str("\"records\":[]");
        return Ok(());
    };
    if payload.kind() != Kind::List {
        return Err(OtherShape);
    }
    if let Type::Object(schema) = operation.response
        && skip == 0
        && table::write(out, response.text(), payload, schema).is_some()
    {
        return Ok(());
    }
    out.push_str("\"records\":[");
    for (position, record) in payload.items().skip(skip).enumerate() {
        if position > 0 {
            out.push(',');
        }
        transcode::write(out, response.text(), record, operation.response);
    }
    out.push(']');
    Ok(())
}

/// The record of an error that says that a payment failed, as JSON.
pub fn failed_record(error: &Error, operation: &'static Operation) -> Option<Box<RawValue>> {
    let mut out = String::new();
    let ty = operation.response_under(error.status()?);
    transcode::write(&mut out, error.body()?, error.record_json()?, ty);
    RawValue::from_string(out).ok()
}

fn number(out: &mut String, value: Option<u64>) {
    match value {
        Some(value) => out.push_str(&value.to_string()),
        None => out.push_str("null"),
    }
}

fn text_or_null(out: &mut String, text: Option<&str>) {
    match text {
        Some(text) => write_text(out, text),
        None => out.push_str("null"),
    }
}
