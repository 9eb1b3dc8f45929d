//! Writes down the whole public surface, for the parity tests: every name that each language must have.

use anyhow::Result;
use serde_json::{Value, json};

use crate::model::names::camel;
use crate::model::{Field, Model, Provider};
use crate::targets::{MARK, Output};

/// The surface as data.
pub fn emit(model: &Model) -> Result<Output> {
    let data = json!({
        "about": format!("// {MARK}"),
        "providers": model.providers.iter().map(provider).collect::<Vec<_>>(),
        "errors": model.errors.iter().map(|class| json!({
            "name": class.name,
            "parent": class.parent,
            "fields": class.fields.iter().map(|field| json!({"python": field.name, "node": camel(&field.name)})).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    });
    Ok(Output::new(
        "tests/contract/generated_surface.json",
        format!("{}\n", serde_json::to_string_pretty(&data)?),
    ))
}

fn provider(provider: &Provider) -> Value {
    let config = &provider.config;
    json!({
        "name": config.name,
        "class": config.class,
        "module": config.module,
        "credentials": config.credentials.iter().map(|credential| json!({
            "python": credential.name, "node": camel(&credential.name),
        })).collect::<Vec<_>>(),
        "operations": provider.operations.iter().map(|operation| json!({
            "name": operation.name,
            "python": [operation.resource, operation.snake],
            "node": [camel(&operation.resource), operation.camel],
            "paging": operation.paging,
            "positional": operation.path_params.iter().map(|field| &field.snake).collect::<Vec<_>>(),
            "keywords": operation.params.iter().map(argument).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "models": provider.schemas.iter().filter(|schema| schema.in_answers).map(|schema| json!({
            "name": schema.pascal,
            "fields": schema.fields.iter().map(argument).collect::<Vec<_>>(),
            "helpers": schema.helpers.iter().map(|helper| json!({"python": helper.snake, "node": helper.camel})).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "events": provider.events.iter().map(|event| json!({
            "name": event.name,
            "class": event.class,
            "summary": event.summary,
        })).collect::<Vec<_>>(),
        "enums": provider.enums.iter().map(|known| json!({
            "name": known.pascal,
            "values": known.values.iter().map(|value| json!({"python": value.upper, "wire": value.wire})).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

fn argument(field: &Field) -> Value {
    let node = if field.aliases.is_empty() { &field.wire } else { &field.snake };
    json!({"python": field.snake, "node": node, "required": field.required})
}
