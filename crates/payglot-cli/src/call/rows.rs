//! Prints records as rows for other programs: CSV, or a line of JSON each; digits stay as they came.

use payglot::runtime::json::RawJson;
use payglot::schema::Type;

use super::output::{REDACTED, Style, field_of, is_hidden, value};

/// A line of JSON for each record.
pub fn json_lines(records: &[RawJson<'_>], ty: &Type, style: Style) -> String {
    let lines: Vec<String> = records.iter().map(|record| line(*record, ty, style)).collect();
    lines.join("\n")
}

/// CSV as RFC 4180 has it, with the names of the fields first: those of all records, in the order in which they come.
pub fn csv(records: &[RawJson<'_>], ty: &Type, style: Style) -> String {
    let mut names: Vec<String> = Vec::new();
    for record in records {
        for (name, _) in record.entries() {
            if !names.iter().any(|known| *known == name) {
                names.push(name.into_owned());
            }
        }
    }
    if names.is_empty() {
        // No record is an object, or there is none.
        let lines = records.iter().map(|record| quoted(&text(*record, ty, style)));
        return lines.collect::<Vec<_>>().join("\n");
    }
    let head: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    let mut lines = vec![head.join(",")];
    for record in records {
        let cells = names.iter().map(|name| {
            let Some(entry) = record.get(name).filter(|entry| !entry.is_null()) else {
                return String::new();
            };
            let field = field_of(ty, name);
            if is_hidden(field, entry, style) {
                return REDACTED.to_owned();
            }
            quoted(&text(entry, field.map_or(&Type::Any, |field| &field.ty), style))
        });
        lines.push(cells.collect::<Vec<_>>().join(","));
    }
    lines.join("\n")
}

/// A value on one line: text as it is, everything else as JSON.
pub fn text(raw: RawJson<'_>, ty: &Type, style: Style) -> String {
    raw.as_text().map_or_else(|| line(raw, ty, style), std::borrow::Cow::into_owned)
}

/// JSON of a value on one line. Text in JSON has no line breaks of its own.
pub fn line(raw: RawJson<'_>, ty: &Type, style: Style) -> String {
    let mut json = String::new();
    value(&mut json, raw, ty, style, 0);
    json.lines().map(str::trim_start).collect()
}

pub fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}
