//! The README of a generated tree: what it is, how it is built, and a first call in each language.

use anyhow::Result;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use super::Product;
use crate::model::{Model, Operation, Provider, Replay};
use crate::targets::node::Node;
use crate::targets::python::Python;
use crate::targets::rust::Rust;
use crate::targets::text::{environment, render, templates};
use crate::targets::{Named, Target};

const TEMPLATES: &[(&str, &str)] = templates!["README.md"];

/// Writes it.
pub fn readme(product: &Product, model: &Model) -> Result<String> {
    let providers: Vec<Shown<'_>> = model.providers.iter().map(Shown::new).collect();
    let providers = Value::from(Serde(&providers));
    let environment = environment(TEMPLATES)?;
    render(
        &environment,
        "README.md",
        context! { package => &product.package, module => &product.module, providers },
    )
}

/// A provider as the README shows it.
#[derive(Serialize)]
struct Shown<'m> {
    title: &'m str,
    summary: &'m str,
    homepage: &'m str,
    class: &'m str,
    module: &'m str,
    variables: Vec<&'m str>,
    calls: Option<Calls>,
}

/// The same call in each language.
#[derive(Serialize)]
struct Calls {
    rust: String,
    python: String,
    node: String,
}

impl<'m> Shown<'m> {
    fn new(provider: &'m Provider) -> Self {
        let config = &provider.config;
        let variables = config.credentials.iter().map(|credential| credential.env.as_str());
        Self {
            title: &config.title,
            summary: &config.summary,
            homepage: &config.homepage,
            class: &config.class,
            module: &config.module,
            variables: variables.chain([config.base_url.env.as_str()]).collect(),
            calls: first(provider).map(|operation| calls(provider, operation)),
        }
    }
}

/// A read that asks for nothing but what is in its path: the first without that, where there is one.
fn first(provider: &Provider) -> Option<&Operation> {
    let plain = provider.operations.iter().filter(|operation| {
        operation.replay == Replay::Read
            && operation.query.is_empty()
            && operation.params.is_empty()
            && operation.body.is_none()
    });
    plain.min_by_key(|operation| operation.path_params.len())
}

fn calls(provider: &Provider, operation: &Operation) -> Calls {
    let written = |target: &dyn Target, getter: &str, quote: char| {
        let resource = provider.resources.iter().find(|found| found.snake == operation.resource);
        let resource = resource.map(|found| target.identifier(Named::Resource(found)));
        let method = target.identifier(Named::Operation(operation));
        let arguments = operation.path_params.iter().map(|_| format!("{quote}id{quote}"));
        let arguments = arguments.collect::<Vec<_>>().join(", ");
        format!("client.{}{getter}.{method}({arguments})", resource.unwrap_or_default())
    };
    Calls {
        rust: written(&Rust, "()", '"'),
        python: written(&Python, "", '"'),
        node: written(&Node, "", '\''),
    }
}
