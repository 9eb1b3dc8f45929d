//! Sends the same response to the same `Idempotency-Key`, on the operations that take one.

use axum::http::HeaderMap;
use jiff::SignedDuration;
use payglot::schema::{Operation, Replay};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::ApiError;
use crate::basics::{hashed, later};
use crate::model::Replayed;
use crate::state::Transaction;

pub(crate) const HEADER: &str = "idempotency-key";
/// How long a key is remembered.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// Runs the handler, unless the key was used before: then the first response is sent again. Errors are not
/// stored, because they changed nothing.
pub(crate) fn once(
    tx: &mut Transaction<'_>,
    operation: &Operation,
    headers: &HeaderMap,
    body: &[u8],
    act: impl FnOnce(&mut Transaction<'_>) -> Result<Box<RawValue>, ApiError>,
) -> Result<Box<RawValue>, ApiError> {
    let key = headers.get(HEADER).filter(|key| !key.is_empty());
    let (Replay::Keyed, Some(key)) = (operation.replay, key) else { return act(tx) };
    let id = hashed(operation.name, key.as_bytes());
    let body_hash = hex::encode(Sha256::digest(body));
    match tx.store.replayed.get(id) {
        Some(first) if later(first.at, LIFETIME) > tx.now => {
            if first.body_hash == body_hash {
                return Ok(first.response.clone());
            }
            let reason = "This Idempotency-Key was used with another body";
            return Err(ApiError::conflict(reason));
        }
        _ => {}
    }
    let response = act(tx)?;
    let first = Replayed { body_hash, response: response.clone(), at: tx.now };
    tx.store.replayed.put(id, first);
    Ok(response)
}
