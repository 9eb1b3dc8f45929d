//! Calls with everything that they take, for the type checker.

use super::names::property;
use super::source::{js, key};
use super::view::View;
use crate::model::{Field, Operation, Type};

impl View<'_> {
    /// Arguments of a call with everything that it takes, for the type checker.
    pub fn usage(&self, operation: &Operation, fields: &[&Field]) -> String {
        let mut arguments: Vec<String> = operation.path_params.iter().map(|_| js("id")).collect();
        if !fields.is_empty() || operation.body.is_some() {
            arguments.push(self.sample_object(fields.iter().copied(), 0));
        }
        arguments.push("{ timeout: 1000, maxRetries: 0 }".into());
        arguments.join(", ")
    }

    fn sample_object<'f>(&self, fields: impl Iterator<Item = &'f Field>, depth: usize) -> String {
        let fields: Vec<String> = fields
            .filter(|field| field.required || depth < 3)
            .map(|field| format!("{}: {}", key(property(field)), self.sample(&field.ty, depth)))
            .collect();
        if fields.is_empty() { "{}".into() } else { format!("{{ {} }}", fields.join(", ")) }
    }

    pub fn sample(&self, ty: &Type, depth: usize) -> String {
        match ty {
            Type::Text | Type::Uuid | Type::Date => "'text'".into(),
            Type::DateTime => "new Date(0)".into(),
            Type::Boolean => "true".into(),
            Type::Integer { .. } | Type::Number => "1".into(),
            Type::Money { .. } => "'10.10'".into(),
            Type::Enum { name } => {
                let known = self.known_enum(name);
                let first = known.and_then(|known| known.values.first());
                js(first.map_or("", |value| value.wire.as_str()))
            }
            Type::Object { name } => match self.schema(name).filter(|_| depth < 6) {
                Some(schema) => self.sample_object(schema.sent(), depth + 1),
                None => "undefined as never".into(),
            },
            Type::List { item } => format!("[{}]", self.sample(item, depth + 1)),
            Type::Map { value } => format!("{{ key: {} }}", self.sample(value, depth + 1)),
            Type::File { .. } => "new Uint8Array()".into(),
            Type::Any => "null".into(),
        }
    }
}
