//! Reads the body of a response: up to a limit, and unpacked.

use std::io::Read as _;

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};

use super::attempt::AttemptError;
use crate::response::{BufferedResponse, ReadBody};
use crate::transport::{BoxError, ResponseBody};

/// Bytes that are unpacked at a time: about a millisecond's work.
const SLICE: u64 = 128 * 1024;
/// What a response says that it is long is believed up to this, in bytes.
const EXPECTED: usize = 1024 * 1024;

/// A body that is longer is read by a thread of its own: other calls would wait for it.
const LARGE: usize = 512 * 1024;

/// Reads `body` into `response`, up to `limit` bytes packed or unpacked; with `is_json`, a success is read as JSON.
pub(super) async fn read_body(
    response: &mut BufferedResponse,
    body: &mut ResponseBody,
    limit: usize,
    is_json: bool,
) -> Result<(), AttemptError> {
    receive(response, body, limit).await?;
    let is_success = (200..300).contains(&response.status);
    if response.body.len() > LARGE && (is_json || !is_success) {
        let body = std::mem::take(&mut response.body);
        response.document = Some(apart(body.len(), move || ReadBody::of(body)).await);
    }
    Ok(())
}

/// Does work on so many bytes: here, or, where other calls would wait for it, on a thread of its own.
pub async fn apart<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    if bytes <= LARGE {
        return work();
    }
    // What is logged of it goes where the call's other records go.
    let log = tracing::dispatcher::get_default(Clone::clone);
    let logged = move || tracing::dispatcher::with_default(&log, work);
    match tokio::task::spawn_blocking(logged).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime ends, and this call with it.
            Err(_) => std::future::pending().await,
        },
    }
}

async fn receive(
    response: &mut BufferedResponse,
    body: &mut ResponseBody,
    limit: usize,
) -> Result<(), AttemptError> {
    let expected =
        usize::try_from(body.size_hint()).map_or(limit, |length| length.min(limit)).min(EXPECTED);
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
        Some(encoding) if matches!(encoding.as_str(), "gzip" | "x-gzip") => {
            unpack(response, limit).await
        }
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
    headers.get(CONTENT_ENCODING)?;
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    let names = values.iter().flat_map(|value| value.split(',')).map(str::trim);
    let names = names.filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"));
    let all = names.collect::<Vec<_>>().join(", ").to_ascii_lowercase();
    let shown = |c: &char| c.is_ascii_alphanumeric() || "-_., ".contains(*c);
    (!all.is_empty()).then(|| all.chars().filter(shown).take(LONGEST_NAME).collect())
}

/// Unpacks the body, a slice at a time so that other calls get their turn and the time for this one is kept; headers
/// that speak of the packed one go.
async fn unpack(response: &mut BufferedResponse, limit: usize) -> Result<(), AttemptError> {
    let packed = std::mem::take(&mut response.body);
    let mut reader = flate2::bufread::MultiGzDecoder::new(packed.as_slice());
    loop {
        let slice = (&mut reader).take(SLICE).read_to_end(&mut response.body);
        let count = slice.map_err(|source| truncated(response, source))?;
        if response.body.len() > limit {
            return Err(too_large(response));
        }
        if count == 0 {
            break;
        }
        tokio::task::yield_now().await;
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
