//! Writes the Node package's generated files: classes, errors, and the types with their docs.

use anyhow::Result;
use minijinja::Environment;
use serde_json::{Value, json};

use self::names::public;
use self::source::{js, tsdoc};
use self::view::View;
use super::text::{environment, render, templates};
use super::{Direction, Named, Reference, Signature, Target, Targets};
use crate::model::names::ReservedWords;
use crate::model::{ErrorClass, ErrorField, ErrorFieldKind, Model, Operation, Provider, Type};
use crate::output::Output;

mod events;
mod fields;
mod models;
mod names;
mod operations;
mod readers;
mod reference;
mod samples;
mod source;
mod unions;
mod view;

const TEMPLATES: &[(&str, &str)] = templates![
    "errors.cjs",
    "errors.d.cts",
    "exports.cjs",
    "exports.d.cts",
    "exports.mjs",
    "provider.cjs",
    "provider.d.cts",
    "usage.ts",
    "webhooks.cjs",
    "webhooks.d.cts",
];
const FOLDER: &str = "bindings/node/generated";
/// Status whose `detail` lists the rejected inputs, in the form that FastAPI gives it.
const UNPROCESSABLE: u16 = 422;
const USAGE: &str = "bindings/node/test-d/generated/usage.mts";

/// The Node package.
pub struct Node;

impl Target for Node {
    fn name(&self) -> &'static str {
        "node"
    }

    fn reserved_words(&self) -> ReservedWords {
        names::RESERVED
    }

    fn identifier(&self, named: Named<'_>) -> String {
        public(named)
    }

    fn type_name(&self, ty: &Type, direction: Direction) -> String {
        reference::type_name(ty, direction)
    }

    fn sample(&self, provider: &Provider, ty: &Type) -> String {
        View::new(provider).sample(ty, 0)
    }

    fn signature(&self, provider: &Provider, operation: &Operation) -> Signature {
        reference::signature(provider, operation)
    }

    fn reference(&self, provider: &Provider) -> Option<Reference> {
        Some(reference::reference(provider))
    }

    fn files(&self, model: &Model, _targets: &Targets) -> Result<Vec<Output>> {
        files(model)
    }
}

fn files(model: &Model) -> Result<Vec<Output>> {
    let environment = node_environment()?;
    let providers: Vec<Value> =
        model.providers.iter().map(|provider| View::new(provider).provider()).collect();
    let errors: Vec<Value> = model.errors.iter().map(error).collect();
    let mut outputs = Vec::new();
    for name in [
        "errors.cjs",
        "errors.d.cts",
        "exports.cjs",
        "exports.mjs",
        "exports.d.cts",
        "webhooks.cjs",
        "webhooks.d.cts",
        "usage.ts",
    ] {
        let context = json!({ "errors": errors, "providers": providers });
        let text = render(&environment, name, context)?;
        let path = if name == "usage.ts" { USAGE.to_owned() } else { format!("{FOLDER}/{name}") };
        outputs.push(Output::new(path, text));
    }
    for (provider, view) in model.providers.iter().zip(&providers) {
        for ending in ["cjs", "d.cts"] {
            let text = render(&environment, &format!("provider.{ending}"), view)?;
            outputs.push(Output::new(format!("{FOLDER}/{}.{ending}", provider.config.name), text));
        }
    }
    Ok(outputs)
}

fn node_environment() -> Result<Environment<'static>> {
    let mut environment = environment(TEMPLATES)?;
    environment.add_filter("tsdoc", |text: &str, indent: usize| tsdoc(text, indent));
    environment.add_filter("js", |text: &str| js(text));
    environment.add_filter("js_list", |texts: Vec<String>| {
        format!("[{}]", texts.iter().map(|text| js(text)).collect::<Vec<_>>().join(", "))
    });
    Ok(environment)
}

fn error(class: &ErrorClass) -> Value {
    let fields: Vec<Value> = class.fields.iter().map(error_field).collect();
    json!({
        "name": class.name,
        "parent": class.parent.as_deref().unwrap_or("Error"),
        "base": class.parent.is_none(),
        "doc": class.description,
        "fields": fields,
        "lists_inputs": class.status == Some(UNPROCESSABLE),
    })
}

fn error_field(field: &ErrorField) -> Value {
    let ty = match field.ty.kind {
        ErrorFieldKind::Text => "string",
        ErrorFieldKind::Integer | ErrorFieldKind::Number => "number",
        ErrorFieldKind::Boolean => "boolean",
        ErrorFieldKind::Map => "Readonly<Record<string, string>>",
        ErrorFieldKind::Json => "unknown",
    };
    let can_be_null = field.ty.optional && field.ty.kind != ErrorFieldKind::Json;
    json!({
        "name": public(Named::ErrorField(field)),
        "default": match (field.ty.optional, field.ty.kind) {
            (false, ErrorFieldKind::Boolean) => "false",
            (false, ErrorFieldKind::Map) => "{}",
            _ => "null",
        },
        "ty": format!("{ty}{}", if can_be_null { " | null" } else { "" }),
        "doc": field.description,
    })
}
