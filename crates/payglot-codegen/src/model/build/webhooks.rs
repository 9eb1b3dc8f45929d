//! The events that a provider delivers, from the document's `webhooks`.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use super::{Builder, docs, json_schema, text_of};
use crate::diagnostic::{Diagnostic, step};
use crate::model::build::schemas::{describe, resolve, sentence, strings, text};
use crate::model::names::NameAllocator;
use crate::model::{Delivery, DeliveryField, Event, FieldPath, Header, Schema, Type, Unit};

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
        let count = webhooks.map_or(0, Map::len);
        if delivery.event.is_none() && count > 1 {
            let problem = format!("nothing says which of {count} events a delivery is");
            let fix = "Say in provider.toml what has its name: `event` of [webhooks].";
            self.diagnostics.push(Diagnostic::edit("$.webhooks", problem, fix));
            return events;
        }
        for (name, item) in webhooks.into_iter().flatten() {
            let at = format!("$.webhooks{}", step(name));
            let found = self.of_webhook(delivery, (name, &at, count == 1), item, events.len());
            for event in found.unwrap_or_else(|error| {
                self.diagnostics.push(Diagnostic::of(&at, error));
                Vec::new()
            }) {
                if events.iter().any(|known| known.name == event.name) {
                    let problem = format!("two webhooks deliver `{}`", event.name);
                    self.diagnostics.push(Diagnostic::remove(&at, problem, &at));
                } else {
                    let pascal = variants.allocate(&event.pascal);
                    events.push(Event { pascal, index: events.len(), ..event });
                }
            }
        }
        events
    }

    /// The event of a webhook; all of its events where the document's only webhook has several.
    fn of_webhook(
        &mut self,
        delivery: &Delivery,
        (name, at, is_only): (&str, &str, bool),
        item: &'d Value,
        index: usize,
    ) -> Result<Vec<Event>> {
        let operation = resolve(self.document, item)?.get("post").context("it has no `post`")?;
        let body = operation.get("requestBody").context("it has no body")?;
        let content = resolve(self.document, body)?.get("content").and_then(Value::as_object);
        let (kind, schema) =
            content.and_then(json_schema).context("a delivery that is not JSON is not known")?;
        let example = content.and_then(|content| content.get(kind)?.get("example"));
        let body_at = format!("{at}.post.requestBody.content{}.schema", step(kind));
        // The constant in the delivery is what is delivered; the key in the document is only a label.
        let constant = match &delivery.event {
            Some(DeliveryField::Field(field)) => self.field(schema, field)?.get("enum"),
            Some(DeliveryField::Header(Header { header })) => {
                self.header(item, operation, header)?.and_then(|schema| schema.get("enum"))
            }
            None => None,
        };
        let constants: Vec<String> =
            constant.and_then(Value::as_array).into_iter().flatten().map(text).collect();
        let names = match constants.as_slice() {
            [only] => vec![only.clone()],
            [_, _, ..] if is_only && !constants.iter().any(|known| known == name) => constants,
            _ => vec![name.to_owned()],
        };
        let times = [delivery.id.as_ref(), delivery.time.as_ref()].map(|field| match field {
            Some(DeliveryField::Field(field)) => self.field(schema, field).map(Some),
            _ => Ok(None),
        });
        let [id, time] = times;
        id?;
        let is_text = |time: &Value| time.get("type").and_then(Value::as_str) == Some("string");
        let time = time?.map(|time| resolve(self.document, time)).transpose()?;
        let time_is_text = time.is_some_and(is_text);
        let data = match &delivery.data {
            Some(field) => self.field(schema, field)?,
            None => schema,
        };
        let path = delivery.data.as_ref().map_or(&[][..], |field| &field.path);
        let data_at =
            path.iter().fold(body_at, |at, name| format!("{at}.properties{}", step(name)));
        let mut sample = self.sample(data, 0)?;
        let example = path.iter().try_fold(example, |example, name| Some(example?.get(name)));
        if let Some(patch) = example.flatten() {
            merge_patch(&mut sample, patch);
        }
        let pascal = self.naming.pascal(names.first().map_or(name, String::as_str));
        let data = self.schemas.ty(data, &data_at, &format!("{pascal}Data"))?;
        names
            .into_iter()
            .enumerate()
            .map(|(position, name)| {
                let of = (data.clone(), sample.to_string(), time_is_text);
                self.event(name, operation, &format!("{at}.post"), of, index + position)
            })
            .collect()
    }

    /// A field of a delivery's body.
    fn field(&self, schema: &'d Value, field: &FieldPath) -> Result<&'d Value> {
        field.path.iter().try_fold(schema, |schema, name| {
            self.schemas.property(schema, name)?.with_context(|| {
                let path = field.path.join(".");
                format!("a delivery has no `{path}`; see [webhooks] in provider.toml")
            })
        })
    }

    /// The schema of a header, where the document declares it.
    fn header(
        &self,
        item: &'d Value,
        operation: &'d Value,
        name: &str,
    ) -> Result<Option<&'d Value>> {
        for holder in [operation, item] {
            let parameters = holder.get("parameters").and_then(Value::as_array);
            for parameter in parameters.into_iter().flatten() {
                let parameter = resolve(self.document, parameter)?;
                let is_it = parameter.get("in").and_then(Value::as_str) == Some("header")
                    && text_of(parameter, "name").eq_ignore_ascii_case(name);
                if let Some(schema) = parameter.get("schema").filter(|_| is_it) {
                    return resolve(self.document, schema).map(Some);
                }
            }
        }
        Ok(None)
    }

    fn event(
        &mut self,
        name: String,
        operation: &Value,
        location: &str,
        (data, sample, time_is_text): (Type, String, bool),
        index: usize,
    ) -> Result<Event> {
        let pascal = self.naming.pascal(&name);
        let inferred = strings(operation.get("x-inferred")).join("; ");
        let unconfirmed = operation.get("x-payglot-unconfirmed").map_or(inferred, text);
        let (summary, description) = prose(operation, &name);
        let object = operation.get("x-payglot-object").cloned();
        let object = object.map(serde_json::from_value).transpose().map_err(|error| {
            let fix = "Correct it in overlay.yaml, or take it out.";
            Diagnostic::edit(location, format!("x-payglot-object: {error}"), fix)
        })?;
        Ok(Event {
            index,
            class: self.schemas.reserve(&format!("{pascal}Event")),
            pascal,
            name,
            summary,
            description,
            data,
            time_is_text,
            object,
            location: location.to_owned(),
            sample,
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
