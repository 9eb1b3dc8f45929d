//! Models whose responses need care after `JSON.parse`: hidden fields, helpers, or such models inside.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::names::property;
use super::source::key;
use super::view::View;
use crate::model::{Helper, HelperRule, Provider, Schema, Type};

impl View<'_> {
    /// What the runtime needs to know of each of these models.
    pub fn readers(&self) -> Vec<Value> {
        let schemas = self.provider.schemas.iter();
        schemas
            .filter(|schema| self.with_readers.contains(schema.pascal.as_str()))
            .map(|schema| self.reader(schema))
            .collect()
    }

    fn reader(&self, schema: &Schema) -> Value {
        let nested = schema.fields.iter().filter_map(|field| {
            let model = field.ty.object_name().filter(|name| self.with_readers.contains(name))?;
            let is_map = has_map(&field.ty);
            Some(json!({ "key": key(property(field)), "model": model, "map": is_map }))
        });
        let hidden = schema.fields.iter().filter(|field| field.sensitive).map(property);
        let helpers = schema.helpers.iter().map(|helper| reader_helper(schema, helper));
        json!({
            "name": schema.pascal,
            "fields": schema.fields.iter().map(property).collect::<Vec<_>>(),
            "hidden": hidden.collect::<Vec<_>>(),
            "nested": nested.collect::<Vec<_>>(),
            "helpers": helpers.collect::<Vec<_>>(),
        })
    }
}

/// Whether the models are the values of an object with any names.
pub fn has_map(ty: &Type) -> bool {
    match ty {
        Type::List { item } => has_map(item),
        other => matches!(other, Type::Map { .. }),
    }
}

fn reader_helper(schema: &Schema, helper: &Helper) -> Value {
    let of_field = |name: &String| {
        let field = schema.fields.iter().find(|field| field.snake == *name);
        field.map_or(name.clone(), |field| property(field).to_owned())
    };
    let camel = &helper.camel;
    match &helper.rule {
        HelperRule::AnyOf(names) => {
            json!({ "camel": camel, "any_of": names.iter().map(of_field).collect::<Vec<_>>() })
        }
        HelperRule::MinutesAfterReceived(minutes) => json!({ "camel": camel, "minutes": minutes }),
        HelperRule::TextIn { field, values } => {
            json!({ "camel": camel, "text_in": { "field": of_field(field), "values": values } })
        }
    }
}

/// Names of these models.
pub fn needing_readers(provider: &Provider) -> BTreeSet<&str> {
    let responses = || provider.schemas.iter().filter(|schema| schema.in_responses);
    let mut needed: BTreeSet<&str> = responses()
        .filter(|schema| {
            !schema.helpers.is_empty() || schema.fields.iter().any(|field| field.sensitive)
        })
        .map(|schema| schema.pascal.as_str())
        .collect();
    loop {
        let more: Vec<&str> = responses()
            .filter(|schema| !needed.contains(schema.pascal.as_str()))
            .filter(|schema| {
                let mut inside = schema.fields.iter().filter_map(|field| field.ty.object_name());
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
