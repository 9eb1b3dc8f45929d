//! Models whose responses need care after `JSON.parse`: hidden fields, helpers, or such models inside.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::names::property;
use super::source::key;
use super::view::View;
use crate::model::{Helper, HelperRule, Provider, Schema, Type, Union};

impl View<'_> {
    /// What the runtime needs to know of each of these models.
    pub fn readers(&self) -> Vec<Value> {
        let schemas = self.provider.schemas.iter();
        let unions = self.provider.unions.iter();
        let unions = unions.filter(|union| self.with_readers.contains(union.pascal.as_str()));
        schemas
            .filter(|schema| self.with_readers.contains(schema.pascal.as_str()))
            .map(|schema| self.reader(schema))
            .chain(unions.map(|union| self.union_reader(union)))
            .collect()
    }

    /// What reads a value of this type, or the values within it.
    pub fn reader_of<'t>(&self, ty: &'t Type) -> Option<&'t str> {
        let (Type::Object { name } | Type::Union { name }) = ty.inner() else { return None };
        Some(name.as_str()).filter(|name| self.with_readers.contains(name))
    }

    fn union_reader(&self, union: &Union) -> Value {
        let members = union.members.iter().map(|member| self.reader_of(&member.ty));
        let members: Vec<Option<&str>> = members.collect();
        let told = union.discriminator.as_ref().map(|discriminator| {
            let of = |position: usize| members.get(position).copied().flatten();
            let values =
                discriminator.values.iter().map(|(text, position)| json!([text, of(*position)]));
            json!({
                "field": discriminator.field,
                "values": values.collect::<Vec<_>>(),
                "other": discriminator.other.and_then(of),
                "has_other": discriminator.other.is_some(),
            })
        });
        let members: BTreeSet<&str> = members.into_iter().flatten().collect();
        // Where nobody says what an object is, all of these can be its fields.
        let objects =
            union.members.iter().filter_map(|member| self.schema(member.ty.object_name()?));
        let fields = objects.flat_map(|schema| &schema.fields).map(property);
        let fields: BTreeSet<&str> = fields.collect();
        json!({
            "name": union.pascal,
            "union": { "told": told, "members": members, "fields": fields },
        })
    }

    fn reader(&self, schema: &Schema) -> Value {
        let nested = schema.fields.iter().filter_map(|field| {
            let model = self.reader_of(&field.ty)?;
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
    let unions = &provider.unions;
    loop {
        let models = responses().filter(|schema| {
            let mut inside = schema.fields.iter().flat_map(|field| field.ty.names(unions));
            inside.any(|name| needed.contains(name))
        });
        let models = models.map(|schema| schema.pascal.as_str());
        let alternatives = unions.iter().filter(|union| {
            let mut inside = union.members.iter().flat_map(|member| member.ty.names(unions));
            union.in_responses && inside.any(|name| needed.contains(name))
        });
        let alternatives = alternatives.map(|union| union.pascal.as_str());
        let more: Vec<&str> =
            models.chain(alternatives).filter(|name| !needed.contains(name)).collect();
        if more.is_empty() {
            return needed;
        }
        needed.extend(more);
    }
}
