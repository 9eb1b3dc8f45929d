//! Writes the Node package's generated files: classes, errors, and the types with their docs.

use anyhow::Result;
use heck::ToLowerCamelCase as _;
use minijinja::Environment;
use serde_json::{Value, json};

use self::view::View;
use super::{Output, environment, render, templates, wrap};
use crate::model::{ErrorClass, Model};

mod events;
mod fields;
mod models;
mod operations;
mod readers;
mod samples;
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

/// Every generated file of the Node package.
pub fn emit(model: &Model) -> Result<Vec<Output>> {
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

/// A comment block; paragraphs are divided by blank lines.
fn tsdoc(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let text = text.replace("*/", "*\\/");
    let lines = wrap(&text, 100 - indent);
    if let [line] = lines.as_slice() {
        return format!("{pad}/** {line} */");
    }
    let body: Vec<String> =
        lines.iter().map(|line| format!("{pad} * {line}").trim_end().to_owned()).collect();
    format!("{pad}/**\n{}\n{pad} */", body.join("\n"))
}

/// A string literal.
fn js(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
}

/// A property name, in quotes where it must be.
fn key(name: &str) -> String {
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty();
    if is_name { name.to_owned() } else { js(name) }
}

fn paragraphs(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn error(class: &ErrorClass) -> Value {
    let fields: Vec<Value> = class
        .fields
        .iter()
        .map(|field| {
            let (name, may_miss) = match field.ty.strip_suffix('?') {
                Some(name) => (name, true),
                None => (field.ty.as_str(), false),
            };
            let ty = match name {
                "text" => "string",
                "integer" | "number" => "number",
                "map" => "Readonly<Record<string, string>>",
                _ => "unknown",
            };
            let null = if may_miss && ty != "unknown" { " | null" } else { "" };
            json!({
                "name": field.name.to_lower_camel_case(),
                "ty": format!("{ty}{null}"),
                "doc": field.description,
            })
        })
        .collect();
    json!({
        "name": class.name,
        "parent": class.parent.as_deref().unwrap_or("Error"),
        "base": class.parent.is_none(),
        "doc": class.description,
        "fields": fields,
        "lists_inputs": class.status == Some(UNPROCESSABLE),
    })
}
