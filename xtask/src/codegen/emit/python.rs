//! Writes the Python package's generated modules: clients, raw clients, types, errors.
//!
//! The templates only lay out; what a name, a type or a docstring is, is decided here.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use minijinja::Environment;
use serde_json::{Value, json};

use super::{Output, environment, render, wrap};
use crate::codegen::model::{ErrorClass, Field, Model, Operation, Provider, Schema, Type};

const FOLDER: &str = "bindings/python/python/payglot";
const USAGE: &str = "bindings/python/tests/_generated_usage.py";
/// Longest line of a docstring, less its indent.
const WIDTH: usize = 110;
/// Attributes of every client, model and method: a document's name for something else must give way.
const CLIENT: [&str; 3] = ["close", "request", "with_raw_response"];
const MODEL: [&str; 5] = ["extra", "from_json", "property", "raw", "to_dict"];
const BUILTINS: [&str; 6] = ["bool", "float", "int", "object", "str", "tuple"];
/// Errors that every call can end in, and those of calls that are not repeated.
const RAISED: [&str; 4] =
    ["InvalidRequestError", "APIError", "APIConnectionError", "APIResponseError"];
const RAISED_ONCE: &str = "OutcomeUnknownError";

/// Every generated module of the Python package.
pub fn emit(model: &Model) -> Result<Vec<Output>> {
    let environment = python_environment();
    let file = |name: &str, template: &str, context: &Value| -> Result<Output> {
        let text = render(&environment, &format!("python/{template}.py.j2"), context)?;
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
        outputs.push(file(&format!("_generated_{module}"), "client", &flavour(view, "sync"))?);
        outputs.push(file(
            &format!("_generated_{module}_async"),
            "client",
            &flavour(view, "async"),
        )?);
        outputs.push(file(&format!("_generated_{module}_raw"), "raw", &flavour(view, "sync"))?);
        outputs.push(file(
            &format!("_generated_{module}_raw_async"),
            "raw",
            &flavour(view, "async"),
        )?);
        // Users import this one by its name.
        outputs.push(file(&format!("types/{module}"), "types", view)?);
    }
    let usage = render(&environment, "python/usage.py.j2", &all)?;
    outputs.push(Output::new(USAGE, without_unused_imports(&usage)));
    Ok(outputs)
}

fn flavour(view: &Value, flavour: &str) -> Value {
    let mut view = view.clone();
    view["flavour"] = flavour.into();
    view
}

fn python_environment() -> Environment<'static> {
    let mut environment = environment();
    environment.add_filter("docstring", |text: &str, indent: usize| docstring(text, indent));
    environment.add_filter("string", |text: &str| string(text));
    environment
}

/// A string literal.
fn string(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

/// A docstring; lines that begin with white space keep it.
fn docstring(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let text = text.trim().replace('\\', "\\\\").replace("\"\"\"", "'''");
    let mut lines = Vec::new();
    for line in text.split('\n') {
        if line.is_empty() {
            lines.push(String::new());
            continue;
        }
        let inner = line.len() - line.trim_start().len();
        for (number, piece) in wrap(line, WIDTH - indent - inner - 4).into_iter().enumerate() {
            // The lines after the first of an argument stand one step deeper.
            let step = inner + if number > 0 && inner > 0 { 4 } else { 0 };
            lines.push(format!("{pad}{}{piece}", " ".repeat(step)).trim_end().to_owned());
        }
    }
    match lines.as_slice() {
        [line] if !line.ends_with('"') => format!("{pad}\"\"\"{}\"\"\"", line.trim_start()),
        _ => format!("{pad}\"\"\"{}\n{pad}\"\"\"", lines.join("\n").trim_start()),
    }
}

/// Takes out the imports that nothing uses: which ones an API needs depends on its types.
fn without_unused_imports(text: &str) -> String {
    // Every other piece is a docstring.
    let code: Vec<&str> = text.split("\"\"\"").step_by(2).collect();
    let is_import = |line: &str| {
        line.trim_start().starts_with("from ") || line.trim_start().starts_with("import ")
    };
    let used: BTreeSet<&str> = code
        .iter()
        .flat_map(|piece| piece.lines())
        .filter(|line| !is_import(line))
        .flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .collect();
    let is_used = |import: &str| {
        let name = import.rsplit(' ').next().unwrap_or(import);
        used.contains(name)
            || name == "annotations"
            || import.contains(" as ") && import.starts_with(&format!("{name} "))
    };
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match line.split_once("import ").filter(|_| is_import(line)) {
            Some((before, names)) => {
                let names: Vec<_> = names.split(", ").filter(|name| is_used(name)).collect();
                if !names.is_empty() {
                    lines.push(format!("{before}import {}", names.join(", ")));
                }
            }
            None => lines.push(line.to_owned()),
        }
    }
    // An `if` whose imports are all gone.
    let mut at = 0;
    lines.retain({
        let all = lines.clone();
        move |line| {
            at += 1;
            line != "if TYPE_CHECKING:" || all.get(at).is_some_and(|next| next.starts_with(' '))
        }
    });
    lines.join("\n") + "\n"
}

/// What the templates of one provider need.
fn view(provider: &Provider, errors: &[ErrorClass]) -> Result<Value> {
    let config = &provider.config;
    // The native half finds a provider's types by its name.
    ensure!(
        config.module == config.name.replace('-', "_"),
        "module must be the name with underscores, not {}",
        config.module
    );
    let nested = nested(provider);
    let types = Types { provider };
    let mut resources = Vec::new();
    for resource in &provider.resources {
        ensure!(
            !CLIENT.contains(&resource.snake.as_str()),
            "a resource cannot be named {}; choose another x-payglot-name",
            resource.snake
        );
        let operations =
            resource.operations.iter().filter_map(|index| provider.operations.get(*index));
        let methods = operations
            .map(|operation| {
                method(operation, &types, errors).with_context(|| operation.name.clone())
            })
            .collect::<Result<Vec<_>>>()?;
        resources.push(json!({
            "attribute": resource.snake,
            "class": resource.pascal,
            "doc": format!("Operations on {}.", resource.snake.replace('_', " ")),
            "methods": methods,
        }));
    }
    let models: Vec<_> = provider.schemas.iter().filter(|schema| schema.in_answers).collect();
    let models =
        models.into_iter().map(|schema| types.model(schema)).collect::<Result<Vec<_>>>()?;
    let dicts: Vec<_> =
        provider.schemas.iter().filter(|schema| nested.contains(schema.pascal.as_str())).collect();
    let has_hmac = matches!(config.auth, crate::codegen::model::Auth::Hmac { .. });
    Ok(json!({
        "name": config.name,
        "class": config.class,
        "module": config.module,
        "title": config.title,
        "summary": config.summary,
        "homepage": config.homepage,
        "base_url_env": config.base_url.env,
        "default_environment": config.base_url.default_environment,
        "environments": config.environments.keys().collect::<Vec<_>>(),
        "credentials": config.credentials,
        "has_hmac": has_hmac,
        "resources": resources,
        "models": models,
        "dicts": dicts.into_iter().map(|schema| types.dict(schema)).collect::<Vec<_>>(),
        "enums": provider.enums.iter().map(enumeration).collect::<Vec<_>>(),
        "has_paging": provider.operations.iter().any(|operation| operation.paging == "paged"),
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
        match ty {
            Type::List { item } => queue.push(item),
            Type::Object { name } if found.insert(name.clone()) => {
                let schema = provider.schemas.iter().find(|schema| schema.pascal == *name);
                queue.extend(
                    schema.into_iter().flat_map(|schema| &schema.fields).map(|field| &field.ty),
                );
            }
            _ => {}
        }
    }
    found
}

fn enumeration(known: &crate::codegen::model::Enum) -> Value {
    let values: Vec<_> = known.values.iter().map(|value| string(&value.wire)).collect();
    json!({
        "name": known.pascal,
        "doc": if known.description.is_empty() { "Known texts.".to_owned() } else { known.description.clone() },
        "values": known.values,
        "literal": values.join(", "),
    })
}

fn errors(classes: &[ErrorClass]) -> Vec<Value> {
    classes
        .iter()
        .map(|class| {
            let mut line = vec![class];
            while let Some(parent) = line.last().and_then(|class| class.parent.as_ref()) {
                match classes.iter().find(|class| class.name == *parent) {
                    Some(parent) => line.push(parent),
                    None => break,
                }
            }
            let inherited = line.iter().rev().flat_map(|class| &class.fields);
            let defaults: Vec<_> = inherited.map(|field| json!([field.name, error_field(&field.ty).1])).collect();
            let fields: Vec<_> = class.fields.iter().map(|field| {
                json!({ "name": field.name, "type": error_field(&field.ty).0, "doc": field.description })
            }).collect();
            json!({
                "name": class.name,
                "bases": class.parent.iter().chain(&class.python_base).cloned().collect::<Vec<_>>(),
                "doc": class.description,
                "fields": fields,
                "defaults": defaults,
            })
        })
        .collect()
}

/// Python type and value when nothing is known.
fn error_field(ty: &str) -> (String, &'static str) {
    let (name, may_miss) = ty.strip_suffix('?').map_or((ty, false), |name| (name, true));
    let (python, default) = match name {
        "text" => ("str", "\"\""),
        "integer" => ("int", "0"),
        "number" => ("float", "0.0"),
        "map" => ("dict[str, str]", "{}"),
        _ => ("Any", "None"),
    };
    if may_miss && python != "Any" {
        (format!("{python} | None"), "None")
    } else {
        (python.to_owned(), default)
    }
}

/// One operation as a method.
fn method(operation: &Operation, types: &Types<'_>, errors: &[ErrorClass]) -> Result<Value> {
    ensure!(
        !BUILTINS.contains(&operation.snake.as_str()),
        "a method cannot be named {}; choose another x-payglot-name",
        operation.snake
    );
    let path: Vec<_> = operation.path_params.iter().map(|field| &field.snake).collect();
    let mut params: Vec<_> = operation.params.iter().collect();
    params.sort_by_key(|field| !field.required);
    let mut seen = BTreeSet::new();
    for name in path.iter().copied().chain(params.iter().map(|field| &field.snake)) {
        ensure!(
            seen.insert(name),
            "two arguments are named {name}; rename one by x-payglot-rename"
        );
    }
    let page = types.page(operation)?;
    let arguments: Vec<_> = params
        .iter()
        .map(|field| {
            let (or, default) =
                if field.required { ("", "") } else { (" | NotGiven", " = NOT_GIVEN") };
            json!({
                "name": field.snake,
                "type": format!("{}{or}", types.argument(field)),
                "default": default,
                "example": types.example(&field.ty),
                "required": field.required,
            })
        })
        .collect();
    let record = types.value(&operation.answer, "types.");
    let (returns, returns_doc) = match operation.paging.as_str() {
        "paged" => (record, "a page of records, which iterates over all records of all pages."),
        "list" => (format!("builtins.list[{record}]"), "the records."),
        _ if operation.answer == Type::Any => ("Any".to_owned(), "the answer as plain JSON types."),
        _ => (format!("{record} | None"), "the answer, or `None` where the API sends null."),
    };
    let returns_doc_async = match operation.paging.as_str() {
        "paged" => "its first page when awaited; `async for` gives all records of all pages.",
        _ => returns_doc,
    };
    Ok(json!({
        "name": operation.snake,
        "operation": operation.name,
        "index": operation.index,
        "path": operation.path_params.iter().map(|field| json!({
            "name": field.snake,
            "type": types.argument(field),
            "example": types.example(&field.ty),
        })).collect::<Vec<_>>(),
        "arguments": arguments,
        "open": operation.body_open,
        "paged": operation.paging == "paged",
        "page": page,
        "returns": returns,
        "summary": operation.summary,
        "doc": method_doc(operation, types, errors, returns_doc)?,
        "doc_async": method_doc(operation, types, errors, returns_doc_async)?,
    }))
}

fn method_doc(
    operation: &Operation,
    types: &Types<'_>,
    errors: &[ErrorClass],
    returns: &str,
) -> Result<String> {
    let mut parts =
        vec![operation.summary.clone(), operation.description.clone(), replay_note(operation)];
    if !operation.unconfirmed.is_empty() {
        parts.push(format!("Not confirmed upstream: {}", operation.unconfirmed));
    }
    let mut arguments: Vec<String> = operation
        .path_params
        .iter()
        .chain(&operation.params)
        .map(|field| format!("    {}: {}", field.snake, field.description))
        .collect();
    if operation.paging == "paged" {
        for field in types.page_fields(operation).into_iter().flatten() {
            arguments.push(format!("    {}: {}", field.snake, field.description));
        }
    }
    if operation.body_open {
        arguments
            .push("    extra_fields: Further fields of the body, sent as they are.".to_owned());
    }
    for option in [
        "timeout: Seconds for the call with all its attempts.",
        "max_retries: How many times the call may be tried again where that is safe.",
        "headers: Further headers.",
        "idempotency_key: An `Idempotency-Key` to send.",
    ] {
        arguments.push(format!("    {option}"));
    }
    parts.push(format!("Args:\n{}", arguments.join("\n")));
    parts.push(format!("Returns:\n    {}", capital(returns)));
    let once = Some(RAISED_ONCE).filter(|_| !operation.reconcile.is_empty());
    let mut raised = Vec::new();
    for name in RAISED.into_iter().chain(once) {
        let class = errors.iter().find(|class| class.name == name);
        let class = class.with_context(|| format!("errors.toml: no {name}"))?;
        let meaning = class
            .description
            .split_once(". ")
            .map_or(class.description.as_str(), |(first, _)| first);
        raised.push(format!("    {name}: {}.", meaning.trim_end_matches('.')));
    }
    parts.push(format!("Raises:\n{}", raised.join("\n")));
    if !operation.docs.is_empty() {
        parts.push(format!("Upstream: {}", operation.docs));
    }
    parts.retain(|part| !part.is_empty());
    Ok(parts.join("\n\n"))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What a user must know about sending a call again.
fn replay_note(operation: &Operation) -> String {
    match operation.replay.as_str() {
        "read" => "Changes nothing; sent again after a fault.".to_owned(),
        "idempotent" => "Safe to repeat; sent again after a fault.".to_owned(),
        "keyed" => "Sent again after a fault under the same `Idempotency-Key`.".to_owned(),
        replay => {
            let does = if replay == "create" { "Creates something" } else { "Moves money" };
            format!(
                "{does}: never sent again once it may have arrived. Without an answer it raises \
                 {RAISED_ONCE}. Before you try again: {}",
                operation.reconcile
            )
        }
    }
}

/// Python types of one provider's values.
struct Types<'m> {
    provider: &'m Provider,
}

impl Types<'_> {
    fn schema(&self, name: &str) -> Option<&Schema> {
        self.provider.schemas.iter().find(|schema| schema.pascal == name)
    }

    /// Name of the dict that a caller writes; models that answers have too keep the plain name.
    fn dict_name(&self, name: &str) -> String {
        let is_model = self.schema(name).is_some_and(|schema| schema.in_answers);
        if is_model { format!("{name}Input") } else { name.to_owned() }
    }

    /// Type of an argument, with null where that is allowed.
    fn argument(&self, field: &Field) -> String {
        let null = if field.nullable { " | None" } else { "" };
        format!("{}{null}", self.given(&field.ty, "types."))
    }

    /// Type of a value in a request.
    fn given(&self, ty: &Type, module: &str) -> String {
        match ty {
            Type::Text => "str".to_owned(),
            Type::Uuid => "str | UUID".to_owned(),
            Type::DateTime => "str | datetime".to_owned(),
            Type::Date => "str | date".to_owned(),
            Type::Boolean => "bool".to_owned(),
            Type::Integer => "int".to_owned(),
            Type::Number => "float | Decimal".to_owned(),
            Type::Money { .. } => "Decimal | int | str".to_owned(),
            Type::Enum { name } => format!("{module}{name}Value"),
            Type::Object { name } if self.dict_name(name) == *name => format!("{module}{name}"),
            Type::Object { name } => format!("{module}{} | {module}{name}", self.dict_name(name)),
            Type::List { item } => format!("Sequence[{}]", self.given(item, module)),
            Type::Any => "object".to_owned(),
        }
    }

    /// Type of a value in an answer.
    fn value(&self, ty: &Type, module: &str) -> String {
        match ty {
            Type::Text | Type::Uuid | Type::Date | Type::Enum { .. } => "str".to_owned(),
            Type::DateTime => "datetime".to_owned(),
            Type::Boolean => "bool".to_owned(),
            Type::Integer => "int".to_owned(),
            Type::Number => "float".to_owned(),
            Type::Money { .. } => "Decimal".to_owned(),
            Type::Object { name } => format!("{module}{name}"),
            Type::List { item } => format!("builtins.list[{}]", self.value(item, module)),
            Type::Any => "Any".to_owned(),
        }
    }

    /// A value that fits, as Python source, for the file that uses every operation.
    fn example(&self, ty: &Type) -> String {
        match ty {
            Type::Text => "\"text\"".to_owned(),
            Type::Uuid => "UUID(int=7)".to_owned(),
            Type::DateTime => "datetime.now(timezone.utc)".to_owned(),
            Type::Date => "date(2026, 1, 31)".to_owned(),
            Type::Boolean => "True".to_owned(),
            Type::Integer => "1".to_owned(),
            Type::Number => "1.5".to_owned(),
            Type::Money { .. } => "Decimal(\"10.10\")".to_owned(),
            Type::Enum { name } => {
                let known = self.provider.enums.iter().find(|known| known.pascal == *name);
                let value = known.and_then(|known| known.values.first());
                value.map_or_else(|| "\"\"".to_owned(), |value| string(&value.wire))
            }
            Type::Object { name } => {
                let fields = self.schema(name).into_iter().flat_map(|schema| &schema.fields);
                let fields: Vec<_> = fields
                    .filter(|field| field.required)
                    .map(|field| format!("\"{}\": {}", field.snake, self.example(&field.ty)))
                    .collect();
                format!("{{{}}}", fields.join(", "))
            }
            Type::List { item } => format!("[{}]", self.example(item)),
            Type::Any => "{\"any\": 1}".to_owned(),
        }
    }

    fn page_fields(&self, operation: &Operation) -> Option<[&Field; 2]> {
        let config = self.provider.config.paging.as_ref()?;
        let find = |wire: &str| {
            let fields = self.provider.operations.get(operation.index)?;
            fields.body_fields.iter().chain(&fields.query).find(|field| field.wire == wire)
        };
        Some([find(&config.size)?, find(&config.page)?])
    }

    /// Names of the arguments that choose the page, and the default size.
    fn page(&self, operation: &Operation) -> Result<Value> {
        if operation.paging != "paged" {
            return Ok(Value::Null);
        }
        let [size, page] = self.page_fields(operation).context("no fields choose the page")?;
        let default = self.provider.config.paging.as_ref().map(|paging| paging.default_size);
        Ok(json!({ "size": size.snake, "number": page.snake, "default": default }))
    }

    fn model(&self, schema: &Schema) -> Result<Value> {
        let attribute = |name: &str| {
            if MODEL.contains(&name) { format!("{name}_") } else { name.to_owned() }
        };
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let names = schema
            .fields
            .iter()
            .map(|field| &field.snake)
            .chain(schema.helpers.iter().map(|helper| &helper.snake));
        for name in names {
            let is_new = seen.insert(attribute(name));
            ensure!(
                is_new,
                "{}: two fields are named {name}; rename one by x-payglot-rename",
                schema.pascal
            );
        }
        let fields: Vec<_> = schema
            .fields
            .iter()
            .enumerate()
            .map(|(position, field)| {
                let ty = self.value(&field.ty, "");
                json!({
                    "name": attribute(&field.snake),
                    "position": position,
                    "type": if ty == "Any" { ty } else { format!("{} | None", private(&ty)) },
                    "doc": field.description,
                })
            })
            .collect();
        let mut notes = vec![if schema.description.is_empty() {
            format!("{}.", schema.document_name)
        } else {
            schema.description.clone()
        }];
        if !schema.unconfirmed.is_empty() {
            notes.push(format!("Not confirmed upstream: {}", schema.unconfirmed));
        }
        let attributes: Vec<_> = schema
            .fields
            .iter()
            .map(|field| (attribute(&field.snake), &field.description))
            .chain(schema.helpers.iter().map(|helper| (helper.snake.clone(), &helper.description)))
            .map(|(name, doc)| format!("    {name}: {doc}"))
            .collect();
        if !attributes.is_empty() {
            notes.push(format!("Attributes:\n{}", attributes.join("\n")));
        }
        Ok(json!({
            "name": schema.pascal,
            "index": schema.index,
            "doc": notes.join("\n\n"),
            "fields": fields,
            "helpers": schema.helpers,
        }))
    }

    fn dict(&self, schema: &Schema) -> Value {
        let fields: Vec<_> = schema
            .fields
            .iter()
            .map(|field| {
                let null = if field.nullable { " | None" } else { "" };
                json!({
                    "name": field.snake,
                    "type": format!("{}{null}", private(&self.given(&field.ty, ""))),
                    "doc": field.description,
                    "required": field.required,
                })
            })
            .collect();
        let (required, optional): (Vec<_>, Vec<_>) =
            fields.into_iter().partition(|field| field["required"] == true);
        json!({
            "name": self.dict_name(&schema.pascal),
            "doc": if schema.description.is_empty() { format!("{}.", schema.document_name) } else { schema.description.clone() },
            "required": required,
            "optional": optional,
        })
    }
}

/// In a class body a field named `date` hides the class of that name: the types module has its own names.
fn private(ty: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in ty.chars().chain(std::iter::once('\0')) {
        if c.is_alphanumeric() || c == '_' || c == '.' {
            word.push(c);
            continue;
        }
        if ["datetime", "date", "Decimal", "UUID"].contains(&word.as_str()) {
            out.push('_');
        }
        out.push_str(&word);
        word.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    out
}
