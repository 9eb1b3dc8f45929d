//! Reads an answer whole: up to a limit, and unpacked.

use std::io::Read as _;

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};

use crate::pool::Exchange;
use crate::transport::WireError;

/// An answer as it came: the whole body in memory.
// Without `Debug`: it holds a body.
pub(crate) struct WireAnswer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Reads what a generated method returned, up to `limit` bytes.
pub(crate) async fn read(mut exchange: Exchange, limit: usize) -> Result<WireAnswer, WireError> {
    let mut answer = WireAnswer {
        status: exchange.head.status.as_u16(),
        headers: std::mem::take(&mut exchange.head.headers),
        body: Vec::new(),
    };
    collect(&mut answer, &mut exchange, limit).await?;
    if is_gzip(&answer.headers) && !answer.body.is_empty() {
        unpack(&mut answer, limit)?;
    }
    Ok(answer)
}

async fn collect(
    answer: &mut WireAnswer,
    exchange: &mut Exchange,
    limit: usize,
) -> Result<(), WireError> {
    let announced = exchange.announced();
    answer.body.reserve(usize::try_from(announced).map_or(limit, |length| length.min(limit)));
    while let Some(piece) = exchange.piece().await {
        let piece = piece.map_err(|source| answer.cut_off(source))?;
        // Trailers say nothing that is needed.
        let Some(data) = piece.data_ref() else { continue };
        if answer.body.len().saturating_add(data.len()) > limit {
            return Err(answer.too_large());
        }
        answer.body.extend_from_slice(data);
    }
    Ok(())
}

fn is_gzip(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_ENCODING)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"gzip"))
}

/// Unpacks the body in place; headers that speak of the packed one go.
fn unpack(answer: &mut WireAnswer, limit: usize) -> Result<(), WireError> {
    let packed = std::mem::take(&mut answer.body);
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut reader = flate2::bufread::MultiGzDecoder::new(packed.as_slice()).take(most);
    reader.read_to_end(&mut answer.body).map_err(|source| answer.cut_off(source))?;
    if answer.body.len() > limit {
        return Err(answer.too_large());
    }
    answer.headers.remove(CONTENT_ENCODING);
    answer.headers.remove(CONTENT_LENGTH);
    Ok(())
}

impl WireAnswer {
    fn cut_off(&mut self, source: impl Into<crate::connect::Source>) -> WireError {
        let headers = std::mem::take(&mut self.headers);
        WireError::CutOff { status: self.status, headers, source: source.into() }
    }

    fn too_large(&mut self) -> WireError {
        WireError::TooLarge { status: self.status, headers: std::mem::take(&mut self.headers) }
    }
}
