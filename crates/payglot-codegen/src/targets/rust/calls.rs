//! The calls of the scenarios in typed Rust.

use minijinja::{Value as Template, context};

use super::Shapes;
use super::names::identifier;
use crate::model::examples::{Examples, RecursionGuard, plain, scalar};
use crate::model::{Field, Operation, Paging, Provider, Type};

/// Writes a provider's calls.
pub struct Calls<'p> {
    provider: &'p Provider,
    examples: Examples<'p>,
    shapes: Shapes,
}

impl<'p> Calls<'p> {
    /// Prepares for a provider.
    pub fn new(provider: &'p Provider) -> Self {
        Self { provider, examples: Examples::new(provider), shapes: Shapes::new(&provider.schemas) }
    }

    /// What the template needs of an operation.
    pub fn call(&self, operation: &Operation) -> Template {
        let mut arguments: Vec<String> =
            operation.path_params.iter().map(|field| format!("{:?}", plain(field))).collect();
        if !operation.query.is_empty() {
            arguments.push(format!("&{}", self.query(operation)));
        }
        if operation.paging == Paging::Paged {
            if !operation.params.is_empty() {
                let fields = self.top(&operation.params);
                arguments.push(format!("&types::{}Params {{ {fields} }}", operation.pascal));
            }
        } else {
            arguments.extend(self.body(operation));
        }
        context! {
            name => format!("{}/{}", self.provider.config.name, operation.name),
            module => self.provider.config.module.as_str(),
            resource => operation.resource.as_str(),
            method => operation.snake.as_str(),
            arguments => arguments.join(", "),
            paged => operation.paging.is_paged(),
        }
    }

    /// The query parameters of an operation as one struct.
    pub fn query(&self, operation: &Operation) -> String {
        let mut fields = operation.query.clone();
        for field in fields.iter_mut().filter(|field| field.ty == Type::Any) {
            // A URL holds plain values only.
            field.example = "\"text\"".into();
        }
        format!("types::{}Query {{ {} }}", operation.pascal, self.top(&fields))
    }

    /// The body of an operation that has one.
    pub fn body(&self, operation: &Operation) -> Option<String> {
        let name = operation.body.as_deref()?;
        let mut guard = RecursionGuard::default();
        let mut fields = self.fields(&operation.body_fields, Some(name), &mut guard);
        if operation.body_open {
            fields.push_str("extra: Extra::from([(\"further\".to_owned(), json(r#\"{\"count\":2,\"note\":\"x\"}\"#))]),");
        }
        Some(format!("&types::{} {{ {fields} }}", self.shapes.request_model(name)))
    }

    /// Fields of a model that is not within another.
    pub fn top(&self, fields: &[Field]) -> String {
        self.fields(fields, None, &mut RecursionGuard::default())
    }

    /// A value of a type, within a function that has the helpers of `calls.rs`.
    pub fn sample(&self, ty: &Type) -> String {
        self.value(ty, &scalar(ty), &mut RecursionGuard::default())
    }

    fn fields(
        &self,
        fields: &[Field],
        owner: Option<&str>,
        guard: &mut RecursionGuard<'p>,
    ) -> String {
        let mut text = String::new();
        for field in fields.iter().filter(|field| !field.read_only) {
            let value = if guard.is_too_deep(&field.ty) {
                "Default::default()".to_owned()
            } else {
                let value = self.value(&field.ty, &field.example, guard);
                let value = self
                    .shapes
                    .boxed(&field.ty, value, owner, |value| format!("Box::new({value})"));
                match (field.required, field.nullable) {
                    (true, false) => value,
                    (true, true) => format!("Nullable::Value({value})"),
                    (false, false) => format!("Some({value})"),
                    (false, true) => format!("Some(Nullable::Value({value}))"),
                }
            };
            text.push_str(&format!("{}: {value}, ", identifier(&field.snake)));
        }
        text
    }

    /// A value of a type, the documented one where it has one of its own.
    pub fn value(&self, ty: &Type, example: &str, guard: &mut RecursionGuard<'p>) -> String {
        match ty {
            Type::Money { .. } => format!("decimal({example:?})"),
            Type::Boolean | Type::Integer { .. } => example.to_owned(),
            Type::Number if example.contains(['.', 'e', 'E']) => example.to_owned(),
            Type::Number => format!("{example}.0"),
            Type::File { .. } => "payglot_runtime::File::default()".into(),
            Type::Any => format!("json({example:?})"),
            Type::Enum { name } => format!("{:?}.into()", self.examples.first_of(name)),
            Type::Map { value } if guard.is_too_deep(value) => "Default::default()".into(),
            Type::Map { value } => {
                let inner = self.value(value, &scalar(value), guard);
                format!("std::collections::BTreeMap::from([(\"key\".to_owned(), {inner})])")
            }
            Type::List { item } if guard.is_too_deep(item) => "Vec::new()".into(),
            Type::List { item } => format!("vec![{}]", self.value(item, &scalar(item), guard)),
            Type::Object { name } => {
                let Some(schema) = self.examples.schema(ty) else { return String::new() };
                let mut fields =
                    guard.enter(schema, |guard| self.fields(&schema.fields, Some(name), guard));
                if schema.open {
                    fields.push_str("extra: Extra::default(),");
                }
                format!("types::{} {{ {fields} }}", self.shapes.request_model(name))
            }
            Type::Text | Type::Uuid | Type::DateTime | Type::Date => {
                format!("{}.into()", literal(example))
            }
        }
    }
}

/// JSON text as a Rust literal.
fn literal(json: &str) -> String {
    serde_json::from_str::<String>(json)
        .map_or_else(|_| json.to_owned(), |text| format!("{text:?}"))
}
