//! Writes the core's generated modules: the tables, the models, the resource facade.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};

use self::calls::Calls;
use self::names::{identifier, setter, variant};
use self::shapes::Shapes;
use super::text::{environment, render, replay_note, templates};
use super::{Direction, Named, Reference, Signature, Target, Targets};
use crate::model::names::ReservedWords;
use crate::model::{Model, Operation, Provider, Replay, Type};
use crate::output::{MARK, Output};

mod calls;
mod names;
mod progenitor;
mod reference;
mod shapes;
mod source;

const TEMPLATES: &[(&str, &str)] = templates![
    "calls.rs",
    "errors.rs",
    "mod.rs",
    "provider/builder.rs",
    "provider/mod.rs",
    "provider/progenitor.rs",
    "provider/resources.rs",
    "provider/tables.rs",
    "provider/types.rs",
    "provider/webhooks.rs",
    "providers.rs",
    "surface.rs",
    "witness.rs",
];
const FOLDER: &str = "crates/payglot/src/generated";
const ERRORS: &str = "crates/payglot-runtime/src/error/generated.rs";
const TESTS: &str = "crates/payglot/tests/generated";
const WITNESS: &str = "tests/witness";

/// The core client crate.
pub struct Rust;

impl Target for Rust {
    fn name(&self) -> &'static str {
        "rust"
    }

    fn reserved_words(&self) -> ReservedWords {
        names::RESERVED
    }

    fn identifier(&self, named: Named<'_>) -> String {
        names::public(named)
    }

    fn type_name(&self, ty: &Type, direction: Direction) -> String {
        reference::type_name(ty, direction)
    }

    fn sample(&self, provider: &Provider, ty: &Type) -> String {
        Calls::new(provider).sample(ty)
    }

    fn signature(&self, provider: &Provider, operation: &Operation) -> Signature {
        reference::signature(provider, operation)
    }

    fn reference(&self, provider: &Provider) -> Option<Reference> {
        Some(reference::reference(provider))
    }

    fn files(&self, model: &Model, _targets: &Targets) -> Result<Vec<Output>> {
        let environment = rust_environment()?;
        let context = context! { model => Value::from(Serde(model)) };
        let mut outputs = Vec::new();
        for (path, template) in [
            (format!("{FOLDER}/mod.rs"), "mod.rs"),
            (format!("{FOLDER}/providers.rs"), "providers.rs"),
            (ERRORS.to_owned(), "errors.rs"),
        ] {
            outputs.push(source::file(&path, &render(&environment, template, &context)?)?);
        }
        for provider in &model.providers {
            let files = self::provider(&environment, provider, FOLDER);
            outputs.extend(files.with_context(|| provider.config.name.clone())?);
        }
        outputs.extend(tests(&environment, model)?);
        Ok(outputs)
    }
}

/// Files of the core's tests: every call of the contract scenarios, and every name of the public surface.
fn tests(environment: &Environment<'_>, model: &Model) -> Result<Vec<Output>> {
    let surface = context! { model => Value::from(Serde(model)) };
    let mut outputs = Vec::new();
    for (name, text) in [
        ("calls.rs", calls(environment, model)?),
        ("surface.rs", render(environment, "surface.rs", surface)?),
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
            // What is no JSON of one model has tests of its own.
            let plain = provider.operations.iter().filter(|known| known.returns.is_plain());
            plain.map(|operation| calls.call(operation)).collect::<Vec<_>>()
        })
        .collect();
    let providers = Value::from(Serde(&model.providers));
    render(environment, "calls.rs", context! { providers, calls })
}

/// The second witness for all of payglot's providers and for `others`, which are generated into its crate, `tests/witness`.
pub fn witness(model: &Model, others: &Model) -> Result<Vec<Output>> {
    let environment = rust_environment()?;
    let folder = format!("{WITNESS}/src/generated");
    let mut outputs = Vec::new();
    let mut modules = String::from("//! Every provider of `tests/providers`.\n\n");
    for provider in &others.providers {
        modules.push_str(&format!("pub mod {};\n", provider.config.module));
        let files = self::provider(&environment, provider, &folder);
        outputs.extend(files.with_context(|| provider.config.name.clone())?);
    }
    outputs.push(source::file(&format!("{folder}/mod.rs"), &modules)?);
    let providers: Vec<&Provider> = model.providers.iter().chain(&others.providers).collect();
    let calls = format!("{WITNESS}/tests/generated/calls.rs");
    outputs.push(progenitor::witness(&environment, &providers, &calls)?);
    Ok(outputs)
}

fn provider(
    environment: &Environment<'_>,
    provider: &Provider,
    folder: &str,
) -> Result<Vec<Output>> {
    let module = &provider.config.module;
    let shapes = Arc::new(Shapes::new(&provider.schemas, &provider.unions));
    let mut environment = environment.clone();
    shapes.filters(&mut environment);
    let p = Value::from(Serde(provider));
    let environments = Value::from(Serde(names::environments(&provider.config)));
    let mut outputs = Vec::new();
    let webhooks = (!provider.events.is_empty()).then_some("webhooks.rs");
    let uppers: BTreeMap<&str, &str> = provider
        .operations
        .iter()
        .map(|operation| (operation.name.as_str(), operation.upper.as_str()))
        .collect();
    for name in ["mod.rs", "tables.rs", "types.rs", "resources.rs"].into_iter().chain(webhooks) {
        let context = context! {
            p => p.clone(),
            environments => environments.clone(),
            uppers => Value::from(Serde(&uppers)),
        };
        let text = render(&environment, &format!("provider/{name}"), context)?;
        outputs.push(source::file(&format!("{folder}/{module}/{name}"), &text)?);
    }
    outputs.push(progenitor::file(&environment, provider, folder)?);
    Ok(outputs)
}

fn rust_environment() -> Result<Environment<'static>> {
    let mut environment = environment(TEMPLATES)?;
    environment.add_filter("doc", |text: &str| source::doc(text));
    environment.add_filter("quote", |text: &str| format!("{text:?}"));
    environment.add_filter("encoded", |path: &str| source::encoded_path(path));
    environment.add_filter("ident", identifier);
    environment.add_filter("setter", setter);
    environment
        .add_filter("json", |value: Value| serde_json::to_string(&value).unwrap_or_default());
    environment.add_filter("limits", |value: Value| source::limits(&value));
    environment.add_filter("part", |part: Value| source::part(&part));
    environment.add_filter("upper_snake", |name: &str| {
        heck::ToShoutySnakeCase::to_shouty_snake_case(name)
    });
    environment.add_filter("variant", variant);
    environment.add_filter("way_out", |text: &str| {
        text.split_once(". ").map_or("", |(_, rest)| rest).to_owned()
    });
    environment.add_filter("replay_note", |replay: Value| {
        source::typed::<Replay>(&replay).map(replay_note)
    });
    Ok(environment)
}
