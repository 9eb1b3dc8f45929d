//! Deliveries for users' own tests: any event of a provider, made from the document's examples and signed.

use std::borrow::Cow;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use super::verify::{Scheme, sign};
use crate::error::Error;
use crate::json::write_name;
use crate::json::{self, UniqueFields};
use crate::schema::Webhooks;

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

/// The body of an event that arose now, under an id of its own unless one is given. Fields of `data` replace the
/// example's.
#[doc(hidden)]
pub fn sample(
    webhooks: &Webhooks,
    event: &str,
    data: Option<&str>,
    id: Option<&str>,
) -> Result<Vec<u8>, Error> {
    let known = webhooks.events.iter().find(|known| known.name == event).ok_or_else(|| {
        let names: Vec<_> = webhooks.events.iter().map(|event| event.name).collect();
        Error::invalid_request("event", format!("must be one of {}", names.join(", ")))
    })?;
    let mut fields = UniqueFields::default();
    let example = json::entries(known.sample).unwrap_or_default();
    for (name, value) in example.into_iter().chain(given(data)?) {
        fields.set(name, value);
    }
    let mut inner = String::from("{");
    for (name, value) in &fields.into_vec() {
        write_name(&mut inner, name);
        inner.push_str(value);
    }
    inner.push('}');

    let mut out = String::from("{");
    write_name(&mut out, webhooks.event);
    json::write_text(&mut out, event);
    write_name(&mut out, webhooks.id);
    match id {
        Some(id) => json::write_text(&mut out, id),
        None => json::write_text(&mut out, &uuid::Uuid::new_v4().to_string()),
    }
    write_name(&mut out, webhooks.data);
    out.push_str(&inner);
    if let Some(time) = webhooks.time {
        write_name(&mut out, time);
        out.push_str(&now().to_string());
    }
    out.push('}');
    Ok(out.into_bytes())
}

fn given(data: Option<&str>) -> Result<Vec<(Cow<'_, str>, &str)>, Error> {
    let Some(data) = data else { return Ok(Vec::new()) };
    json::entries(data).ok_or_else(|| Error::invalid_request("data", "must be a JSON object"))
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
