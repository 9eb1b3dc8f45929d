//! Writes the Python package's generated modules: clients, types, errors.
//!
//! The templates only lay out; what a name, a type or a docstring is, is decided here.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use minijinja::Environment;
use serde_json::{Value, json};

use self::models::{enumeration, errors, event};
use self::operations::{file_method, methods};
use self::source::{docstring, string, without_unused_imports};
use self::types::Types;
use super::text::{environment, render, templates};
use super::{Direction, Named, Reference, Signature, Target, Targets};
use crate::diagnostic::Diagnostic;
use crate::model::names::ReservedWords;
use crate::model::{Auth, ErrorClass, Model, Operation, Provider, ResponseForm, Type};
use crate::output::Output;

mod check;
mod models;
mod names;
mod operations;
mod reference;
mod source;
mod types;

const TEMPLATES: &[(&str, &str)] = templates![
    "client",
    "client.py",
    "client_async.py",
    "errors.py",
    "index.py",
    "types.py",
    "usage.py",
    "webhooks.py",
];
const FOLDER: &str = "bindings/python/python/payglot";
const USAGE: &str = "bindings/python/tests/_generated_usage.py";

/// The Python package.
pub struct Python;

impl Target for Python {
    fn name(&self) -> &'static str {
        "python"
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
        Types { provider }.example(ty)
    }

    fn signature(&self, provider: &Provider, operation: &Operation) -> Signature {
        reference::signature(provider, operation)
    }

    fn reference(&self, provider: &Provider) -> Option<Reference> {
        Some(reference::reference(provider))
    }

    fn check(&self, provider: &Provider) -> Vec<Diagnostic> {
        check::provider(provider)
    }

    fn files(&self, model: &Model, _targets: &Targets) -> Result<Vec<Output>> {
        files(model)
    }
}

fn files(model: &Model) -> Result<Vec<Output>> {
    let environment = python_environment()?;
    let file = |name: &str, template: &str, context: &Value| -> Result<Output> {
        let text = render(&environment, &format!("{template}.py"), context)?;
        Ok(Output::new(format!("{FOLDER}/{name}.py"), without_unused_imports(&text)))
    };
    let providers = model
        .providers
        .iter()
        .map(|provider| view(provider, &model.errors).with_context(|| provider.config.name.clone()))
        .collect::<Result<Vec<_>>>()?;
    let all = json!({ "providers": providers, "errors": errors(&model.errors) });
    let mut outputs =
        vec![file("_generated_errors", "errors", &all)?, file("_generated_index", "index", &all)?];
    for (provider, view) in model.providers.iter().zip(&providers) {
        let module = &provider.config.module;
        outputs.push(file(&format!("_generated_{module}"), "client", view)?);
        outputs.push(file(&format!("_generated_{module}_async"), "client_async", view)?);
        // Users import this one by its name.
        outputs.push(file(&format!("types/{module}"), "types", view)?);
        if !provider.events.is_empty() {
            outputs.push(file(&format!("webhooks/{module}"), "webhooks", view)?);
        }
    }
    let usage = render(&environment, "usage.py", &all)?;
    outputs.push(Output::new(USAGE, without_unused_imports(&usage)));
    Ok(outputs)
}

fn python_environment() -> Result<Environment<'static>> {
    let mut environment = environment(TEMPLATES)?;
    environment.add_filter("docstring", |text: &str, indent: usize| docstring(text, indent));
    environment.add_filter("string", |text: &str| string(text));
    Ok(environment)
}

/// What the templates of one provider need.
fn view(provider: &Provider, errors: &[ErrorClass]) -> Result<Value> {
    let config = &provider.config;
    let nested = nested(provider);
    let types = Types { provider };
    let mut resources = Vec::new();
    for resource in &provider.resources {
        let operations =
            resource.operations.iter().filter_map(|index| provider.operations.get(*index));
        let methods = operations
            .clone()
            .map(|operation| {
                methods(operation, &types, errors).with_context(|| operation.name.clone())
            })
            .collect::<Result<Vec<_>>>()?;
        let methods: Vec<Value> = methods.into_iter().flatten().collect();
        let name = operations
            .clone()
            .next()
            .and_then(|operation| operation.name.split_once('.'))
            .map_or(resource.snake.as_str(), |(name, _)| name);
        let files = operations
            .clone()
            .filter(|operation| operation.returns.form == ResponseForm::Bytes)
            .map(|operation| json!([file_method(operation), operation.name]));
        let files: Vec<Value> = files.collect();
        let renamed = operations
            .filter(|operation| operation.name != format!("{name}.{}", operation.snake))
            .map(|operation| json!([operation.snake, operation.name]));
        resources.push(json!({
            "name": name,
            "renamed": renamed.chain(files).collect::<Vec<_>>(),
            "attribute": resource.snake,
            "class": resource.pascal,
            "doc": format!("Operations on {}.", resource.snake.replace('_', " ")),
            "methods": methods,
        }));
    }
    let models: Vec<_> = provider.schemas.iter().filter(|schema| schema.in_responses).collect();
    let models: Vec<_> = models.into_iter().map(Types::model).collect();
    let dicts: Vec<_> =
        provider.schemas.iter().filter(|schema| nested.contains(schema.pascal.as_str())).collect();
    let has_hmac = matches!(config.auth, Auth::Hmac { .. });
    Ok(json!({
        "name": config.name,
        "class": config.class,
        "module": config.module,
        "title": config.title,
        "summary": config.summary,
        "batch": config.batch.as_ref().map(|batch| &batch.operation),
        "homepage": config.homepage,
        "base_url_env": config.base_url.env,
        "default_environment": config.base_url.default_environment,
        "environments": config.environments.keys().collect::<Vec<_>>(),
        "credentials": config.credentials,
        "has_hmac": has_hmac,
        "can_fail": provider.operations.iter().any(|operation| operation.can_fail),
        "resources": resources,
        "models": models,
        "dicts": dicts.into_iter().map(|schema| types.dict(schema)).collect::<Vec<_>>(),
        "unions": types.unions(),
        "enums": provider.enums.iter().map(enumeration).collect::<Vec<_>>(),
        "events": provider.events.iter().map(event).collect::<Vec<_>>(),
        "delivery_headers": config.webhooks.iter().flat_map(super::super::source::delivery::Delivery::headers).map(str::to_lowercase).collect::<Vec<_>>(),
    }))
}

/// Models within arguments: those that a caller writes as dicts.
fn nested(provider: &Provider) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut queue: Vec<&Type> = provider
        .operations
        .iter()
        .flat_map(|operation| &operation.params)
        .map(|field| &field.ty)
        .collect();
    while let Some(ty) = queue.pop() {
        for name in ty.names(&provider.unions) {
            if found.insert(name.to_owned()) {
                let schema = provider.schemas.iter().find(|schema| schema.pascal == *name);
                queue.extend(
                    schema.into_iter().flat_map(crate::model::Schema::sent).map(|field| &field.ty),
                );
            }
        }
    }
    found
}
