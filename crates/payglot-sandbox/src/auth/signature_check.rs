//! Verifies one signature against a canonical string.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use payglot::schema::{Encoding, HmacScheme};
use sha2::Sha256;

/// A received signature and the key it should have been made with.
pub(super) struct SignatureCheck<'a> {
    pub scheme: &'a HmacScheme,
    pub key: &'a [u8],
    pub signature: &'a str,
}

impl SignatureCheck<'_> {
    /// Whether the signature was made with the key over this text; compares in constant time.
    pub fn verify(&self, canonical: &str) -> bool {
        let Some(signature) = decode(self.scheme, self.signature) else { return false };
        Hmac::<Sha256>::new_from_slice(self.key)
            .is_ok_and(|mac| mac.chain_update(canonical).verify_slice(&signature).is_ok())
    }

    /// Whether the signature is written as the scheme wants it.
    pub fn is_well_formed(&self) -> bool {
        decode(self.scheme, self.signature).is_some()
    }
}

/// The bytes of a signature of the right length and writing; hex must be lower-case.
pub(super) fn decode(scheme: &HmacScheme, signature: &str) -> Option<Vec<u8>> {
    let bytes = match scheme.encoding {
        Encoding::Hex if signature.bytes().any(|byte| byte.is_ascii_uppercase()) => return None,
        Encoding::Hex => hex::decode(signature).ok()?,
        Encoding::Base64 => STANDARD.decode(signature).ok()?,
    };
    (bytes.len() == 32).then_some(bytes)
}
