//! Builds the model of a provider from its lowered document, and collects what cannot be generated.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value};

use self::schemas::{Schemas, describe, resolve, text, unmarked};
use crate::diagnostic::{Diagnostic, Diagnostics, step};
use crate::model::names::{self, NameAllocator, Naming};
use crate::model::{HttpMethod, Operation, Paging, Provider, ProviderConfig, Replay, Type, Wrap};

mod parameters;
pub mod schemas;
mod usage;
mod webhooks;

pub use parameters::placeholders;

/// Builds the model.
pub fn provider(document: &Value, config: ProviderConfig, naming: &Naming) -> Result<Provider> {
    ensure!(
        naming.is_module(&config.module),
        "provider.toml: `{}` cannot be the name of a module",
        config.module
    );
    let paths = document.get("paths").and_then(Value::as_object).context("$.paths: missing")?;
    let schemas = Schemas::new(document, naming, reserved(paths, naming));
    let mut builder =
        Builder { document, config: &config, naming, schemas, diagnostics: Vec::new() };
    let mut operations = Vec::new();
    for (path, item) in paths {
        let item = resolve(document, item)?;
        for (method, operation) in item.as_object().into_iter().flatten() {
            let at = format!("$.paths{}.{method}", step(path));
            if let Some(method) = HttpMethod::from_key(method) {
                match builder.operation((path, method, &at), item, operation, operations.len()) {
                    Ok(operation) => operations.push(operation),
                    Err(error) => builder.diagnostics.push(Diagnostic::of(&at, error)),
                }
            } else if method == "trace" {
                let trace = Diagnostic::remove(&at, "method TRACE is not known here", &at);
                builder.diagnostics.push(trace);
            }
        }
    }
    let events = builder.events();
    let Builder { schemas, mut diagnostics, .. } = builder;
    diagnostics.extend(same_names(&operations));
    let (mut schemas, enums, unmarked_numbers) = schemas.finish();
    usage::mark(&mut schemas, &operations, &events);
    // An event's amount has no other name for its unit than the mark: there a guess could be off by a hundred.
    let strict = schemas.iter().filter(|schema| schema.in_requests || schema.only_in_events);
    let strict: HashSet<&str> = strict.map(|schema| schema.pascal.as_str()).collect();
    let is_strict =
        |owner: &Option<String>| owner.as_deref().is_some_and(|owner| strict.contains(owner));
    diagnostics.extend(
        unmarked_numbers.iter().filter(|(owner, _)| is_strict(owner)).map(|(_, at)| unmarked(at)),
    );
    diagnostics.extend(webhooks::cents_without_a_name(&schemas));
    Diagnostics(diagnostics).check()?;
    ensure!(!operations.is_empty(), "$.paths: no operations");
    let resources = usage::resources(&operations, &config.class, naming);
    let feature = config.module.replace('_', "-");
    Ok(Provider {
        config,
        feature,
        resources,
        operations,
        schemas,
        enums,
        events,
        document: Value::Null,
        sandbox: None,
    })
}

/// Names of types that are made for operations alone.
fn reserved(paths: &Map<String, Value>, naming: &Naming) -> NameAllocator {
    let mut allocator = NameAllocator::default();
    let operations = paths.values().filter_map(Value::as_object).flat_map(Map::values);
    for name in operations.filter_map(|operation| operation.get("x-payglot-name")?.as_str()) {
        let pascal = naming.pascal(&name.replace('.', "_"));
        allocator.reserve(format!("{pascal}Query"));
        allocator.reserve(format!("{pascal}Params"));
    }
    allocator
}

/// Operations whose names are the same in some language.
fn same_names(operations: &[Operation]) -> Vec<Diagnostic> {
    let mut seen: HashMap<String, &Operation> = HashMap::new();
    let mut found = Vec::new();
    for operation in operations {
        let names = [
            operation.pascal.clone(),
            format!("{}.{}", names::camel(&operation.resource), operation.camel),
        ];
        if let Some(other) = names.iter().find_map(|name| seen.get(name)) {
            let at = format!("$.paths{}.{}", step(&operation.path), operation.http_method.key());
            let problem = format!(
                "`{}` and `{}` have the same name in some language",
                other.name, operation.name
            );
            found.push(Diagnostic::update(&at, problem, "{x-payglot-name: resource.method}"));
        }
        seen.extend(names.map(|name| (name, operation)));
    }
    found
}

struct Builder<'d> {
    document: &'d Value,
    config: &'d ProviderConfig,
    naming: &'d Naming,
    schemas: Schemas<'d>,
    diagnostics: Vec<Diagnostic>,
}

impl<'d> Builder<'d> {
    fn operation(
        &mut self,
        (path, method, at): (&str, HttpMethod, &str),
        item: &'d Value,
        operation: &'d Value,
        index: usize,
    ) -> Result<Operation> {
        let extension =
            |name: &str| operation.get(format!("x-payglot-{name}")).map(text).unwrap_or_default();
        let name = extension("name");
        let wrong_name =
            |problem: &str| Diagnostic::update(at, problem, "{x-payglot-name: resource.method}");
        let (resource, method_name) = name
            .split_once('.')
            .filter(|(resource, method)| is_snake(resource) && is_snake(method))
            .ok_or_else(|| wrong_name("x-payglot-name is missing or not `resource.method`"))?;
        let replay = Replay::from_name(&extension("replay")).ok_or_else(|| {
            let problem = "x-payglot-replay is missing or unknown; it is read, idempotent, keyed, create or money";
            Diagnostic::update(at, problem, "{x-payglot-replay: money}")
        })?;
        let (resource, snake) = (self.naming.snake(resource), self.naming.snake(method_name));
        if !self.naming.is_resource(&resource) || !self.naming.is_operation(&snake) {
            bail!(wrong_name(&format!("`{name}` is a name that a client has for something else")));
        }
        let pascal = self.naming.pascal(&name.replace('.', "_"));
        let documents = (self.document, item, operation);
        let (mut path_params, mut query) = parameters::read(
            &mut self.schemas,
            documents,
            (path, at, &pascal),
            &mut self.diagnostics,
        )?;
        let body = self.body(operation, at, &pascal)?;
        let body_schema = body.as_ref().and_then(|name| self.schemas.find(name));
        let (body_fields, body_open) =
            body_schema.map(|schema| (schema.fields.clone(), schema.open)).unwrap_or_default();
        let (wrap, response, is_list) = self.response(operation, at, &pascal)?;
        let paging = match (extension("paging").as_str(), is_list) {
            ("", false) => Paging::None,
            ("" | "list", true) => Paging::List,
            ("paged", true) => Paging::Paged,
            (other, _) => bail!(
                "x-payglot-paging: `{other}` needs a response with a list, and is `list` or `paged`"
            ),
        };
        let page = self.config.paging.as_ref().filter(|_| paging == Paging::Paged);
        if paging == Paging::Paged {
            let config = page.context("x-payglot-paging: provider.toml has no [paging]")?;
            for wanted in [&config.page, &config.size] {
                ensure!(
                    body_fields.iter().any(|field| field.wire == *wanted),
                    "a paged operation needs `{wanted}` in its body"
                );
            }
        }
        let is_page =
            |wire: &str| page.is_some_and(|paging| wire == paging.page || wire == paging.size);
        let mut params = parameters::arguments(&mut path_params, &mut query, &body_fields);
        params.retain(|field| !is_page(&field.wire));
        let summary = operation
            .get("summary")
            .map(text)
            .filter(|text| !text.trim().is_empty())
            .unwrap_or_else(|| name.clone());
        Ok(Operation {
            index,
            resource,
            camel: names::camel(&snake),
            snake,
            upper: names::upper(&pascal),
            pascal,
            http_method: method,
            path: path.to_owned(),
            paging,
            wrap,
            path_params,
            query,
            body,
            body_fields,
            params,
            body_open,
            response,
            summary: schemas::sentence(&describe(&summary)),
            description: operation.get("description").map(text).unwrap_or_default(),
            docs: docs(operation),
            unconfirmed: extension("unconfirmed"),
            reconcile: reconcile(replay, extension("reconcile"))?,
            replay,
            name,
        })
    }

    fn body(&mut self, operation: &'d Value, at: &str, pascal: &str) -> Result<Option<String>> {
        let Some(body) = operation.get("requestBody") else { return Ok(None) };
        let content = resolve(self.document, body)?.get("content").and_then(Value::as_object);
        let Some(content) = content.filter(|content| !content.is_empty()) else { return Ok(None) };
        let Some((kind, schema)) = json_schema(content) else {
            bail!("a request body of type {} is not known here, only JSON", kinds(content))
        };
        let at = format!("{at}.requestBody.content{}.schema", step(kind));
        self.schemas.body(schema, &at, &format!("{pascal}Body")).map(Some)
    }

    /// What wraps the payload of a response, the payload's type, and whether it is a list.
    fn response(
        &mut self,
        operation: &'d Value,
        at: &str,
        pascal: &str,
    ) -> Result<(Wrap, Type, bool)> {
        let mut found = None;
        for (status, response) in
            operation.get("responses").and_then(Value::as_object).into_iter().flatten()
        {
            let content =
                resolve(self.document, response)?.get("content").and_then(Value::as_object);
            // The first that says what comes back.
            if let Some(content) =
                content.filter(|content| status.starts_with('2') && !content.is_empty())
            {
                found = Some((status, content));
                break;
            }
        }
        let Some((status, content)) = found else { return Ok((Wrap::Bare, Type::Any, false)) };
        let Some((kind, schema)) = json_schema(content) else {
            bail!("a response of type {} is not known here, only JSON", kinds(content))
        };
        let at = format!("{at}.responses{}.content{}.schema", step(status), step(kind));
        let hint = format!("{pascal}Answer");
        if let Some(envelope) = &self.config.envelope {
            let records = self.schemas.property(schema, &envelope.records)?;
            let data = self.schemas.property(schema, &envelope.data)?;
            if self.schemas.property(schema, &envelope.success)?.is_some() {
                if let Some(records) = records {
                    return match self.schemas.ty(records, &at, &hint)? {
                        Type::List { item } => Ok((Wrap::Records, *item, true)),
                        _ => bail!("`{}` of the response is not a list", envelope.records),
                    };
                }
                if let Some(data) = data {
                    return Ok(match self.schemas.ty(data, &at, &hint)? {
                        Type::List { item } => (Wrap::Data, *item, true),
                        other => (Wrap::Data, other, false),
                    });
                }
            }
        }
        Ok(match self.schemas.ty(schema, &at, &hint)? {
            Type::List { item } => (Wrap::Bare, *item, true),
            other => (Wrap::Bare, other, false),
        })
    }
}

/// The schema of the JSON among the media types: `application/json`, or one that ends in `+json`.
fn json_schema(content: &Map<String, Value>) -> Option<(&str, &Value)> {
    let is_json = |kind: &str| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind == "application/json" || kind == "*/*" || kind.ends_with("+json")
    };
    let (kind, media) = content
        .get_key_value("application/json")
        .or_else(|| content.iter().find(|(kind, _)| is_json(kind)))?;
    Some((kind, media.get("schema").unwrap_or(&Value::Null)))
}

fn kinds(content: &Map<String, Value>) -> String {
    content.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn reconcile(replay: Replay, given: String) -> Result<String> {
    match (replay.is_sent_once(), given.is_empty()) {
        (true, true) => {
            Ok("look in the provider's dashboard whether the call took effect.".to_owned())
        }
        (true, false) => Ok(describe(&given)),
        (false, true) => Ok(given),
        (false, false) => bail!("x-payglot-reconcile: only for create and money"),
    }
}

fn docs(operation: &Value) -> String {
    operation
        .pointer("/externalDocs/url")
        .or_else(|| operation.get("x-source"))
        .map(text)
        .unwrap_or_default()
}

fn is_snake(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn text_of<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
