//! Prints responses: as JSON or rows with the vendor's digits, or as a table; sensitive values only when asked.

use std::io::IsTerminal as _;

use payglot::Response;
use payglot::runtime::json::{RawJson, write_text};
use payglot::schema::{Field, Operation, Type};

use super::{rows, table};
use crate::profile::Profile;

/// Printed instead of a value that is not shown.
pub const REDACTED: &str = "[redacted]";

/// In which form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Json,
    /// A line of JSON for each record.
    JsonLines,
    Csv,
    /// For people.
    Table,
}

/// The names of all forms.
pub const FORMS: [&str; 4] = ["json", "jsonl", "csv", "table"];

impl Form {
    /// The form of a name; JSON where there is no such name.
    pub fn named(name: &str) -> Self {
        match name {
            "table" => Self::Table,
            "jsonl" => Self::JsonLines,
            "csv" => Self::Csv,
            _ => Self::Json,
        }
    }

    /// The profile's, else a table on a terminal and JSON elsewhere.
    pub fn usual(profile: Profile<'_>) -> anyhow::Result<Self> {
        Ok(match profile.output()? {
            Some(name) => Self::named(&name),
            None if std::io::stdout().is_terminal() => Self::Table,
            None => Self::Json,
        })
    }
}

/// How to print.
#[derive(Clone, Copy)]
pub struct Style {
    pub form: Form,
    pub shows_sensitive: bool,
}

/// A response, and how many of its first records were on an earlier page.
pub struct ShownPage {
    pub response: Response,
    pub skip: usize,
}

/// The responses to a call: more than one if it has pages.
pub struct Shown<'a> {
    pub operation: &'static Operation,
    pub responses: &'a [ShownPage],
    pub is_list: bool,
}

/// The body as it came, where it is text or bytes.
pub fn body<'a>(shown: &Shown<'a>) -> Option<&'a [u8]> {
    let [ShownPage { response, .. }] = shown.responses else { return None };
    response.bytes().map(|bytes| &bytes[..]).or_else(|| Some(response.plain_text()?.as_bytes()))
}

pub fn write(shown: &Shown<'_>, style: Style) -> String {
    let status = shown.responses.last().map_or(0, |page| page.response.status());
    let ty = &shown.operation.response_under(status);
    if shown.is_list {
        let records = shown.responses.iter().flat_map(|page| {
            page.response.payload().into_iter().flat_map(RawJson::items).skip(page.skip)
        });
        return records_of(&records.collect::<Vec<_>>(), ty, style);
    }
    let payload = shown.responses.last().and_then(|page| page.response.payload());
    match (payload, style.form) {
        (None, Form::Table) => "The response has no data.".to_owned(),
        (None, Form::Csv) => String::new(),
        (None, Form::Json | Form::JsonLines) => "null".to_owned(),
        (Some(payload), _) => record(payload, ty, style),
    }
}

/// A response that no table describes: the records of a list, or one.
pub fn untyped(response: RawJson<'_>, style: Style) -> String {
    match response.as_items() {
        Some(records) => records_of(&records, &Type::Any, style),
        None => record(response, &Type::Any, style),
    }
}

fn records_of(records: &[RawJson<'_>], ty: &Type, style: Style) -> String {
    match style.form {
        Form::Table => table::list(records, ty, style),
        Form::JsonLines => rows::json_lines(records, ty, style),
        Form::Csv => rows::csv(records, ty, style),
        Form::Json => {
            let mut out = String::new();
            list(&mut out, records, ty, style, 0);
            out
        }
    }
}

fn record(record: RawJson<'_>, ty: &Type, style: Style) -> String {
    match style.form {
        Form::Table => table::object(record, ty, style),
        Form::JsonLines => rows::json_lines(&[record], ty, style),
        Form::Csv => rows::csv(&[record], ty, style),
        Form::Json => {
            let mut out = String::new();
            value(&mut out, record, ty, style, 0);
            out
        }
    }
}

/// The field of a model that has this name.
pub fn field_of(ty: &Type, name: &str) -> Option<&'static Field> {
    let Type::Object(schema) = ty else { return None };
    schema.fields.get(schema.position(name, 0)?)
}

/// Whether a value is redacted.
pub fn is_hidden(field: Option<&Field>, raw: RawJson<'_>, style: Style) -> bool {
    !style.shows_sensitive && !raw.is_null() && field.is_some_and(|field| field.sensitive)
}

/// JSON of a value on any number of lines.
pub fn value(out: &mut String, raw: RawJson<'_>, ty: &Type, style: Style, depth: usize) {
    let ty = &raw.concrete(*ty);
    match (raw.json().as_bytes().first(), ty) {
        (Some(b'['), _) => {
            let item = if let Type::List(item) = ty { item } else { ty };
            list(out, &raw.as_items().unwrap_or_default(), item, style, depth);
        }
        (Some(b'{'), _) => {
            let mut is_first = true;
            for (name, entry) in raw.entries() {
                out.push(if is_first { '{' } else { ',' });
                is_first = false;
                line_break(out, depth + 1);
                write_text(out, &name);
                out.push_str(": ");
                let field = field_of(ty, &name);
                if is_hidden(field, entry, style) {
                    write_text(out, REDACTED);
                } else {
                    value(
                        out,
                        entry,
                        field.map_or(&Type::Any, |field| &field.ty),
                        style,
                        depth + 1,
                    );
                }
            }
            if is_first {
                out.push('{');
            } else {
                line_break(out, depth);
            }
            out.push('}');
        }
        _ => out.push_str(raw.json()),
    }
}

fn list(out: &mut String, items: &[RawJson<'_>], ty: &Type, style: Style, depth: usize) {
    out.push('[');
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        line_break(out, depth + 1);
        value(out, *item, ty, style, depth + 1);
    }
    if !items.is_empty() {
        line_break(out, depth);
    }
    out.push(']');
}

fn line_break(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}
