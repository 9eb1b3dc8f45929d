//! What of a delivery may be written down until it is handled, and which object it tells something of.

use jiff::Timestamp;

use super::event::{Parts, UnixTime};
use crate::error::{Error, ErrorKind};
use crate::json::{RawJson, write_name, write_text};
use crate::response::RecordedResponse;
use crate::schema::{EventObject, Schema, Type, WebhookEvent, Webhooks};

/// Most characters of an identifier or a name that is written down.
const MAX_TEXT: usize = 255;

/// A delivery as it may be written down: no field that is sensitive, and none that the document does not know but those that
/// were asked for by name and the one that identifies the event's object.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeptDelivery {
    /// Name of the event.
    pub event: String,
    /// Identifier of the event.
    pub id: String,
    /// Kind and identifier of its object; `None` where the document does not say, or the delivery does not.
    pub object: Option<(String, String)>,
    /// When the event arose, where the delivery says so.
    pub occurred_at: Option<Timestamp>,
    /// Where it stands among events of the same time.
    pub step: u32,
    /// The delivery as JSON that [`parse`](super::parse) reads.
    pub body: String,
}

/// Shows no payload.
impl std::fmt::Debug for KeptDelivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeptDelivery")
            .field("event", &self.event)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl KeptDelivery {
    /// Reads a delivery that was verified. `more` are names of fields of the data that are kept although the document does not
    /// know them.
    pub fn read(body: &[u8], webhooks: &'static Webhooks, more: &[String]) -> Result<Self, Error> {
        let parts = Parts::read(body, webhooks)?;
        for (what, text) in [("name", &parts.event), ("id", &parts.id)] {
            if !is_plain(text) {
                let problem = format!(
                    "the delivery was not understood: its event {what} is not 1 to {MAX_TEXT} printable characters"
                );
                return Err(Error::new(ErrorKind::ResponseFormat, problem));
            }
        }
        let data = parts.data(webhooks);
        let object = parts.known.and_then(|known| known.object);
        let text_of =
            |name: &str| data.and_then(|data| Some(data.get(name)?.as_text()?.into_owned()));
        let identified = object.and_then(|object| {
            let id = text_of(object.id).filter(|id| is_plain(id))?;
            Some((object.kind.to_owned(), id))
        });
        let time = object.and_then(|object| text_of(object.time?)).or_else(|| parts.time.clone());
        let kept = kept_body(&parts, webhooks, object, more);
        Ok(Self {
            object: identified,
            occurred_at: time.and_then(|time| UnixTime::new(time).parsed()),
            step: object.map_or(0, |object| object.step),
            body: kept,
            event: parts.event,
            id: parts.id,
        })
    }
}

/// Whether a text can be a key in any store.
fn is_plain(text: &str) -> bool {
    let length = text.chars().count();
    (1..=MAX_TEXT).contains(&length) && !text.chars().any(char::is_control)
}

fn kept_body(
    parts: &Parts,
    webhooks: &Webhooks,
    object: Option<&EventObject>,
    more: &[String],
) -> String {
    let mut out = String::from("{");
    for (name, text) in [(webhooks.event, &parts.event), (webhooks.id, &parts.id)] {
        write_name(&mut out, name);
        write_text(&mut out, text);
    }
    let time = webhooks.time.and_then(|time| RawJson::root(&parts.document)?.get(time));
    if let (Some(name), Some(time)) = (webhooks.time, time) {
        write_name(&mut out, name);
        out.push_str(time.json());
    }
    if let Some(data) = parts.data(webhooks) {
        write_name(&mut out, webhooks.data);
        write_data(&mut out, data, parts.known, object, more);
    }
    out.push('}');
    out
}

fn write_data(
    out: &mut String,
    data: RawJson<'_>,
    known: Option<&WebhookEvent>,
    object: Option<&EventObject>,
    more: &[String],
) {
    let schema: Option<&Schema> = match known.map(|known| known.data) {
        Some(Type::Object(schema)) => Some(schema),
        _ => None,
    };
    out.push('{');
    for (name, value) in data.entries() {
        let field = schema.and_then(|schema| schema.fields.get(schema.position(&name, 0)?));
        let is_asked = more.iter().any(|more| *more == name)
            || object.is_some_and(|object| object.id == name || object.time == Some(&*name));
        let kept = match field {
            Some(field) if field.sensitive => None,
            Some(field) => RecordedResponse::json_of(value, field.ty),
            None => is_asked.then(|| value.json().to_owned()),
        };
        if let Some(json) = kept {
            write_name(out, &name);
            out.push_str(&json);
        }
    }
    out.push('}');
}
