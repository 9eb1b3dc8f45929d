//! A delivery taken apart: name, identifier and time of its event, from its body or its headers, and where its data is.

use std::sync::Arc;

use sha2::Digest as _;

use super::event::{Event, EventData};
use super::time::UnixTime;
use super::verify::Headers;
use crate::error::{Error, ErrorKind};
use crate::json::{Document, Kind, RawJson};
use crate::schema::{DeliveryField, WebhookEvent, Webhooks};

/// For what was delivered without any that is read.
pub(super) const NO_HEADERS: [(&str, &str); 0] = [];

/// A delivery taken apart, its data not read yet.
#[doc(hidden)]
pub struct Parts {
    pub event: String,
    pub id: String,
    /// Unix seconds as the vendor wrote them.
    pub time: Option<String>,
    pub known: Option<&'static WebhookEvent>,
    pub document: Arc<Document>,
}

impl Parts {
    /// Takes a delivery apart.
    pub fn read(
        body: &[u8],
        headers: impl Headers,
        webhooks: &'static Webhooks,
    ) -> Result<Self, Error> {
        let document = document(body)?;
        let of = |field: DeliveryField| match field {
            DeliveryField::Body(path) => Some(at(&document, path)?.as_text()?.into_owned()),
            DeliveryField::Header(name) => {
                let value = headers.header(name)?.trim().to_owned();
                Some(value).filter(|value| !value.is_empty())
            }
        };
        let wanted = |field: DeliveryField, what: &str| {
            of(field).ok_or_else(|| match field {
                DeliveryField::Body(_) => not_understood(&format!("it has no event {what}")),
                DeliveryField::Header(name) => not_understood(&format!(
                    "it has no header {name} with its event {what}: pass the headers of the request"
                )),
            })
        };
        let event = match (webhooks.event, webhooks.events) {
            (Some(field), _) => wanted(field, "name")?,
            (None, [only, ..]) => only.name.to_owned(),
            (None, []) => return Err(not_understood("no event of this vendor is known")),
        };
        let id = match webhooks.id {
            Some(field) => wanted(field, "id")?,
            None => hashed(body, webhooks, &event),
        };
        let time = webhooks.time.and_then(of);
        Ok(Self::of(document, event, id, time, webhooks))
    }

    /// What [`KeptDelivery`](super::KeptDelivery) has written down.
    pub fn kept(text: &str, webhooks: &'static Webhooks) -> Result<Self, Error> {
        let whole = document(text.as_bytes())?;
        let part = |name: &str| at(&whole, &[KEPT, name]);
        let text_of = |name: &str| Some(part(name)?.as_text()?.into_owned());
        match (text_of("event"), text_of("id"), part("body")) {
            (Some(event), Some(id), Some(body)) if webhooks.is_kept_apart() => {
                Self::restored(body.json().as_bytes(), event, id, text_of("time"), webhooks)
            }
            _ => Self::read(text.as_bytes(), NO_HEADERS, webhooks),
        }
    }

    /// A body of which it is known what event it is.
    pub fn restored(
        body: &[u8],
        event: String,
        id: String,
        time: Option<String>,
        webhooks: &'static Webhooks,
    ) -> Result<Self, Error> {
        Ok(Self::of(document(body)?, event, id, time, webhooks))
    }

    fn of(
        document: Arc<Document>,
        event: String,
        id: String,
        time: Option<String>,
        webhooks: &'static Webhooks,
    ) -> Self {
        // One whose data is something else altogether is read as one that is not known, which keeps the data as it came.
        let known = webhooks.events.iter().find(|known| known.name == event);
        let known = known
            .filter(|known| data(&document, webhooks).is_none_or(|data| data.fits(known.data)));
        Self { event, id, time, known, document }
    }

    pub(super) fn event<D: EventData>(self) -> Event<D> {
        let Self { event, id, time, known, document } = self;
        let data = D::read(known, data(&document, D::WEBHOOKS));
        Event { event, id, generated_at: time.map(UnixTime::new), data, document }
    }

    /// What the event is about, not interpreted.
    pub fn data(&self, webhooks: &Webhooks) -> Option<RawJson<'_>> {
        data(&self.document, webhooks)
    }
}

/// The field beside which a kept delivery has what its body lacks.
pub(super) const KEPT: &str = "payglot_delivery";

impl Webhooks {
    /// Whether a delivery's name, identifier or time is not in its body, and is kept beside it.
    pub(super) fn is_kept_apart(&self) -> bool {
        self.id.is_none() || self.headers().next().is_some()
    }
}

fn document(body: &[u8]) -> Result<Arc<Document>, Error> {
    let text = std::str::from_utf8(body).map_err(|_| not_understood("it is not UTF-8 text"))?;
    let document = Arc::new(Document::new(text));
    match RawJson::root(&document) {
        None => Err(not_understood("it is not JSON")),
        Some(root) if !matches!(root.kind(), Kind::Object | Kind::List) => {
            Err(not_understood("it is not an object"))
        }
        Some(_) => Ok(document),
    }
}

/// The same for every delivery of one body. Two events of one body differ by their names.
fn hashed(body: &[u8], webhooks: &Webhooks, event: &str) -> String {
    let hash = hex::encode(sha2::Sha256::digest(body));
    match webhooks.event {
        Some(DeliveryField::Header(_)) => format!("{event} sha256:{hash}"),
        _ => format!("sha256:{hash}"),
    }
}

pub(super) fn at<'d>(document: &'d Arc<Document>, path: &[&str]) -> Option<RawJson<'d>> {
    path.iter().try_fold(RawJson::root(document)?, |value, field| value.get(field))
}

fn data<'d>(document: &'d Arc<Document>, webhooks: &Webhooks) -> Option<RawJson<'d>> {
    at(document, webhooks.data).filter(|data| !data.is_null())
}

fn not_understood(problem: &str) -> Error {
    let message = format!(
        "the delivery was not understood: {problem}; check that the body is the raw bytes received"
    );
    Error::new(ErrorKind::ResponseFormat, message)
}
