//! Deliveries for users' own tests: any event of a provider, made from the document's examples and signed.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use super::tree::Tree;
use super::verify::{Scheme, sign};
use crate::error::Error;
use crate::json;
use crate::schema::{DeliveryField, Webhooks};

/// A delivery as an HTTP request has it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Delivery {
    /// The exact bytes.
    pub body: Vec<u8>,
    /// Names and values.
    pub headers: Vec<(String, String)>,
}

impl Delivery {
    /// Signs a body as sent now.
    pub fn signed(body: Vec<u8>, secret: &[u8], scheme: &Scheme) -> Self {
        let now = now();
        let mut headers = vec![
            ("Content-Type".to_owned(), "application/json".to_owned()),
            (scheme.signature_header.clone().into_owned(), sign(&body, now, secret, scheme)),
        ];
        if let Some(header) = &scheme.timestamp_header {
            headers.push((header.clone().into_owned(), now.to_string()));
        }
        Self { body, headers }
    }
}

/// Shows neither payload nor signature.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery").finish_non_exhaustive()
    }
}

/// A delivery that is not signed yet.
#[doc(hidden)]
pub struct Sample {
    /// The exact bytes.
    pub body: Vec<u8>,
    /// Those that have something of the event.
    pub headers: Vec<(String, String)>,
}

impl Sample {
    /// Signs it as sent now.
    pub fn signed(self, secret: &[u8], scheme: &Scheme) -> Delivery {
        let mut delivery = Delivery::signed(self.body, secret, scheme);
        delivery.headers.extend(self.headers);
        delivery
    }
}

/// An event that arose now, under an id of its own unless one is given. Fields of `data` replace the example's.
#[doc(hidden)]
pub fn sample(
    webhooks: &Webhooks,
    event: &str,
    data: Option<&str>,
    id: Option<&str>,
) -> Result<Sample, Error> {
    let known = webhooks.events.iter().find(|known| known.name == event).ok_or_else(|| {
        let names: Vec<_> = webhooks.events.iter().map(|event| event.name).collect();
        Error::invalid_request("event", format!("must be one of {}", names.join(", ")))
    })?;
    let mut body = Tree::new();
    if let Some(data) = data {
        json::entries(data)
            .ok_or_else(|| Error::invalid_request("data", "must be a JSON object"))?;
        body.put(webhooks.data, data);
    }
    let mut headers = vec![];
    let id = id.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned);
    let time = if webhooks.time_is_text {
        jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    } else {
        now().to_string()
    };
    for (field, value, is_text) in [
        (webhooks.event, event, true),
        (webhooks.id, &id, true),
        (webhooks.time, &time, webhooks.time_is_text),
    ] {
        match field {
            Some(DeliveryField::Header(name)) => headers.push((name.to_owned(), value.to_owned())),
            Some(DeliveryField::Body(path)) if is_text => {
                let mut text = String::new();
                json::write_text(&mut text, value);
                body.put(path, &text);
            }
            Some(DeliveryField::Body(path)) => body.put(path, value),
            None => {}
        }
    }
    body.put(webhooks.data, known.sample);
    Ok(Sample { body: body.into_json().into_bytes(), headers })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
