//! Writes a contract scenario for every operation, and the typed Rust calls that play them.
//!
//! What should arrive is worked out here, from the document, and not by the client that the scenario tests.

use anyhow::Result;
use minijinja::value::Serde;
use minijinja::{Value as Template, context};
use serde_json::{Value, json};

use super::{MARK, Output, environment, render};
use crate::codegen::examples::{Examples, scalar};
use crate::codegen::model::{Auth, Field, Model, Operation, Provider, Type};

/// A field that no document names, for bodies that take any.
const FURTHER: &str = r#""further":{"count":2,"note":"x"}"#;

/// The scenarios, and Rust's calls.
pub fn emit(model: &Model) -> Result<Vec<Output>> {
    let scenarios: Vec<Value> = model
        .providers
        .iter()
        .flat_map(|provider| {
            provider.operations.iter().map(move |operation| scenario(provider, operation))
        })
        .collect();
    let data = json!({
        "about": format!("// {MARK}"),
        "credentials": credentials(model),
        "renamed": renamed(model),
        "scenarios": scenarios,
    });
    let json = format!("{}\n", serde_json::to_string_pretty(&data)?);
    let mut environment = environment();
    environment.add_filter("quote", |text: &str| format!("{text:?}"));
    let calls: Vec<Template> = model
        .providers
        .iter()
        .flat_map(|provider| {
            provider.operations.iter().map(move |operation| rust_call(provider, operation))
        })
        .collect();
    let providers = Template::from(Serde(&model.providers));
    let rust = render(&environment, "contract/calls.rs.j2", context! { providers, calls })?;
    let tree = syn::parse_file(&rust)?;
    Ok(vec![
        Output::new("tests/contract/generated_operations.json", json),
        Output::new(
            "crates/payglot/tests/generated/calls.rs",
            format!("// {MARK}\n\n{}", prettyplease::unparse(&tree)),
        ),
    ])
}

/// Every credential of every provider, by its environment variable.
fn credentials(model: &Model) -> Value {
    let all = model.providers.iter().flat_map(|provider| &provider.config.credentials);
    all.map(|credential| (credential.env.clone(), json!(credential_value(&credential.name))))
        .collect()
}

fn credential_value(name: &str) -> String {
    format!("{}-for-tests", name.replace('_', "-"))
}

/// Wire names that an answer shows under another name.
fn renamed(model: &Model) -> Value {
    let fields = model
        .providers
        .iter()
        .flat_map(|provider| &provider.schemas)
        .flat_map(|schema| &schema.fields);
    fields
        .filter(|field| !field.aliases.is_empty())
        .map(|field| (field.wire.clone(), json!(field.snake)))
        .collect()
}

fn scenario(provider: &Provider, operation: &Operation) -> Value {
    let examples = Examples::new(provider);
    let path: Vec<String> = operation.path_params.iter().map(plain).collect();
    let mut target = operation.path.clone();
    for (field, text) in operation.path_params.iter().zip(&path) {
        target = target.replace(&format!("{{{}}}", field.wire), text);
    }
    if !operation.query.is_empty() {
        let pairs: Vec<String> = operation
            .query
            .iter()
            .map(|field| format!("{}={}", field.wire, plain(field).replace(' ', "+")))
            .collect();
        target = format!("{target}?{}", pairs.join("&"));
    }
    let body =
        operation.body.as_ref().map(|_| body(&examples, provider, operation)).unwrap_or_default();
    let record = examples.value(&operation.answer, &scalar(&operation.answer));
    let payload = if operation.paging == "none" { record } else { format!("[{record}]") };
    let answer = match (operation.wrap.as_str(), &provider.config.envelope) {
        ("records", Some(names)) => format!(
            r#"{{"{}":true,"status_code":200,"{}":"Success","{}":{payload},"{}":1,"queryGeneratedTime":1718006400}}"#,
            names.success, names.message, names.records, names.total
        ),
        ("data", Some(names)) => format!(
            r#"{{"{}":true,"{}":"Success","{}":{payload},"queryGeneratedTime":1718006400.5}}"#,
            names.success, names.message, names.data
        ),
        _ => payload.clone(),
    };
    json!({
        "name": format!("{}/{}", provider.config.name, operation.name),
        "provider": provider.config.name,
        "operation": operation.name,
        "path": path,
        "params": params(&examples, operation),
        "steps": [{
            "request": {
                "method": operation.http_method,
                "target": target,
                "body": body,
                "headers": headers(provider, operation),
            },
            "answer": {"status": 200, "body": answer},
        }],
        "result": expected(&examples, operation),
    })
}

/// A parameter as it stands in a URL.
fn plain(field: &Field) -> String {
    serde_json::from_str::<String>(&field.example).unwrap_or_else(|_| field.example.clone())
}

/// The exact body: fields in the order of the document, the page last chosen by defaults.
fn body(examples: &Examples<'_>, provider: &Provider, operation: &Operation) -> String {
    let mut fields = operation.body_fields.clone();
    if let (Some(paging), "paged") = (&provider.config.paging, operation.paging.as_str()) {
        for field in &mut fields {
            if field.wire == paging.page {
                field.example = "1".into();
            } else if field.wire == paging.size {
                field.example = paging.default_size.to_string();
            }
        }
    }
    let mut text = examples.object(&fields, |_| true);
    if operation.body_open {
        let last = text.pop();
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(FURTHER);
        text.extend(last);
    }
    text
}

/// What the caller passes, by wire name; amounts as text.
fn params(examples: &Examples<'_>, operation: &Operation) -> Value {
    let mut params: serde_json::Map<String, Value> = operation
        .params
        .iter()
        .map(|field| {
            (
                field.wire.clone(),
                as_text(&field.ty, &examples.value(&field.ty, &field.example), examples),
            )
        })
        .collect();
    if operation.body_open {
        params.insert("further".into(), json!({"count": 2, "note": "x"}));
    }
    Value::Object(params)
}

/// JSON in which amounts are text, as Node takes and gives them.
fn as_text(ty: &Type, json: &str, examples: &Examples<'_>) -> Value {
    match ty {
        Type::Money { .. } => json!(json),
        Type::Any => json!("$free"),
        Type::List { item } => {
            json!([as_text(item, &examples.value(item, &scalar(item)), examples)])
        }
        Type::Object { .. } => examples.schema(ty).map_or(Value::Null, |fields| {
            fields
                .iter()
                .map(|field| {
                    let text = examples.value(&field.ty, &field.example);
                    // A model within itself ended here.
                    let value = if text == "null" {
                        Value::Null
                    } else {
                        as_text(&field.ty, &text, examples)
                    };
                    (field.wire.clone(), value)
                })
                .collect()
        }),
        _ => serde_json::from_str(json).unwrap_or(Value::Null),
    }
}

fn expected(examples: &Examples<'_>, operation: &Operation) -> Value {
    let record = as_text(
        &operation.answer,
        &examples.value(&operation.answer, &scalar(&operation.answer)),
        examples,
    );
    if operation.paging == "none" { record } else { json!([record]) }
}

/// Headers that must arrive; `$hmac` stands for a signature that the judge works out itself.
fn headers(provider: &Provider, operation: &Operation) -> Value {
    let mut headers = serde_json::Map::new();
    let mut put = |name: &str, value: String| {
        headers.insert(name.to_lowercase(), json!(value));
    };
    let fill = |template: &str| {
        let credentials = provider.config.credentials.iter();
        credentials.fold(template.to_owned(), |text, credential| {
            text.replace(&format!("{{{}}}", credential.name), &credential_value(&credential.name))
        })
    };
    match &provider.config.auth {
        Auth::Hmac { key, headers, .. } => {
            for (name, template) in headers {
                let template = template.as_str().unwrap_or_default();
                let hmac = format!("$hmac:{}", credential_value(key));
                put(name, fill(&template.replace("{signature}", &hmac)));
            }
        }
        Auth::Headers { headers } => {
            for (name, template) in headers {
                put(name, fill(template.as_str().unwrap_or_default()));
            }
        }
        Auth::Bearer { token } => {
            put("authorization", format!("Bearer {}", credential_value(token)));
        }
        Auth::Basic { .. } | Auth::Query { .. } => {}
    }
    put("accept", "application/json".into());
    if operation.body.is_some() {
        put("content-type", "application/json".into());
    }
    if operation.replay == "keyed" {
        put("idempotency-key", "$uuid".into());
    }
    Value::Object(headers)
}

/// The same call in typed Rust.
fn rust_call(provider: &Provider, operation: &Operation) -> Template {
    let examples = Examples::new(provider);
    let mut arguments: Vec<String> =
        operation.path_params.iter().map(|field| format!("{:?}", plain(field))).collect();
    if !operation.query.is_empty() {
        let fields = rust_fields(&examples, &operation.query);
        arguments.push(format!("&types::{}Query {{ {fields} }}", operation.pascal));
    }
    if operation.paging == "paged" {
        if !operation.params.is_empty() {
            let fields = rust_fields(&examples, &operation.params);
            arguments.push(format!("&types::{}Params {{ {fields} }}", operation.pascal));
        }
    } else if let Some(name) = &operation.body {
        let mut fields = rust_fields(&examples, &operation.body_fields);
        if operation.body_open {
            fields.push_str("extra: Extra::from([(\"further\".to_owned(), json(r#\"{\"count\":2,\"note\":\"x\"}\"#))]),");
        }
        let is_both =
            provider.schemas.iter().any(|schema| schema.pascal == *name && schema.in_answers);
        let name = if is_both { format!("{name}Input") } else { name.clone() };
        arguments.push(format!("&types::{name} {{ {fields} }}"));
    }
    context! {
        name => format!("{}/{}", provider.config.name, operation.name),
        module => provider.config.module.as_str(),
        resource => operation.resource.as_str(),
        method => operation.snake.as_str(),
        arguments => arguments.join(", "),
        paged => operation.paging == "paged",
    }
}

fn rust_fields(examples: &Examples<'_>, fields: &[Field]) -> String {
    fields
        .iter()
        .map(|field| {
            let value = rust_value(examples, &field.ty, &field.example);
            let value = match (field.required, field.nullable) {
                (true, false) => value,
                (true, true) => format!("OrNull::Value({value})"),
                (false, false) => format!("Some({value})"),
                (false, true) => format!("Nullable::Value({value})"),
            };
            format!("{}: {value}, ", field.rust)
        })
        .collect::<Vec<_>>()
        .concat()
}

fn rust_value(examples: &Examples<'_>, ty: &Type, example: &str) -> String {
    match ty {
        Type::Money { .. } => format!("decimal({example:?})"),
        Type::Boolean | Type::Integer => example.to_owned(),
        Type::Number if example.contains('.') => example.to_owned(),
        Type::Number => format!("{example}.0"),
        Type::Any => format!("json({example:?})"),
        Type::Enum { name } => format!("{:?}.into()", examples.first_of(name)),
        Type::List { item } => format!("vec![{}]", rust_value(examples, item, &scalar(item))),
        Type::Object { name } => {
            let fields =
                examples.schema(ty).map(|fields| rust_fields(examples, fields)).unwrap_or_default();
            format!("types::{name} {{ {fields} }}")
        }
        _ => format!("{example}.into()"),
    }
}
