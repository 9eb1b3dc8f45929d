//! The signature of a delivery: made, and checked over the exact bytes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use hmac::Mac as _;

use crate::auth::keyed;
use crate::error::{Error, ErrorKind};
use crate::schema::Encoding;

const BASE64: base64::engine::GeneralPurpose = base64::engine::general_purpose::STANDARD;

/// How deliveries are signed: HMAC-SHA256 over the body, or over the time of sending, a separator and the body.
#[derive(Debug, Clone)]
pub struct Scheme {
    /// Header with the signature.
    pub signature_header: Cow<'static, str>,
    /// Header with the time of sending, in Unix seconds; `None` where only the body is signed.
    pub timestamp_header: Option<Cow<'static, str>>,
    /// Text between timestamp and body in what is signed.
    pub separator: Cow<'static, str>,
    /// Text before the signature in its header, such as `sha256=`.
    pub prefix: Cow<'static, str>,
    /// How the signature is written.
    pub encoding: Encoding,
    /// How far the timestamp may be from now; 5 minutes unless set.
    pub tolerance: Duration,
}

impl Default for Scheme {
    fn default() -> Self {
        Self {
            signature_header: "X-Webhook-Signature".into(),
            timestamp_header: Some("X-Webhook-Timestamp".into()),
            separator: ".".into(),
            prefix: "".into(),
            encoding: Encoding::Hex,
            tolerance: Duration::from_secs(300),
        }
    }
}

/// One secret, or several of which any may have signed: the new one and the old one while a secret is exchanged.
pub trait Secrets {
    /// The secrets.
    fn secrets(&self) -> Vec<&[u8]>;
}

impl Secrets for [u8] {
    fn secrets(&self) -> Vec<&[u8]> {
        vec![self]
    }
}

impl<const N: usize> Secrets for [u8; N] {
    fn secrets(&self) -> Vec<&[u8]> {
        vec![self]
    }
}

impl Secrets for Vec<u8> {
    fn secrets(&self) -> Vec<&[u8]> {
        vec![self]
    }
}

impl<S: Secrets + zeroize::Zeroize> Secrets for zeroize::Zeroizing<S> {
    fn secrets(&self) -> Vec<&[u8]> {
        (**self).secrets()
    }
}

impl Secrets for str {
    fn secrets(&self) -> Vec<&[u8]> {
        vec![self.as_bytes()]
    }
}

impl Secrets for String {
    fn secrets(&self) -> Vec<&[u8]> {
        vec![self.as_bytes()]
    }
}

impl<S: Secrets + ?Sized> Secrets for &S {
    fn secrets(&self) -> Vec<&[u8]> {
        (**self).secrets()
    }
}

impl<S: Secrets> Secrets for [S] {
    fn secrets(&self) -> Vec<&[u8]> {
        self.iter().flat_map(Secrets::secrets).collect()
    }
}

impl<S: Secrets, const N: usize> Secrets for [S; N] {
    fn secrets(&self) -> Vec<&[u8]> {
        self.as_slice().secrets()
    }
}

impl<S: Secrets> Secrets for Vec<S> {
    fn secrets(&self) -> Vec<&[u8]> {
        self.as_slice().secrets()
    }
}

/// Secrets that were checked and are kept for as long as deliveries come; zeroized on drop.
#[derive(Clone)]
pub struct OwnedSecrets(Vec<zeroize::Zeroizing<Vec<u8>>>);

impl OwnedSecrets {
    /// Copies one secret, or several. Fails where there is none, or where one is empty.
    pub fn new(secrets: &(impl Secrets + ?Sized)) -> Result<Self, Error> {
        let secrets = secrets.secrets();
        check_secrets(&secrets)?;
        Ok(Self(secrets.into_iter().map(|secret| secret.to_vec().into()).collect()))
    }
}

impl Secrets for OwnedSecrets {
    fn secrets(&self) -> Vec<&[u8]> {
        self.0.iter().map(|secret| secret.as_slice()).collect()
    }
}

/// Shows nothing.
impl std::fmt::Debug for OwnedSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnedSecrets").finish_non_exhaustive()
    }
}

fn check_secrets(secrets: &[&[u8]]) -> Result<(), Error> {
    if secrets.is_empty() || secrets.iter().any(|secret| secret.is_empty()) {
        return Err(Error::configuration(
            "the webhook secret is empty: pass the one that the vendor's dashboard shows",
        ));
    }
    Ok(())
}

/// The headers of a request, looked up by names in any case.
pub trait Headers {
    /// The value of a header; the last where it came several times.
    fn header(&self, name: &str) -> Option<String>;
}

impl<H: Headers + ?Sized> Headers for &H {
    fn header(&self, name: &str) -> Option<String> {
        (**self).header(name)
    }
}

impl Headers for http::HeaderMap {
    fn header(&self, name: &str) -> Option<String> {
        let value = self.get_all(name).iter().next_back()?;
        Some(value.to_str().ok()?.to_owned())
    }
}

impl<N: AsRef<str>, V: AsRef<str>> Headers for [(N, V)] {
    fn header(&self, name: &str) -> Option<String> {
        let found = self.iter().rev().find(|(known, _)| known.as_ref().eq_ignore_ascii_case(name));
        Some(found?.1.as_ref().to_owned())
    }
}

impl<N: AsRef<str>, V: AsRef<str>, const COUNT: usize> Headers for [(N, V); COUNT] {
    fn header(&self, name: &str) -> Option<String> {
        self.as_slice().header(name)
    }
}

impl<N: AsRef<str>, V: AsRef<str>> Headers for Vec<(N, V)> {
    fn header(&self, name: &str) -> Option<String> {
        self.as_slice().header(name)
    }
}

impl<N: AsRef<str>, V: AsRef<str>, S> Headers for HashMap<N, V, S> {
    fn header(&self, name: &str) -> Option<String> {
        let found = self.iter().find(|(known, _)| known.as_ref().eq_ignore_ascii_case(name));
        Some(found?.1.as_ref().to_owned())
    }
}

/// Checks a delivery: its signature over the exact bytes of the body, in constant time, and its age.
///
/// `headers` are the request's: a `HeaderMap`, a list of pairs or a map. `secret` may be several.
pub fn verify(
    body: &[u8],
    headers: impl Headers,
    secret: &(impl Secrets + ?Sized),
    scheme: &Scheme,
) -> Result<(), Error> {
    verify_at(body, headers, secret, scheme, SystemTime::now())
}

/// Like [`verify`], at another time than now: for stored deliveries.
pub fn verify_at(
    body: &[u8],
    headers: impl Headers,
    secret: &(impl Secrets + ?Sized),
    scheme: &Scheme,
    now: SystemTime,
) -> Result<(), Error> {
    let secrets = secret.secrets();
    check_secrets(&secrets)?;
    let read = |header: &str, setting: &str| match headers.header(header) {
        Some(value) => Ok(value.trim().to_owned()),
        None => Err(missing(header, setting)),
    };
    let signature = read(&scheme.signature_header, "signature_header")?;
    let timestamp = match &scheme.timestamp_header {
        Some(header) => Some(read(header, "timestamp_header")?),
        None => None,
    };
    if let Some(timestamp) = &timestamp {
        check_age(timestamp, scheme.tolerance, now)?;
    }
    let signature = signature.strip_prefix(&*scheme.prefix).ok_or_else(|| {
        rejected("the signature does not begin with the scheme's `prefix`: check that setting")
    })?;
    let (bytes, encoding) = match scheme.encoding {
        Encoding::Hex => (hex::decode(signature).ok(), "hexadecimal"),
        Encoding::Base64 => (BASE64.decode(signature).ok(), "base64"),
    };
    let bytes = bytes.ok_or_else(|| {
        rejected(format!(
            "the signature is not {encoding}: check the scheme's `encoding` and `prefix`"
        ))
    })?;
    let is_genuine = |secret: &&[u8]| {
        mac(body, timestamp.as_deref(), secret, scheme).verify_slice(&bytes).is_ok()
    };
    if secrets.iter().any(is_genuine) {
        return Ok(());
    }
    let mut problem =
        "the signature does not hold: check the secret, and that the body is the raw bytes received"
            .to_owned();
    if secrets.iter().any(|secret| secret.ends_with(b"\n") || secret.ends_with(b"\r")) {
        problem.push_str("; the secret ends with a line break, which files and commands add");
    }
    Err(rejected(problem))
}

fn check_age(timestamp: &str, tolerance: Duration, now: SystemTime) -> Result<(), Error> {
    let sent = timestamp
        .parse::<u64>()
        .ok()
        .and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
        .ok_or_else(|| {
            rejected("the timestamp is not Unix seconds: check the scheme's `timestamp_header`")
        })?;
    let (apart, side) = match now.duration_since(sent) {
        Ok(age) => (age, "too old"),
        Err(early) => (early.duration(), "from the future"),
    };
    if apart > tolerance {
        return Err(rejected(format!(
            "the delivery is {side}: check the clock of this machine, or raise the scheme's `tolerance`"
        )));
    }
    Ok(())
}

/// The signature of a delivery, as its header holds it: for tests, and for what stands in for a vendor.
///
/// `timestamp` is in Unix seconds.
pub fn sign(body: &[u8], timestamp: u64, secret: &[u8], scheme: &Scheme) -> String {
    let timestamp = scheme.timestamp_header.as_ref().map(|_| timestamp.to_string());
    let bytes = mac(body, timestamp.as_deref(), secret, scheme).finalize().into_bytes();
    let text = match scheme.encoding {
        Encoding::Hex => hex::encode(bytes),
        Encoding::Base64 => BASE64.encode(bytes),
    };
    format!("{}{text}", scheme.prefix)
}

fn mac(
    body: &[u8],
    timestamp: Option<&str>,
    secret: &[u8],
    scheme: &Scheme,
) -> hmac::Hmac<sha2::Sha256> {
    let mut mac = keyed(secret);
    if let Some(timestamp) = timestamp.filter(|_| scheme.timestamp_header.is_some()) {
        mac.update(timestamp.as_bytes());
        mac.update(scheme.separator.as_bytes());
    }
    mac.update(body);
    mac
}

fn missing(header: &str, setting: &str) -> Error {
    rejected(format!(
        "the delivery has no header {header}: pass all headers, and check the scheme's `{setting}`"
    ))
}

fn rejected(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::WebhookVerification, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"{}";

    #[test]
    fn what_is_signed_now_verifies_now() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let scheme = Scheme::default();
        let headers = [
            ("x-webhook-signature", sign(BODY, now, b"new", &scheme)),
            ("X-WEBHOOK-TIMESTAMP", now.to_string()),
        ];
        verify(BODY, headers.clone(), b"new", &scheme).unwrap();
        let map: http::HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap())
            })
            .collect();
        verify(BODY, &map, b"new", &scheme).unwrap();
        verify(BODY, headers.clone().into_iter().collect::<HashMap<_, _>>(), b"new", &scheme)
            .unwrap();
        verify(BODY, headers.clone(), "new", &scheme).unwrap();
        verify(BODY, headers.clone(), &["old", "new"], &scheme).unwrap();
        verify(BODY, headers.clone(), &vec!["old".to_owned(), "new".to_owned()], &scheme).unwrap();
        let refused =
            |secret: &[&str]| verify(BODY, headers.clone(), secret, &scheme).unwrap_err().kind();
        assert_eq!(refused(&["old"]), ErrorKind::WebhookVerification);
        assert_eq!(refused(&["new", ""]), ErrorKind::Configuration);
        assert_eq!(refused(&[]), ErrorKind::Configuration);
    }
}
