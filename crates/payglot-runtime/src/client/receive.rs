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
    if is_gzip(&response.headers) && !response.body.is_empty() {
        unpack(response, limit)?;
    }
    Ok(())
}

fn is_gzip(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_ENCODING)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"gzip"))
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
