//! Turns lowered schemas into the model's types: objects with fields, enums, scalars.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value};

use super::model::{Enum, EnumValue, Field, Helper, Limits, Schema, Type};
use super::names;

/// Models found so far, in the order in which operations need them.
pub struct Schemas<'d> {
    document: &'d Value,
    schemas: Vec<Schema>,
    enums: Vec<Enum>,
    /// Whether unmarked numbers are refused: in requests a guess could change an amount.
    strict_numbers: bool,
}

impl<'d> Schemas<'d> {
    pub fn new(document: &'d Value) -> Self {
        Self { document, schemas: Vec::new(), enums: Vec::new(), strict_numbers: false }
    }

    pub fn finish(self) -> (Vec<Schema>, Vec<Enum>) {
        (self.schemas, self.enums)
    }

    pub fn find(&self, pascal: &str) -> Option<&Schema> {
        self.schemas.iter().find(|schema| schema.pascal == pascal)
    }

    /// The model of a request body.
    pub fn body(&mut self, schema: &'d Value, hint: &str) -> Result<String> {
        self.strict_numbers = true;
        let ty = self.object_or(schema, hint, true);
        self.strict_numbers = false;
        match ty? {
            Type::Object { name } => Ok(name),
            _ => bail!("the request body is not an object; wrap or remove it by an overlay action"),
        }
    }

    /// The type of an answer.
    pub fn answer(&mut self, schema: &'d Value, hint: &str) -> Result<Type> {
        self.ty(schema, hint)
    }

    /// A path or query parameter.
    pub fn parameter(&mut self, parameter: &'d Value, owner: &str) -> Result<Field> {
        let name = parameter.get("name").map(text).unwrap_or_default();
        let schema =
            parameter.get("schema").with_context(|| format!("parameter {name} has no schema"))?;
        self.strict_numbers = true;
        let field =
            self.field(&name, schema, owner, parameter.get("required") == Some(&Value::Bool(true)));
        self.strict_numbers = false;
        let mut field = field.with_context(|| format!("parameter {name}"))?;
        if let Some(example) = parameter.get("example") {
            field.example = super::examples::field(&field, Some(example));
        }
        if let Some(description) = parameter.get("description") {
            field.description = documented(&describe(&text(description)), &field);
        }
        ensure!(
            !matches!(field.ty, Type::Object { .. } | Type::List { .. } | Type::Any),
            "parameter {name} is not a plain value; remove it by an overlay action"
        );
        field.nullable = false;
        Ok(field)
    }

    /// The schema of a property of an object schema, references followed.
    pub fn property(&self, schema: &'d Value, name: &str) -> Result<Option<&'d Value>> {
        Ok(self
            .merged(schema)?
            .properties
            .into_iter()
            .find(|(known, _)| known == name)
            .map(|(_, schema)| schema))
    }

    fn ty(&mut self, schema: &'d Value, hint: &str) -> Result<Type> {
        self.object_or(schema, hint, false)
    }

    /// `is_body`: an object without properties is still a model, not just any JSON.
    fn object_or(&mut self, schema: &'d Value, hint: &str, is_body: bool) -> Result<Type> {
        if let Some(reference) = reference(schema) {
            let name = reference
                .strip_prefix("#/components/schemas/")
                .with_context(|| format!("reference {reference} is not a schema"))?;
            let pointer =
                format!("/components/schemas/{}", name.replace('~', "~0").replace('/', "~1"));
            let target = self
                .document
                .pointer(&pointer)
                .with_context(|| format!("reference {reference} leads nowhere"))?;
            return self.object_or(target, name, is_body).with_context(|| format!("schema {name}"));
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array)
            && values.iter().all(Value::is_string)
        {
            return Ok(self.enumeration(values, schema, hint));
        }
        let kind = schema.get("type").and_then(Value::as_str);
        let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
        Ok(match kind {
            Some("string") => match format {
                "uuid" | "uuid1" | "uuid3" | "uuid4" | "uuid5" => Type::Uuid,
                "date-time" => Type::DateTime,
                "date" => Type::Date,
                _ => Type::Text,
            },
            Some("boolean") => Type::Boolean,
            Some("integer") => match schema.get("x-payglot-money").and_then(Value::as_str) {
                Some(unit @ ("dollars" | "cents" | "currency")) => {
                    Type::Money { unit: unit.into() }
                }
                _ => Type::Integer,
            },
            Some("number") => self.number(schema)?,
            Some("array") => {
                let item = match schema.get("items") {
                    Some(items) => self.ty(items, &format!("{hint}Item"))?,
                    None => Type::Any,
                };
                Type::List { item: Box::new(item) }
            }
            _ => return self.object(schema, hint, is_body),
        })
    }

    fn number(&self, schema: &Value) -> Result<Type> {
        Ok(match schema.get("x-payglot-money").and_then(Value::as_str) {
            Some("plain") => Type::Number,
            Some(unit @ ("dollars" | "cents" | "currency")) => Type::Money { unit: unit.into() },
            Some(other) => {
                bail!("x-payglot-money: `{other}` is not dollars, cents, currency or plain")
            }
            None if self.strict_numbers => {
                bail!(
                    "a number in a request needs x-payglot-money (dollars, cents, currency or plain) from the overlay"
                )
            }
            None => Type::Number,
        })
    }

    fn object(&mut self, schema: &'d Value, hint: &str, is_body: bool) -> Result<Type> {
        // Alternatives cannot be told apart safely: the JSON is kept as it is.
        if schema.get("anyOf").is_some() || schema.get("oneOf").is_some() {
            return Ok(Type::Any);
        }
        let merged = self.merged(schema)?;
        let is_object = schema.get("type").and_then(Value::as_str) == Some("object");
        if merged.properties.is_empty()
            && !(is_body && (is_object || schema.get("allOf").is_some()))
        {
            return Ok(Type::Any);
        }
        let pascal = names::pascal(hint);
        if self.find(&pascal).is_some() {
            return Ok(Type::Object { name: pascal });
        }
        let index = self.schemas.len();
        self.schemas.push(Schema {
            index,
            document_name: hint.to_owned(),
            upper: names::upper(&pascal),
            pascal: pascal.clone(),
            description: describe(&schema.get("description").map(text).unwrap_or_default()),
            fields: Vec::new(),
            open: merged.open,
            in_requests: false,
            in_answers: false,
            helpers: helpers(schema)?,
            unconfirmed: schema.get("x-payglot-unconfirmed").map(text).unwrap_or_default(),
        });
        let mut fields = Vec::new();
        for (name, property) in merged.properties {
            let required = merged.required.contains(&name);
            fields.push(
                self.field(&name, property, &pascal, required)
                    .with_context(|| format!("property {name}"))?,
            );
        }
        if let Some(schema) = self.schemas.get_mut(index) {
            schema.fields = fields;
        }
        Ok(Type::Object { name: pascal })
    }

    fn field(
        &mut self,
        wire: &str,
        schema: &'d Value,
        owner: &str,
        required: bool,
    ) -> Result<Field> {
        let merged = self.merged_facts(schema)?;
        let fact = |name: &str| merged.get(name);
        let ty = match fact("x-payglot-money") {
            // A mark beside a `$ref` or on the outside counts for the number within.
            Some(_) if fact("type").and_then(Value::as_str) == Some("number") => {
                self.number(&Value::Object(merged.clone()))?
            }
            _ => self.ty(schema, &format!("{owner}{}", names::pascal(wire)))?,
        };
        let renamed = fact("x-payglot-rename").map(text);
        let snake = names::snake(renamed.as_deref().unwrap_or(wire));
        let mut field = Field {
            wire: wire.to_owned(),
            rust: names::rust(&snake),
            snake,
            aliases: strings(fact("x-payglot-alias")),
            ty,
            required,
            nullable: fact("nullable") == Some(&Value::Bool(true)),
            sensitive: fact("x-payglot-sensitive") == Some(&Value::Bool(true)),
            limits: limits(&merged)?,
            description: String::new(),
            known_values: strings(fact("x-known-values")),
            unconfirmed: fact("x-payglot-unconfirmed")
                .is_some_and(|value| *value != Value::Bool(false)),
            default: fact("default").filter(|value| !value.is_null()).map(Value::to_string),
            example: String::new(),
        };
        field.example = super::examples::field(&field, fact("example"));
        let base = fact("description")
            .or_else(|| fact("title"))
            .map_or_else(|| wire.replace('_', " "), text);
        field.description = documented(&describe(&base), &field);
        Ok(field)
    }

    fn enumeration(&mut self, values: &[Value], schema: &Value, hint: &str) -> Type {
        let pascal = names::pascal(hint);
        if !self.enums.iter().any(|known| known.pascal == pascal) {
            self.enums.push(Enum {
                upper: names::upper(&pascal),
                pascal: pascal.clone(),
                description: describe(&schema.get("description").map(text).unwrap_or_default()),
                values: values
                    .iter()
                    .map(text)
                    .map(|wire| EnumValue {
                        pascal: names::pascal(&wire),
                        upper: names::upper(&wire),
                        wire,
                    })
                    .collect(),
            });
        }
        Type::Enum { name: pascal }
    }

    /// Properties of an object, those of `allOf` before its own.
    fn merged(&self, schema: &'d Value) -> Result<Merged<'d>> {
        let mut merged = Merged::default();
        self.merge_into(&mut merged, schema, 0)?;
        Ok(merged)
    }

    fn merge_into(&self, merged: &mut Merged<'d>, schema: &'d Value, depth: u32) -> Result<()> {
        ensure!(depth < 32, "allOf goes round in circles");
        let schema = super::build::follow(self.document, schema)?;
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.merge_into(merged, part, depth + 1)?;
        }
        for (name, property) in
            schema.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            match merged.properties.iter_mut().find(|(known, _)| known == name) {
                Some((_, slot)) => *slot = property,
                None => merged.properties.push((name.clone(), property)),
            }
        }
        merged.required.extend(strings(schema.get("required")));
        merged.open |=
            schema.get("additionalProperties").is_some_and(|value| *value != Value::Bool(false));
        Ok(())
    }

    /// Facts of a property: its own, then those of what it refers to.
    fn merged_facts(&self, schema: &'d Value) -> Result<Map<String, Value>> {
        let mut facts = schema.as_object().cloned().unwrap_or_default();
        if let Some(target) = reference(schema) {
            let pointer = target.strip_prefix('#').unwrap_or_default();
            let target = self
                .document
                .pointer(pointer)
                .with_context(|| format!("reference {target} leads nowhere"))?;
            for (name, value) in self.merged_facts(target)? {
                // Limits and type of the target hold; names and texts of it describe something else.
                if !["description", "title", "x-payglot-rename", "default", "example"]
                    .contains(&name.as_str())
                {
                    facts.entry(name).or_insert(value);
                }
            }
        }
        Ok(facts)
    }
}

#[derive(Default)]
struct Merged<'d> {
    properties: Vec<(String, &'d Value)>,
    required: Vec<String>,
    open: bool,
}

/// The target of a schema that is a reference and nothing else, as `$ref` or as `allOf` of one.
fn reference(schema: &Value) -> Option<&str> {
    let direct = |value: &'_ Value| value.get("$ref").and_then(Value::as_str).map(str::to_owned);
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        return Some(target);
    }
    if schema.get("properties").is_some() {
        return None;
    }
    match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) if direct(only).is_some() => only.get("$ref").and_then(Value::as_str),
        _ => None,
    }
}

fn limits(facts: &Map<String, Value>) -> Result<Limits> {
    let whole = |name: &str| facts.get(name).and_then(Value::as_u64);
    let is_integer = facts.get("type").and_then(Value::as_str) == Some("integer");
    let bound = |name: &str, exclusive: &str, step: i64| -> Result<Option<String>> {
        let Some(bound) = facts.get(name) else { return Ok(None) };
        if facts.get(exclusive) != Some(&Value::Bool(true)) {
            return Ok(Some(plain(bound)));
        }
        match bound.as_i64() {
            Some(bound) if is_integer => Ok(Some((bound + step).to_string())),
            // An exclusive bound of a number is left to the vendor.
            _ => Ok(None),
        }
    };
    let one_of = match facts.get("enum").and_then(Value::as_array) {
        Some(values) if is_integer => values.iter().filter_map(Value::as_i64).collect(),
        _ => Vec::new(),
    };
    Ok(Limits {
        min_length: whole("minLength").filter(|least| *least > 0),
        max_length: whole("maxLength"),
        minimum: bound("minimum", "exclusiveMinimum", 1)?,
        maximum: bound("maximum", "exclusiveMaximum", -1)?,
        max_items: whole("maxItems"),
        one_of,
    })
}

/// A number without a useless fraction: YAML writes `100000.0`.
fn plain(number: &Value) -> String {
    let text = number.to_string();
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

fn helpers(schema: &Value) -> Result<Vec<Helper>> {
    let mut helpers = Vec::new();
    for (name, helper) in
        schema.get("x-payglot-helpers").and_then(Value::as_object).into_iter().flatten()
    {
        let any_of: Vec<String> =
            strings(helper.get("any-of")).iter().map(|field| names::snake(field)).collect();
        let minutes = helper.get("minutes-after-received").and_then(Value::as_u64).unwrap_or(0);
        ensure!(
            any_of.is_empty() != (minutes == 0),
            "helper {name}: either any-of or minutes-after-received"
        );
        helpers.push(Helper {
            snake: names::snake(name),
            camel: names::camel(name),
            description: describe(&helper.get("description").map(text).unwrap_or_default()),
            any_of,
            minutes_after_received: minutes,
        });
    }
    Ok(helpers)
}

/// A field's description with its unit, limits and what is not confirmed.
fn documented(base: &str, field: &Field) -> String {
    let mut notes: Vec<String> = vec![sentence(base)];
    match &field.ty {
        Type::Money { unit } => notes.push(
            match unit.as_str() {
                "dollars" => "In US dollars, exact.",
                "cents" => "In US cents, exact.",
                _ => "In the currency named beside it, exact.",
            }
            .to_owned(),
        ),
        Type::Uuid => notes.push("A UUID.".to_owned()),
        _ => {}
    }
    let limits = &field.limits;
    match (limits.min_length, limits.max_length) {
        (Some(least), Some(most)) => notes.push(format!("{least} to {most} characters.")),
        (None, Some(most)) => notes.push(format!("At most {most} characters.")),
        (Some(least), None) => notes.push(format!("At least {least} characters.")),
        (None, None) => {}
    }
    match (&limits.minimum, &limits.maximum) {
        (Some(least), Some(most)) => notes.push(format!("From {least} to {most}.")),
        (None, Some(most)) => notes.push(format!("At most {most}.")),
        (Some(least), None) => notes.push(format!("At least {least}.")),
        (None, None) => {}
    }
    if let Some(most) = limits.max_items {
        notes.push(format!("At most {most} items."));
    }
    if !limits.one_of.is_empty() {
        let values: Vec<_> = limits.one_of.iter().map(i64::to_string).collect();
        notes.push(format!("One of {}.", values.join(", ")));
    }
    if !field.known_values.is_empty() {
        notes.push(format!("Values seen: {}.", field.known_values.join(", ")));
    }
    if let Some(default) = &field.default {
        notes.push(format!("The vendor's default is `{}`.", default.trim_matches('"')));
    }
    if field.sensitive {
        notes.push("Sensitive: never shown in logs and representations.".to_owned());
    }
    if field.unconfirmed {
        notes.push("The name is not confirmed upstream.".to_owned());
    }
    notes.join(" ")
}

/// Text as one line.
pub fn describe(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Ends with a full stop.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', ':']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// A string as itself, anything else as JSON.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn strings(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}
