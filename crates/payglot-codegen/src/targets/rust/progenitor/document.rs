//! A provider's document in the form that progenitor takes, with our models instead of its own.
//!
//! Methods, paths and parameters are the document's. What a value is comes from the model: progenitor would make floats
//! of money, close enums and add crates for dates and UUIDs. What progenitor 0.15 cannot do is kept from it here:
//!
//! - single query parameters whose names are the same in snake case, or that hold free JSON: they become one struct;
//! - path parameters called like another argument: only their position counts, so they take the model's names;
//! - several success responses of different types: there is one, for every 2xx;
//! - typed error bodies, of which one operation cannot have two: an error comes as the response itself;
//! - OPTIONS, for which reqwest has no method, and queries with delimited lists or objects, which it would encode
//!   otherwise, bodies that are no JSON object, responses that are no JSON or several, and operations with a server of their own: such operations are left out, and the module's docs say so;
//! - cookies, and headers called like another argument: they are left out, and the method's docs say so.
//!
//! Headers that authentication sets are not arguments either: the hooks set them.

use std::collections::HashSet;

use anyhow::{Context as _, Result, ensure};
use heck::ToSnakeCase as _;
use serde_json::{Map, Value, json};

use crate::lower;
use crate::model::build::placeholders;
use crate::model::build::schemas::resolve;
use crate::model::{
    Content, Field, HttpMethod, Operation, Paging, ParameterStyle, Provider, Server, Type, Wrap,
};
use crate::targets::rust::shapes::Shapes;
use crate::targets::rust::source::doc_text;

/// Arguments and variables of progenitor's methods.
const TAKEN: [&str; 5] = ["body", "client", "header_map", "info", "self"];

/// What progenitor is given.
pub struct Projected {
    /// An OpenAPI 3.0 document.
    pub document: Value,
    /// Names of its schemas, each with the Rust type that replaces it.
    pub replacements: Vec<(String, String)>,
}

/// Projects a provider's document.
pub fn project(provider: &Provider) -> Result<Projected> {
    let mut lowered = provider.document.clone();
    if let Some(root) = lowered.as_object_mut() {
        root.shift_remove("webhooks");
    }
    lower::document(&mut lowered)?;
    let shapes = Shapes::new(&provider.schemas, &provider.unions);
    let mut projection =
        Projection { provider, lowered: &lowered, shapes, replacements: Vec::new() };
    let mut paths = Map::new();
    let mut seen = HashSet::new();
    let items = lowered.get("paths").and_then(Value::as_object).into_iter().flatten();
    for (path, item) in items {
        let item = resolve(&lowered, item)?;
        for (key, raw) in item.as_object().into_iter().flatten() {
            let operation = HttpMethod::from_key(key).and_then(|method| {
                let mut operations = provider.operations.iter();
                operations.find(|known| known.path == *path && known.http_method == method)
            });
            let Some(operation) = operation.filter(|operation| is_possible(operation)) else {
                continue;
            };
            let id = operation_id(operation);
            ensure!(seen.insert(id.clone()), "{}: two operations are `{id}`", operation.name);
            let (path, projected) =
                projection.operation(operation, item, raw).with_context(|| id)?;
            let item = paths.entry(path).or_insert_with(|| json!({}));
            if let Some(item) = item.as_object_mut() {
                item.insert(key.clone(), projected);
            }
        }
    }
    let replacements = projection.replacements;
    let schemas: Map<String, Value> =
        replacements.iter().map(|(name, _)| (name.clone(), json!({"type": "object"}))).collect();
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": provider.config.title, "version": "0"},
        "paths": paths,
        "components": {"schemas": schemas},
    });
    Ok(Projected { document, replacements })
}

/// Whether progenitor's client can have the operation.
pub fn is_possible(operation: &Operation) -> bool {
    let is_repeated =
        |field: &Field| field.style == ParameterStyle::Repeated || !field.style.is_query();
    operation.http_method != HttpMethod::Options
        && !operation.path.contains(['?', '#'])
        && operation.query.iter().all(is_repeated)
        && operation.content == Content::json()
        && operation.server == Server::Base
        && operation.returns.is_plain()
}

/// `cards.create_update_link` as progenitor's method.
pub fn operation_id(operation: &Operation) -> String {
    operation.name.replace('.', "_")
}

/// The name of the model of a paged call's body in progenitor's module: the facade takes its fields as arguments.
pub fn paged_body(operation: &Operation) -> Option<&str> {
    operation.body.as_deref().filter(|_| operation.paging == Paging::Paged)
}

/// Whether the query parameters of an operation are one struct.
pub fn has_query_struct(operation: &Operation) -> bool {
    let mut names: HashSet<String> = TAKEN.map(str::to_owned).into();
    names.extend(operation.path_params.iter().map(|field| field.snake.clone()));
    let is_argument = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    };
    operation.query.iter().filter(|field| field.style.is_query()).any(|field| {
        !is_argument(&field.wire) || !names.insert(field.wire.to_snake_case()) || is_free(&field.ty)
    })
}

fn is_free(ty: &Type) -> bool {
    match ty {
        Type::List { item } => is_free(item),
        other => {
            matches!(other, Type::Any | Type::Object { .. } | Type::Map { .. } | Type::Union { .. })
        }
    }
}

struct Projection<'p> {
    provider: &'p Provider,
    lowered: &'p Value,
    shapes: Shapes,
    replacements: Vec<(String, String)>,
}

impl<'p> Projection<'p> {
    /// Path and operation as progenitor takes them.
    fn operation(
        &mut self,
        operation: &Operation,
        item: &'p Value,
        raw: &'p Value,
    ) -> Result<(String, Value)> {
        let mut path = operation.path.clone();
        let mut parameters = Vec::new();
        for (wire, field) in placeholders(&operation.path).zip(&operation.path_params) {
            path = path.replacen(&format!("{{{wire}}}"), &format!("{{{}}}", field.snake), 1);
            let schema = json!({"type": "string"});
            parameters.push(parameter(&field.snake, "path", true, &schema, &field.description));
        }
        let mut left_out = Vec::new();
        let mut names: HashSet<String> = TAKEN.map(str::to_owned).into();
        names.extend(operation.path_params.iter().map(|field| field.snake.clone()));
        let has_query_struct = has_query_struct(operation);
        for declared in self.parameters(item, raw)? {
            let name = declared.get("name").and_then(Value::as_str).unwrap_or_default();
            let required = declared.get("required") == Some(&Value::Bool(true));
            match declared.get("in").and_then(Value::as_str).unwrap_or_default() {
                "query" if !has_query_struct => {
                    let is_it = |field: &&Field| field.wire == name && field.style.is_query();
                    let field = operation.query.iter().find(is_it);
                    let field = field.with_context(|| format!("no query parameter `{name}`"))?;
                    let schema = self.query_schema(field);
                    names.insert(name.to_snake_case());
                    parameters.push(parameter(
                        name,
                        "query",
                        required,
                        &schema,
                        &field.description,
                    ));
                }
                "header" if self.is_reserved(name) => {}
                "header" if names.insert(name.to_snake_case()) => {
                    let text = declared.get("description").and_then(Value::as_str);
                    let schema = json!({"type": "string"});
                    let text = text.unwrap_or(name);
                    parameters.push(parameter(name, "header", required, &schema, text));
                }
                kind @ ("header" | "cookie") => left_out.push(format!("the {kind} `{name}`")),
                _ => {}
            }
        }
        if has_query_struct {
            let model = format!("{}::types::{}Query", self.module(), operation.pascal);
            let schema = self
                .replaced(format!("payglot_runtime::request::progenitor::QueryParams<{model}>"));
            parameters.push(parameter("query", "query", true, &schema, "All query parameters."));
        }
        let mut description = operation.description.clone();
        if !left_out.is_empty() {
            description.push_str(&format!("\n\nLeft out: {}.", left_out.join(", ")));
        }
        let mut projected = json!({
            "operationId": operation_id(operation),
            "summary": doc_text(&operation.summary),
            "description": doc_text(description.trim()),
            "parameters": parameters,
            "responses": {"2XX": self.response(operation, raw)?},
        });
        if let (Some(body), Some(projected)) = (&operation.body, projected.as_object_mut()) {
            let model = match paged_body(operation) {
                Some(body) => format!("{}::progenitor::bodies::{body}", self.module()),
                None => format!("{}::types::{}", self.module(), self.shapes.request_model(body)),
            };
            let schema = self.replaced(model);
            projected.insert("requestBody".into(), content(&schema));
        }
        Ok((path, projected))
    }

    /// Parameters of a path and of an operation, which override those of the path.
    fn parameters(&self, item: &Value, raw: &Value) -> Result<Vec<Value>> {
        let mut found: Vec<Value> = Vec::new();
        for holder in [item, raw] {
            let parameters = holder.get("parameters").and_then(Value::as_array);
            for parameter in parameters.into_iter().flatten() {
                let parameter = resolve(self.lowered, parameter)?;
                let is_same = |known: &Value| {
                    ["name", "in"].iter().all(|key| known.get(key) == parameter.get(key))
                };
                found.retain(|known| !is_same(known));
                found.push(parameter.clone());
            }
        }
        Ok(found)
    }

    /// A schema for a single query parameter, whose values stand in a URL as in a call.
    fn query_schema(&mut self, field: &Field) -> Value {
        match &field.ty {
            Type::List { item } => json!({"type": "array", "items": self.value_schema(item)}),
            ty => self.value_schema(ty),
        }
    }

    fn value_schema(&mut self, ty: &Type) -> Value {
        match ty {
            Type::Boolean => json!({"type": "boolean"}),
            Type::Integer { .. } => json!({"type": "integer", "format": "int64"}),
            Type::Number | Type::Money { .. } => {
                self.replaced("payglot_runtime::request::progenitor::Number".into())
            }
            Type::Enum { name } | Type::Object { name } | Type::Union { name } => {
                self.replaced(format!("{}::types::{name}", self.module()))
            }
            Type::List { item } => json!({"type": "array", "items": self.value_schema(item)}),
            Type::Map { .. } | Type::Any => self.replaced("payglot_runtime::Json".into()),
            Type::Text | Type::Uuid | Type::DateTime | Type::Date | Type::File { .. } => {
                json!({"type": "string"})
            }
        }
    }

    /// The success response, with its envelope.
    fn response(&mut self, operation: &Operation, raw: &'p Value) -> Result<Value> {
        let Some(schema) = success(self.lowered, raw)? else {
            return Ok(json!({"description": ""}));
        };
        if operation.wrap == Wrap::At {
            let body = self.value_schema(&Type::Any);
            return Ok(content(&body));
        }
        let is_list = operation.wrap == Wrap::Records || operation.paging != Paging::None;
        let mut payload = self.value_schema(&operation.response);
        if is_list {
            payload = json!({"type": "array", "items": payload});
        }
        let envelope =
            self.provider.config.envelope.as_ref().filter(|_| operation.wrap != Wrap::Bare);
        let Some(envelope) = envelope else { return Ok(content(&payload)) };
        let payload_name =
            if operation.wrap == Wrap::Records { &envelope.records } else { &envelope.data };
        let declared = resolve(self.lowered, schema)?.get("properties").and_then(Value::as_object);
        let mut properties = Map::new();
        for (name, property) in declared.into_iter().flatten() {
            let property = resolve(self.lowered, property)?;
            let mut schema = match property.get("type").and_then(Value::as_str) {
                Some("string") => json!({"type": "string"}),
                Some("boolean") => json!({"type": "boolean"}),
                Some("number") => self.value_schema(&Type::Number),
                Some("integer") => json!({"type": "integer", "format": "int64"}),
                _ => self.value_schema(&Type::Any),
            };
            if let Some(schema) = schema.as_object_mut().filter(|map| !map.contains_key("$ref")) {
                schema.insert("nullable".into(), true.into());
            }
            properties.insert(name.clone(), schema);
        }
        properties.insert(payload_name.clone(), payload);
        Ok(content(&json!({"type": "object", "properties": properties})))
    }

    /// Whether a header is not the caller's to set.
    fn is_reserved(&self, name: &str) -> bool {
        let mut own = self.provider.config.auth.headers();
        own.any(|own| own.eq_ignore_ascii_case(name))
            || ["accept", "authorization", "content-type"]
                .iter()
                .any(|r| r.eq_ignore_ascii_case(name))
    }

    /// A reference to a schema that this Rust type replaces.
    fn replaced(&mut self, rust: String) -> Value {
        let known = self.replacements.iter().position(|(_, other)| *other == rust);
        let position = known.unwrap_or_else(|| {
            self.replacements.push((format!("Replaced{}", self.replacements.len()), rust));
            self.replacements.len() - 1
        });
        json!({"$ref": format!("#/components/schemas/Replaced{position}")})
    }

    fn module(&self) -> String {
        format!("crate::generated::{}", self.provider.config.module)
    }
}

fn parameter(
    name: &str,
    location: &str,
    required: bool,
    schema: &Value,
    description: &str,
) -> Value {
    json!({"name": name, "in": location, "required": required, "schema": schema, "description": doc_text(description)})
}

fn content(schema: &Value) -> Value {
    json!({"description": "", "required": true, "content": {"application/json": {"schema": schema}}})
}

/// The schema of the first success response that has one.
fn success<'d>(document: &'d Value, operation: &'d Value) -> Result<Option<&'d Value>> {
    let responses = operation.get("responses").and_then(Value::as_object);
    for (_, response) in responses.into_iter().flatten().filter(|(key, _)| key.starts_with('2')) {
        let media = resolve(document, response)?.get("content").and_then(Value::as_object);
        let schema = media.into_iter().flatten().find_map(|(_, media)| media.get("schema"));
        if schema.is_some() {
            return Ok(schema);
        }
    }
    Ok(None)
}
