//! Walks a JSON value and its schema together and collects every problem with its location.

use payglot::schema::{Field, Limits, Schema, Type};
use serde_json::{Map, Value, json};

use super::{scalar, unions};
use crate::operation::{Fault, Problem};

/// A walk through one part of a request.
pub(super) struct Walk {
    /// The current location.
    at: Vec<Value>,
    pub problems: Vec<Problem>,
}

impl Walk {
    pub fn at(part: &str) -> Self {
        Self { at: vec![json!(part)], problems: Vec::new() }
    }

    /// A walk that stands at the same location.
    pub fn beside(other: &Self) -> Self {
        Self { at: other.at.clone(), problems: Vec::new() }
    }

    pub fn report(&mut self, fault: Fault, input: Value) {
        self.problems.push(Problem::new(fault, self.at.clone(), input));
    }

    /// Checks an object with a model. Fields the model does not know are ignored, as FastAPI does: the
    /// documents do not forbid them.
    pub fn object(&mut self, schema: &Schema, value: &Value) {
        let Value::Object(object) = value else {
            return self.report(Fault::not_an_object(), Value::Null);
        };
        self.fields(schema.fields, object);
    }

    /// Checks the fields that an object should have.
    pub fn fields(&mut self, fields: &[Field], object: &Map<String, Value>) {
        for field in fields {
            let value =
                object.iter().find(|(name, _)| is_called(field, name)).map(|(_, value)| value);
            self.step(json!(field.wire), |walk| match value {
                None if field.required => walk.report(Fault::missing(), Value::Null),
                None => {}
                Some(Value::Null) if field.nullable => {}
                Some(value) => walk.value(&field.ty, &field.limits, field.sensitive, value),
            });
        }
    }

    pub fn value(&mut self, ty: &Type, limits: &Limits, sensitive: bool, value: &Value) {
        match ty {
            Type::Object(schema) => self.object(schema, value),
            Type::List(item) => self.list(item, limits, sensitive, value),
            Type::Map(item) => self.map(item, sensitive, value),
            Type::Union(union) => {
                unions::check(self, union, (sensitive, 0), value);
            }
            _ => {
                if let Err(fault) = scalar::check(ty, limits, value) {
                    self.report(fault, shown(sensitive, value));
                }
            }
        }
    }

    fn list(&mut self, item: &Type, limits: &Limits, sensitive: bool, value: &Value) {
        let Value::Array(items) = value else {
            return self.report(Fault::not_a_list(), Value::Null);
        };
        if let Some(most) = limits.max_items.filter(|most| items.len() > *most as usize) {
            self.report(Fault::too_many(most, items.len()), Value::Null);
        }
        for (position, value) in items.iter().enumerate() {
            self.step(json!(position), |walk| walk.value(item, &Limits::NONE, sensitive, value));
        }
    }

    fn map(&mut self, item: &Type, sensitive: bool, value: &Value) {
        let Value::Object(fields) = value else {
            return self.report(Fault::not_an_object(), Value::Null);
        };
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            self.step(json!(name), |walk| walk.value(item, &Limits::NONE, sensitive, value));
        }
    }

    pub fn step(&mut self, to: Value, check: impl FnOnce(&mut Self)) {
        self.at.push(to);
        check(self);
        self.at.pop();
    }
}

fn is_called(field: &Field, name: &str) -> bool {
    field.wire == name || field.aliases.contains(&name)
}

/// The value to show in an error: containers may hold confidential values, so they are never shown.
pub(super) fn shown(sensitive: bool, value: &Value) -> Value {
    if sensitive || value.is_object() || value.is_array() { Value::Null } else { value.clone() }
}
