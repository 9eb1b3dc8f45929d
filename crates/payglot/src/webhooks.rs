//! Webhooks: checking that a delivery is genuine, reading it, and telling duplicates apart.
//!
//! No vendor covered here publishes a signature scheme, so the scheme is a setting. The default is the sandbox's own:
//! HMAC-SHA256 in hex over `timestamp.body`. Where a vendor sends no signature, confirm an event by reading the
//! object it names.

use std::borrow::Cow;
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use hmac::Mac as _;

use crate::document::Document;
use crate::error::{Error, ErrorKind};
use crate::json::Kind;
use crate::record::{AnswerValue, Raw};
use crate::schema::Encoding;
use crate::sign::keyed;

/// How deliveries are signed.
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
            tolerance: Duration::from_mins(5),
        }
    }
}

/// Checks a delivery: its signature over the exact bytes of the body, in constant time, and its age.
///
/// `headers` are the request's, names in any case.
pub fn verify<N: AsRef<str>, V: AsRef<str>>(
    body: &[u8],
    headers: impl IntoIterator<Item = (N, V)>,
    secret: &[u8],
    scheme: &Scheme,
) -> Result<(), Error> {
    verify_at(body, headers, secret, scheme, SystemTime::now())
}

fn verify_at<N: AsRef<str>, V: AsRef<str>>(
    body: &[u8],
    headers: impl IntoIterator<Item = (N, V)>,
    secret: &[u8],
    scheme: &Scheme,
    now: SystemTime,
) -> Result<(), Error> {
    if secret.is_empty() {
        return Err(Error::configuration("the webhook secret is empty"));
    }
    let mut signature = None;
    let mut timestamp = None;
    for (name, value) in headers {
        if name.as_ref().eq_ignore_ascii_case(&scheme.signature_header) {
            signature = Some(value.as_ref().trim().to_owned());
        }
        if scheme
            .timestamp_header
            .as_ref()
            .is_some_and(|wanted| name.as_ref().eq_ignore_ascii_case(wanted))
        {
            timestamp = Some(value.as_ref().trim().to_owned());
        }
    }
    let missing = |header: &str| refuse(format!("the delivery has no header {header}"));
    let signature = signature.ok_or_else(|| missing(&scheme.signature_header))?;
    if let Some(header) = &scheme.timestamp_header {
        check_age(timestamp.as_deref().ok_or_else(|| missing(header))?, scheme.tolerance, now)?;
    }
    let wrong = || {
        refuse(
            "the signature does not hold: check the secret, and that the body is the raw bytes received",
        )
    };
    let signature = signature.strip_prefix(&*scheme.prefix).ok_or_else(wrong)?;
    let bytes = match scheme.encoding {
        Encoding::Hex => hex::decode(signature).ok(),
        Encoding::Base64 => base64::engine::general_purpose::STANDARD.decode(signature).ok(),
    };
    let mac = mac(body, timestamp.as_deref(), secret, scheme);
    mac.verify_slice(&bytes.ok_or_else(wrong)?).map_err(|_| wrong())
}

fn check_age(timestamp: &str, tolerance: Duration, now: SystemTime) -> Result<(), Error> {
    let sent = timestamp
        .parse::<u64>()
        .ok()
        .and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
        .ok_or_else(|| refuse("the timestamp is not Unix seconds"))?;
    let apart = now.duration_since(sent).unwrap_or_else(|early| early.duration());
    if apart > tolerance {
        return Err(refuse(
            "the delivery is too old or from the future: check the clock of this machine",
        ));
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
        Encoding::Base64 => base64::engine::general_purpose::STANDARD.encode(bytes),
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

fn refuse(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::WebhookVerification, message)
}

/// An event that a vendor delivered.
#[derive(Clone)]
pub struct Event {
    /// Name of the event, for example `payment.success`; unknown names are kept.
    pub event: String,
    /// Identifier of the event: the same for every delivery of it.
    pub id: String,
    /// When the vendor made it, in Unix seconds.
    pub generated_at: Option<f64>,
    document: Arc<Document>,
}

/// Reads a delivery. Check it with [`verify`] first.
pub fn parse(body: &[u8]) -> Result<Event, Error> {
    let not_understood = |problem: &str| {
        Error::new(ErrorKind::ApiResponse, format!("the delivery was not understood: {problem}"))
    };
    let text = std::str::from_utf8(body).map_err(|_| not_understood("it is not UTF-8 text"))?;
    let document = Arc::new(Document::new(text));
    let root = Raw::root(&document).ok_or_else(|| not_understood("it is not JSON"))?;
    if root.kind() != Kind::Object {
        return Err(not_understood("it is not an object"));
    }
    let field = |name: &str| root.get(name).and_then(Raw::as_text).map(Cow::into_owned);
    let event = field("event").ok_or_else(|| not_understood("it has no event name"))?;
    let id = field("id").ok_or_else(|| not_understood("it has no event id"))?;
    let generated_at = root.get("eventGeneratedTime").and_then(Raw::as_number);
    Ok(Event { event, id, generated_at, document })
}

impl Event {
    /// What the event is about, as a model; `None` where it is null or something else altogether.
    pub fn data<T: AnswerValue>(&self) -> Option<T> {
        self.raw_data().and_then(T::from_answer)
    }

    /// What the event is about, not interpreted.
    #[doc(hidden)]
    pub fn raw_data(&self) -> Option<Raw<'_>> {
        Raw::root(&self.document)?.get("data").filter(|data| !data.is_null())
    }

    /// The whole delivery as JSON text. It may hold personal data: do not log it.
    pub fn text(&self) -> &str {
        self.document.text()
    }
}

/// Shows no payload.
impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Event")
            .field("event", &self.event)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Remembers the last event ids, so that a delivery that comes again is known. Vendors deliver at least once.
///
/// For several processes, keep the ids where all see them, in a table with a unique key.
#[derive(Debug)]
pub struct ReplayGuard {
    capacity: usize,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    ids: HashSet<Arc<str>>,
    order: VecDeque<Arc<str>>,
}

impl ReplayGuard {
    /// Remembers this many ids.
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), seen: Mutex::default() }
    }

    /// Whether an id comes for the first time; from then on it is known.
    pub fn is_new(&self, id: &str) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let id: Arc<str> = id.into();
        if !seen.ids.insert(id.clone()) {
            return false;
        }
        seen.order.push_back(id);
        if seen.order.len() > self.capacity
            && let Some(oldest) = seen.order.pop_front()
        {
            seen.ids.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"event":"payment.success","id":"e1","data":{"amount":"100.00"},"eventGeneratedTime":1718006400}"#;
    const SECRET: &[u8] = b"whsec";
    const SENT: u64 = 1_718_006_400;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn headers(signature: &str, timestamp: u64) -> Vec<(String, String)> {
        vec![
            ("x-webhook-signature".into(), signature.into()),
            ("X-WEBHOOK-TIMESTAMP".into(), timestamp.to_string()),
        ]
    }

    #[test]
    fn a_genuine_delivery_is_taken_and_read() {
        let scheme = Scheme::default();
        let signature = sign(BODY, SENT, SECRET, &scheme);
        verify_at(BODY, headers(&signature, SENT), SECRET, &scheme, at(SENT + 299)).unwrap();
        verify_at(BODY, headers(&signature, SENT), SECRET, &scheme, at(SENT - 299)).unwrap();
        let event = parse(BODY).unwrap();
        assert_eq!((event.event.as_str(), event.id.as_str()), ("payment.success", "e1"));
        assert_eq!(event.generated_at, Some(1_718_006_400.0));
        assert!(event.raw_data().is_some());
        assert!(!format!("{event:?}").contains("100.00"));
    }

    #[test]
    fn anything_else_is_refused() {
        let scheme = Scheme::default();
        let signature = sign(BODY, SENT, SECRET, &scheme);
        let check = |body: &[u8], headers: Vec<(String, String)>, secret: &[u8], now| {
            verify_at(body, headers, secret, &scheme, at(now)).unwrap_err().kind()
        };
        let kind = ErrorKind::WebhookVerification;
        assert_eq!(check(b"{}", headers(&signature, SENT), SECRET, SENT), kind);
        assert_eq!(check(BODY, headers(&signature, SENT), b"other", SENT), kind);
        assert_eq!(check(BODY, headers(&signature, SENT + 1), SECRET, SENT), kind);
        assert_eq!(check(BODY, headers(&signature, SENT), SECRET, SENT + 301), kind);
        assert_eq!(check(BODY, headers(&signature, SENT), SECRET, SENT - 301), kind);
        assert_eq!(check(BODY, headers("zz", SENT), SECRET, SENT), kind);
        assert_eq!(check(BODY, headers("", SENT), SECRET, SENT), kind);
        assert_eq!(check(BODY, headers(&signature[..32], SENT), SECRET, SENT), kind);
        assert_eq!(check(BODY, vec![], SECRET, SENT), kind);
        assert_eq!(check(BODY, headers(&signature, SENT), b"", SENT), ErrorKind::Configuration);
    }

    #[test]
    fn another_scheme_is_a_setting() {
        let scheme = Scheme {
            signature_header: "X-Hub-Signature-256".into(),
            timestamp_header: None,
            prefix: "sha256=".into(),
            encoding: Encoding::Base64,
            ..Scheme::default()
        };
        let signature = sign(BODY, 0, SECRET, &scheme);
        assert!(signature.starts_with("sha256="));
        verify(BODY, [("x-hub-signature-256", &signature)], SECRET, &scheme).unwrap();
        let bare = signature.trim_start_matches("sha256=").to_owned();
        assert!(verify(BODY, [("x-hub-signature-256", bare)], SECRET, &scheme).is_err());
    }

    #[test]
    fn deliveries_that_are_not_events() {
        for body in [&b"\xff"[..], b"", b"[]", b"{}", br#"{"event":"x"}"#, br#"{"id":"x"}"#, b"{"] {
            assert_eq!(parse(body).unwrap_err().kind(), ErrorKind::ApiResponse);
        }
        assert_eq!(parse(br#"{"event":"brand.new","id":7}"#).unwrap().id, "7");
    }

    #[test]
    fn a_guard_knows_what_came_before_and_forgets_the_oldest() {
        let guard = ReplayGuard::new(2);
        assert_eq!(
            ["a", "b", "a", "c", "a", "c"].map(|id| guard.is_new(id)),
            [true, true, false, true, true, false]
        );
    }
}
