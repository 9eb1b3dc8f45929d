//! Webhooks: checking, reading and making deliveries. `lib/webhooks.cjs` has checked what comes here.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use napi::bindgen_prelude::{Buffer, Either};
use napi_derive::napi;
use payglot::ErrorKind;
use payglot::runtime::json::{RawJson, write_name};
use payglot::schema::{Encoding, Type, Webhooks};
use payglot::webhooks::{Delivery, Parts, Scheme, UnixTime, sample, sign, verify_at};
use serde::Deserialize;

use crate::failure;
use crate::transcode;

/// A scheme as `lib/webhooks.cjs` writes it; the tolerance is in milliseconds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    signature_header: String,
    timestamp_header: Option<String>,
    separator: String,
    prefix: String,
    encoding: String,
    tolerance: f64,
}

/// `None` only where `lib/webhooks.cjs` let something through.
fn scheme(settings: &str) -> Option<Scheme> {
    let given: Settings = serde_json::from_str(settings).ok()?;
    Some(Scheme {
        signature_header: given.signature_header.into(),
        timestamp_header: given.timestamp_header.map(Into::into),
        separator: given.separator.into(),
        prefix: given.prefix.into(),
        encoding: Encoding::from_name(&given.encoding)?,
        tolerance: Duration::try_from_secs_f64(given.tolerance / 1000.0).ok()?,
    })
}

fn wrong_scheme() -> String {
    failure::to_json_of(ErrorKind::InvalidRequest, "", "`scheme` is not understood")
}

/// Gives an error as JSON unless a delivery holds. `headers` are pairs as JSON, `now` is in milliseconds.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn webhook_verify(
    body: &[u8],
    headers: String,
    secrets: Vec<Buffer>,
    settings: String,
    now: Option<f64>,
) -> Option<String> {
    let Some(scheme) = scheme(&settings) else { return Some(wrong_scheme()) };
    let headers: Vec<(String, String)> = serde_json::from_str(&headers).unwrap_or_default();
    let secrets: Vec<&[u8]> = secrets.iter().map(AsRef::as_ref).collect();
    let now = now
        .and_then(|now| UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(now / 1000.0).ok()?))
        .unwrap_or_else(SystemTime::now);
    verify_at(body, headers, &secrets, &scheme, now).err().map(|error| failure::to_json(&error))
}

/// The signature of a delivery; `timestamp` is in Unix seconds.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn webhook_sign(
    body: &[u8],
    timestamp: f64,
    secret: &[u8],
    settings: String,
) -> Option<String> {
    let timestamp = Duration::try_from_secs_f64(timestamp).ok()?.as_secs();
    Some(sign(body, timestamp, secret, &scheme(&settings)?))
}

/// A delivery that was read.
#[napi(object)]
pub struct WebhookRead {
    /// Whether the event is known.
    pub known: bool,
    /// When it arose, in milliseconds.
    pub milliseconds: Option<f64>,
    /// The delivery as JSON for V8.
    pub json: String,
}

/// Reads a delivery of a provider, or gives an error as JSON.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn webhook_parse(provider: String, body: &[u8]) -> Either<WebhookRead, String> {
    let Some(webhooks) = of(&provider) else { return Either::B(no_events()) };
    let parts = match Parts::read(body, webhooks) {
        Ok(parts) => parts,
        Err(error) => return Either::B(failure::to_json(&error)),
    };
    let time = parts.time.as_deref().and_then(|text| UnixTime::new(text).parsed());
    #[allow(clippy::cast_precision_loss)] // exact for thousands of years
    let milliseconds = time.map(|time| time.as_millisecond() as f64);
    let known = parts.known.is_some();
    Either::A(WebhookRead { known, milliseconds, json: json(&parts, webhooks) })
}

/// The whole delivery with the values of its fields put right, as those of answers are.
fn json(parts: &Parts, webhooks: &Webhooks) -> String {
    let document = &parts.document;
    let mut out = String::from("{");
    for (name, value) in RawJson::root(document).into_iter().flat_map(RawJson::entries) {
        let ty = match (&*name, parts.known) {
            (name, Some(known)) if name == webhooks.data => known.data,
            (name, _) if name == webhooks.event || name == webhooks.id => Type::Text,
            (name, _) if Some(name) == webhooks.time => Type::Number,
            _ => Type::Any,
        };
        write_name(&mut out, &name);
        transcode::write(&mut out, document.text(), value, ty);
    }
    out.push('}');
    out
}

/// The body of an event from the document's examples, or an error as JSON; `data` is JSON.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn webhook_sample(
    provider: String,
    event: String,
    data: Option<String>,
) -> Either<Buffer, String> {
    let Some(webhooks) = of(&provider) else { return Either::B(no_events()) };
    match sample(webhooks, &event, data.as_deref()) {
        Ok(body) => Either::A(body.into()),
        Err(error) => Either::B(failure::to_json(&error)),
    }
}

/// The headers of a delivery that is sent now.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn webhook_headers(body: &[u8], secret: &[u8], settings: String) -> Vec<Vec<String>> {
    let Some(scheme) = scheme(&settings) else { return Vec::new() };
    let headers = Delivery::signed(body.to_vec(), secret, &scheme).headers;
    headers.into_iter().map(|(name, value)| vec![name, value]).collect()
}

fn of(provider: &str) -> Option<&'static Webhooks> {
    payglot::providers::find(provider)?.webhooks
}

fn no_events() -> String {
    failure::to_json_of(ErrorKind::Configuration, "", "this build has no events of this provider")
}

/// Remembers event ids.
#[napi]
pub struct ReplayGuard(payglot::webhooks::ReplayGuard);

#[napi]
impl ReplayGuard {
    /// The window is in milliseconds.
    #[napi(constructor)]
    pub fn new(capacity: u32, window: f64) -> Self {
        let window = Duration::try_from_secs_f64(window / 1000.0).unwrap_or(Duration::MAX);
        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
        Self(payglot::webhooks::ReplayGuard::with_window(capacity, window))
    }

    /// Whether an id comes for the first time.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn is_new(&self, id: String) -> bool {
        self.0.is_new(&id)
    }

    /// Forgets an id.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn forget(&self, id: String) {
        self.0.forget(&id);
    }
}
