//! Responses that are no JSON of one model, as JSON for V8: text, bytes, several successes, and what the document does not
//! declare.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payglot::Response;
use payglot::runtime::client::is_list;
use payglot::runtime::json::{Kind, write_name, write_text};
use payglot::schema::{Operation, ResponseForm, Type};

use crate::response::OtherShape;
use crate::transcode;

/// Begins what `lib/client.cjs` reads by status: an object whose last field is still to be written.
pub fn begin(out: &mut String, response: &Response) {
    out.push('{');
    write_name(out, "status");
    out.push_str(&response.status().to_string());
    write_name(out, "data");
}

/// Writes a payload. Bytes are text in base64; a list of which the document does not say what it is, is in `other`.
pub fn value(
    out: &mut String,
    response: &Response,
    operation: &'static Operation,
    is_page: bool,
) -> Result<(), OtherShape> {
    match operation.returns.form {
        ResponseForm::Bytes => {
            let bytes = response.bytes().map_or(&[][..], |bytes| bytes);
            write_text(out, &STANDARD.encode(bytes));
            return Ok(());
        }
        ResponseForm::Text | ResponseForm::Events => {
            write_text(out, response.text());
            return Ok(());
        }
        ResponseForm::Json => {}
    }
    // What follows a page cannot be known of one that is no page.
    if is_page {
        return Err(OtherShape);
    }
    let is_wrapped = operation.returns.is_several() || is_list(operation);
    if operation.returns.is_several() {
        begin(out, response);
    } else if is_wrapped {
        out.push('{');
        let is_list = response.payload().is_some_and(|payload| payload.kind() == Kind::List);
        write_name(out, if is_list { "records" } else { "other" });
    }
    undeclared(out, response, operation);
    if is_wrapped {
        out.push('}');
    }
    Ok(())
}

/// What came of which the document does not say what it is.
fn undeclared(out: &mut String, response: &Response, operation: &'static Operation) {
    if let Some(bytes) = response.bytes() {
        write_text(out, &String::from_utf8_lossy(bytes));
    } else if let Some(text) = response.plain_text() {
        write_text(out, text);
    } else if let Some(payload) = response.payload() {
        let ty = operation.response;
        if payload.kind() == Kind::List && is_list(operation) {
            out.push('[');
            for (position, item) in payload.items().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                transcode::write(out, response.text(), item, ty);
            }
            out.push(']');
            return;
        }
        let ty = if response.is_as_declared(ty) { ty } else { Type::Any };
        transcode::write(out, response.text(), payload, ty);
    } else {
        out.push_str("null");
    }
}
