//! HMAC signatures, by any scheme that a `provider.toml` describes.
//!
//! The keyed state of a [`Signer`] is built once per client, so that signing cannot fail.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::schema::{EmptyBody, Encoding, HmacScheme, Part};

/// Bytes of a SHA-256 block: longer keys are hashed first (RFC 2104).
const BLOCK: usize = 64;
/// SHA-256 of no bytes.
const HASH_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The signature of one request by a scheme, for use with any HTTP client.
///
/// `path` and `query` are as on the wire (`query` with its `?`, or empty), `body` is the exact bytes sent. A scheme that
/// signs a timestamp or a nonce needs them in headers too: use an [`Authenticator`](super::Authenticator) there.
pub fn sign(
    scheme: &'static HmacScheme,
    secret: &[u8],
    method: &str,
    path: &str,
    query: &str,
    body: &[u8],
    empty_body: EmptyBody,
) -> String {
    let method = method.to_ascii_uppercase();
    let query = query.strip_prefix('?');
    Signer::new(scheme, secret, Some(empty_body)).sign(&method, path, query, body).value
}

/// What [`sign`] signs, for comparing with what a vendor computes.
pub fn canonical_string(
    scheme: &'static HmacScheme,
    method: &str,
    path: &str,
    query: &str,
    body: &[u8],
    empty_body: EmptyBody,
) -> String {
    let method = method.to_ascii_uppercase();
    let query = query.strip_prefix('?');
    let mut text = String::new();
    let signed = Signed { method: &method, path, query, body, timestamp: "", nonce: "" };
    signed.visit(scheme, empty_body, |part| text.push_str(&String::from_utf8_lossy(part)));
    text
}

fn body_hash(body: &[u8], empty_body: EmptyBody) -> Cow<'static, str> {
    match (body, empty_body) {
        (b"", EmptyBody::Omit) => "".into(),
        (b"", EmptyBody::Hash) => HASH_OF_NOTHING.into(),
        _ => hex(&Sha256::digest(body).into()).into(),
    }
}

/// The digits of a digest. Twice as fast as `hex::encode`, which goes by characters.
fn hex(digest: &[u8; 32]) -> String {
    let mut digits = vec![0; 2 * digest.len()];
    // Cannot fail: the room is right, and digits are text.
    let _ = hex::encode_to_slice(digest, &mut digits);
    String::from_utf8(digits).unwrap_or_default()
}

/// HMAC state for a key of any length.
pub(crate) fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    let mut block = zeroize::Zeroizing::new([0_u8; BLOCK]);
    let digest;
    let key = if secret.len() > BLOCK {
        digest = Sha256::digest(secret);
        digest.as_slice()
    } else {
        secret
    };
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    Hmac::<Sha256>::new(&(*block).into())
}

/// A signing scheme with its key, ready to sign.
pub(crate) struct Signer {
    mac: Hmac<Sha256>,
    scheme: &'static HmacScheme,
    empty_body: EmptyBody,
}

/// What a signed request carries beside its signature.
pub(crate) struct Signature {
    pub value: String,
    pub timestamp: String,
    pub nonce: String,
}

impl Signer {
    pub fn new(scheme: &'static HmacScheme, secret: &[u8], empty_body: Option<EmptyBody>) -> Self {
        Self { mac: keyed(secret), scheme, empty_body: empty_body.unwrap_or(scheme.empty_body) }
    }

    pub fn set_empty_body(&mut self, empty_body: EmptyBody) {
        self.empty_body = empty_body;
    }

    /// Signs one attempt. `query` is without its `?`, as a URL gives it.
    pub fn sign(&self, method: &str, path: &str, query: Option<&str>, body: &[u8]) -> Signature {
        let uses = |part| self.scheme.canonical.contains(&part);
        let timestamp = if uses(Part::Timestamp) { unix_seconds() } else { String::new() };
        let nonce = if uses(Part::Nonce) {
            uuid::Uuid::new_v4().simple().to_string()
        } else {
            String::new()
        };
        let mut mac = self.mac.clone();
        let signed = Signed { method, path, query, body, timestamp: &timestamp, nonce: &nonce };
        signed.visit(self.scheme, self.empty_body, |part| mac.update(part));
        let digest = mac.finalize().into_bytes().into();
        let value = match self.scheme.encoding {
            Encoding::Hex => hex(&digest),
            Encoding::Base64 => base64::engine::general_purpose::STANDARD.encode(digest),
        };
        Signature { value, timestamp, nonce }
    }
}

/// What the parts of a canonical string stand for in one request.
struct Signed<'a> {
    method: &'a str,
    path: &'a str,
    /// Without its `?`.
    query: Option<&'a str>,
    body: &'a [u8],
    timestamp: &'a str,
    nonce: &'a str,
}

impl Signed<'_> {
    /// Visits the bytes of the canonical string, in order.
    fn visit(&self, scheme: &HmacScheme, empty_body: EmptyBody, mut visit: impl FnMut(&[u8])) {
        for (position, part) in scheme.canonical.iter().enumerate() {
            if position > 0 {
                visit(scheme.separator.as_bytes());
            }
            match part {
                Part::Method => visit(self.method.as_bytes()),
                Part::Path => visit(self.path.as_bytes()),
                Part::Query => {
                    if let Some(query) = self.query {
                        visit(b"?");
                        visit(query.as_bytes());
                    }
                }
                Part::BodyHash => visit(body_hash(self.body, empty_body).as_bytes()),
                Part::Timestamp => visit(self.timestamp.as_bytes()),
                Part::Nonce => visit(self.nonce.as_bytes()),
                Part::Literal(text) => visit(text.as_bytes()),
            }
        }
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("empty_body", &self.empty_body).finish_non_exhaustive()
    }
}

fn unix_seconds() -> String {
    let mut text = String::new();
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let _ = write!(text, "{seconds}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    static SCHEME: HmacScheme = HmacScheme {
        key: "secret",
        canonical: &[
            Part::Timestamp,
            Part::Literal("."),
            Part::Nonce,
            Part::Method,
            Part::Path,
            Part::Query,
        ],
        separator: "|",
        encoding: Encoding::Base64,
        empty_body: EmptyBody::Hash,
        headers: &[],
    };

    /// A scheme of another shape than Paywint's signs what its parts say.
    #[test]
    fn a_scheme_is_data() {
        let signature = Signer::new(&SCHEME, b"key", None).sign("GET", "/p", Some("a=1"), b"");
        let text = format!("{}|.|{}|GET|/p|?a=1", signature.timestamp, signature.nonce);
        let mut mac = Hmac::<Sha256>::new_from_slice(b"key").unwrap();
        mac.update(text.as_bytes());
        let expected =
            base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
        assert_eq!(signature.value, expected);
        assert_eq!(signature.nonce.len(), 32);
    }

    #[test]
    fn the_hash_of_nothing_is_that_of_no_bytes() {
        assert_eq!(HASH_OF_NOTHING, hex(&Sha256::digest(b"").into()));
    }

    #[test]
    fn debug_shows_no_key() {
        let signer = Signer::new(&SCHEME, b"canary-key", None);
        assert!(!format!("{signer:?}").contains("canary"));
    }
}
