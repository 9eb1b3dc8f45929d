//! Builds the model of a provider from its lowered document, and collects what cannot be generated.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use self::schemas::{Schemas, text, unmarked};
use crate::diagnostic::{Diagnostic, Diagnostics, step};
use crate::model::names::{self, NameAllocator, Naming};
use crate::model::{HttpMethod, Operation, Provider, ProviderConfig, ResponseForm};

mod balances;
mod batch;
mod body;
mod certain;
mod lookups;
mod media;
mod objects;
mod operation;
mod paging;
mod parameters;
mod responses;
pub mod schemas;
mod security;
mod servers;
mod spends;
mod tags;
mod usage;
mod webhooks;

pub use operation::IDEMPOTENCY_KEY;
pub use parameters::{has_header, placeholders};
pub use security::SETTERS as TAKEN_BY_OPTIONS;
pub use servers::{first as first_server, origin};

/// Builds the model of what can be generated, and gives everything that cannot; `found` is what was found before.
pub fn provider(
    document: &Value,
    config: ProviderConfig,
    naming: &Naming,
    found: Diagnostics,
) -> (Provider, Diagnostics) {
    let none = Map::new();
    let paths = document.get("paths").and_then(Value::as_object).unwrap_or(&none);
    let schemas = Schemas::new(document, naming, reserved(paths, naming));
    let names = names_of(paths).collect();
    let diagnostics = found.0;
    let mut builder = Builder { document, config: &config, naming, schemas, names, diagnostics };
    if !naming.is_module(&config.module) {
        let problem = format!("module: `{}` cannot be the name of a module", config.module);
        let another = Diagnostic::edit("provider.toml", problem, "Choose another name.");
        builder.diagnostics.push(another);
    }
    if !naming.is_module(&naming.snake(&config.class)) {
        let problem = format!("class: `{}` is a class that a client has already", config.class);
        let another = Diagnostic::edit("provider.toml", problem, "Choose another name.");
        builder.diagnostics.push(another);
    }
    builder.diagnostics.extend(security::check(&config));
    let mut operations = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let at = format!("$.paths{}.{method}", step(path));
            if let Some(method) = HttpMethod::from_key(method) {
                match builder.operation((path, method, &at), item, operation, operations.len()) {
                    Ok(found) => operations.extend(found),
                    Err(error) => {
                        let diagnostic = Diagnostic::of(&at, error);
                        if !builder.diagnostics.contains(&diagnostic) {
                            builder.diagnostics.push(diagnostic);
                        }
                    }
                }
            } else if method == "trace" {
                let trace = Diagnostic::remove(&at, "method TRACE is not known here", &at);
                builder.diagnostics.push(trace);
            }
        }
    }
    let events = builder.events();
    let Builder { mut schemas, mut diagnostics, .. } = builder;
    diagnostics.extend(same_names(&operations));
    let default_security = security::default(&config, document, &operations);
    let default_security = default_security.unwrap_or_else(|error| {
        diagnostics.push(Diagnostic::of("$.security", error));
        Vec::new()
    });
    let certain_fields = schemas.certain_fields();
    let (mut schemas, enums, mut unions, unmarked_numbers) = schemas.finish();
    usage::mark((&mut schemas, &mut unions), &operations, &events);
    usage::mark_outcomes(&schemas, &mut operations);
    diagnostics.extend(certain::attach(document, &certain_fields, &schemas, &mut operations));
    diagnostics.extend(lookups::attach(document, &config, &schemas, &mut operations));
    diagnostics.extend(tags::attach(document, &mut operations));
    diagnostics.extend(spends::attach(document, &mut operations));
    diagnostics.extend(balances::attach(document, &config, &schemas, &mut operations));
    diagnostics.extend(batch::check(&config, &operations));
    diagnostics.extend(objects::check(&config, &schemas, &operations, &events));
    // Only the mark says whether an event's amount is in dollars or cents: a guess could be wrong by a factor of 100.
    let strict = schemas.iter().filter(|schema| schema.in_requests || schema.only_in_events);
    let strict: HashSet<&str> = strict.map(|schema| schema.pascal.as_str()).collect();
    let is_strict =
        |owner: &Option<String>| owner.as_deref().is_some_and(|owner| strict.contains(owner));
    diagnostics.extend(
        unmarked_numbers.iter().filter(|(owner, _)| is_strict(owner)).map(|(_, at)| unmarked(at)),
    );
    diagnostics.extend(webhooks::cents_without_a_name(&schemas));
    if operations.is_empty() && diagnostics.is_empty() {
        let problem = "no operations";
        diagnostics.push(Diagnostic::edit("$.paths", problem, "Describe at least one."));
    }
    let resources = usage::resources(&operations, &config.class, naming);
    let mut config = config;
    security::mark_optional(&mut config, &operations);
    let feature = config.module.replace('_', "-");
    let provider = Provider {
        config,
        feature,
        resources,
        operations,
        default_security,
        schemas,
        enums,
        unions,
        events,
        document: Value::Null,
        sandbox: None,
    };
    (provider, Diagnostics(diagnostics))
}

/// Names of types that are made for operations alone.
fn reserved(paths: &Map<String, Value>, naming: &Naming) -> NameAllocator {
    let mut allocator = NameAllocator::default();
    for name in names_of(paths) {
        let pascal = naming.pascal(&name.replace('.', "_"));
        allocator.reserve(format!("{pascal}Query"));
        allocator.reserve(format!("{pascal}Params"));
        allocator.reserve(format!("{pascal}Success"));
    }
    allocator
}

/// The names that the overlay gives to operations.
fn names_of(paths: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let operations = paths.values().filter_map(Value::as_object).flat_map(Map::values);
    operations.filter_map(|operation| operation.get("x-payglot-name")?.as_str())
}

/// Operations whose names are the same in some language.
fn same_names(operations: &[Operation]) -> Vec<Diagnostic> {
    let mut seen: HashMap<String, &Operation> = HashMap::new();
    let mut found = Vec::new();
    for operation in operations {
        let camel = format!("{}.{}", names::camel(&operation.resource), operation.camel);
        // Bytes have a method beside theirs that writes them to a file.
        let to_file =
            (operation.returns.form == ResponseForm::Bytes).then(|| format!("{camel}ToFile"));
        let names = [operation.pascal.clone(), camel].into_iter().chain(to_file);
        let names: Vec<String> = names.collect();
        if let Some(other) = names.iter().find_map(|name| seen.get(name)) {
            let at = operation.location();
            let problem = format!(
                "`{}` and `{}` have the same name in some language",
                other.name, operation.name
            );
            found.push(Diagnostic::update(&at, problem, "{x-payglot-name: resource.method}"));
        }
        seen.extend(names.into_iter().map(|name| (name, operation)));
    }
    found
}

struct Builder<'d> {
    document: &'d Value,
    config: &'d ProviderConfig,
    naming: &'d Naming,
    schemas: Schemas<'d>,
    /// Names of operations.
    names: HashSet<&'d str>,
    diagnostics: Vec<Diagnostic>,
}

/// The JSON among the media types: `application/json`, or one that ends in `+json`.
fn json_media(content: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (kind, media) = content
        .get_key_value("application/json")
        .or_else(|| content.iter().find(|(kind, _)| media::is_json(kind)))?;
    Some((kind, media))
}

/// The schema of the JSON among the media types.
pub fn json_schema(content: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (kind, media) = json_media(content)?;
    Some((kind, media.get("schema").unwrap_or(&Value::Null)))
}

fn docs(operation: &Value) -> String {
    operation
        .pointer("/externalDocs/url")
        .or_else(|| operation.get("x-source"))
        .map(text)
        .unwrap_or_default()
}

fn text_of<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
