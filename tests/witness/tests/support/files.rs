//! Files of the cases: as bytes or at a path; and the bodies that they make.

use std::borrow::Cow;

use payglot_contract::Request;
use payglot_runtime::json::{File, Value};
use payglot_runtime::schema::EmptyBody;
use payglot_witness::uploads::sign;
use serde_json::{Map, Value as Json};

/// Arguments with files where a case describes them.
pub fn with_files(value: &Value<'_>) -> Value<'static> {
    match value {
        Value::List(items) => Value::List(items.iter().map(with_files).collect()),
        Value::Object(fields) => match fields.as_slice() {
            [(name, Value::Object(file))] if name == "$file" => {
                Value::File(Box::new(self::file(file)))
            }
            fields => Value::Object(
                fields
                    .iter()
                    .map(|(name, value)| (name.clone().into_owned().into(), with_files(value)))
                    .collect(),
            ),
        },
        other => other.clone().into_owned(),
    }
}

fn file(fields: &[(Cow<'_, str>, Value<'_>)]) -> File {
    let text = |wanted: &str| {
        fields.iter().find_map(|(name, value)| match value {
            Value::Text(text) if name == wanted => Some(text.clone().into_owned()),
            _ => None,
        })
    };
    let kind = text("as");
    // A stream is read before the call in Rust: what breaks there is the caller's own error.
    if matches!(kind.as_deref(), Some("missing" | "broken")) {
        return File::path(std::env::temp_dir().join("payglot-no-such-file"));
    }
    let data =
        text("hex").map_or_else(|| text("text").unwrap().into_bytes(), |digits| bytes_of(&digits));
    let mut file = if kind.as_deref() == Some("path") {
        let folder = std::env::temp_dir().join(format!("payglot-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(text("name").unwrap());
        std::fs::write(&path, &data).unwrap();
        return File::path(path);
    } else {
        File::bytes(data)
    };
    if let Some(name) = text("name") {
        file = file.name(name);
    }
    if let Some(content_type) = text("content_type") {
        file = file.content_type(content_type);
    }
    file
}

fn bytes_of(digits: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// Headers and body that must arrive: with the boundary that came, and signed as it came.
pub fn expected(arrived: &Request, sent: &Json) -> (Map<String, Json>, Vec<u8>) {
    let mut headers = sent["headers"].as_object().cloned().unwrap_or_default();
    let mut body = sent["body"].as_str().unwrap_or_default().to_owned();
    if let Some(digits) = sent["body_hex"].as_str() {
        return (headers, bytes_of(digits));
    }
    let kind = arrived.headers.iter().find(|(name, _)| name == "content-type");
    if let Some((_, boundary)) = kind.and_then(|(_, kind)| kind.split_once("boundary=")) {
        body = body.replace("$boundary", boundary);
        if let Some(Json::String(kind)) = headers.get_mut("content-type") {
            *kind = kind.replace("$boundary", boundary);
        }
    }
    for value in headers.values_mut() {
        if let Some(key) = value.as_str().and_then(|value| value.strip_prefix("$hmac:")) {
            let (path, query) = arrived.target.split_once('?').unwrap_or((&arrived.target, ""));
            let (key, method) = (key.as_bytes(), &arrived.method);
            let hash = EmptyBody::Hash;
            *value = sign(key, method, path, query, body.as_bytes(), hash).into();
        }
    }
    (headers, body.into_bytes())
}
