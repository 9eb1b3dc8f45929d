//! Signing as a public function, and the HMAC schemes behind it.
//!
//! [`sign`] is Paywint's scheme for use with any HTTP client. [`Signer`] runs any scheme that a
//! `provider.toml` describes; its keyed state is made once per client, so that signing cannot fail.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::schema::{Encoding, HmacScheme, Part};

/// Bytes of a SHA-256 block: longer keys are hashed first (RFC 2104).
const BLOCK: usize = 64;
/// SHA-256 of no bytes.
const HASH_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What an empty body contributes to a signature.
///
/// Paywint does not say; the SHA-256 of nothing is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EmptyBody {
    /// The SHA-256 of no bytes.
    #[default]
    Hash,
    /// Nothing at all.
    Omit,
}

impl EmptyBody {
    /// The value for its name, `hash` or `omit`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "hash" => Some(Self::Hash),
            "omit" => Some(Self::Omit),
            _ => None,
        }
    }
}

/// The `X-Signature` of the Paywint Platform API: lower-case hex HMAC-SHA256 of
/// [`canonical_string`].
///
/// `path` and `query` are as on the wire (`query` with its `?`, or empty), `body` is the exact bytes sent.
///
/// Source: <https://developer.paywint.com/get-started/signature-auth>
///
/// ```
/// use payglot::{EmptyBody, sign};
///
/// let path = "/api/platform/wallet/get/f47ac10b-58cc-4372-a567-0e02b2c3d479";
/// let signature = sign(b"your_platform_secret_key", "GET", path, "", b"", EmptyBody::Hash);
/// assert_eq!(signature, "ac936261e6c7cc033a83f5332190694ec94a8791d73132802502ba5e4fd862a0");
/// ```
pub fn sign(
    secret: &[u8],
    method: &str,
    path: &str,
    query: &str,
    body: &[u8],
    empty_body: EmptyBody,
) -> String {
    let mut mac = keyed(secret);
    mac.update(canonical_string(method, path, query, body, empty_body).as_bytes());
    hex(&mac.finalize().into_bytes().into())
}

/// What [`sign`] signs: `METHOD + PATH + QUERY + BODY_HASH`, without separators.
pub fn canonical_string(
    method: &str,
    path: &str,
    query: &str,
    body: &[u8],
    empty_body: EmptyBody,
) -> String {
    format!("{}{path}{query}{}", method.to_ascii_uppercase(), body_hash(body, empty_body))
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
        for (position, part) in self.scheme.canonical.iter().enumerate() {
            if position > 0 {
                mac.update(self.scheme.separator.as_bytes());
            }
            match part {
                Part::Method => mac.update(method.as_bytes()),
                Part::Path => mac.update(path.as_bytes()),
                Part::Query => {
                    if let Some(query) = query {
                        mac.update(b"?");
                        mac.update(query.as_bytes());
                    }
                }
                Part::BodyHash => mac.update(body_hash(body, self.empty_body).as_bytes()),
                Part::Timestamp => mac.update(timestamp.as_bytes()),
                Part::Nonce => mac.update(nonce.as_bytes()),
                Part::Literal(text) => mac.update(text.as_bytes()),
            }
        }
        let digest = mac.finalize().into_bytes().into();
        let value = match self.scheme.encoding {
            Encoding::Hex => hex(&digest),
            Encoding::Base64 => base64::engine::general_purpose::STANDARD.encode(digest),
        };
        Signature { value, timestamp, nonce }
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
