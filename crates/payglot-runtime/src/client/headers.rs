//! Headers that a call adds. Those that authenticate or frame the request are not the caller's to set.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::CallOptions;
use crate::error::Error;
use crate::schema::Replay;

/// Headers that frame, encode, route or authenticate a request.
const RESERVED: [&str; 17] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
];
/// Beginnings of further ones.
const RESERVED_PREFIXES: [&str; 2] = ["proxy-", "x-payglot"];
/// Most headers that a call may add.
const MOST: usize = 100;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The headers that all attempts of one call share, the idempotency key included; `defaults` are those of every call, unless
/// the call has one of that name of its own.
pub(super) fn of_call(
    options: &CallOptions,
    defaults: &[(HeaderName, HeaderValue)],
    replay: Replay,
    is_reserved: impl Fn(&HeaderName) -> bool,
) -> Result<Vec<(HeaderName, HeaderValue)>, Error> {
    let invalid = |problem: String| Error::invalid_request("headers", problem);
    let mut key = options.idempotency_key.as_deref().map(|key| ("idempotency_key", key));
    let mut given = Cow::Borrowed(options.headers.as_slice());
    let is_key = |name: &str| name.eq_ignore_ascii_case(IDEMPOTENCY_KEY.as_str());
    if let Some(at) = options.headers.iter().position(|(name, _)| is_key(name)) {
        // The caller's own key under its header's name is the key.
        given.to_mut().remove(at);
        if key.is_some() || given.iter().any(|(name, _)| is_key(name)) {
            return Err(invalid("must not set idempotency-key: it is given twice".to_owned()));
        }
        key = options.headers.get(at).map(|(_, value)| ("headers", value.as_str()));
    }
    let mut headers = checked(&given, is_reserved).map_err(invalid)?;
    for (name, value) in defaults {
        if headers.iter().all(|(own, _)| own != name) {
            headers.push((name.clone(), value.clone()));
        }
    }
    if let Some(key) = idempotency_key(key, replay)? {
        headers.push((IDEMPOTENCY_KEY, key));
    }
    Ok(headers)
}

/// Headers that a caller may set, or what is wrong with them.
pub(super) fn checked(
    given: &[(String, String)],
    is_reserved: impl Fn(&HeaderName) -> bool,
) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    if given.len() > MOST {
        return Err(format!("must not be more than {MOST}"));
    }
    let mut headers = Vec::new();
    for (name, value) in given {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| "has a name that is not one".to_owned())?;
        let text = name.as_str();
        let has_prefix = RESERVED_PREFIXES.iter().any(|prefix| text.starts_with(prefix));
        if RESERVED.contains(&text) || has_prefix || is_reserved(&name) {
            return Err(format!(
                "must not set {text}: the client sets what frames, routes and authenticates a request"
            ));
        }
        let value = HeaderValue::from_str(value)
            .map_err(|_| format!("has a value of {text} that a header cannot hold"))?;
        headers.push((name, value));
    }
    Ok(headers)
}

/// The names of pairs whose values are not to be shown.
pub(super) fn names(pairs: &[(String, String)]) -> Vec<&str> {
    pairs.iter().map(|(name, _)| name.as_str()).collect()
}

/// The key of a keyed call: the caller's, or a fresh one. Other calls have none, because nobody would read it.
fn idempotency_key(
    given: Option<(&'static str, &str)>,
    replay: Replay,
) -> Result<Option<HeaderValue>, Error> {
    let (argument, key) = match (given, replay) {
        (None, Replay::Keyed) => ("idempotency_key", uuid::Uuid::new_v4().to_string()),
        (None, _) => return Ok(None),
        (Some((argument, key)), Replay::Keyed) => (argument, key.to_owned()),
        (Some((argument, _)), _) => {
            return Err(Error::invalid_request(
                argument,
                "must not hold an idempotency key here: the vendor reads none for this operation, so it would protect \
                 nobody; after an unknown outcome look up what `reconcile` says",
            ));
        }
    };
    match HeaderValue::from_str(&key) {
        Ok(value) if !value.is_empty() => Ok(Some(value)),
        _ => Err(Error::invalid_request(argument, "must be plain text that is not empty")),
    }
}

/// Headers of a response as pairs of text, for the bindings. A name that comes several times is one pair, its values
/// joined with a comma, as HTTP allows.
pub fn header_pairs(headers: &HeaderMap) -> Vec<(&str, String)> {
    headers
        .keys()
        .map(|name| {
            let values: Vec<_> = headers
                .get_all(name)
                .iter()
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .collect();
            (name.as_str(), values.join(", "))
        })
        .collect()
}
