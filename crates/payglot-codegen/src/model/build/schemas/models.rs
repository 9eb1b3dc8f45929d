//! Objects and enums as models, each under a name of its own.

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::annotations::{helpers, outcome, outcome_helpers};
use super::{Files, Schemas, describe, name_fields, resolve, text};
use crate::model::names::{self, NameAllocator, Naming};
use crate::model::{Enum, EnumValue, Field, Schema, Type};

impl<'d> Schemas<'d> {
    pub(super) fn object(
        &mut self,
        schema: &'d Value,
        at: &str,
        hint: &str,
        is_body: bool,
    ) -> Result<Type> {
        // Alternatives cannot be distinguished safely: the JSON is kept as it is, and a body takes any fields.
        let alternatives = ["anyOf", "oneOf"].iter().find_map(|name| schema.get(name)?.as_array());
        if let Some(alternatives) = alternatives.filter(|_| schema.get("properties").is_none()) {
            return Ok(match self.common_kind(alternatives, 0)? {
                "object" | "" if is_body => self.model(schema, hint, true)?.0,
                "string" => Type::Text,
                _ => Type::Any,
            });
        }
        let merged = self.merged(schema, at)?;
        if merged.properties.is_empty() && !is_body {
            return self.map(schema, at, hint);
        }
        // An object of which nothing is said may have any fields.
        let open = merged.open
            || merged.properties.is_empty() && schema.get("additionalProperties").is_none();
        let (ty, index) = self.model(schema, hint, open)?;
        let (Some(index), Type::Object { name: pascal }) = (index, &ty) else { return Ok(ty) };
        let outer = self.owner.replace(pascal.clone());
        let files = match &self.files {
            Files::Next(names) => Files::Here(names.clone()),
            Files::Here(_) | Files::Nowhere => Files::Nowhere,
        };
        let outer_files = std::mem::replace(&mut self.files, files);
        let mut fields = Vec::new();
        for (name, property, at) in merged.properties {
            let required = merged.required.iter().any(|required| required == name);
            fields.push(
                self.field(name, property, &at, pascal, required)
                    .with_context(|| format!("property {name}"))?,
            );
        }
        self.owner = outer;
        self.files = outer_files;
        name_fields(&mut fields);
        if let Some(schema) = self.schemas.get_mut(index) {
            schema.fields = fields;
        }
        Ok(ty)
    }

    /// An object with any names: typed by what `additionalProperties` says of the values.
    fn map(&mut self, schema: &'d Value, at: &str, hint: &str) -> Result<Type> {
        let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object())
        else {
            return Ok(Type::Any);
        };
        let at = format!("{at}.additionalProperties");
        Ok(match self.within(schema, values, &at, &format!("{hint}Value"))? {
            Type::Any => Type::Any,
            value => Type::Map { value: Box::new(value) },
        })
    }

    /// A model that no schema describes, with one field.
    pub(super) fn of_one_field(&mut self, hint: &str, field: Field) -> String {
        let pascal = self.name(&self.naming.pascal(hint), "Input");
        let index = self.schemas.len();
        self.positions.insert(pascal.clone(), index);
        self.schemas.push(Schema {
            index,
            document_name: hint.to_owned(),
            upper: names::upper(&pascal),
            pascal: pascal.clone(),
            description: "A body that is one value.".into(),
            fields: vec![field],
            open: false,
            in_requests: false,
            in_responses: false,
            only_in_events: false,
            helpers: Vec::new(),
            outcome: None,
            unconfirmed: String::new(),
        });
        pascal
    }

    /// The JSON type that a schema says or implies, references followed; empty where it says none.
    pub(super) fn kind(&self, schema: &'d Value, depth: u32) -> Result<&'d str> {
        let schema = resolve(self.document, schema)?;
        let alternatives = ["anyOf", "oneOf"].iter().find_map(|name| schema.get(name)?.as_array());
        Ok(match (schema.get("type").and_then(Value::as_str), alternatives) {
            (Some(kind), _) => kind,
            (None, Some(alternatives)) => self.common_kind(alternatives, depth + 1)?,
            (None, None) if schema.get("properties").is_some() || schema.get("allOf").is_some() => {
                "object"
            }
            (None, None) => "",
        })
    }

    /// The one JSON type of all alternatives.
    fn common_kind(&self, alternatives: &'d [Value], depth: u32) -> Result<&'d str> {
        let mut common = None;
        for alternative in alternatives.iter().filter(|_| depth < 8) {
            let kind = self.kind(alternative, depth)?;
            if *common.get_or_insert(kind) != kind {
                return Ok("mixed");
            }
        }
        Ok(common.unwrap_or("mixed"))
    }

    /// The model of a schema, with its position where it is new and has no fields yet.
    fn model(
        &mut self,
        schema: &'d Value,
        hint: &str,
        open: bool,
    ) -> Result<(Type, Option<usize>)> {
        let address = (std::ptr::from_ref(schema), matches!(self.files, Files::Next(_)));
        if let Some(name) = self.named.get(&address) {
            return Ok((Type::Object { name: name.clone() }, None));
        }
        let pascal = self.name(&self.naming.pascal(hint), "Input");
        self.named.insert(address, pascal.clone());
        let outcome = outcome(schema)?;
        let mut helpers = helpers(schema, self.naming)?;
        helpers.extend(outcome.iter().flat_map(|outcome| outcome_helpers(outcome, self.naming)));
        let index = self.schemas.len();
        self.positions.insert(pascal.clone(), index);
        self.schemas.push(Schema {
            index,
            document_name: hint.to_owned(),
            upper: names::upper(&pascal),
            pascal: pascal.clone(),
            description: describe(&schema.get("description").map(text).unwrap_or_default()),
            fields: Vec::new(),
            open,
            in_requests: false,
            in_responses: false,
            only_in_events: false,
            helpers,
            outcome,
            unconfirmed: schema.get("x-payglot-unconfirmed").map(text).unwrap_or_default(),
        });
        Ok((Type::Object { name: pascal }, Some(index)))
    }

    /// A name for a model or an enum that is free in every style, for its twin in requests too.
    fn name(&mut self, wanted: &str, twin: &str) -> String {
        self.allocator.allocate_all(wanted, |name| {
            vec![name.to_owned(), format!("{name}{twin}"), format!("static {}", names::upper(name))]
        })
    }

    pub(super) fn enumeration(&mut self, values: &[Value], schema: &'d Value, hint: &str) -> Type {
        let address = (std::ptr::from_ref(schema), false);
        if let Some(name) = self.named.get(&address) {
            return Type::Enum { name: name.clone() };
        }
        let pascal = self.name(&self.naming.pascal(hint), "Value");
        self.named.insert(address, pascal.clone());
        let (mut pascals, mut uppers) = (NameAllocator::default(), NameAllocator::default());
        // The variant for texts that are not known.
        pascals.reserve("Other");
        let mut wires: Vec<String> = Vec::new();
        for wire in values.iter().map(text) {
            if !wires.contains(&wire) {
                wires.push(wire);
            }
        }
        let values = wires.into_iter().map(|wire| EnumValue {
            pascal: pascals.allocate(&variant(&wire, self.naming)),
            upper: uppers.allocate(&names::upper(&wire)),
            wire,
        });
        self.enums.push(Enum {
            upper: names::upper(&pascal),
            pascal: pascal.clone(),
            description: describe(&schema.get("description").map(text).unwrap_or_default()),
            values: values.collect(),
        });
        Type::Enum { name: pascal }
    }
}

/// A text as the name of a variant; `Sign` where it has neither letters nor digits.
fn variant(wire: &str, naming: &Naming) -> String {
    if wire.chars().any(char::is_alphanumeric) { naming.pascal(wire) } else { "Sign".into() }
}
