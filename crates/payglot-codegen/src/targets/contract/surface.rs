//! Writes down the whole public surface, for the parity tests: every name that each language must have.

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::model::{Field, Model, Provider};
use crate::output::{MARK, Output};
use crate::targets::{Named, Target, Targets};

/// The surface as data. A language whose compiler checks its names is not in it.
pub fn file(model: &Model, targets: &Targets) -> Result<Output> {
    let languages: Vec<&dyn Target> = model
        .providers
        .first()
        .map(|provider| targets.languages(provider))
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(target, reference)| (!reference.is_compiled).then_some(target))
        .collect();
    let surface = Surface { languages };
    let errors = model.errors.iter().map(|class| {
        let fields = class.fields.iter().map(|field| surface.names(Named::ErrorField(field)));
        json!({
            "name": class.name,
            "parent": class.parent,
            "fields": fields.collect::<Vec<_>>(),
        })
    });
    let data = json!({
        "about": format!("// {MARK}"),
        "providers": model.providers.iter().map(|provider| surface.provider(provider)).collect::<Vec<_>>(),
        "errors": errors.collect::<Vec<_>>(),
    });
    Ok(Output::new(
        "tests/contract/generated_surface.json",
        format!("{}\n", serde_json::to_string_pretty(&data)?),
    ))
}

struct Surface<'t> {
    languages: Vec<&'t dyn Target>,
}

impl Surface<'_> {
    /// One entry for each language.
    fn each(&self, value: impl Fn(&dyn Target) -> Value) -> Map<String, Value> {
        self.languages
            .iter()
            .map(|language| (language.name().to_owned(), value(*language)))
            .collect()
    }

    fn names(&self, named: Named<'_>) -> Value {
        self.each(|language| json!(language.identifier(named))).into()
    }

    fn argument(&self, field: &Field, named: Named<'_>) -> Value {
        let mut entry = self.each(|language| json!(language.identifier(named)));
        entry.insert("required".into(), json!(field.required));
        entry.into()
    }

    fn field(&self, field: &Field) -> Value {
        let mut entry = self.each(|language| json!(language.identifier(Named::Field(field))));
        entry.insert("certain".into(), json!(field.certain));
        entry.into()
    }

    fn provider(&self, provider: &Provider) -> Value {
        let config = &provider.config;
        json!({
            "name": config.name,
            "class": config.class,
            "module": config.module,
            "credentials": config.credentials.iter().map(|credential| {
                self.names(Named::Credential(credential))
            }).collect::<Vec<_>>(),
            "operations": self.operations(provider),
            "models": provider.schemas.iter().filter(|schema| schema.in_responses).map(|schema| json!({
                "name": schema.pascal,
                "fields": schema.fields.iter().map(|field| self.field(field)).collect::<Vec<_>>(),
                "helpers": schema.helpers.iter().map(|helper| self.names(Named::Helper(helper))).collect::<Vec<_>>(),
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

    fn operations(&self, provider: &Provider) -> Vec<Value> {
        let mut found = Vec::new();
        for operation in &provider.operations {
            let resource = provider.resources.iter().find(|all| all.snake == operation.resource);
            let mut entry = Map::new();
            entry.insert("name".into(), json!(operation.name));
            entry.extend(self.each(|language| {
                let resource = resource.map(|all| language.identifier(Named::Resource(all)));
                json!([resource, language.identifier(Named::Operation(operation))])
            }));
            entry.insert("paging".into(), json!(operation.paging.as_str()));
            let positional = operation.path_params.iter().map(|field| &field.snake);
            entry.insert("positional".into(), json!(positional.collect::<Vec<_>>()));
            let keywords = operation.params.iter();
            let keywords = keywords.map(|field| self.argument(field, Named::Argument(field)));
            let pages = provider.page_fields(operation).into_iter().flat_map(|[size, number]| {
                [Named::PageSize(size), Named::PageNumber(number)].map(|named| {
                    let mut entry = self.each(|language| json!(language.identifier(named)));
                    entry.insert("required".into(), json!(false));
                    Value::from(entry)
                })
            });
            entry.insert("keywords".into(), keywords.chain(pages).collect());
            found.push(entry.into());
        }
        found
    }
}
