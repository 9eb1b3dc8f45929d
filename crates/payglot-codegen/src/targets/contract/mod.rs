//! Writes a contract scenario for every operation, and the public surface that each language must have.
//!
//! What should arrive is worked out here, from the document, and not by the client that the scenario tests.

use anyhow::Result;
use serde_json::{Value, json};

use super::{Target, Targets};
use crate::model::examples::{Examples, RecursionGuard, plain, scalar};
use crate::model::{Auth, Model, Operation, Paging, Provider, Replay, Type, Wrap};
use crate::output::{MARK, Output};

mod surface;

/// A field that no document names, for bodies that take any.
const FURTHER: &str = r#""further":{"count":2,"note":"x"}"#;

/// The scenarios and the surface.
pub struct Contract;

impl Target for Contract {
    fn name(&self) -> &'static str {
        "contract"
    }

    fn files(&self, model: &Model, targets: &Targets) -> Result<Vec<Output>> {
        Ok(vec![scenarios(model)?, surface::file(model, targets)?])
    }
}

fn scenarios(model: &Model) -> Result<Output> {
    let scenarios: Vec<Value> = model
        .providers
        .iter()
        .flat_map(|provider| {
            let examples = Examples::new(provider);
            // What is no JSON of one model has tests of its own.
            let scenarios = provider.operations.iter().filter(|known| known.returns.is_plain());
            scenarios.map(|operation| scenario(&examples, provider, operation)).collect::<Vec<_>>()
        })
        .collect();
    let data = json!({
        "about": format!("// {MARK}"),
        "credentials": credentials(model),
        "renamed": renamed(model),
        "scenarios": scenarios,
    });
    let json = format!("{}\n", serde_json::to_string_pretty(&data)?);
    Ok(Output::new("tests/contract/generated_operations.json", json))
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

/// Wire names that a response shows under another name.
fn renamed(model: &Model) -> Value {
    let fields = model
        .providers
        .iter()
        .flat_map(|provider| &provider.schemas)
        .filter(|schema| !schema.only_in_events)
        .flat_map(|schema| &schema.fields);
    fields
        .filter(|field| !field.aliases.is_empty())
        .map(|field| (field.wire.clone(), json!(field.snake)))
        .collect()
}

fn scenario(examples: &Examples<'_>, provider: &Provider, operation: &Operation) -> Value {
    let path: Vec<String> = operation.path_params.iter().map(plain).collect();
    let mut target = operation.path.split('#').next().unwrap_or_default().to_owned();
    for (field, text) in operation.path_params.iter().zip(&path) {
        target = target.replace(&format!("{{{}}}", field.wire), text);
    }
    if operation.query.iter().any(|field| field.style.is_query()) {
        let pairs: Vec<String> = operation
            .query
            .iter()
            .filter(|field| field.style.is_query())
            .map(|field| format!("{}={}", field.wire, plain(field).replace(' ', "+")))
            .collect();
        let joint = if target.contains('?') { '&' } else { '?' };
        target = format!("{target}{joint}{}", pairs.join("&"));
    }
    let body =
        operation.body.as_ref().map(|_| body(examples, provider, operation)).unwrap_or_default();
    let record = examples.value(&operation.response, &scalar(&operation.response));
    let payload = if operation.paging == Paging::None { record } else { format!("[{record}]") };
    let follow = operation.follow.as_ref().map_or(&[][..], |follow| &follow.records);
    let nested =
        || follow.iter().rev().fold(payload.clone(), |inner, step| format!("{{{step:?}:{inner}}}"));
    let response = match (operation.wrap, &provider.config.envelope) {
        (Wrap::At, _) => nested(),
        (Wrap::Records, Some(names)) => format!(
            r#"{{"{}":true,"status_code":200,"{}":"Success","{}":{payload},"{}":1,"queryGeneratedTime":1718006400}}"#,
            names.success, names.message, names.records, names.total
        ),
        (Wrap::Data, Some(names)) => format!(
            r#"{{"{}":true,"{}":"Success","{}":{payload},"queryGeneratedTime":1718006400.5}}"#,
            names.success, names.message, names.data
        ),
        (Wrap::Bare, _) | (_, None) => payload.clone(),
    };
    json!({
        "name": format!("{}/{}", provider.config.name, operation.name),
        "provider": provider.config.name,
        "operation": operation.name,
        "path": path,
        "params": params(examples, operation),
        "steps": [{
            "request": {
                "method": operation.http_method,
                "target": target,
                "body": body,
                "headers": headers(provider, operation),
            },
            "response": {"status": 200, "body": response},
        }],
        "result": expected(examples, operation),
    })
}

/// The exact body: fields in the order of the document, the page last chosen by defaults.
fn body(examples: &Examples<'_>, provider: &Provider, operation: &Operation) -> String {
    let mut fields = operation.body_fields.clone();
    if let (Some(paging), Paging::Paged) = (provider.config.page_fields(), operation.paging) {
        for field in &mut fields {
            if field.wire == paging.page {
                field.example = "1".into();
            } else if field.wire == paging.size {
                field.example = paging.default_size.to_string();
            }
        }
    }
    let mut text = examples.object(&fields);
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
                as_text(&field.ty, &field.example, examples, &mut RecursionGuard::default()),
            )
        })
        .collect();
    if operation.body_open {
        params.insert("further".into(), json!({"count": 2, "note": "x"}));
    }
    Value::Object(params)
}

/// JSON in which amounts are text, as Node takes and gives them; `own` is the field's own example.
fn as_text<'p>(
    ty: &Type,
    own: &str,
    examples: &Examples<'p>,
    guard: &mut RecursionGuard<'p>,
) -> Value {
    match ty {
        Type::Money { .. } => json!(own),
        Type::Any => json!("$free"),
        Type::Enum { name } => json!(examples.first_of(name)),
        Type::List { item } if examples.is_too_deep(item, guard) => json!([]),
        Type::List { item } => json!([as_text(item, &scalar(item), examples, guard)]),
        Type::Map { value } if examples.is_too_deep(value, guard) => json!({}),
        Type::Map { value } => json!({"key": as_text(value, &scalar(value), examples, guard)}),
        Type::Union { name } => {
            let union = examples.union(name);
            match union.and_then(|union| examples.member(union, guard)) {
                Some((_, _, member)) if !matches!(member.ty, Type::Object { .. }) => {
                    as_text(&member.ty, &scalar(&member.ty), examples, guard)
                }
                // A model's is as the example has it: no provider with scenarios has an amount in one.
                _ => serde_json::from_str(&examples.value(ty, own)).unwrap_or(Value::Null),
            }
        }
        Type::Object { .. } => examples.schema(ty).map_or(Value::Null, |schema| {
            guard.enter(schema, |guard| {
                let mut fields = serde_json::Map::new();
                for field in &schema.fields {
                    if !examples.is_too_deep(&field.ty, guard) {
                        let value = as_text(&field.ty, &field.example, examples, guard);
                        fields.insert(field.wire.clone(), value);
                    }
                }
                Value::Object(fields)
            })
        }),
        Type::Text
        | Type::File { .. }
        | Type::Uuid
        | Type::DateTime
        | Type::Date
        | Type::Boolean
        | Type::Integer { .. }
        | Type::Number => serde_json::from_str(own).unwrap_or(Value::Null),
    }
}

fn expected(examples: &Examples<'_>, operation: &Operation) -> Value {
    let response = &operation.response;
    let record = as_text(response, &scalar(response), examples, &mut RecursionGuard::default());
    if operation.paging == Paging::None { record } else { json!([record]) }
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
                let hmac = format!("$hmac:{}", credential_value(key));
                put(name, fill(&template.replace("{signature}", &hmac)));
            }
        }
        Auth::Headers { headers } => {
            for (name, template) in headers {
                put(name, fill(template));
            }
        }
        Auth::Bearer { token } => {
            put("authorization", format!("Bearer {}", credential_value(token)));
        }
        Auth::Basic { .. }
        | Auth::Query { .. }
        | Auth::ClientCredentials { .. }
        | Auth::None
        | Auth::Schemes { .. } => {}
    }
    put("accept", operation.returns.accept.clone());
    if operation.body.is_some() {
        put("content-type", operation.content.media_type.clone());
    }
    if operation.replay == Replay::Keyed {
        put("idempotency-key", "$uuid".into());
    }
    Value::Object(headers)
}
