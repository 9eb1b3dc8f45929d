//! Headers that a call adds. Those that authenticate or frame the request are not the caller's to set.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::CallOptions;
use crate::error::Error;
use crate::schema::Replay;

const RESERVED: [&str; 6] = [
    "accept-encoding",
    "authorization",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
];

/// The headers that all attempts of one call share, the idempotency key included.
pub(super) fn of_call(
    options: &CallOptions,
    replay: Replay,
    is_reserved: impl Fn(&HeaderName) -> bool,
) -> Result<Vec<(HeaderName, HeaderValue)>, Error> {
    let mut headers = Vec::new();
    for (name, value) in &options.headers {
        let refuse = |problem| Error::invalid_request("headers", problem);
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| refuse("has a name that is not one"))?;
        if RESERVED.contains(&name.as_str()) || is_reserved(&name) {
            return Err(refuse("must not set authorization, content or host headers"));
        }
        let value = HeaderValue::from_str(value)
            .map_err(|_| refuse("has a value that a header cannot hold"))?;
        headers.push((name, value));
    }
    if replay == Replay::Keyed || options.idempotency_key.is_some() {
        let key =
            options.idempotency_key.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let value = HeaderValue::from_str(&key).ok().filter(|value| !value.is_empty()).ok_or_else(
            || Error::invalid_request("idempotency_key", "must be plain text that is not empty"),
        )?;
        headers.push((HeaderName::from_static("idempotency-key"), value));
    }
    Ok(headers)
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
