//! The calls of the scenarios in typed Rust.

use minijinja::{Value as Template, context};

use super::names::identifier;
use super::shapes::{Shapes, is_boxed_member};
use crate::model::examples::{Examples, RecursionGuard, plain, scalar, with_text};
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
        let shapes = Shapes::new(&provider.schemas, &provider.unions);
        Self { provider, examples: Examples::new(provider), shapes }
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
            let value = if self.examples.is_too_deep(&field.ty, guard) {
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

    /// A model's value; `told` is the field that says of which type it is, with its text.
    fn object(
        &self,
        ty: &Type,
        told: Option<(&str, &str)>,
        guard: &mut RecursionGuard<'p>,
    ) -> String {
        let Some(schema) = self.examples.schema(ty) else { return String::new() };
        let fields = with_text(&schema.fields, told);
        let name = &schema.pascal;
        let mut fields =
            guard.enter(schema, |guard| self.fields(&fields, Some(name.as_str()), guard));
        if schema.open {
            fields.push_str("extra: Extra::default(),");
        }
        format!("types::{} {{ {fields} }}", self.shapes.request_model(name))
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
            Type::Map { value } if self.examples.is_too_deep(value, guard) => {
                "Default::default()".into()
            }
            Type::Map { value } => {
                let inner = self.value(value, &scalar(value), guard);
                format!("std::collections::HashMap::from([(\"key\".to_owned(), {inner})])")
            }
            Type::List { item } if self.examples.is_too_deep(item, guard) => "Vec::new()".into(),
            Type::List { item } => format!("vec![{}]", self.value(item, &scalar(item), guard)),
            Type::Object { .. } => self.object(ty, None, guard),
            Type::Union { name } => {
                let union = self.examples.union(name);
                let first = union.and_then(|union| self.examples.member(union, guard));
                let Some((union, position, member)) = first else {
                    return "Default::default()".into();
                };
                let told = union.told(position);
                let mut value = match &member.ty {
                    Type::Object { .. } => self.object(&member.ty, told, guard),
                    other => self.value(other, &scalar(other), guard),
                };
                if is_boxed_member(&member.ty) {
                    value = format!("Box::new({value})");
                }
                format!("types::{}::{}({value})", self.shapes.request_model(name), member.variant)
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
