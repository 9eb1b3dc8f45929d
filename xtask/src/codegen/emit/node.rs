//! Writes the Node package's generated files: classes, errors, and the types with their docs.

use std::collections::BTreeSet;

use anyhow::Result;
use heck::ToLowerCamelCase as _;
use minijinja::Environment;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Output, environment, render, wrap};
use crate::codegen::model::{
    Enum, ErrorClass, Field, Helper, Model, Operation, Provider, Schema, Type,
};

const FOLDER: &str = "bindings/node/generated";
const USAGE: &str = "bindings/node/test-d/generated/usage.mts";

/// Every generated file of the Node package.
pub fn emit(model: &Model) -> Result<Vec<Output>> {
    let environment = node_environment();
    let providers: Vec<Value> =
        model.providers.iter().map(|provider| Names::new(provider).provider()).collect();
    let errors: Vec<Value> = model.errors.iter().map(error).collect();
    let mut outputs = Vec::new();
    for name in
        ["errors.cjs", "errors.d.cts", "exports.cjs", "exports.mjs", "exports.d.cts", "usage.ts"]
    {
        let context = json!({ "errors": errors, "providers": providers });
        let text = render(&environment, &format!("node/{name}.j2"), context)?;
        let path = if name == "usage.ts" { USAGE.to_owned() } else { format!("{FOLDER}/{name}") };
        outputs.push(Output::new(path, text));
    }
    for (provider, view) in model.providers.iter().zip(&providers) {
        for ending in ["cjs", "d.cts"] {
            let text = render(&environment, &format!("node/provider.{ending}.j2"), view)?;
            outputs.push(Output::new(format!("{FOLDER}/{}.{ending}", provider.config.name), text));
        }
    }
    Ok(outputs)
}

fn node_environment() -> Environment<'static> {
    let mut environment = environment();
    environment.add_filter("tsdoc", |text: &str, indent: usize| tsdoc(text, indent));
    environment.add_filter("js", |text: &str| js(text));
    environment.add_filter("js_list", |texts: Vec<String>| {
        format!("[{}]", texts.iter().map(|text| js(text)).collect::<Vec<_>>().join(", "))
    });
    environment
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

/// The name a user sees: the wire's, or the corrected one where that is misspelled.
fn public(field: &Field) -> &str {
    if field.aliases.is_empty() { &field.wire } else { &field.snake }
}

/// A positional argument.
fn argument(field: &Field) -> String {
    const RESERVED: [&str; 6] = ["default", "delete", "new", "options", "params", "this"];
    let name = field.snake.trim_end_matches('_').to_lower_camel_case();
    if RESERVED.contains(&name.as_str()) { format!("{name}_") } else { name }
}

fn paragraphs(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// What a user must know about sending a call again.
fn replay_note(replay: &str) -> &'static str {
    match replay {
        "read" => "Changes nothing; sent again after a fault.",
        "idempotent" => "Safe to repeat; sent again after a fault.",
        "keyed" => "Sent again after a fault under the same `Idempotency-Key`.",
        "create" => "Creates something: never sent again once it may have arrived.",
        _ => "Moves money: never sent again once it may have arrived.",
    }
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
    })
}

/// Names of one provider's types, which depend on where a model is used.
struct Names<'m> {
    provider: &'m Provider,
    class: &'m str,
}

/// A field as the templates see it.
#[derive(Serialize)]
struct FieldView {
    key: String,
    access: String,
    ty: String,
    check: String,
    optional: bool,
    doc: String,
}

impl<'m> Names<'m> {
    fn new(provider: &'m Provider) -> Self {
        Self { provider, class: &provider.config.class }
    }

    fn schema(&self, name: &str) -> Option<&'m Schema> {
        self.provider.schemas.iter().find(|schema| schema.pascal == name)
    }

    /// The request form of a model; one that is also received has a name of its own for it.
    fn request_name(&self, name: &str) -> String {
        let is_both = self.schema(name).is_some_and(|schema| schema.in_answers);
        format!("{name}{}", if is_both { "Input" } else { "" })
    }

    fn request_type(&self, ty: &Type) -> String {
        match ty {
            Type::Text | Type::Uuid | Type::Date => "string".into(),
            Type::DateTime => "string | Date".into(),
            Type::Boolean => "boolean".into(),
            Type::Integer => "number | bigint".into(),
            Type::Number => "number".into(),
            Type::Money { .. } => "base.Money".into(),
            Type::Enum { name } => name.clone(),
            Type::Object { name } => self.request_name(name),
            Type::List { item } => format!("readonly ({})[]", self.request_type(item)),
            Type::Any => "unknown".into(),
        }
    }

    /// `prefix` stands before names of the provider: empty inside its namespace.
    fn answer_type(ty: &Type, prefix: &str) -> String {
        match ty {
            Type::Text | Type::Uuid | Type::Date | Type::DateTime | Type::Money { .. } => {
                "string".into()
            }
            Type::Boolean => "boolean".into(),
            Type::Integer | Type::Number => "number".into(),
            Type::Enum { name } => format!("({prefix}{name} | (string & {{}}))"),
            Type::Object { name } => format!("{prefix}{name}"),
            Type::List { item } => format!("{}[]", Self::answer_type(item, prefix)),
            Type::Any => "unknown".into(),
        }
    }

    fn request_field(&self, field: &Field, is_page: bool) -> FieldView {
        let null = if field.nullable { " | null" } else { "" };
        let ty = format!("{}{null}", self.request_type(&field.ty));
        let optional = is_page || !field.required;
        let ty = if optional { format!("{ty} | undefined") } else { ty };
        self.field(field, ty, optional)
    }

    fn answer_field(&self, field: &Field) -> FieldView {
        self.field(field, format!("{} | null", Self::answer_type(&field.ty, "")), true)
    }

    fn field(&self, field: &Field, ty: String, optional: bool) -> FieldView {
        let name = public(field);
        FieldView {
            key: key(name),
            access: if key(name) == name { format!(".{name}") } else { format!("[{}]", js(name)) },
            ty,
            check: format!(
                "{} | null | undefined",
                Self::answer_type(&field.ty, &format!("{}.", self.class))
            ),
            optional,
            doc: field.description.clone(),
        }
    }

    fn provider(&self) -> Value {
        let provider = self.provider;
        let config = &provider.config;
        let environments: Vec<String> = config.environments.keys().map(|name| js(name)).collect();
        let credentials: Vec<Value> = config
            .credentials
            .iter()
            .map(|credential| {
                json!({
                    "snake": credential.name,
                    "camel": credential.name.to_lower_camel_case(),
                    "doc": paragraphs([
                        credential.description.clone(),
                        format!("Read from `{}` where it is not given.", credential.env),
                    ]),
                })
            })
            .collect();
        let resources: Vec<Value> = provider
            .resources
            .iter()
            .map(|resource| {
                json!({
                    "camel": resource.camel,
                    "class": format!("{}Resource", resource.pascal),
                    "words": resource.snake.replace('_', " "),
                    "operations": resource.operations.iter()
                        .filter_map(|index| provider.operations.get(*index))
                        .map(|operation| self.operation(operation))
                        .collect::<Vec<_>>(),
                })
            })
            .collect();
        json!({
            "class": config.class,
            "name": config.name,
            "file": config.name,
            "doc": self.class_doc(),
            "constructor_doc": "@param options - Credentials, host and limits.\n\n\
                @throws {@link ConfigurationError} when something is missing or wrong; nothing is sent.",
            "credentials": credentials,
            "environments": environments.join(" | "),
            "environment_doc": self.environment_doc(),
            "resources": resources,
            "operations": provider.operations.iter().map(|operation| self.operation(operation)).collect::<Vec<_>>(),
            "enums": provider.enums.iter().map(enum_view).collect::<Vec<_>>(),
            "models": self.models(),
            "readers": self.readers(),
        })
    }

    fn class_doc(&self) -> String {
        let config = &self.provider.config;
        let host = match config.base_url.default_environment.as_deref() {
            Some(name) => format!(
                "Calls the `{name}` environment unless `environment` or `baseUrl` says otherwise; \
                 `{}` may name another host.",
                config.base_url.env
            ),
            None => format!(
                "There is no public host: give `baseUrl`, or set `{}`.",
                config.base_url.env
            ),
        };
        paragraphs([
            format!("Client of the {}. {}", config.title, config.summary),
            host,
            format!("@see {}", config.homepage),
        ])
    }

    fn environment_doc(&self) -> String {
        let config = &self.provider.config;
        let hosts = config.environments.iter().map(|(name, environment)| {
            let text = |field: &str| environment.get(field).and_then(toml::Value::as_str);
            let note = text("note").map(|note| format!(" {note}")).unwrap_or_default();
            format!("`{name}` is {}.{note}", text("url").unwrap_or_default())
        });
        let hosts: Vec<String> = hosts.collect();
        let default = config.base_url.default_environment.as_ref();
        paragraphs([
            format!("Host to call: {}", hosts.join(" ")),
            default.map(|name| format!("@defaultValue `'{name}'`")).unwrap_or_default(),
        ])
    }

    fn models(&self) -> Vec<Value> {
        let mut models = Vec::new();
        for schema in &self.provider.schemas {
            let doc = |ending: &str| {
                let meaning = if schema.description.is_empty() {
                    format!("{}, {ending}.", schema.pascal)
                } else {
                    schema.description.clone()
                };
                let unconfirmed = if schema.unconfirmed.is_empty() {
                    String::new()
                } else {
                    format!("Not confirmed upstream: {}", schema.unconfirmed)
                };
                paragraphs([meaning, unconfirmed])
            };
            if schema.in_answers {
                let fields: Vec<_> = schema.fields.iter().map(|f| self.answer_field(f)).collect();
                let helpers: Vec<Value> = schema.helpers.iter().map(helper_view).collect();
                models.push(json!({
                    "name": schema.pascal, "doc": doc("as received"), "fields": fields,
                    "helpers": helpers, "open": false, "is_answer": true,
                }));
            }
            if schema.in_requests {
                let fields: Vec<_> =
                    schema.fields.iter().map(|f| self.request_field(f, false)).collect();
                models.push(json!({
                    "name": self.request_name(&schema.pascal), "doc": doc("as sent"),
                    "fields": fields, "helpers": [], "open": schema.open, "is_answer": false,
                }));
            }
        }
        models
    }

    /// Models whose answers need care after `JSON.parse`: hidden fields, helpers, or such models inside.
    fn readers(&self) -> Vec<Value> {
        let needed = self.needing_readers();
        let schemas =
            self.provider.schemas.iter().filter(|schema| needed.contains(schema.pascal.as_str()));
        schemas.map(|schema| {
            let nested: Vec<Value> = schema.fields.iter().filter_map(|field| {
                let model = object_name(&field.ty).filter(|name| needed.contains(name))?;
                Some(json!({ "key": key(public(field)), "model": model }))
            }).collect();
            let helpers: Vec<Value> = schema.helpers.iter().map(|helper| {
                let fields = helper.any_of.iter().map(|name| {
                    let field = schema.fields.iter().find(|field| field.snake == *name);
                    field.map_or(name.as_str(), public)
                });
                json!({
                    "camel": helper.camel,
                    "any_of": fields.collect::<Vec<_>>(),
                    "minutes": helper.minutes_after_received,
                })
            }).collect();
            json!({
                "name": schema.pascal,
                "fields": schema.fields.iter().map(public).collect::<Vec<_>>(),
                "hidden": schema.fields.iter().filter(|field| field.sensitive).map(public).collect::<Vec<_>>(),
                "nested": nested,
                "helpers": helpers,
            })
        }).collect()
    }

    fn needing_readers(&self) -> BTreeSet<&'m str> {
        let answers = || self.provider.schemas.iter().filter(|schema| schema.in_answers);
        let mut needed: BTreeSet<&str> = answers()
            .filter(|schema| {
                !schema.helpers.is_empty() || schema.fields.iter().any(|field| field.sensitive)
            })
            .map(|schema| schema.pascal.as_str())
            .collect();
        loop {
            let more: Vec<&str> = answers()
                .filter(|schema| !needed.contains(schema.pascal.as_str()))
                .filter(|schema| {
                    let mut inside =
                        schema.fields.iter().filter_map(|field| object_name(&field.ty));
                    inside.any(|name| needed.contains(name))
                })
                .map(|schema| schema.pascal.as_str())
                .collect();
            if more.is_empty() {
                return needed;
            }
            needed.extend(more);
        }
    }

    fn operation(&self, operation: &Operation) -> Value {
        let has_params = !operation.query.is_empty() || operation.body.is_some();
        let all: Vec<&Field> = operation.query.iter().chain(&operation.body_fields).collect();
        let is_paged = operation.paging == "paged";
        let is_page = |field: &Field| {
            is_paged && !operation.params.iter().any(|other| other.wire == field.wire)
        };
        let fields: Vec<FieldView> =
            all.iter().map(|field| self.request_field(field, is_page(field))).collect();
        let are_optional = fields.iter().all(|field| field.optional);
        let params = format!("{}Params", operation.pascal);
        let path: Vec<String> = operation.path_params.iter().map(argument).collect();
        let mut arguments = path.clone();
        let mut typed: Vec<String> = path.iter().map(|name| format!("{name}: string")).collect();
        if has_params {
            arguments.push("params".into());
            let optional = if are_optional { "?" } else { "" };
            typed.push(format!("params{optional}: {}.{params}", self.class));
        }
        arguments.push("options".into());
        typed.push("options?: base.CallOptions".into());
        let record = Self::answer_type(&operation.answer, &format!("{}.", self.class));
        let (returns, awaited) = match operation.paging.as_str() {
            "paged" => (format!("base.PagePromise<{record}>"), format!("Page<{record}>")),
            "list" => (format!("Promise<{record}[]>"), format!("{record}[]")),
            _ if record == "unknown" => ("Promise<unknown>".into(), "unknown".into()),
            _ => (format!("Promise<{record} | null>"), format!("{record} | null")),
        };
        let needed = self.needing_readers();
        let extends = (operation.query.is_empty() && !is_paged)
            .then_some(operation.body.as_deref())
            .flatten()
            .map(|body| self.request_name(body));
        json!({
            "index": operation.index,
            "name": operation.name,
            "key": operation.pascal.to_lower_camel_case(),
            "resource": operation.resource.to_lower_camel_case(),
            "camel": operation.camel,
            "path": path,
            "paged": is_paged,
            "read": object_name(&operation.answer).filter(|name| needed.contains(name)),
            "has_params": has_params,
            "params": params,
            "extends": extends,
            "fields": fields,
            "open": operation.body_open,
            "arguments": arguments.join(", "),
            "typed_arguments": typed.join(", "),
            "returns": returns,
            "awaited": awaited,
            "doc": self.operation_doc(operation, &path, has_params),
            "usage": self.usage(operation, &all),
        })
    }

    fn operation_doc(&self, operation: &Operation, path: &[String], has_params: bool) -> String {
        let note = |words: &str, text: &str| {
            if text.is_empty() { String::new() } else { format!("{words}{text}") }
        };
        let mut tags: Vec<String> = operation
            .path_params
            .iter()
            .zip(path)
            .map(|(field, name)| format!("@param {name} - {}", field.description))
            .collect();
        if has_params {
            tags.push("@param params - Query and body fields, by their names on the wire.".into());
        }
        tags.push("@param options - Time, retries, signal and headers of this call alone.".into());
        tags.push(format!("@returns {}", match operation.paging.as_str() {
            "paged" => "The first page when awaited; iterated with `for await`, the records of all pages.",
            "list" => "All records.",
            _ => "What the API answers; null where it answers without data.",
        }));
        tags.push("@throws {@link InvalidRequestError} for an argument that is wrong, before anything is sent.".into());
        tags.push("@throws {@link APIError} when the API answers with an error.".into());
        if !operation.reconcile.is_empty() {
            tags.push(format!(
                "@throws {{@link OutcomeUnknownError}} when it may have been carried out and no answer tells. {}",
                operation.reconcile
            ));
        }
        tags.push(note("@see ", &operation.docs));
        tags.retain(|tag| !tag.is_empty());
        paragraphs([
            operation.summary.clone(),
            operation.description.clone(),
            format!(
                "`{} {}`. {}",
                operation.http_method,
                operation.path,
                replay_note(&operation.replay)
            ),
            note("Not confirmed upstream: ", &operation.unconfirmed),
            tags.join("\n"),
        ])
    }

    /// Arguments of a call with everything that it takes, for the type checker.
    fn usage(&self, operation: &Operation, fields: &[&Field]) -> String {
        let mut arguments: Vec<String> = operation.path_params.iter().map(|_| js("id")).collect();
        if !fields.is_empty() || operation.body.is_some() {
            arguments.push(self.sample_object(fields.iter().copied(), 0));
        }
        arguments.push("{ timeout: 1000, maxRetries: 0 }".into());
        arguments.join(", ")
    }

    fn sample_object<'f>(&self, fields: impl Iterator<Item = &'f Field>, depth: usize) -> String {
        let fields: Vec<String> = fields
            .filter(|field| field.required || depth < 3)
            .map(|field| format!("{}: {}", key(public(field)), self.sample(&field.ty, depth)))
            .collect();
        if fields.is_empty() { "{}".into() } else { format!("{{ {} }}", fields.join(", ")) }
    }

    fn sample(&self, ty: &Type, depth: usize) -> String {
        match ty {
            Type::Text | Type::Uuid | Type::Date => "'text'".into(),
            Type::DateTime => "new Date(0)".into(),
            Type::Boolean => "true".into(),
            Type::Integer | Type::Number => "1".into(),
            Type::Money { .. } => "'10.10'".into(),
            Type::Enum { name } => {
                let known = self.provider.enums.iter().find(|known| known.pascal == *name);
                let first = known.and_then(|known| known.values.first());
                js(first.map_or("", |value| value.wire.as_str()))
            }
            Type::Object { name } => match self.schema(name).filter(|_| depth < 6) {
                Some(schema) => self.sample_object(schema.fields.iter(), depth + 1),
                None => "undefined as never".into(),
            },
            Type::List { item } => format!("[{}]", self.sample(item, depth + 1)),
            Type::Any => "null".into(),
        }
    }
}

/// The model that a value or its items have.
fn object_name(ty: &Type) -> Option<&str> {
    match ty {
        Type::Object { name } => Some(name),
        Type::List { item } => object_name(item),
        _ => None,
    }
}

fn enum_view(known: &Enum) -> Value {
    let values: Vec<String> = known.values.iter().map(|value| js(&value.wire)).collect();
    let doc = if known.description.is_empty() {
        format!("{}, the values known so far.", known.pascal)
    } else {
        format!("{} Answers may hold values that are not known yet.", known.description)
    };
    json!({ "name": known.pascal, "doc": doc, "values": values.join(" | ") })
}

fn helper_view(helper: &Helper) -> Value {
    let is_flag = !helper.any_of.is_empty();
    json!({
        "camel": helper.camel,
        "doc": if is_flag { helper.description.clone() } else { format!("{} Null on a copy of the answer.", helper.description) },
        "ty": if is_flag { "boolean" } else { "Date | null" },
    })
}
