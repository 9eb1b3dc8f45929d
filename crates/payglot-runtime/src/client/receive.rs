//! Reads the body of a response: up to a limit, and unpacked.

use std::io::Read as _;

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};

use super::attempt::AttemptError;
use crate::response::BufferedResponse;
use crate::transport::{BoxError, ResponseBody};

/// Reads `body` into `response`, up to `limit` bytes packed or unpacked.
pub(super) async fn read_body(
    response: &mut BufferedResponse,
    body: &mut ResponseBody,
    limit: usize,
) -> Result<(), AttemptError> {
    let expected = usize::try_from(body.size_hint()).map_or(limit, |length| length.min(limit));
    response.body.reserve(expected);
    while let Some(chunk) = body.next_chunk().await {
        let chunk = chunk.map_err(|source| truncated(response, source))?;
        if response.body.len().saturating_add(chunk.len()) > limit {
            return Err(too_large(response));
        }
        response.body.extend_from_slice(&chunk);
    }
    if response.body.is_empty() {
        return Ok(());
    }
    match content_encoding(&response.headers) {
        None => Ok(()),
        Some(encoding) if matches!(encoding.as_str(), "gzip" | "x-gzip") => unpack(response, limit),
        // What the vendor says by its status is known all the same.
        Some(_) if !(200..300).contains(&response.status) => {
            response.body.clear();
            Ok(())
        }
        Some(encoding) => {
            let headers = std::mem::take(&mut response.headers);
            Err(AttemptError::UnknownEncoding { status: response.status, headers, encoding })
        }
    }
}

/// As much of an encoding's name as a message repeats.
const LONGEST_NAME: usize = 40;

/// What a body is encoded with, in lower case; `identity` is nothing. Of a name that is no name, only what can be shown.
pub(super) fn content_encoding(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    let names = values.iter().flat_map(|value| value.split(',')).map(str::trim);
    let names = names.filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"));
    let all = names.collect::<Vec<_>>().join(", ").to_ascii_lowercase();
    let shown = |c: &char| c.is_ascii_alphanumeric() || "-_., ".contains(*c);
    (!all.is_empty()).then(|| all.chars().filter(shown).take(LONGEST_NAME).collect())
}

/// Unpacks the body; headers that speak of the packed one go.
fn unpack(response: &mut BufferedResponse, limit: usize) -> Result<(), AttemptError> {
    let packed = std::mem::take(&mut response.body);
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut reader = flate2::bufread::MultiGzDecoder::new(packed.as_slice()).take(most);
    reader.read_to_end(&mut response.body).map_err(|source| truncated(response, source))?;
    if response.body.len() > limit {
        return Err(too_large(response));
    }
    response.headers.remove(CONTENT_ENCODING);
    response.headers.remove(CONTENT_LENGTH);
    Ok(())
}

fn truncated(response: &mut BufferedResponse, source: impl Into<BoxError>) -> AttemptError {
    let headers = std::mem::take(&mut response.headers);
    AttemptError::TruncatedBody { status: response.status, headers, source: Some(source.into()) }
}

fn too_large(response: &mut BufferedResponse) -> AttemptError {
    let headers = std::mem::take(&mut response.headers);
    AttemptError::ResponseTooLarge { status: response.status, headers }
}
