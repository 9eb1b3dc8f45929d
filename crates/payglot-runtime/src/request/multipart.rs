//! Bodies of several parts, files beside texts and JSON: `multipart/form-data` (RFC 7578), `multipart/mixed` (RFC 2046) and
//! `multipart/related` (RFC 2387).

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::file::{self, MAX_BODY_BYTES, too_large};
use crate::error::Error;
use crate::json::{File, Value};
use crate::schema::{PartEncoding, Schema, Type};

/// Content type of objects, and of what the document says so of.
const JSON: &str = "application/json";

/// A part as it leaves, but for the boundary in front of it.
struct Part {
    head: String,
    data: Bytes,
    /// The content type that stands in its head.
    kind: String,
}

/// How the parts of a body say what they are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// By name. A text needs no content type.
    Form,
    /// By name.
    Mixed,
    /// By an identifier, with the first part as the one that the others belong to.
    Related,
}

/// The body, and its content type with the boundary.
///
/// `object` is the checked JSON of the model, in which a position in `files` stands for a file. The form is the media type, and
/// what the document says of parts by name. Values of a list are parts of the same name, unless the document says that the list
/// is JSON.
pub(super) fn body(
    object: &str,
    schema: &Schema,
    (media_type, encodings): (&str, &[PartEncoding]),
    files: &[File],
) -> Result<(Bytes, String), Error> {
    let form = match media_type {
        "multipart/mixed" => Kind::Mixed,
        "multipart/related" => Kind::Related,
        _ => Kind::Form,
    };
    let mut parts = Vec::new();
    let Some(Value::Object(fields)) = Value::from_json(object) else {
        return Err(Error::invalid_request("arguments", "cannot be read"));
    };
    for (name, value) in &fields {
        let encoding = encodings.iter().find(|known| known.name == name);
        let kind = encoding.and_then(|encoding| encoding.content_type);
        let headers = encoding.map_or(&[][..], |encoding| encoding.headers);
        let mut add = |value: &Value<'_>, files: Option<&[File]>| -> Result<(), Error> {
            let mut part = part(name, value, (form, kind), files)?;
            for (name, value) in headers {
                part.head.push_str(&format!("{name}: {value}\r\n"));
            }
            parts.push(part);
            Ok(())
        };
        let field = schema.fields.iter().find(|field| field.wire == name);
        let is_file =
            field.is_some_and(|field| matches!(field.ty, Type::File | Type::List(Type::File)));
        match value {
            Value::List(values) if is_file || kind != Some(JSON) => {
                for value in values {
                    add(value, is_file.then_some(files))?;
                }
            }
            value => add(value, is_file.then_some(files))?,
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
    let root = parts.first().filter(|_| form == Kind::Related);
    let root = root.map_or(String::new(), |root| format!("; type=\"{}\"", escaped(&root.kind)));
    Ok((body.into(), format!("{media_type}{root}; boundary={boundary}")))
}

/// One value; `files` are those of the request where it is a file.
fn part(
    name: &str,
    value: &Value<'_>,
    (form, kind): (Kind, Option<&str>),
    files: Option<&[File]>,
) -> Result<Part, Error> {
    let mut head = match form {
        Kind::Form | Kind::Mixed => {
            format!("Content-Disposition: form-data; name=\"{}\"", escaped(name))
        }
        Kind::Related => format!("Content-ID: <{}>", escaped(name)),
    };
    if let Some(files) = files {
        let position = value.plain_text().and_then(|digits| digits.parse::<usize>().ok());
        let given = position.and_then(|position| files.get(position));
        let given = given
            .ok_or_else(|| Error::invalid_request(name.to_owned(), "must be a file, not null"))?;
        let kind = file::content_type(given, kind.unwrap_or_default(), name)?;
        let file_name = escaped(given.file_name().unwrap_or(name));
        if form == Kind::Related {
            head.push_str("\r\nContent-Disposition: attachment");
        }
        head.push_str(&format!("; filename=\"{file_name}\"\r\nContent-Type: {kind}\r\n"));
        return Ok(Part { head, data: file::bytes(given, name)?, kind });
    }
    if matches!(value, Value::Null) && kind != Some(JSON) {
        let problem = "must not be null, which no part of a form is; leave it out instead";
        return Err(Error::invalid_request(name.to_owned(), problem));
    }
    head.push_str("\r\n");
    let text = value.plain_text().filter(|_| kind != Some(JSON));
    let text_kind = (form != Kind::Form).then_some("text/plain; charset=utf-8");
    let kind = kind.or(if text.is_none() { Some(JSON) } else { text_kind });
    if let Some(kind) = kind {
        head.push_str(&format!("Content-Type: {kind}\r\n"));
    }
    let data = text.unwrap_or_else(|| value.to_json()).into();
    Ok(Part { head, data, kind: kind.unwrap_or_default().to_owned() })
}

/// A name within quotes, as browsers write it.
fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text that is in none of the parts: nobody can write a part that has the hash of itself in it. The same parts have the
/// same boundary, so that a journal recognizes a call that is made again.
fn boundary(parts: &[Part]) -> String {
    let mut hash = Sha256::new();
    for Part { head, data, .. } in parts {
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
        certain: 0,
    };

    const FORM: &str = "multipart/form-data";
    const JSON_OF_J: PartEncoding =
        PartEncoding { name: "j", content_type: Some(JSON), headers: &[] };

    #[test]
    fn parts_of_other_bodies_have_a_content_type_and_the_headers_of_the_document() {
        let files = [File::bytes("%PDF").name("a.pdf")];
        let encoding =
            PartEncoding { name: "scan", content_type: None, headers: &[("X-Kind", "scan")] };
        let of = |media_type: &str| {
            let object = r#"{"memo":"a","x":{"n":1},"scan":0}"#;
            let (body, kind) = body(object, &SCHEMA, (media_type, &[encoding]), &files).unwrap();
            let (kind, boundary) = kind.split_once("; boundary=").unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap().replace(boundary, "B");
            (kind.to_owned(), text)
        };
        let name = |name: &str| format!("Content-Disposition: form-data; name=\"{name}\"");
        let (memo, x, scan) = (name("memo"), name("x"), name("scan"));
        let text = "Content-Type: text/plain; charset=utf-8\r\n\r\na\r\n";
        let json = "Content-Type: application/json\r\n\r\n{\"n\":1}\r\n";
        let file =
            "; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\nX-Kind: scan\r\n\r\n%PDF\r\n";
        let mixed =
            format!("--B\r\n{memo}\r\n{text}--B\r\n{x}\r\n{json}--B\r\n{scan}{file}--B--\r\n");
        assert_eq!(of("multipart/mixed"), ("multipart/mixed".to_owned(), mixed));
        let attached = format!("Content-Disposition: attachment{file}");
        let related = format!(
            "--B\r\nContent-ID: <memo>\r\n{text}--B\r\nContent-ID: <x>\r\n{json}--B\r\nContent-ID: <scan>\r\n{attached}--B--\r\n"
        );
        let kind = "multipart/related; type=\"text/plain; charset=utf-8\"".to_owned();
        assert_eq!(of("multipart/related"), (kind, related));
    }

    #[test]
    fn parts_are_texts_json_and_files() {
        let files = [
            File::bytes("%PDF").name("a\"b\r\n.pdf"),
            File::bytes("1,2").content_type("text/csv"),
            File::bytes(""),
        ];
        let object =
            r#"{"memo":"ä","tags":["a","b"],"scan":0,"more":[1,2],"x":{"n":10.10},"j":["k"]}"#;
        let (body, kind) = body(object, &SCHEMA, (FORM, &[JSON_OF_J]), &files).unwrap();
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
                body(r#"{"scan":0}"#, &SCHEMA, (FORM, &[]), &[File::bytes(text.to_owned())])
                    .unwrap();
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
            assert!(body(object, &SCHEMA, (FORM, &[]), &[]).is_err(), "{object}");
        }
    }
}
