//! Writes the core's generated modules: the tables, the models, the resource facade.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};

use super::{MARK, Output, environment, render, replay_note, templates, wrap};
use crate::model::names;
use crate::model::{CanonicalPart, Model, Provider};

mod calls;
mod shapes;

use calls::Calls;
use shapes::Shapes;

const TEMPLATES: &[(&str, &str)] = templates![
    "calls.rs",
    "errors.rs",
    "mod.rs",
    "provider/mod.rs",
    "provider/resources.rs",
    "provider/tables.rs",
    "provider/types.rs",
    "provider/webhooks.rs",
    "providers.rs",
    "surface.rs",
];
const FOLDER: &str = "crates/payglot/src/generated";
const ERRORS: &str = "crates/payglot-runtime/src/error/generated.rs";
const TESTS: &str = "crates/payglot/tests/generated";

/// Every generated file of the core.
pub fn emit(model: &Model) -> Result<Vec<Output>> {
    let environment = rust_environment()?;
    let mut outputs = vec![
        file(
            "mod.rs",
            &render(&environment, "mod.rs", context! { model => Value::from(Serde(model)) })?,
        )?,
        file(
            "providers.rs",
            &render(&environment, "providers.rs", context! { model => Value::from(Serde(model)) })?,
        )?,
        file_at(
            ERRORS,
            &render(
                &environment,
                "errors.rs",
                context! { errors => Value::from(Serde(&model.errors)) },
            )?,
        )?,
    ];
    for provider in &model.providers {
        outputs.extend(
            self::provider(&environment, provider).with_context(|| provider.config.name.clone())?,
        );
    }
    for (name, text) in [
        ("calls.rs", calls(&environment, model)?),
        (
            "surface.rs",
            render(&environment, "surface.rs", context! { model => Value::from(Serde(model)) })?,
        ),
    ] {
        let tree =
            syn::parse_file(&text).with_context(|| format!("the generated {name} is not Rust"))?;
        outputs.push(Output::new(
            format!("{TESTS}/{name}"),
            format!("// {MARK}\n\n{}", prettyplease::unparse(&tree)),
        ));
    }
    Ok(outputs)
}

/// The operations of the contract scenarios as typed calls.
fn calls(environment: &Environment<'_>, model: &Model) -> Result<String> {
    let calls: Vec<Value> = model
        .providers
        .iter()
        .flat_map(|provider| {
            let calls = Calls::new(provider);
            provider.operations.iter().map(|operation| calls.call(operation)).collect::<Vec<_>>()
        })
        .collect();
    let providers = Value::from(Serde(&model.providers));
    render(environment, "calls.rs", context! { providers, calls })
}

fn provider(environment: &Environment<'_>, provider: &Provider) -> Result<Vec<Output>> {
    let module = &provider.config.module;
    let shapes = Arc::new(Shapes::new(&provider.schemas));
    let mut environment = environment.clone();
    shapes.filters(&mut environment);
    let p = Value::from(Serde(provider));
    let mut outputs = Vec::new();
    let webhooks = (!provider.events.is_empty()).then_some("webhooks.rs");
    for name in ["mod.rs", "tables.rs", "types.rs", "resources.rs"].into_iter().chain(webhooks) {
        let text = render(&environment, &format!("provider/{name}"), context! { p => p.clone() })?;
        outputs.push(file(&format!("{module}/{name}"), &text)?);
    }
    Ok(outputs)
}

/// `APIConnectionError` is `ErrorKind::ApiConnection`.
fn variant(class: &str) -> String {
    heck::ToPascalCase::to_pascal_case(class.strip_suffix("Error").unwrap_or(class))
}

/// Formats a file, and so checks that it is Rust.
fn file(path: &str, text: &str) -> Result<Output> {
    file_at(&format!("{FOLDER}/{path}"), text)
}

fn file_at(path: &str, text: &str) -> Result<Output> {
    let tree = syn::parse_file(text)
        .with_context(|| format!("the generated {path} is not Rust:\n{}", numbered(text)))?;
    Ok(Output::new(path, format!("// {MARK}\n\n{}", spaced(&prettyplease::unparse(&tree)))))
}

/// Puts a blank line between items: prettyplease leaves none.
fn spaced(text: &str) -> String {
    const STARTS: [&str; 12] = [
        "///",
        "#[",
        "pub ",
        "impl",
        "payglot_runtime::",
        "fn ",
        "async fn",
        "static ",
        "mod ",
        "use ",
        "const ",
        "struct ",
    ];
    let mut out = String::with_capacity(text.len() + text.len() / 40);
    let mut previous = "";
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let is_start = STARTS.iter().any(|start| line.trim_start().starts_with(start));
        let ended = previous.len() - previous.trim_start().len() == indent
            && (previous.trim_start() == "}"
                || previous.ends_with("};")
                || previous.ends_with("];")
                || previous.ends_with(");"))
            || (indent == 0 && previous.starts_with("//!"))
            || (indent == 0
                && previous.starts_with("use ")
                && !line.starts_with("use ")
                && !line.starts_with("#["));
        if is_start && ended {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
        previous = line;
    }
    out
}

fn numbered(text: &str) -> String {
    let lines = text.lines().enumerate();
    lines.map(|(number, line)| format!("{:4} {line}", number + 1)).collect::<Vec<_>>().join("\n")
}

fn rust_environment() -> Result<Environment<'static>> {
    let mut environment = environment(TEMPLATES)?;
    environment.add_filter("doc", |text: &str| doc(text));
    environment.add_filter("quote", |text: &str| format!("{text:?}"));
    environment.add_filter("ident", names::rust);
    environment.add_filter("limits", |value: Value| limits(&value));
    environment.add_filter("part", |part: Value| part_expression(&part));
    environment.add_filter("upper_snake", |name: &str| {
        heck::ToShoutySnakeCase::to_shouty_snake_case(name)
    });
    environment.add_filter("variant", variant);
    environment.add_filter("way_out", |text: &str| {
        text.split_once(". ").map_or("", |(_, rest)| rest).to_owned()
    });
    environment.add_filter("replay_note", replay_note);
    Ok(environment)
}

/// `///` lines.
fn doc(text: &str) -> String {
    let lines: Vec<String> = wrap(text, 100)
        .into_iter()
        .map(|line| format!("/// {}", escape_doc(&line)).trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// rustdoc reads `[x]` and `<x>` as links and tags; rustc takes no signs that turn the direction of text.
fn escape_doc(line: &str) -> String {
    let is_shown = |c: &char| {
        !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let line: String = line.chars().filter(is_shown).collect();
    if line.contains("](") || line.starts_with("<http") {
        return line;
    }
    line.replace('[', "\\[").replace(']', "\\]").replace('<', "\\<")
}

/// `Limits::NONE.max_length(20)`; nothing where there are no limits.
fn limits(limits: &Value) -> Result<String, minijinja::Error> {
    let mut text = String::new();
    for name in ["min_length", "max_length", "minimum", "maximum", "max_items"] {
        let value = limits.get_attr(name)?;
        if !value.is_none() {
            let value = if value.kind() == minijinja::value::ValueKind::String {
                format!("{:?}", value.to_string())
            } else {
                value.to_string()
            };
            text.push_str(&format!(".{name}({value})"));
        }
    }
    let one_of: Vec<String> =
        limits.get_attr("one_of")?.try_iter()?.map(|value| value.to_string()).collect();
    if !one_of.is_empty() {
        text.push_str(&format!(".one_of(&[{}])", one_of.join(", ")));
    }
    Ok(if text.is_empty() { text } else { format!("Limits::NONE{text}") })
}

fn part_expression(part: &Value) -> Result<String, minijinja::Error> {
    let unknown = || {
        minijinja::Error::new(
            minijinja::ErrorKind::InvalidOperation,
            "unknown part of a canonical string",
        )
    };
    let part: CanonicalPart =
        serde_json::from_value(serde_json::to_value(part).map_err(|_| unknown())?)
            .map_err(|_| unknown())?;
    Ok(match part {
        CanonicalPart::Literal { literal } => format!("Part::Literal({literal:?})"),
        CanonicalPart::Named(name) => match name.as_str() {
            "method" => "Part::Method".into(),
            "path" => "Part::Path".into(),
            "query" => "Part::Query".into(),
            "body-hash" => "Part::BodyHash".into(),
            "timestamp" => "Part::Timestamp".into(),
            "nonce" => "Part::Nonce".into(),
            _ => return Err(unknown()),
        },
    })
}
