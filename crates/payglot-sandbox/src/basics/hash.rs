//! Ids that are hashes, for what must be found again but not read back.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The id under which a key or a token is stored: the text cannot be read back from it.
pub(crate) fn hashed(purpose: &str, text: &[u8]) -> Uuid {
    let hash = Sha256::new().chain_update(purpose).chain_update([0]).chain_update(text).finalize();
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(hash) {
        *byte = from;
    }
    Uuid::from_bytes(bytes)
}
