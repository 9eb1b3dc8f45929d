//! What of a document's deliveries has name, identifier, data and time of an event, by the usual names.
//!
//! A wrong identifier would have two events taken for one: one is taken only where its name says that it is the event's. In a
//! body that is all data, `id` and `created_at` are the object's.

use std::fmt::Write as _;

use serde_json::Value;

use super::schemas::fields;
use super::words::snake;
use crate::model::build::json_schema;
use crate::model::build::schemas::resolve;
use crate::model::{Delivery, DeliveryField};

const DATA: [&str; 8] =
    ["data", "payload", "resource", "object", "details", "detail", "content", "body"];
const EVENT: [&str; 9] = [
    "event",
    "event_type",
    "event_name",
    "type",
    "topic",
    "webhook_type",
    "notification_type",
    "trigger",
    "name",
];
/// Those that are an event's in a body that is all data too.
const EVENT_ALONE: [&str; 6] =
    ["event", "event_type", "event_name", "topic", "webhook_type", "notification_type"];
const ID: [&str; 5] = ["id", "event_id", "uuid", "notification_id", "delivery_id"];
const ID_ALONE: [&str; 2] = ["event_id", "notification_id"];
const TIME: [&str; 11] = [
    "time",
    "timestamp",
    "created",
    "created_at",
    "create_time",
    "occurred_at",
    "event_time",
    "event_timestamp",
    "sent_at",
    "date",
    "event_generated_time",
];
const TIME_ALONE: [&str; 4] = ["event_time", "event_timestamp", "occurred_at", "timestamp"];

/// `[webhooks]` of `provider.toml`; empty where the document has none.
pub fn toml(document: &Value) -> String {
    let Some(webhooks) = document.get("webhooks").and_then(Value::as_object) else {
        return String::new();
    };
    let all: Vec<Webhook<'_>> =
        webhooks.values().filter_map(|item| Webhook::of(document, item)).collect();
    if all.is_empty() {
        return String::new();
    }
    let guessed = guess(document, &all);
    // Of several events nothing would say which one a delivery is.
    let is_told = guessed.event.is_some() || webhooks.len() == 1;
    let mut text = String::from(if is_told {
        "\n# Guessed from the document's webhooks: look what a delivery has. openapi/README.md has the keys.\n[webhooks]\n"
    } else {
        "\n# The document has webhooks, and nothing in it says what tells their events apart. Name it to have them:\n# [webhooks]\n# event = \"event\"\n"
    });
    let data = guessed.data.as_ref().map(|field| DeliveryField::Field(field.clone()));
    let keys =
        [("event", &guessed.event), ("id", &guessed.id), ("data", &data), ("time", &guessed.time)];
    for (key, field) in keys {
        if let Some(field) = field {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}{key} = {}", if is_told { "" } else { "# " }, field.toml());
        }
    }
    text
}

/// What a webhook delivers.
struct Webhook<'d> {
    body: &'d Value,
    headers: Vec<&'d str>,
}

impl<'d> Webhook<'d> {
    fn of(document: &'d Value, item: &'d Value) -> Option<Self> {
        let operation = item.get("post")?;
        let body = resolve(document, operation.get("requestBody")?).ok()?;
        let (_, body) = json_schema(body.get("content")?.as_object()?)?;
        let parameters =
            [operation, item].into_iter().filter_map(|of| of.get("parameters")?.as_array());
        let parameters =
            parameters.flatten().filter_map(|parameter| resolve(document, parameter).ok());
        let headers = parameters
            .filter(|parameter| parameter.get("in").and_then(Value::as_str) == Some("header"))
            .filter_map(|parameter| parameter.get("name")?.as_str());
        Some(Self { body, headers: headers.collect() })
    }
}

fn guess(document: &Value, all: &[Webhook<'_>]) -> Delivery {
    let everywhere = |path: &[&str], is: &dyn Fn(&Value) -> bool| {
        all.iter().all(|webhook| at(document, webhook.body, path).is_some_and(is))
    };
    let is_object = |schema: &Value| is_object(document, schema);
    let is_value = |schema: &Value| !is_object(schema) && !is_list(schema);
    let Some(first) = all.first() else { return Delivery::default() };
    // In the order of the wanted names, and as the document writes them.
    let find = |within: &[&str], wanted: &[&str], is: &dyn Fn(&Value) -> bool| {
        let holder = at(document, first.body, within)?;
        let known = fields(document, holder, 0);
        wanted.iter().find_map(|name| {
            let (field, _) = known.iter().find(|(field, _)| snake(field) == *name)?;
            let path: Vec<&str> = within.iter().copied().chain([*field]).collect();
            everywhere(&path, is).then(|| path.join("."))
        })
    };
    // An event that is an object of its own has what others have beside the data.
    let own = ["event"];
    let within: &[&str] = if everywhere(&own, &is_object) { &own } else { &[] };
    let data = find(within, &DATA, &is_object).or_else(|| find(&[], &DATA, &is_object));
    let data = data.map(|data| {
        let path: Vec<&str> = data.split('.').collect();
        let deeper: Vec<&str> = path.iter().copied().chain(["object"]).collect();
        if everywhere(&deeper, &is_object) { deeper.join(".") } else { data }
    });
    let is_apart = data.is_some() || !within.is_empty();
    let names = |apart: &'static [&'static str], alone: &'static [&'static str]| {
        if is_apart { apart } else { alone }
    };
    let of = |wanted: &[&str]| {
        let inside = find(within, wanted, &is_value);
        inside.or_else(|| find(&[], wanted, &is_value)).map(|path| DeliveryField::of(&path))
    };
    let header = |is: &dyn Fn(&str) -> bool| {
        let mut names = first.headers.iter().filter(|name| is(&snake(name)));
        names.find(|name| all.iter().all(|webhook| webhook.headers.contains(name)))
    };
    let header = |is: &dyn Fn(&str) -> bool| header(is).map(|name| DeliveryField::header(name));
    let is_constant = |schema: &Value| {
        let one = |values: &Value| values.as_array().is_some_and(|values| values.len() == 1);
        schema.get("const").is_some() || schema.get("enum").is_some_and(one)
    };
    let constant = || find(&[], &["type"], &is_constant).map(|path| DeliveryField::of(&path));
    Delivery {
        event: of(names(&EVENT, &EVENT_ALONE)).or_else(constant).or_else(|| {
            header(&|name| {
                (name.ends_with("event") || name.ends_with("topic") || name.ends_with("event_type"))
                    && !name.ends_with("id")
            })
        }),
        id: of(names(&ID, &ID_ALONE)).or_else(|| {
            header(&|name| {
                let words = ["event", "delivery", "notification", "webhook"];
                name.ends_with("_id") && words.iter().any(|word| name.contains(word))
            })
        }),
        time: of(names(&TIME, &TIME_ALONE)),
        data: data.map(Into::into),
    }
}

/// The schema of a field.
fn at<'d>(document: &'d Value, schema: &'d Value, path: &[&str]) -> Option<&'d Value> {
    path.iter()
        .try_fold(schema, |schema, name| {
            fields(document, schema, 0)
                .into_iter()
                .find(|(known, _)| known == name)
                .map(|(_, of)| of)
        })
        .and_then(|schema| resolve(document, schema).ok())
}

/// Whether a field is data: an object, one of several, or something of which nothing is said.
fn is_object(document: &Value, schema: &Value) -> bool {
    let kinds = ["oneOf", "anyOf", "allOf"];
    match schema.get("type").and_then(Value::as_str) {
        Some(kind) => kind == "object",
        None => {
            !fields(document, schema, 0).is_empty()
                || kinds.iter().any(|kind| schema.get(*kind).is_some())
                || schema.get("additionalProperties").is_some()
                || (schema.get("enum").is_none() && schema.get("const").is_none())
        }
    }
}

fn is_list(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("array")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    fn written(webhooks: &[(Value, Value)]) -> String {
        let post = |(body, headers): &(Value, Value)| {
            let content = json!({"application/json": {"schema": body}});
            json!({"post": {"parameters": headers, "requestBody": {"content": content}}})
        };
        let items = webhooks.iter().enumerate().map(|(at, of)| (format!("w{at}"), post(of)));
        super::toml(&json!({"webhooks": items.collect::<serde_json::Map<_, _>>()}))
    }

    fn object(properties: &Value) -> Value {
        json!({"type": "object", "properties": properties})
    }

    fn header(name: &str) -> Value {
        json!({"in": "header", "name": name, "schema": {"type": "string"}})
    }

    #[test]
    fn the_usual_forms_are_recognized() {
        let text = json!({"type": "string"});
        let thing = object(&json!({"id": text, "created_at": text}));
        let none = json!([]);
        let flat = object(&json!({"id": text, "type": text, "createdAt": text, "data": thing}));
        let deep =
            object(&json!({"id": text, "type": text, "data": object(&json!({"object": thing}))}));
        let own =
            object(&json!({"event": object(&json!({"id": text, "name": text})), "payload": thing}));
        let typed = object(&json!({"id": text, "type": {"const": "made"}}));
        for (webhook, expected) in [
            (
                (flat, none.clone()),
                "event = \"type\"\nid = \"id\"\ndata = \"data\"\ntime = \"createdAt\"\n",
            ),
            ((deep, none.clone()), "event = \"type\"\nid = \"id\"\ndata = \"data.object\"\n"),
            (
                (own, none.clone()),
                "event = \"event.name\"\nid = \"event.id\"\ndata = \"payload\"\n",
            ),
            // What identifies the object identifies no event.
            ((typed, none), "event = \"type\"\n"),
            (
                (thing.clone(), json!([header("X-Acme-Event-Id"), header("X-Acme-Event")])),
                "event = { header = \"X-Acme-Event\" }\nid = { header = \"X-Acme-Event-Id\" }\n",
            ),
        ] {
            let text = written(&[webhook.clone(), webhook.clone()]);
            let (_, keys) = text.split_once("[webhooks]\n").unwrap();
            assert_eq!(keys, expected, "{webhook:?}");
            assert!(toml::from_str::<toml::Table>(&text).unwrap().contains_key("webhooks"));
        }
    }

    #[test]
    fn several_events_that_nothing_tells_apart_wait_for_a_person() {
        let thing = object(&json!({"id": {"type": "string"}}));
        let one = written(&[(thing.clone(), json!([]))]);
        assert!(one.ends_with("\n[webhooks]\n"), "{one}");
        let two = written(&[(thing.clone(), json!([])), (thing, json!([]))]);
        assert!(two.contains("# [webhooks]\n"), "{two}");
        assert!(toml::from_str::<toml::Table>(&two).unwrap().is_empty());
    }
}
