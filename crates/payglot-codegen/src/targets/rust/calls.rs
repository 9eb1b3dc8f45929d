//! The calls of the scenarios in typed Rust.

use minijinja::{Value as Template, context};

use super::names::setter;
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
                let name = format!("types::{}Params", operation.pascal);
                arguments.push(format!("&{}", self.top(&name, &operation.params)));
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
        self.top(&format!("types::{}Query", operation.pascal), &fields)
    }

    /// The body of an operation that has one.
    pub fn body(&self, operation: &Operation) -> Option<String> {
        let name = operation.body.as_deref()?;
        let mut guard = RecursionGuard::default();
        let mut fields = self.fields(&operation.body_fields, Some(name), &mut guard);
        if operation.body_open {
            fields.push_str(FURTHER);
        }
        Some(format!("&{}", built(&self.typed_model(name), &fields)))
    }

    /// A model that is not within another, of this type and with these fields.
    pub fn top(&self, model: &str, fields: &[Field]) -> String {
        built(model, &self.fields(fields, None, &mut RecursionGuard::default()))
    }

    /// A value of a type, within a function that has the helpers of `calls.rs`.
    pub fn sample(&self, ty: &Type) -> String {
        self.value(ty, &scalar(ty), &mut RecursionGuard::default())
    }

    /// Fields as calls of a builder.
    fn fields(
        &self,
        fields: &[Field],
        owner: Option<&str>,
        guard: &mut RecursionGuard<'p>,
    ) -> String {
        let mut text = String::new();
        for field in fields.iter().filter(|field| !field.read_only) {
            let is_too_deep = self.examples.is_too_deep(&field.ty, guard);
            if is_too_deep && !field.required {
                continue;
            }
            let value = if is_too_deep {
                self.empty(&field.ty)
            } else {
                self.value(&field.ty, &field.example, guard)
            };
            let value =
                self.shapes.boxed(&field.ty, value, owner, |value| format!("Box::new({value})"));
            let value = match (field.nullable, is_too_deep) {
                (false, _) => value,
                (true, false) => format!("Nullable::Value({value})"),
                (true, true) => "Nullable::Null".into(),
            };
            text.push_str(&format!(".{}({value})", setter(&field.snake)));
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
        let fields = guard.enter(schema, |guard| self.fields(&fields, Some(name.as_str()), guard));
        built(&self.typed_model(name), &fields)
    }

    /// The path of a model in requests.
    fn typed_model(&self, name: &str) -> String {
        format!("types::{}", self.shapes.request_model(name))
    }

    /// The default of a type, which is named: a setter takes several.
    fn empty(&self, ty: &Type) -> String {
        format!("<{}>::default()", self.shapes.facade_value(ty))
    }

    /// A value of a type, the documented one where it has one of its own.
    pub fn value(&self, ty: &Type, example: &str, guard: &mut RecursionGuard<'p>) -> String {
        match ty {
            Type::Money { .. } => format!("decimal({example:?})"),
            Type::Boolean => example.to_owned(),
            Type::Integer { .. } => format!("{example}_i64"),
            Type::Number if example.contains(['.', 'e', 'E']) => format!("{example}_f64"),
            Type::Number => format!("{example}.0_f64"),
            Type::File { .. } => "payglot_runtime::File::default()".into(),
            Type::Any => format!("json({example:?})"),
            Type::Enum { name } => {
                format!("types::{name}::from({:?})", self.examples.first_of(name))
            }
            Type::Map { value: item } | Type::List { item }
                if self.examples.is_too_deep(item, guard) =>
            {
                self.empty(ty)
            }
            Type::Map { value } => {
                let inner = self.value(value, &scalar(value), guard);
                format!("std::collections::HashMap::from([(\"key\".to_owned(), {inner})])")
            }
            Type::List { item } => format!("vec![{}]", self.value(item, &scalar(item), guard)),
            Type::Object { .. } => self.object(ty, None, guard),
            Type::Union { name } => {
                let union = self.examples.union(name);
                let first = union.and_then(|union| self.examples.member(union, guard));
                let Some((union, position, member)) = first else {
                    return self.empty(ty);
                };
                let told = union.told(position);
                let mut value = match &member.ty {
                    Type::Object { .. } => self.object(&member.ty, told, guard),
                    other => self.value(other, &scalar(other), guard),
                };
                if is_boxed_member(&member.ty) {
                    value = format!("Box::new({value})");
                }
                format!("{}::{}({value})", self.typed_model(name), member.variant)
            }
            Type::Text | Type::Uuid | Type::DateTime | Type::Date => {
                format!("{}{OWNED}", literal(example))
            }
        }
    }
}

/// What makes a text the caller's own.
pub const OWNED: &str = ".to_owned()";

/// A field that an open model does not declare.
const FURTHER: &str = ".extra_field(\"further\", json(r#\"{\"count\":2,\"note\":\"x\"}\"#))";

/// A model by its builder, within a function that may stop the program.
fn built(model: &str, fields: &str) -> String {
    format!("{model}::builder(){fields}.build().expect(\"every required field\")")
}

/// JSON text as a Rust literal.
fn literal(json: &str) -> String {
    serde_json::from_str::<String>(json)
        .map_or_else(|_| json.to_owned(), |text| format!("{text:?}"))
}
