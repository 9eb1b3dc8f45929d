//! Bodies of several parts, `multipart/form-data` (RFC 7578): files beside texts and JSON.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::file::{self, MAX_BODY_BYTES, too_large};
use crate::error::Error;
use crate::json::{File, Value};
use crate::schema::{Schema, Type};

/// Content type of objects, and of what the document says so of.
const JSON: &str = "application/json";

/// A part as it leaves, but for the boundary in front of it.
struct Part {
    head: String,
    data: Bytes,
}

/// The body, and its content type with the boundary.
///
/// `object` is the checked JSON of the model, in which a position in `files` stands for a file. `types` are the content types
/// that the document gives for parts by name. Values of a list are parts of the same name, unless the document says that the
/// list is JSON.
pub(super) fn body(
    object: &str,
    schema: &Schema,
    types: &[(&'static str, &'static str)],
    files: &[File],
) -> Result<(Bytes, String), Error> {
    let mut parts = Vec::new();
    let Some(Value::Object(fields)) = Value::from_json(object) else {
        return Err(Error::invalid_request("arguments", "cannot be read"));
    };
    for (name, value) in &fields {
        let kind = types.iter().find(|(known, _)| known == name).map(|(_, kind)| *kind);
        let field = schema.fields.iter().find(|field| field.wire == name);
        let is_file =
            field.is_some_and(|field| matches!(field.ty, Type::File | Type::List(Type::File)));
        match value {
            Value::List(values) if is_file || kind != Some(JSON) => {
                for value in values {
                    parts.push(part(name, value, kind, is_file.then_some(files))?);
                }
            }
            value => parts.push(part(name, value, kind, is_file.then_some(files))?),
        }
    }
    let size: usize = parts.iter().map(|part| part.data.len()).sum();
    if size > MAX_BODY_BYTES {
        return Err(too_large("arguments"));
    }
    let boundary = boundary(&parts);
    let mut body = Vec::with_capacity(size + parts.len() * 256 + 64);
    for part in &parts {
        body.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        body.extend_from_slice(part.head.as_bytes());
        body.extend_from_slice(b"\r\n");
        body.extend_from_slice(&part.data);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((body.into(), format!("multipart/form-data; boundary={boundary}")))
}

/// One value; `files` are those of the request where it is a file.
fn part(
    name: &str,
    value: &Value<'_>,
    kind: Option<&str>,
    files: Option<&[File]>,
) -> Result<Part, Error> {
    let mut head = format!("Content-Disposition: form-data; name=\"{}\"", escaped(name));
    if let Some(files) = files {
        let position = value.plain_text().and_then(|digits| digits.parse::<usize>().ok());
        let given = position.and_then(|position| files.get(position));
        let given = given
            .ok_or_else(|| Error::invalid_request(name.to_owned(), "must be a file, not null"))?;
        let kind = file::content_type(given, kind.unwrap_or_default(), name)?;
        let file_name = escaped(given.file_name().unwrap_or(name));
        head.push_str(&format!("; filename=\"{file_name}\"\r\nContent-Type: {kind}\r\n"));
        return Ok(Part { head, data: file::bytes(given, name)? });
    }
    if matches!(value, Value::Null) && kind != Some(JSON) {
        let problem = "must not be null, which no part of a form is; leave it out instead";
        return Err(Error::invalid_request(name.to_owned(), problem));
    }
    head.push_str("\r\n");
    let text = value.plain_text().filter(|_| kind != Some(JSON));
    if let Some(kind) = kind.or_else(|| text.is_none().then_some(JSON)) {
        head.push_str(&format!("Content-Type: {kind}\r\n"));
    }
    Ok(Part { head, data: text.unwrap_or_else(|| value.to_json()).into() })
}

/// A name within quotes, as browsers write it.
fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text that is in none of the parts: nobody can write a part that has the hash of itself in it. The same parts have the
/// same boundary, so that a journal recognizes a call that is made again.
fn boundary(parts: &[Part]) -> String {
    let mut hash = Sha256::new();
    for Part { head, data } in parts {
        for bytes in [head.as_bytes(), data] {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
    }
    let digest = hex::encode(hash.finalize());
    format!("payglot-{}", digest.get(..48).unwrap_or(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Field;

    static SCHEMA: Schema = Schema {
        index: 0,
        name: "Upload",
        fields: &[
            Field::new("memo", "memo", Type::Text),
            Field::new("tags", "tags", Type::List(&Type::Text)),
            Field::new("scan", "scan", Type::File),
            Field::new("more", "more", Type::List(&Type::File)),
        ],
        open: true,
        outcome: None,
    };

    #[test]
    fn parts_are_texts_json_and_files() {
        let files = [
            File::bytes("%PDF").name("a\"b\r\n.pdf"),
            File::bytes("1,2").content_type("text/csv"),
            File::bytes(""),
        ];
        let object =
            r#"{"memo":"ä","tags":["a","b"],"scan":0,"more":[1,2],"x":{"n":10.10},"j":["k"]}"#;
        let (body, kind) = body(object, &SCHEMA, &[("j", JSON)], &files).unwrap();
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
        assert_eq!(boundary.len(), 56);
        let disposition = "Content-Disposition: form-data; name=";
        let expected = [
            format!("{disposition}\"memo\"\r\n\r\nä"),
            format!("{disposition}\"tags\"\r\n\r\na"),
            format!("{disposition}\"tags\"\r\n\r\nb"),
            format!(
                "{disposition}\"scan\"; filename=\"a%22b%0D%0A.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF"
            ),
            format!(
                "{disposition}\"more\"; filename=\"more\"\r\nContent-Type: text/csv\r\n\r\n1,2"
            ),
            format!(
                "{disposition}\"more\"; filename=\"more\"\r\nContent-Type: application/octet-stream\r\n\r\n"
            ),
            format!("{disposition}\"x\"\r\nContent-Type: application/json\r\n\r\n{{\"n\":10.10}}"),
            format!("{disposition}\"j\"\r\nContent-Type: application/json\r\n\r\n[\"k\"]"),
        ];
        let parts: String = expected.map(|part| format!("--{boundary}\r\n{part}\r\n")).concat();
        assert_eq!(String::from_utf8(body.to_vec()).unwrap(), format!("{parts}--{boundary}--\r\n"));
    }

    #[test]
    fn the_boundary_is_that_of_the_parts() {
        let of = |text: &str| {
            let (body, kind) =
                body(r#"{"scan":0}"#, &SCHEMA, &[], &[File::bytes(text.to_owned())]).unwrap();
            let (_, boundary) = kind.split_once('=').unwrap();
            let body = String::from_utf8(body.to_vec()).unwrap();
            assert_eq!(body.matches(boundary).count(), 2, "before the part and after it");
            kind
        };
        assert_eq!(of("a"), of("a"));
        assert_ne!(of("a"), of("b"));
        // A file that holds the boundary of another body has one of its own.
        let other = of("a");
        assert_ne!(of(&other), other);
    }

    #[test]
    fn null_is_no_part() {
        for object in [r#"{"memo":null}"#, r#"{"scan":null}"#] {
            assert!(body(object, &SCHEMA, &[], &[]).is_err(), "{object}");
        }
    }
}
