//! Media types of responses: what each is made of, and what a method that asks for it is called.

use serde_json::Value;

use crate::model::ResponseForm;
use crate::model::names::snake_word;

/// Text although its type does not begin with `text/`.
const TEXTS: [&str; 17] = [
    "csv",
    "ecmascript",
    "graphql",
    "javascript",
    "json-seq",
    "jsonl",
    "jwt",
    "ndjson",
    "sql",
    "toml",
    "x-javascript",
    "x-jsonlines",
    "x-ndjson",
    "x-pem-file",
    "x-yaml",
    "xml",
    "yaml",
];

/// Words for types whose own name says less, or more than anybody would write.
const WORDS: [(&str, &str); 14] = [
    ("*", "bytes"),
    ("event-stream", "stream"),
    ("gzip", "gzip"),
    ("msword", "doc"),
    ("octet-stream", "bytes"),
    ("plain", "text"),
    ("vnd.ms-excel", "xls"),
    ("vnd.ms-powerpoint", "ppt"),
    ("vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    ("vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("x-ndjson", "ndjson"),
    ("x-yaml", "yaml"),
    ("x-zip-compressed", "zip"),
];

/// A media type without its parameters, in lower case.
pub fn plain(kind: &str) -> String {
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a type is JSON; `*/*` is where nobody says otherwise.
pub fn is_json(kind: &str) -> bool {
    let kind = plain(kind);
    let named = ["application/json", "*/*", "text/json", "application/x-json"];
    named.contains(&kind.as_str()) || kind.ends_with("+json")
}

/// What a response of a type is made of; `schema` is resolved.
pub fn form(kind: &str, schema: &Value) -> ResponseForm {
    let kind = plain(kind);
    let (main, sub) = kind.split_once('/').unwrap_or((&kind, ""));
    if kind == "text/event-stream" {
        return ResponseForm::Events;
    }
    if is_binary(schema) {
        return ResponseForm::Bytes;
    }
    if is_json(&kind) {
        return ResponseForm::Json;
    }
    let is_text = main == "text"
        || main == "application"
            && (TEXTS.contains(&sub) || sub.ends_with("+xml") || sub.ends_with("+yaml"));
    if is_text { ResponseForm::Text } else { ResponseForm::Bytes }
}

/// Whether a schema says that its value is bytes.
fn is_binary(schema: &Value) -> bool {
    schema.get("format").and_then(Value::as_str) == Some("binary")
}

/// The word for a type in the name of a method: `csv`, `pdf`, `stream`.
pub fn word(kind: &str) -> String {
    let kind = plain(kind);
    let (main, sub) = kind.split_once('/').unwrap_or(("", &kind));
    if let Some((_, word)) = WORDS.iter().find(|(known, _)| *known == sub) {
        return (*word).to_owned();
    }
    if main == "image" && sub.ends_with("+xml") {
        return "svg".to_owned();
    }
    let sub = sub.rsplit('+').next().unwrap_or(sub);
    let sub = sub.rsplit('.').next().unwrap_or(sub);
    snake_word(sub.strip_prefix("x-").unwrap_or(sub))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_are_text_bytes_events_or_json() {
        use ResponseForm::{Bytes, Events, Json, Text};
        let none = Value::Null;
        for (kind, expected, name) in [
            ("application/json", Json, "json"),
            ("application/hal+json; charset=utf-8", Json, "json"),
            ("*/*", Json, "bytes"),
            ("text/CSV; header=present", Text, "csv"),
            ("application/xml", Text, "xml"),
            ("application/atom+xml", Text, "xml"),
            ("application/x-ndjson", Text, "ndjson"),
            ("text/plain", Text, "text"),
            ("text/event-stream", Events, "stream"),
            ("application/pdf", Bytes, "pdf"),
            ("application/zip", Bytes, "zip"),
            ("application/octet-stream", Bytes, "bytes"),
            ("image/svg+xml", Bytes, "svg"),
            ("image/png", Bytes, "png"),
            ("application/vnd.acme.label", Bytes, "label"),
        ] {
            assert_eq!(form(kind, &none), expected, "{kind}");
            assert_eq!(word(kind), name, "{kind}");
        }
        let binary = json!({"type": "string", "format": "binary"});
        assert_eq!(form("application/json", &binary), Bytes);
        assert_eq!(form("text/event-stream", &binary), Events);
    }
}
