//! The same answer to the same `Idempotency-Key`, on the operations that take one.

use axum::http::HeaderMap;
use jiff::SignedDuration;
use payglot::schema::{Operation, Replay};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::answer::Refusal;
use crate::app::Scene;
use crate::model::Replayed;
use crate::store::later;

pub(crate) const HEADER: &str = "idempotency-key";
/// How long a key is remembered.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// Acts, unless the request's key was used before: then the first answer is given again. Refusals are not
/// remembered, because they changed nothing.
pub(crate) fn once(
    scene: &mut Scene<'_>,
    operation: &Operation,
    headers: &HeaderMap,
    body: &[u8],
    act: impl FnOnce(&mut Scene<'_>) -> Result<Box<RawValue>, Refusal>,
) -> Result<Box<RawValue>, Refusal> {
    let key = headers.get(HEADER).filter(|key| !key.is_empty());
    let (Replay::Keyed, Some(key)) = (operation.replay, key) else { return act(scene) };
    let id = hashed(operation.name, key.as_bytes());
    let body_hash = hex::encode(Sha256::digest(body));
    match scene.store.replayed.get(id) {
        Some(first) if later(first.at, LIFETIME) > scene.now => {
            if first.body_hash == body_hash {
                return Ok(first.answer.clone());
            }
            let reason = "This Idempotency-Key was used with another body";
            return Err(Refusal::conflict(reason));
        }
        _ => {}
    }
    let answer = act(scene)?;
    let first = Replayed { body_hash, answer: answer.clone(), at: scene.now };
    scene.store.replayed.put(id, first);
    Ok(answer)
}

/// The id under which a key, or a token, is kept: it does not tell what was hashed.
pub(crate) fn hashed(purpose: &str, text: &[u8]) -> Uuid {
    let hash = Sha256::new().chain_update(purpose).chain_update([0]).chain_update(text).finalize();
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(hash) {
        *byte = from;
    }
    Uuid::from_bytes(bytes)
}
