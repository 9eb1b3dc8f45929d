//! Reads the files of a request, and says which content type each has.

use std::io::Read as _;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::error::Error;
use crate::json::File;

/// Most bytes of a body that is made of files: all of it is in memory while a call is made, so that it can be signed and sent
/// again where that is safe.
pub const MAX_BODY_BYTES: usize = 256 * 1024 * 1024;

/// The content type of a file of which nothing is known.
const UNKNOWN: &str = "application/octet-stream";

/// Content types by the ending of a name.
const ENDINGS: [(&str, &str); 30] = [
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("heic", "image/heic"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("jsonl", "application/jsonl"),
    ("md", "text/markdown"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("rtf", "application/rtf"),
    ("svg", "image/svg+xml"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("txt", "text/plain"),
    ("wav", "audio/wav"),
    ("webp", "image/webp"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xml", "application/xml"),
    ("zip", "application/zip"),
];

impl File {
    /// A file of what a stream gives until its end, at most [`MAX_BODY_BYTES`]. It is read whole, so that it can be signed and
    /// sent again where that is safe.
    pub async fn read(stream: impl AsyncRead + Unpin) -> Result<Self, Error> {
        let mut data = Vec::new();
        let mut stream = stream.take(MAX_BODY_BYTES as u64 + 1);
        let read = stream.read_to_end(&mut data).await;
        read.map_err(|error| unreadable("file", &error))?;
        if data.len() > MAX_BODY_BYTES {
            return Err(too_large("file"));
        }
        Ok(Self::bytes(data))
    }
}

/// The bytes of a file; `at` is the argument that it was given for.
pub(super) fn bytes(file: &File, at: &str) -> Result<Bytes, Error> {
    let path = match file.as_bytes() {
        Ok(bytes) if bytes.len() > MAX_BODY_BYTES => return Err(too_large(at)),
        Ok(bytes) => return Ok(bytes.clone()),
        Err(path) => path,
    };
    let mut data = Vec::new();
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(MAX_BODY_BYTES as u64 + 1).read_to_end(&mut data));
    read.map_err(|error| unreadable(at, &error))?;
    if data.len() > MAX_BODY_BYTES {
        return Err(too_large(at));
    }
    Ok(data.into())
}

pub(super) fn too_large(at: &str) -> Error {
    let problem = format!(
        "is larger than {} MiB, the most that a body of files may be. Nothing was sent",
        MAX_BODY_BYTES / 1024 / 1024
    );
    Error::invalid_request(at.to_owned(), problem)
}

/// The error says what went wrong and not where: a path may say what is in the file.
fn unreadable(at: &str, error: &std::io::Error) -> Error {
    let problem = format!("cannot be read: {}. Nothing was sent", error.kind());
    Error::invalid_request(at.to_owned(), problem)
}

/// The content type that a file leaves with. `declared` is what the document allows: a type, a range such as `image/*`, or
/// several of these.
pub(super) fn content_type(file: &File, declared: &str, at: &str) -> Result<String, Error> {
    if let Some(given) = file.given_type() {
        let is_sendable =
            given.contains('/') && given.bytes().all(|byte| (32..127).contains(&byte));
        if !is_sendable {
            let problem = "has a content type that is none, such as image/png is one";
            return Err(Error::invalid_request(at.to_owned(), problem));
        }
        return Ok(given.to_owned());
    }
    let ending = file.file_name().and_then(|name| Some(name.rsplit_once('.')?.1));
    let known = ending.and_then(|ending| {
        ENDINGS.iter().find(|(known, _)| known.eq_ignore_ascii_case(ending)).map(|(_, kind)| *kind)
    });
    let allowed = || declared.split(',').map(str::trim).filter(|kind| !kind.is_empty());
    let is_allowed = |kind: &&str| {
        allowed().next().is_none() || allowed().any(|allowed| is_within(kind, allowed))
    };
    let first = allowed().find(|kind| !kind.contains('*'));
    Ok(known.filter(is_allowed).or(first).unwrap_or(UNKNOWN).to_owned())
}

/// Whether a type is another, or one of its range.
fn is_within(kind: &str, allowed: &str) -> bool {
    let allowed = allowed.split(';').next().unwrap_or_default().trim();
    match allowed.strip_suffix('*') {
        Some("*/") => true,
        Some(range) => {
            kind.get(..range.len()).is_some_and(|start| start.eq_ignore_ascii_case(range))
        }
        None => kind.eq_ignore_ascii_case(allowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_type_is_the_given_one_or_one_that_the_document_allows() {
        let kind = |file: File, declared| content_type(&file, declared, "file").unwrap();
        let png = || File::bytes("").name("a.PNG");
        assert_eq!(kind(png(), ""), "image/png");
        assert_eq!(kind(png(), "application/pdf"), "application/pdf");
        assert_eq!(kind(png(), "image/jpeg, image/png"), "image/png");
        assert_eq!(kind(png(), "application/pdf, image/*"), "image/png");
        assert_eq!(kind(png(), "video/*"), UNKNOWN);
        assert_eq!(kind(File::bytes(""), "*/*"), UNKNOWN);
        assert_eq!(kind(File::path("x/y.csv"), "*/*"), "text/csv");
        assert_eq!(kind(png().content_type("a/b; c=d"), "application/pdf"), "a/b; c=d");
        for wrong in ["png", "a/b\r\nX: y", "ä/b"] {
            assert!(content_type(&png().content_type(wrong), "", "file").is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_stream_is_read_to_its_end() {
        assert_eq!(File::read(&b"abc"[..]).await.unwrap(), File::bytes("abc"));
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error_without_its_path() {
        let error = bytes(&File::path("/no/such/canary"), "file").unwrap_err().to_string();
        assert!(error.contains("`file` cannot be read: entity not found"), "{error}");
        assert!(!error.contains("canary"), "{error}");
        assert!(bytes(&File::path("/"), "file").is_err());
    }
}
