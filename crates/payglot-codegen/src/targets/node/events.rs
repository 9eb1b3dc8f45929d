//! Events of webhooks as interfaces.

use serde_json::{Value, json};

use super::source::paragraphs;
use super::view::View;
use crate::model::{Delivery, DeliveryField, Event};

impl View<'_> {
    pub fn events(&self) -> Vec<Value> {
        self.provider.events.iter().map(|event| self.event(event)).collect()
    }

    fn event(&self, event: &Event) -> Value {
        let unconfirmed = match event.unconfirmed.as_str() {
            "" => String::new(),
            unconfirmed => format!("Not confirmed upstream: {unconfirmed}"),
        };
        let see =
            if event.docs.is_empty() { String::new() } else { format!("@see {}", event.docs) };
        let data = |prefix: &str| match Self::response_type(&event.data, prefix).as_str() {
            "unknown" => "unknown".to_owned(),
            known => format!("{known} | null"),
        };
        json!({
            "name": event.name,
            "class": event.class,
            "data": data(""),
            "data_outside": data(&format!("{}.", self.class)),
            "read": self.reader_of(&event.data),
            "doc": paragraphs([
                format!("`{}`: {}", event.name, event.summary),
                event.description.clone(),
                unconfirmed,
                see,
            ]),
        })
    }

    /// What of an event in JavaScript has its name, identifier, data and time: fields of the body where they stand beside each
    /// other, and otherwise fields of an object that has the body apart.
    pub fn delivery(&self, delivery: &Delivery) -> Value {
        let headers: Vec<&str> = delivery.headers().collect();
        if !delivery.is_flat() {
            let names = json!({"event": "event", "id": "id", "data": "data", "time": null});
            return json!({"is_flat": false, "names": names, "headers": headers});
        }
        let flat = |field: &Option<DeliveryField>| {
            field.as_ref().and_then(|field| field.flat()).map(str::to_owned)
        };
        let is_text = self.provider.events.iter().any(|event| event.time_is_text);
        json!({
            "is_flat": true,
            "names": {
                "event": flat(&delivery.event),
                "id": flat(&delivery.id),
                "data": delivery.data.as_ref().and_then(|field| field.flat()),
                "time": flat(&delivery.time),
            },
            "time_type": if is_text { "string" } else { "number" },
            "headers": headers,
        })
    }

    /// `wanted`, or a name like it that no model, enum or event has.
    pub fn free_name(&self, wanted: &str) -> String {
        let is_taken = |name: &str| {
            self.schema(name).is_some()
                || self.known_enum(name).is_some()
                || self.provider.events.iter().any(|event| event.class == name)
        };
        let mut name = wanted.to_owned();
        while is_taken(&name) {
            name = format!("Webhook{name}");
        }
        name
    }
}
