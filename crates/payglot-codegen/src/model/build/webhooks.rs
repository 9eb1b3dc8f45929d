//! The events that a provider delivers, from the document's `webhooks`.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use super::{Builder, docs, json_schema};
use crate::diagnostic::{Diagnostic, step};
use crate::model::build::schemas::{describe, resolve, sentence, strings, text};
use crate::model::names::NameAllocator;
use crate::model::{Delivery, Event, Schema, Type, Unit};

/// How deep a sample is filled in.
const DEPTH: usize = 6;

impl<'d> Builder<'d> {
    /// Every event; none where `provider.toml` does not say how deliveries are wrapped.
    pub(super) fn events(&mut self) -> Vec<Event> {
        let mut events: Vec<Event> = Vec::new();
        let (config, document) = (self.config, self.document);
        let Some(delivery) = &config.webhooks else { return events };
        // For events that are not known.
        let mut variants = NameAllocator::default();
        variants.reserve("Other");
        let webhooks = document.get("webhooks").and_then(Value::as_object);
        for (name, item) in webhooks.into_iter().flatten() {
            let at = format!("$.webhooks{}", step(name));
            match self.event(delivery, (name, &at), item, events.len()) {
                Ok(event) if events.iter().any(|known| known.name == event.name) => {
                    let problem = format!("two webhooks deliver `{}`", event.name);
                    self.diagnostics.push(Diagnostic::remove(&at, problem, &at));
                }
                Ok(event) => {
                    let pascal = variants.allocate(&event.pascal);
                    events.push(Event { pascal, ..event });
                }
                Err(error) => self.diagnostics.push(Diagnostic::of(&at, error)),
            }
        }
        events
    }

    fn event(
        &mut self,
        delivery: &Delivery,
        (name, at): (&str, &str),
        item: &'d Value,
        index: usize,
    ) -> Result<Event> {
        let operation = resolve(self.document, item)?.get("post").context("it has no `post`")?;
        let body = operation.get("requestBody").context("it has no body")?;
        let content = resolve(self.document, body)?.get("content").and_then(Value::as_object);
        let (kind, schema) =
            content.and_then(json_schema).context("a delivery that is not JSON is not known")?;
        let location = format!("{at}.post");
        let at = format!("{location}.requestBody.content{}.schema", step(kind));
        let of = |field: &str| {
            let found = self.schemas.property(schema, field)?;
            found.with_context(|| {
                format!("a delivery has no `{field}`; see [webhooks] in provider.toml")
            })
        };
        let (event, data) = (of(&delivery.event)?, of(&delivery.data)?);
        for field in std::iter::once(&delivery.id).chain(&delivery.time) {
            of(field)?;
        }
        // The constant in the body is what is delivered; the key in the document is only a label.
        let name = match event.get("enum").and_then(Value::as_array).map(Vec::as_slice) {
            Some([only]) => text(only),
            _ => name.to_owned(),
        };
        let pascal = self.naming.pascal(&name);
        let data_at = format!("{at}.properties{}", step(&delivery.data));
        let ty = self.schemas.ty(data, &data_at, &format!("{pascal}Data"))?;
        let mut sample = self.sample(data, 0)?;
        let example = content.and_then(|content| content.get(kind)?.get("example"));
        if let Some(patch) = example.and_then(|example| example.get(&delivery.data)) {
            merge_patch(&mut sample, patch);
        }
        let inferred = strings(operation.get("x-inferred")).join("; ");
        let unconfirmed = operation.get("x-payglot-unconfirmed").map_or(inferred, text);
        let (summary, description) = prose(operation, &name);
        let object = operation.get("x-payglot-object").cloned();
        let object = object.map(serde_json::from_value).transpose().map_err(|error| {
            let fix = "Correct it in overlay.yaml, or take it out.";
            Diagnostic::edit(&location, format!("x-payglot-object: {error}"), fix)
        })?;
        Ok(Event {
            index,
            class: self.schemas.reserve(&format!("{pascal}Event")),
            pascal,
            name,
            summary,
            description,
            data: ty,
            object,
            location,
            sample: sample.to_string(),
            docs: docs(operation),
            unconfirmed: sentence(&describe(&unconfirmed)),
        })
    }

    /// A value from the document's examples; where there is none, one of the right type.
    fn sample(&self, schema: &'d Value, depth: usize) -> Result<Value> {
        for part in self.schemas.annotations(schema)? {
            if let Some(example) = part.get("example").or_else(|| part.get("default")) {
                return Ok(example.clone());
            }
        }
        let resolved = resolve(self.document, schema)?;
        if let Some(first) =
            resolved.get("enum").and_then(Value::as_array).and_then(|all| all.first())
        {
            return Ok(first.clone());
        }
        let mut fields = Map::new();
        for (name, property) in self.schemas.properties(schema)? {
            if depth < DEPTH {
                fields.insert(name.to_owned(), self.sample(property, depth + 1)?);
            }
        }
        let format = resolved.get("format").and_then(Value::as_str).unwrap_or_default();
        Ok(match (resolved.get("type").and_then(Value::as_str), format) {
            _ if !fields.is_empty() => Value::Object(fields),
            (Some("string"), "uuid") => json!("f47ac10b-58cc-4372-a567-0e02b2c3d479"),
            (Some("string"), "date-time") => json!("2026-01-31T09:30:00Z"),
            (Some("string"), "date") => json!("2026-01-31"),
            (Some("string"), _) => json!("text"),
            (Some("integer" | "number"), _) => json!(1),
            (Some("boolean"), _) => json!(true),
            (Some("array"), _) => json!([]),
            _ => json!({}),
        })
    }
}

/// First sentence and further text. A summary that only repeats the name says nothing.
fn prose(operation: &Value, name: &str) -> (String, String) {
    let of = |field: &str| operation.get(field).map(|value| describe(&text(value)));
    let summary = of("summary").filter(|summary| !summary.is_empty() && summary != name);
    let description = of("description").unwrap_or_default();
    match summary {
        Some(summary) => (sentence(&summary), sentence(&description)),
        None if description.is_empty() => (sentence(name), String::new()),
        None => (sentence(&description), String::new()),
    }
}

/// RFC 7396: null takes out, objects merge, anything else replaces.
fn merge_patch(target: &mut Value, patch: &Value) {
    let (Some(fields), Some(patch)) = (target.as_object_mut(), patch.as_object()) else {
        target.clone_from(patch);
        return;
    };
    for (name, value) in patch {
        if value.is_null() {
            fields.shift_remove(name);
        } else {
            merge_patch(fields.entry(name).or_insert_with(|| json!({})), value);
        }
    }
}

/// Amounts of events in cents whose name does not say so: the calls of the same API may speak of dollars.
pub(super) fn cents_without_a_name(schemas: &[Schema]) -> Vec<Diagnostic> {
    let fields = schemas
        .iter()
        .filter(|schema| schema.only_in_events)
        .flat_map(|schema| schema.fields.iter().map(move |field| (schema, field)));
    let unnamed = fields.filter(|(_, field)| {
        matches!(&field.ty, Type::Money { unit } if *unit == Unit::Cents)
            && !field.snake.contains("cent")
    });
    unnamed
        .map(|(schema, field)| {
            let at = format!(
                "$.components.schemas{}.properties{}",
                step(&schema.document_name),
                step(&field.wire)
            );
            let name = format!("{}_cents", field.snake);
            let update = format!("{{x-payglot-rename: {name}, x-payglot-alias: [{name}]}}");
            Diagnostic::update(&at, "an event's amount in cents must say so in its name", update)
        })
        .collect()
}
