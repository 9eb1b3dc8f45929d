//! Models whose answers need care after `JSON.parse`: hidden fields, helpers, or such models inside.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fields::{object_name, public};
use super::key;
use super::view::View;
use crate::model::{Helper, Provider, Schema};

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
            let model = object_name(&field.ty).filter(|name| self.with_readers.contains(name))?;
            Some(json!({ "key": key(public(field)), "model": model }))
        });
        let hidden = schema.fields.iter().filter(|field| field.sensitive).map(public);
        let helpers = schema.helpers.iter().map(|helper| reader_helper(schema, helper));
        json!({
            "name": schema.pascal,
            "fields": schema.fields.iter().map(public).collect::<Vec<_>>(),
            "hidden": hidden.collect::<Vec<_>>(),
            "nested": nested.collect::<Vec<_>>(),
            "helpers": helpers.collect::<Vec<_>>(),
        })
    }
}

fn reader_helper(schema: &Schema, helper: &Helper) -> Value {
    let fields = helper.any_of.iter().map(|name| {
        let field = schema.fields.iter().find(|field| field.snake == *name);
        field.map_or(name.as_str(), public)
    });
    json!({
        "camel": helper.camel,
        "any_of": fields.collect::<Vec<_>>(),
        "minutes": helper.minutes_after_received,
    })
}

/// Names of these models.
pub fn needing_readers(provider: &Provider) -> BTreeSet<&str> {
    let answers = || provider.schemas.iter().filter(|schema| schema.in_answers);
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
                let mut inside = schema.fields.iter().filter_map(|field| object_name(&field.ty));
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
