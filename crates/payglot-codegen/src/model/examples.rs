//! Valid values of types: what the contract scenarios send and receive.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Enum, Field, Provider, Schema, Type};

/// A UUID for fields whose document gives none.
const UUID: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";

/// A field's own example, as JSON text: the document's where it fits, else one made from type and limits.
/// Empty where it depends on a model: [`value`] fills that in.
pub fn field(field: &Field, documented: Option<&Value>) -> String {
    match &field.ty {
        // A float would lose the last digit. The amount is within every limit of the documents.
        Type::Money { .. } => "10.10".into(),
        Type::Number => documented
            .filter(|value| value.is_number())
            .map_or_else(|| "1.5".into(), Value::to_string),
        Type::Integer { .. } => integer(field, documented).to_string(),
        Type::Boolean => "true".into(),
        Type::Uuid => {
            let text = documented
                .and_then(Value::as_str)
                .filter(|text| text.len() == UUID.len() && !text.contains('*'));
            json!(text.unwrap_or(UUID)).to_string()
        }
        Type::DateTime => json!("2026-01-31T09:30:00Z").to_string(),
        Type::Date => json!("2026-01-31").to_string(),
        Type::Text => json!(text(field, documented.and_then(Value::as_str))).to_string(),
        Type::File { .. } => json!("file").to_string(),
        Type::Any => r#"{"free":[1.10,"form"]}"#.into(),
        Type::Enum { .. } | Type::Object { .. } | Type::List { .. } | Type::Map { .. } => {
            String::new()
        }
    }
}

fn integer(field: &Field, documented: Option<&Value>) -> i64 {
    let least = field.limits.minimum.as_ref().and_then(|text| text.parse().ok());
    field
        .limits
        .one_of
        .last()
        .copied()
        .or_else(|| documented.and_then(Value::as_i64))
        .or(least)
        .unwrap_or(7)
}

/// The document's text cut to the limits, or the field's name stretched to them.
fn text(field: &Field, documented: Option<&str>) -> String {
    let most =
        field.limits.max_length.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
    // A longer sample is of no use.
    let least = field
        .limits
        .min_length
        .and_then(|least| usize::try_from(least).ok())
        .unwrap_or(0)
        .min(4096);
    let mut text: String = documented.unwrap_or(&field.wire).chars().take(most).collect();
    let missing = least.saturating_sub(text.chars().count());
    text.extend(std::iter::repeat_n('x', missing));
    text
}

/// A parameter as it stands in a URL.
pub fn plain(field: &Field) -> String {
    serde_json::from_str::<String>(&field.example).unwrap_or_else(|_| field.example.clone())
}

/// How many models deep an example goes: without a limit, examples of large documents would not end.
const DEPTH: usize = 5;

/// Whole values of models: every field, the document's order, amounts with their digits. A model within itself, or
/// deeper than anybody reads, is left out.
pub struct Examples<'p> {
    schemas: HashMap<&'p str, &'p Schema>,
    enums: HashMap<&'p str, &'p Enum>,
}

impl<'p> Examples<'p> {
    /// Examples for one provider.
    pub fn new(provider: &'p Provider) -> Self {
        let schemas = provider.schemas.iter().map(|schema| (schema.pascal.as_str(), schema));
        let enums = provider.enums.iter().map(|known| (known.pascal.as_str(), known));
        Self { schemas: schemas.collect(), enums: enums.collect() }
    }

    /// A value of a type as JSON text; `own` is the field's own example.
    pub fn value(&self, ty: &Type, own: &str) -> String {
        self.nested(ty, own, &mut RecursionGuard::default())
    }

    /// An object with these fields.
    pub fn object(&self, fields: &[Field]) -> String {
        self.fields(fields, &mut RecursionGuard::default())
    }

    fn nested(&self, ty: &Type, own: &str, guard: &mut RecursionGuard<'p>) -> String {
        match ty {
            Type::Enum { name } => json!(self.first_of(name)).to_string(),
            Type::List { item } if guard.is_too_deep(item) => "[]".into(),
            Type::List { item } => format!("[{}]", self.nested(item, &scalar(item), guard)),
            Type::Map { value } if guard.is_too_deep(value) => "{}".into(),
            Type::Map { value } => {
                format!(r#"{{"key":{}}}"#, self.nested(value, &scalar(value), guard))
            }
            Type::Object { .. } => match self.schema(ty) {
                Some(schema) if !guard.is_too_deep(ty) => {
                    guard.enter(schema, |guard| self.fields(&schema.fields, guard))
                }
                _ => "{}".into(),
            },
            Type::Text
            | Type::Uuid
            | Type::DateTime
            | Type::Date
            | Type::Boolean
            | Type::Integer { .. }
            | Type::Number
            | Type::Money { .. }
            | Type::File { .. }
            | Type::Any => own.to_owned(),
        }
    }

    fn fields(&self, fields: &[Field], guard: &mut RecursionGuard<'p>) -> String {
        let mut entries = Vec::new();
        for field in fields {
            if !guard.is_too_deep(&field.ty) {
                let value = self.nested(&field.ty, &field.example, guard);
                entries.push(format!("{}:{value}", json!(field.wire)));
            }
        }
        format!("{{{}}}", entries.join(","))
    }

    /// An object's model.
    pub fn schema(&self, ty: &Type) -> Option<&'p Schema> {
        let Type::Object { name } = ty else { return None };
        self.schemas.get(name.as_str()).copied()
    }

    /// The first known text of an enum.
    pub fn first_of(&self, name: &str) -> &'p str {
        let known = self.enums.get(name).and_then(|known| known.values.first());
        known.map(|value| value.wire.as_str()).unwrap_or_default()
    }
}

/// Keeps a value of a recursive model finite: it knows the models that the value is in.
#[derive(Debug, Default)]
pub struct RecursionGuard<'p>(Vec<&'p str>);

impl<'p> RecursionGuard<'p> {
    /// Whether a value of this type is left out here: the value is inside its model already, or too deep.
    pub fn is_too_deep(&self, ty: &Type) -> bool {
        match ty {
            Type::Object { name } => self.0.len() >= DEPTH || self.0.contains(&name.as_str()),
            _ => false,
        }
    }

    /// Goes one model deeper for `inner`.
    pub fn enter<T>(&mut self, schema: &'p Schema, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.0.push(&schema.pascal);
        let value = inner(self);
        self.0.pop();
        value
    }
}

/// A value for items of a list, which have no field of their own.
pub fn scalar(ty: &Type) -> String {
    match ty {
        Type::Boolean => "true".into(),
        Type::Integer { .. } => "7".into(),
        Type::Number => "1.5".into(),
        Type::Money { .. } => "10.10".into(),
        Type::Uuid => json!(UUID).to_string(),
        Type::Any => r#"{"free":[1.10,"form"]}"#.into(),
        Type::Text
        | Type::File { .. }
        | Type::DateTime
        | Type::Date
        | Type::Enum { .. }
        | Type::Object { .. }
        | Type::List { .. }
        | Type::Map { .. } => json!("2026-01-31T09:30:00Z").to_string(),
    }
}
