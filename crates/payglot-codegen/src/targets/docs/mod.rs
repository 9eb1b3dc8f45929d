//! Writes the API reference of each language, `docs/reference/<language>/<provider>.md`.

use anyhow::Result;
use minijinja::value::Serde;
use minijinja::{Value, context};

use super::{Output, environment, render, templates};
use crate::model::{Event, Field, Model, Operation, Schema, Type};

const TEMPLATES: &[(&str, &str)] = templates!["errors.md", "index.md", "provider.md"];

/// A language of the reference.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Rust,
    Python,
    Node,
}

impl Language {
    const ALL: [Self; 3] = [Self::Rust, Self::Python, Self::Node];

    fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::Python => "Python",
            Self::Node => "Node",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Node => "node",
        }
    }
}

/// The reference of every provider in every language, the errors, and an index.
pub fn emit(model: &Model) -> Result<Vec<Output>> {
    let environment = environment(TEMPLATES)?;

    let mut outputs = Vec::new();
    for language in Language::ALL {
        for provider in &model.providers {
            let p = Value::from(Serde(&provider.config));
            let resources: Vec<Value> = provider
                .resources
                .iter()
                .map(|resource| {
                    let found = resource.operations.iter().filter_map(|index| provider.operations.get(*index));
                    context! {
                        name => if language == Language::Node { &resource.camel } else { &resource.snake },
                        operations => found.map(|operation| operation_view(language, operation)).collect::<Vec<_>>(),
                    }
                })
                .collect();
            let models: Vec<Value> =
                provider.schemas.iter().filter_map(|schema| model_view(language, schema)).collect();
            let enums = Value::from(Serde(&provider.enums));
            let events: Vec<Value> =
                provider.events.iter().map(|event| event_view(language, event)).collect();
            let construct_event = construct_event_call(language, &provider.config.module);
            let context = context! { language => language.name(), p, resources, models, enums, events, construct_event };
            let text = render(&environment, "provider.md", context)?;
            outputs.push(Output::new(
                format!("docs/reference/{}/{}.md", language.folder(), provider.config.name),
                text,
            ));
        }
    }
    let providers: Vec<Value> =
        model.providers.iter().map(|provider| Value::from(Serde(&provider.config))).collect();
    let errors = Value::from(Serde(&model.errors));
    let index = render(&environment, "index.md", context! { providers })?;
    outputs.push(Output::new("docs/reference/README.md", index));
    outputs.push(Output::new(
        "docs/reference/errors.md",
        render(&environment, "errors.md", context! { errors })?,
    ));
    Ok(outputs)
}

fn operation_view(language: Language, operation: &Operation) -> Value {
    let path: Vec<Value> =
        operation.path_params.iter().map(|field| argument(language, field, true)).collect();
    let others = operation.params.iter().map(|field| argument(language, field, false));
    context! {
        name => if language == Language::Node { &operation.camel } else { &operation.snake },
        signature => signature(language, operation),
        returns => returns(language, operation),
        arguments => path.into_iter().chain(others).collect::<Vec<_>>(),
        is_paged => operation.paging == "paged",
        summary => operation.summary.as_str(),
        description => operation.description.as_str(),
        http => format!("{} {}", operation.http_method, operation.path),
        replay => operation.replay.as_str(),
        reconcile => operation.reconcile.as_str(),
        unconfirmed => operation.unconfirmed.as_str(),
        docs => operation.docs.as_str(),
    }
}

fn signature(language: Language, operation: &Operation) -> String {
    let path = operation.path_params.iter().map(|field| positional(language, field));
    let call = match language {
        Language::Rust => format!("client.{}().{}", operation.resource, operation.snake),
        Language::Python => format!("client.{}.{}", operation.resource, operation.snake),
        Language::Node => {
            format!(
                "client.{}.{}",
                crate::model::names::camel(&operation.resource),
                operation.camel
            )
        }
    };
    let mut arguments: Vec<String> = path.collect();
    match language {
        Language::Rust => {
            if !operation.query.is_empty() {
                arguments.push(format!("&types::{}Query {{ … }}", operation.pascal));
            }
            if operation.paging == "paged" && !operation.params.is_empty() {
                arguments.push(format!("&types::{}Params {{ … }}", operation.pascal));
            } else if operation.paging != "paged"
                && let Some(body) = &operation.body
            {
                arguments.push(format!("&types::{body} {{ … }}"));
            }
        }
        Language::Python => {
            let mut named: Vec<_> = operation.params.iter().collect();
            named.sort_by_key(|field| !field.required);
            if !named.is_empty() {
                arguments.push("*".into());
            }
            arguments.extend(named.iter().map(|field| {
                if field.required { field.snake.clone() } else { format!("{}=…", field.snake) }
            }));
        }
        Language::Node => {
            if !operation.params.is_empty() {
                let names: Vec<String> = operation
                    .params
                    .iter()
                    .map(|field| {
                        if field.required { field.wire.clone() } else { format!("{}?", field.wire) }
                    })
                    .collect();
                arguments.push(format!("{{ {} }}", names.join(", ")));
            }
        }
    }
    format!("{call}({})", arguments.join(", "))
}

fn positional(language: Language, field: &Field) -> String {
    if language == Language::Node {
        crate::model::names::camel(&field.wire)
    } else {
        field.snake.clone()
    }
}

fn argument(language: Language, field: &Field, is_path: bool) -> Value {
    let name = match language {
        _ if is_path => positional(language, field),
        Language::Node => field.wire.clone(),
        _ => field.snake.clone(),
    };
    context! {
        name,
        ty => value_type(language, &field.ty, true),
        required => is_path || field.required,
        description => cell(&field.description),
    }
}

fn returns(language: Language, operation: &Operation) -> String {
    let record = value_type(language, &operation.answer, false);
    match (language, operation.paging.as_str()) {
        (Language::Rust, "paged") => format!("Page<{record}>, or a stream of {record}"),
        (Language::Python, "paged") => format!("Page[{record}], iterable over all pages"),
        (Language::Node, "paged") => format!("Page<{record}>, async-iterable over all pages"),
        (Language::Rust, "list") => format!("Vec<{record}>"),
        (Language::Python, "list") => format!("list[{record}]"),
        (Language::Node, "list") => format!("{record}[]"),
        (Language::Rust, _) => format!("Option<{record}>"),
        (Language::Python, _) => format!("{record} | None"),
        (Language::Node, _) => format!("{record} | null"),
    }
}

fn value_type(language: Language, ty: &Type, is_request: bool) -> String {
    let pick = |rust: &str, python: &str, node: &str| {
        match language {
            Language::Rust => rust,
            Language::Python => python,
            Language::Node => node,
        }
        .to_owned()
    };
    match ty {
        Type::Uuid if is_request => pick("String", "str | UUID", "string"),
        Type::Text | Type::Date | Type::Uuid => pick("String", "str", "string"),
        Type::DateTime if is_request => pick("String", "datetime | str", "Date | string"),
        Type::DateTime => pick("Timestamp", "datetime", "string"),
        Type::Boolean => pick("bool", "bool", "boolean"),
        Type::Integer => pick("i64", "int", "number"),
        Type::Number => pick("f64", "int | float", "number"),
        Type::Money { .. } if is_request => {
            pick("Decimal", "Decimal | int | str", "string | number")
        }
        Type::Money { .. } => pick("Decimal", "Decimal", "string"),
        Type::Enum { name } => pick(name, &format!("str ({name})"), name),
        Type::Object { name } => name.clone(),
        Type::List { item } => {
            let item = value_type(language, item, is_request);
            pick(&format!("Vec<{item}>"), &format!("list[{item}]"), &format!("{item}[]"))
        }
        Type::Any => pick("Json", "JSON", "JSON"),
    }
}

fn event_view(language: Language, event: &Event) -> Value {
    let name = match language {
        Language::Rust => format!("Data::{}", event.pascal),
        Language::Python | Language::Node => event.class.clone(),
    };
    context! {
        name => event.name.as_str(),
        class => name,
        data => value_type(language, &event.data, false),
        summary => cell(&event.summary),
        description => cell(&event.description),
        unconfirmed => cell(&event.unconfirmed),
        docs => event.docs.as_str(),
    }
}

/// The call that checks and reads a delivery.
fn construct_event_call(language: Language, module: &str) -> String {
    match language {
        Language::Rust => {
            format!("payglot::{module}::webhooks::construct_event(body, headers, secret, &scheme)")
        }
        Language::Python => {
            format!("payglot.webhooks.{module}.construct_event(body, headers, secret, scheme)")
        }
        Language::Node => {
            let name = crate::model::names::camel(module);
            format!("webhooks.{name}.constructEvent(body, headers, secret, scheme)")
        }
    }
}

fn model_view(language: Language, schema: &Schema) -> Option<Value> {
    if !schema.in_answers && !schema.in_requests {
        return None;
    }
    let fields: Vec<Value> = schema
        .fields
        .iter()
        .map(|field| {
            let name = match language {
                Language::Node if !field.aliases.is_empty() => &field.snake,
                Language::Node => &field.wire,
                _ => &field.snake,
            };
            context! {
                name => name.as_str(),
                ty => value_type(language, &field.ty, !schema.in_answers),
                required => schema.in_requests && field.required,
                description => cell(&field.description),
            }
        })
        .collect();
    let helpers: Vec<Value> = schema
        .helpers
        .iter()
        .map(|helper| {
            let name = if language == Language::Node { &helper.camel } else { &helper.snake };
            context! { name => name.as_str(), description => cell(&helper.description) }
        })
        .collect();
    Some(context! {
        name => schema.pascal.as_str(),
        description => schema.description.as_str(),
        unconfirmed => schema.unconfirmed.as_str(),
        usage => match (schema.in_requests, schema.in_answers) {
            (true, true) => "sent and received",
            (true, false) => "sent",
            _ => "received",
        },
        fields,
        helpers,
    })
}

/// Text fit for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "\\<")
}
