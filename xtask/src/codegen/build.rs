//! Builds the model of a provider from its lowered document.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::model::{Field, Operation, Provider, ProviderConfig, Resource, Type};
use super::names;
use super::schemas::{Schemas, describe, text};

/// HTTP methods in the order of the specification.
const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// Builds the model.
pub fn provider(document: &Value, config: ProviderConfig) -> Result<Provider> {
    let mut builder = Builder { document, config: &config, schemas: Schemas::new(document) };
    let mut operations = Vec::new();
    let paths = document.get("paths").and_then(Value::as_object).context("$.paths: missing")?;
    for (path, item) in paths {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if METHODS.contains(&method.as_str()) {
                let at = format!("$.paths['{path}'].{method}");
                let index = operations.len();
                let built =
                    builder.operation(path, method, item, operation, index).with_context(|| at)?;
                operations.push(built);
            }
        }
    }
    ensure!(!operations.is_empty(), "$.paths: no operations");
    let mut seen = BTreeSet::new();
    for operation in &operations {
        ensure!(seen.insert(&operation.name), "two operations are named {}", operation.name);
    }
    let resources = resources(&operations);
    let (mut schemas, enums) = builder.schemas.finish();
    mark_usage(&mut schemas, &operations);
    let feature = config.module.replace('_', "-");
    Ok(Provider { config, feature, resources, operations, schemas, enums })
}

fn resources(operations: &[Operation]) -> Vec<Resource> {
    let mut resources: Vec<Resource> = Vec::new();
    for operation in operations {
        match resources.iter_mut().find(|resource| resource.snake == operation.resource) {
            Some(resource) => resource.operations.push(operation.index),
            None => resources.push(Resource {
                snake: operation.resource.clone(),
                pascal: names::pascal(&operation.resource),
                camel: names::camel(&operation.resource),
                operations: vec![operation.index],
            }),
        }
    }
    resources
}

/// Marks which models are written in requests and which are read in answers.
fn mark_usage(schemas: &mut [super::model::Schema], operations: &[Operation]) {
    let reach = |roots: Vec<String>| {
        let mut reached: Vec<String> = Vec::new();
        let mut queue = roots;
        while let Some(name) = queue.pop() {
            if let Some(schema) = schemas.iter().find(|schema| schema.pascal == name)
                && !reached.contains(&name)
            {
                queue.extend(schema.fields.iter().filter_map(|field| object_name(&field.ty)));
                reached.push(name);
            }
        }
        reached
    };
    // The body of a paged call is not a model of its own: the page is chosen by arguments.
    let is_paged = |operation: &&Operation| operation.paging == "paged";
    let bodies = operations
        .iter()
        .filter(|operation| !is_paged(operation))
        .filter_map(|operation| operation.body.clone());
    let nested = operations
        .iter()
        .filter(is_paged)
        .flat_map(|operation| &operation.params)
        .filter_map(|field| object_name(&field.ty));
    let requests = reach(bodies.chain(nested).collect());
    let answers =
        reach(operations.iter().filter_map(|operation| object_name(&operation.answer)).collect());
    for schema in schemas {
        schema.in_requests = requests.contains(&schema.pascal);
        schema.in_answers = answers.contains(&schema.pascal);
    }
}

fn object_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Object { name } => Some(name.clone()),
        Type::List { item } => object_name(item),
        _ => None,
    }
}

struct Builder<'d> {
    document: &'d Value,
    config: &'d ProviderConfig,
    schemas: Schemas<'d>,
}

impl<'d> Builder<'d> {
    fn operation(
        &mut self,
        path: &str,
        method: &str,
        item: &'d Value,
        operation: &'d Value,
        index: usize,
    ) -> Result<Operation> {
        let extension =
            |name: &str| operation.get(format!("x-payglot-{name}")).map(text).unwrap_or_default();
        let name = extension("name");
        let (resource, method_name) = name
            .split_once('.')
            .filter(|(resource, method)| is_snake(resource) && is_snake(method))
            .context("x-payglot-name is missing or not `resource.method`; add it in the overlay")?;
        let replay = extension("replay");
        ensure!(
            ["read", "idempotent", "keyed", "create", "money"].contains(&replay.as_str()),
            "x-payglot-replay is missing or unknown; it is read, idempotent, keyed, create or money"
        );
        let pascal = names::pascal(&name.replace('.', "_"));
        let parameters = self.parameters(item, operation)?;
        let (path_params, mut query) = self.path_and_query(path, method, &parameters, &pascal)?;
        // The order in which progenitor takes and sends them.
        query.sort_by(|a, b| a.wire.cmp(&b.wire));
        let body = self.body(operation, &pascal)?;
        let body_schema = body.as_ref().and_then(|name| self.schemas.find(name));
        let (body_fields, body_open) =
            body_schema.map(|schema| (schema.fields.clone(), schema.open)).unwrap_or_default();
        let (wrap, answer, is_list) = self.answer(operation, &pascal)?;
        let paging = match extension("paging").as_str() {
            "" if is_list => "list".to_owned(),
            "" => "none".to_owned(),
            known @ ("list" | "paged") if is_list => known.to_owned(),
            other => bail!(
                "x-payglot-paging: `{other}` needs an answer with a list, and is `list` or `paged`"
            ),
        };
        if paging == "paged" {
            let config = self
                .config
                .paging
                .as_ref()
                .context("x-payglot-paging: provider.toml has no [paging]")?;
            for wanted in [&config.page, &config.size] {
                ensure!(
                    body_fields.iter().any(|field| field.wire == *wanted),
                    "a paged operation needs `{wanted}` in its body"
                );
            }
        }
        let is_page = |wire: &str| {
            paging == "paged"
                && self
                    .config
                    .paging
                    .as_ref()
                    .is_some_and(|paging| wire == paging.page || wire == paging.size)
        };
        let params = query
            .iter()
            .chain(&body_fields)
            .filter(|field| !is_page(&field.wire))
            .cloned()
            .collect();
        let summary = operation
            .get("summary")
            .map(text)
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| name.clone());
        Ok(Operation {
            index,
            resource: resource.to_owned(),
            snake: names::snake(method_name),
            camel: names::camel(method_name),
            upper: names::upper(&pascal),
            pascal,
            http_method: method.to_uppercase(),
            path: path.to_owned(),
            paging,
            wrap: wrap.to_owned(),
            path_params,
            query,
            body,
            body_fields,
            params,
            body_open,
            answer,
            summary: super::schemas::sentence(&summary),
            description: operation.get("description").map(text).unwrap_or_default(),
            docs: docs(operation),
            unconfirmed: extension("unconfirmed"),
            reconcile: reconcile(&replay, extension("reconcile"))?,
            replay,
            name,
        })
    }

    /// Path parameters in the order of the path, and query parameters.
    fn path_and_query(
        &mut self,
        path: &str,
        method: &str,
        parameters: &[&'d Value],
        pascal: &str,
    ) -> Result<(Vec<Field>, Vec<Field>)> {
        let mut path_params = Vec::new();
        for step in path.split('/').filter_map(|step| step.strip_prefix('{')?.strip_suffix('}')) {
            let parameter = parameters
                .iter()
                .find(|parameter| place(parameter) == "path" && text_of(parameter, "name") == step)
                .with_context(|| format!("path parameter {step} is not described"))?;
            path_params.push(self.schemas.parameter(parameter, pascal)?);
        }
        let mut query = Vec::new();
        for parameter in parameters {
            match place(parameter) {
                "path" => {}
                "query" => query.push(self.schemas.parameter(parameter, pascal)?),
                place => ensure!(
                    parameter.get("required") != Some(&Value::Bool(true)),
                    "required {place} parameter `{name}` is not known here. Overlay action: \
                     {{target: \"$.paths['{path}'].{method}.parameters[?@.name=='{name}']\", remove: true}}",
                    name = text_of(parameter, "name"),
                ),
            }
        }
        Ok((path_params, query))
    }

    /// Parameters of the path, then those of the operation, references followed.
    fn parameters(&self, item: &'d Value, operation: &'d Value) -> Result<Vec<&'d Value>> {
        let lists = [item.get("parameters"), operation.get("parameters")];
        let mut parameters: Vec<&'d Value> = Vec::new();
        for parameter in lists.into_iter().flatten().filter_map(Value::as_array).flatten() {
            let parameter = follow(self.document, parameter)?;
            let is_same = |other: &&Value| {
                text_of(other, "name") == text_of(parameter, "name")
                    && place(other) == place(parameter)
            };
            parameters.retain(|other| !is_same(other));
            parameters.push(parameter);
        }
        Ok(parameters)
    }

    fn body(&mut self, operation: &'d Value, pascal: &str) -> Result<Option<String>> {
        let Some(body) = operation.get("requestBody") else { return Ok(None) };
        let content = follow(self.document, body)?
            .get("content")
            .and_then(Value::as_object)
            .context("requestBody has no content")?;
        let schema = content.get("application/json").and_then(|media| media.get("schema")).with_context(|| {
            let kinds: Vec<_> = content.keys().map(String::as_str).collect();
            format!(
                "request body of type {} is not known here, only application/json; remove the operation by an overlay action",
                kinds.join(", ")
            )
        })?;
        self.schemas.body(schema, &format!("{pascal}Body")).map(Some)
    }

    /// What wraps the answer, the payload's type, and whether it is a list.
    fn answer(&mut self, operation: &'d Value, pascal: &str) -> Result<(&'static str, Type, bool)> {
        let responses =
            operation.get("responses").and_then(Value::as_object).context("no responses")?;
        let Some((_, response)) = responses.iter().find(|(status, _)| status.starts_with('2'))
        else {
            return Ok(("bare", Type::Any, false));
        };
        let Some(content) =
            follow(self.document, response)?.get("content").and_then(Value::as_object)
        else {
            return Ok(("bare", Type::Any, false));
        };
        if content.is_empty() {
            return Ok(("bare", Type::Any, false));
        }
        let schema = content.get("application/json").map(|media| media.get("schema").unwrap_or(&Value::Null)).with_context(|| {
            let kinds: Vec<_> = content.keys().map(String::as_str).collect();
            format!(
                "answer of type {} is not known here, only application/json; remove the operation by an overlay action",
                kinds.join(", ")
            )
        })?;
        if schema.is_null() {
            return Ok(("bare", Type::Any, false));
        }
        let hint = format!("{pascal}Answer");
        if let Some(envelope) = &self.config.envelope {
            let records = self.schemas.property(schema, &envelope.records)?;
            let data = self.schemas.property(schema, &envelope.data)?;
            if self.schemas.property(schema, &envelope.success)?.is_some() {
                if let Some(records) = records {
                    return match self.schemas.answer(records, &hint)? {
                        Type::List { item } => Ok(("records", *item, true)),
                        _ => bail!("`{}` of the answer is not a list", envelope.records),
                    };
                }
                if let Some(data) = data {
                    return Ok(match self.schemas.answer(data, &hint)? {
                        Type::List { item } => ("data", *item, true),
                        other => ("data", other, false),
                    });
                }
            }
        }
        Ok(match self.schemas.answer(schema, &hint)? {
            Type::List { item } => ("bare", *item, true),
            other => ("bare", other, false),
        })
    }
}

fn reconcile(replay: &str, given: String) -> Result<String> {
    match (replay, given.is_empty()) {
        ("create" | "money", true) => {
            Ok("look in the provider's dashboard whether the call took effect.".to_owned())
        }
        ("create" | "money", false) => Ok(describe(&given)),
        (_, true) => Ok(given),
        (_, false) => bail!("x-payglot-reconcile: only for create and money"),
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

fn place(parameter: &Value) -> &str {
    parameter.get("in").and_then(Value::as_str).unwrap_or_default()
}

fn text_of<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Follows a `$ref` within the document.
pub fn follow<'d>(document: &'d Value, value: &'d Value) -> Result<&'d Value> {
    let mut value = value;
    for _ in 0..16 {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Ok(value) };
        let pointer = reference
            .strip_prefix('#')
            .with_context(|| format!("reference {reference} leaves the document"))?;
        value = document
            .pointer(pointer)
            .with_context(|| format!("reference {reference} leads nowhere"))?;
    }
    bail!("references go round in circles")
}
