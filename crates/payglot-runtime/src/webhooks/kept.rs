//! What of a delivery may be written down until it is handled, and which object it tells something of.

use jiff::Timestamp;

use super::parts::{KEPT, Parts, at};
use super::time::UnixTime;
use super::tree::Tree;
use super::verify::Headers;
use crate::error::{Error, ErrorKind};
use crate::json::{Kind, RawJson, UniqueFields, write_text};
use crate::response::RecordedResponse;
use crate::schema::{DeliveryField, EventObject, Schema, Type, WebhookEvent, Webhooks};

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
    /// The delivery as JSON that an inbox reads. What was in headers is in it too.
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
    pub fn read(
        body: &[u8],
        headers: impl Headers,
        webhooks: &'static Webhooks,
        more: &[String],
    ) -> Result<Self, Error> {
        Self::of(Parts::read(body, headers, webhooks)?, webhooks, more)
    }

    /// An event as it could have been delivered now, whose data is one field: the identifier of its object.
    pub fn of_object(
        webhooks: &'static Webhooks,
        event: &str,
        id: &str,
        (field, object): (&str, &str),
    ) -> Result<Self, Error> {
        let text_of = |text: &str| {
            let mut out = String::new();
            write_text(&mut out, text);
            out
        };
        let now = Timestamp::now();
        let time = if webhooks.time_is_text {
            text_of(&now.to_string())
        } else {
            now.as_second().to_string()
        };
        let mut body = Tree::new();
        for (of_event, json) in
            [(webhooks.event, &text_of(event)), (webhooks.id, &text_of(id)), (webhooks.time, &time)]
        {
            if let Some(path) = of_event.and_then(DeliveryField::path) {
                body.put(path, json);
            }
        }
        let data: Vec<&str> = webhooks.data.iter().copied().chain([field]).collect();
        body.put(&data, &text_of(object));
        let body = body.into_json();
        let time = webhooks.time.map(|_| now.as_second().to_string());
        let parts =
            Parts::restored(body.as_bytes(), event.to_owned(), id.to_owned(), time, webhooks)?;
        Self::of(parts, webhooks, &[])
    }

    fn of(parts: Parts, webhooks: &'static Webhooks, more: &[String]) -> Result<Self, Error> {
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
    let mut body = Tree::new();
    for field in [webhooks.event, webhooks.id, webhooks.time].into_iter().flatten() {
        let path = field.path().unwrap_or_default();
        if let Some(value) = at(&parts.document, path).filter(|_| !path.is_empty()) {
            body.put(path, value.json());
        }
    }
    match parts.data(webhooks) {
        Some(data) if data.kind() == Kind::Object => {
            body.put(webhooks.data, "{}");
            put_data(&mut body, webhooks.data, data, parts.known, (object, more));
        }
        Some(data) => {
            let kept = parts.known.and_then(|known| RecordedResponse::json_of(data, known.data));
            body.put(webhooks.data, &kept.unwrap_or_else(|| "[]".to_owned()));
        }
        None => {}
    }
    if !webhooks.is_kept_apart() {
        return body.into_json();
    }
    let mut whole = Tree::new();
    let texts =
        [("event", Some(&parts.event)), ("id", Some(&parts.id)), ("time", parts.time.as_ref())];
    for (name, text) in texts {
        let Some(text) = text else { continue };
        let mut json = String::new();
        write_text(&mut json, text);
        whole.put(&[KEPT, name], &json);
    }
    whole.put(&[KEPT, "body"], &body.into_json());
    whole.into_json()
}

fn put_data(
    body: &mut Tree,
    path: &[&str],
    data: RawJson<'_>,
    known: Option<&WebhookEvent>,
    (object, more): (Option<&EventObject>, &[String]),
) {
    let schema: Option<&Schema> = match known.map(|known| known.data) {
        Some(Type::Object(schema)) => Some(schema),
        _ => None,
    };
    if let Some(known) = known.filter(|_| schema.is_none())
        && let Some(kept) = RecordedResponse::json_of(data, known.data)
    {
        body.put(path, &kept);
    }
    let mut fields = UniqueFields::default();
    for (name, value) in data.entries() {
        fields.set(name, value);
    }
    for (name, value) in fields.into_vec() {
        let field = schema.and_then(|schema| schema.fields.get(schema.position(&name, 0)?));
        let is_asked = more.iter().any(|more| *more == name)
            || object.is_some_and(|object| object.id == name || object.time == Some(&*name));
        let kept = match field {
            Some(field) if field.sensitive => None,
            Some(field) => RecordedResponse::json_of(value, field.ty),
            None => is_asked.then(|| value.json().to_owned()),
        };
        if let Some(json) = kept {
            let path: Vec<&str> = path.iter().copied().chain([&*name]).collect();
            body.put(&path, &json);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Field;
    use crate::webhooks::parts::NO_HEADERS;

    static SCHEMA: Schema = Schema {
        index: 0,
        name: "Order",
        fields: &[
            Field::new("id", "id", Type::Text),
            Field::new("pin", "pin", Type::Text).sensitive(),
        ],
        open: true,
        outcome: None,
        certain: 0,
    };

    const fn only(object: Option<&'static EventObject>) -> WebhookEvent {
        WebhookEvent {
            index: 0,
            name: "made",
            summary: "",
            data: Type::Object(&SCHEMA),
            object,
            sample: "{}",
            docs: "",
            unconfirmed: "",
        }
    }

    /// One event alone, of which nothing is said.
    static BARE: Webhooks = Webhooks {
        provider: "bare",
        event: None,
        id: None,
        data: &[],
        time: None,
        time_is_text: false,
        events: &[only(None)],
    };

    #[test]
    fn one_event_alone_needs_no_name_and_its_body_identifies_it() {
        let body = br#"{"id":"o_1","pin":"1","more":2,"more":3}"#;
        let kept = KeptDelivery::read(body, NO_HEADERS, &BARE, &["more".to_owned()]).unwrap();
        assert_eq!((&*kept.event, kept.occurred_at), ("made", None));

        assert!(kept.id.starts_with("sha256:") && kept.id.len() == "sha256:".len() + 64);
        assert!(!kept.body.contains("pin"));
        let parts = Parts::kept(&kept.body, &BARE).unwrap();
        assert_eq!((&parts.event, &parts.id), (&kept.event, &kept.id));
        assert_eq!(parts.document.text(), r#"{"id":"o_1","more":3}"#);
        let other = KeptDelivery::read(b"{}", NO_HEADERS, &BARE, &[]).unwrap();
        assert_ne!(other.id, kept.id);
    }

    #[test]
    fn an_event_of_an_object_is_made_wherever_its_parts_are() {
        static OBJECT: EventObject = EventObject {
            kind: "order",
            id: "id",
            time: None,
            step: 0,
            read: None,
            list: None,
            shown: &[],
        };
        static NESTED: Webhooks = Webhooks {
            provider: "nested",
            event: Some(DeliveryField::Body(&["event", "name"])),
            id: Some(DeliveryField::Header("X-Id")),
            data: &["event", "order"],
            time: Some(DeliveryField::Body(&["at"])),
            time_is_text: true,
            events: &[only(Some(&OBJECT))],
        };
        let kept = KeptDelivery::of_object(&NESTED, "made", "catch-up", ("id", "o_1")).unwrap();
        assert_eq!(kept.object, Some(("order".to_owned(), "o_1".to_owned())));
        assert!(kept.occurred_at.is_some());
        let parts = Parts::kept(&kept.body, &NESTED).unwrap();
        assert_eq!((&*parts.event, &*parts.id), ("made", "catch-up"));
        let text = parts.document.text();
        assert!(
            text.starts_with(r#"{"event":{"name":"made","order":{"id":"o_1"}},"at":"#),
            "{text}"
        );
    }
}
