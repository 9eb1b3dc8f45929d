//! Webhooks: checking, reading and making deliveries. `lib/webhooks.cjs` has checked what comes here.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use napi::bindgen_prelude::{Buffer, Either};
use napi_derive::napi;
use payglot::ErrorKind;
use payglot::runtime::json::escape_lone_surrogates;
use payglot::runtime::json::{RawJson, write_name, write_text};
use payglot::schema::{DeliveryField, Type, Webhooks};
use payglot::webhooks::{Delivery, Parts, Scheme, UnixTime, sample, sign, verify_at};
use payglot_bindings::{
    BindingError, ErrorFields, InvalidRequest, SchemeOptions, duration_from_secs, time_from_secs,
};

use crate::transcode;

/// The scheme that `lib/webhooks.cjs` wrote as JSON.
pub(crate) fn scheme(options: &str) -> Result<Scheme, InvalidRequest> {
    let options: SchemeOptions = serde_json::from_str(options)
        .map_err(|_| InvalidRequest::new("scheme", "is not understood"))?;
    options.scheme()
}

/// Gives an error as JSON unless a delivery is genuine. `headers` are pairs as JSON, `now` is in Unix seconds.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn webhook_verify(
    body: &[u8],
    headers: String,
    secrets: Vec<Buffer>,
    options: String,
    now: Option<f64>,
) -> Option<String> {
    let verified = verified(body, &headers, &secrets, &options, now);
    verified.err().map(|error| error.fields("").to_json())
}

fn verified(
    body: &[u8],
    headers: &str,
    secrets: &[Buffer],
    options: &str,
    now: Option<f64>,
) -> Result<(), BindingError> {
    let (scheme, now) = (scheme(options)?, time_from_secs(now)?);
    let headers = pairs(headers);
    let secrets: Vec<&[u8]> = secrets.iter().map(AsRef::as_ref).collect();
    Ok(verify_at(body, headers, &secrets, &scheme, now)?)
}

/// The signature of a delivery; `timestamp` is in Unix seconds.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn webhook_sign(body: &[u8], timestamp: f64, secret: &[u8], options: String) -> Option<String> {
    let timestamp = duration_from_secs("timestamp", timestamp).ok()?.as_secs();
    Some(sign(body, timestamp, secret, &scheme(&options).ok()?))
}

/// A delivery that was read.
#[napi(object)]
pub struct WebhookRead {
    /// Whether the event is known.
    pub known: bool,
    /// When it arose, in milliseconds.
    pub milliseconds: Option<f64>,
    /// The event as JSON for V8.
    pub json: String,
    /// The whole delivery as JSON for V8, where the event is not all of it.
    pub body: Option<String>,
}

/// Reads a delivery of a provider, or gives an error as JSON. `headers` are pairs as JSON; without them it is what an inbox has
/// stored.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn webhook_parse(
    provider: String,
    body: &[u8],
    headers: Option<String>,
) -> Either<WebhookRead, String> {
    let Some(webhooks) = webhooks_of(&provider) else { return Either::B(no_events()) };
    let parts = match headers {
        Some(headers) => Parts::read(body, pairs(&headers), webhooks),
        None => Parts::kept(&String::from_utf8_lossy(body), webhooks),
    };
    let parts = match parts {
        Ok(parts) => parts,
        Err(error) => return Either::B(ErrorFields::from(&error).to_json()),
    };
    let time = parts.time.as_deref().and_then(|text| UnixTime::new(text).parsed());
    #[allow(clippy::cast_precision_loss)] // exact for thousands of years
    let milliseconds = time.map(|time| time.as_millisecond() as f64);
    let known = parts.known.is_some();
    let (json, body) = if webhooks.is_flat() {
        (json(&parts, webhooks), None)
    } else {
        let root = RawJson::root(&parts.document);
        let body = root.map(|root| written(&parts, root, Type::Any));
        (json_apart(&parts, webhooks), body)
    };
    Either::A(WebhookRead { known, milliseconds, json, body })
}

fn pairs(headers: &str) -> Vec<(String, String)> {
    serde_json::from_str(&escape_lone_surrogates(headers)).unwrap_or_default()
}

fn written(parts: &Parts, value: RawJson<'_>, ty: Type) -> String {
    let mut out = String::new();
    transcode::write(&mut out, parts.document.text(), value, ty);
    out
}

/// Name, identifier and data of an event that are not beside each other in the delivery.
fn json_apart(parts: &Parts, webhooks: &Webhooks) -> String {
    let mut out = String::from("{");
    for (name, text) in [("event", &parts.event), ("id", &parts.id)] {
        write_name(&mut out, name);
        write_text(&mut out, text);
    }
    if let Some(data) = parts.data(webhooks) {
        write_name(&mut out, "data");
        out.push_str(&written(parts, data, parts.known.map_or(Type::Any, |known| known.data)));
    }
    out.push('}');
    out
}

/// The whole delivery with the values of its fields as those of responses have them.
fn json(parts: &Parts, webhooks: &Webhooks) -> String {
    let document = &parts.document;
    let is = |field: Option<DeliveryField>, name: &str| {
        field.and_then(DeliveryField::path).is_some_and(|path| path == [name])
    };
    let time = if webhooks.time_is_text { Type::Text } else { Type::Number };
    let mut out = String::from("{");
    for (name, value) in RawJson::root(document).into_iter().flat_map(RawJson::entries) {
        let ty = match (&*name, parts.known) {
            (name, Some(known)) if webhooks.data == [name] => known.data,
            (name, _) if is(webhooks.event, name) || is(webhooks.id, name) => Type::Text,
            (name, _) if is(webhooks.time, name) => time,
            _ => Type::Any,
        };
        write_name(&mut out, &name);
        transcode::write(&mut out, document.text(), value, ty);
    }
    out.push('}');
    out
}

/// A delivery that is not signed.
#[napi(object)]
pub struct WebhookSample {
    /// Its exact bytes.
    pub body: Buffer,
    /// Those headers that have something of the event.
    pub headers: Vec<Vec<String>>,
}

/// A delivery of an event from the document's examples, or an error as JSON; `data` is JSON.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn webhook_sample(
    provider: String,
    event: String,
    data: Option<String>,
) -> Either<WebhookSample, String> {
    let Some(webhooks) = webhooks_of(&provider) else { return Either::B(no_events()) };
    match sample(webhooks, &event, data.as_deref(), None) {
        Ok(sample) => Either::A(WebhookSample {
            body: sample.body.into(),
            headers: sample.headers.into_iter().map(|(name, value)| vec![name, value]).collect(),
        }),
        Err(error) => Either::B(ErrorFields::from(&error).to_json()),
    }
}

/// The headers of a delivery that is sent now.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn webhook_headers(body: &[u8], secret: &[u8], options: String) -> Vec<Vec<String>> {
    let Ok(scheme) = scheme(&options) else { return Vec::new() };
    let headers = Delivery::signed(body.to_vec(), secret, &scheme).headers;
    headers.into_iter().map(|(name, value)| vec![name, value]).collect()
}

pub(crate) fn webhooks_of(provider: &str) -> Option<&'static Webhooks> {
    payglot::providers::find(provider)?.webhooks
}

pub(crate) fn no_events() -> String {
    let message = "this build has no events of this provider";
    ErrorFields::new(ErrorKind::Configuration, "", message).to_json()
}

/// Remembers which events were handled.
#[napi]
pub struct ReplayGuard {
    guard: payglot::webhooks::ReplayGuard,
    begun: Mutex<HashMap<String, payglot::webhooks::Handling>>,
}

#[napi]
impl ReplayGuard {
    /// The window is in seconds.
    #[napi(constructor)]
    pub fn new(capacity: u32, window: f64) -> Self {
        let window = duration_from_secs("window", window).unwrap_or(Duration::MAX);
        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
        let guard = payglot::webhooks::ReplayGuard::with_window(capacity, window);
        Self { guard, begun: Mutex::default() }
    }

    /// Begins to handle an event: whether it comes for the first time, or an error as JSON.
    #[napi]
    pub fn begin(&self, id: String) -> Either<bool, String> {
        match self.guard.handling(&id) {
            Ok(None) => Either::A(false),
            Ok(Some(handling)) => {
                self.begun().insert(id, handling);
                Either::A(true)
            }
            Err(error) => Either::B(ErrorFields::from(&error).to_json()),
        }
    }

    /// Ends what was begun, in success or not.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn end(&self, id: String, is_done: bool) {
        let handling = self.begun().remove(&id);
        if let Some(handling) = handling.filter(|_| is_done) {
            handling.done();
        }
    }

    fn begun(&self) -> MutexGuard<'_, HashMap<String, payglot::webhooks::Handling>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
