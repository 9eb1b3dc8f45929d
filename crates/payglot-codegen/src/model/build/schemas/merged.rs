//! What a schema says together with those that it refers to.

use std::borrow::Cow;
use std::collections::HashMap;

use anyhow::{Result, ensure};
use serde_json::Value;

use super::{Schemas, references, strings};
use crate::diagnostic::step;

impl<'d> Schemas<'d> {
    /// Properties of an object, those of `allOf` before its own.
    pub(super) fn merged(&self, schema: &'d Value, at: &str) -> Result<Merged<'d>> {
        let mut merged = Merged::default();
        self.merge_into(&mut merged, schema, at, 0)?;
        Ok(merged)
    }

    fn merge_into(
        &self,
        merged: &mut Merged<'d>,
        schema: &'d Value,
        at: &str,
        depth: u32,
    ) -> Result<()> {
        ensure!(depth < 32, "allOf goes round in circles");
        if let Some((name, target)) = self.target(schema)? {
            return self.merge_into(merged, target, &component(&name), depth + 1);
        }
        for (position, part) in
            schema.get("allOf").and_then(Value::as_array).into_iter().flatten().enumerate()
        {
            self.merge_into(merged, part, &format!("{at}.allOf[{position}]"), depth + 1)?;
        }
        for (name, property) in
            schema.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            let at = format!("{at}.properties{}", step(name));
            let next = merged.properties.len();
            let position = *merged.positions.entry(name).or_insert(next);
            if let Some(slot) = merged.properties.get_mut(position) {
                *slot = (name, property, at);
            } else {
                merged.properties.push((name, property, at));
            }
        }
        merged.required.extend(strings(schema.get("required")));
        merged.open |=
            schema.get("additionalProperties").is_some_and(|value| *value != Value::Bool(false));
        // Alternatives within `allOf` have fields that are not known here.
        merged.open |= schema.get("anyOf").is_some() || schema.get("oneOf").is_some();
        Ok(())
    }

    /// The schemas that say something about a field: its own, then those that it refers to.
    pub fn annotations(&self, schema: &'d Value) -> Result<Vec<&'d Value>> {
        let mut schemas = vec![schema];
        let mut last = schema;
        while let Some((_, target)) = self.target(last)? {
            ensure!(schemas.len() < 32, "references go round in circles");
            schemas.push(target);
            last = target;
        }
        Ok(schemas)
    }

    /// Name and schema behind a schema that is a reference and nothing else, as `$ref` or as `allOf` of one.
    pub(super) fn target(&self, schema: &'d Value) -> Result<Option<(Cow<'d, str>, &'d Value)>> {
        reference(schema).map(|reference| references::target(self.document, reference)).transpose()
    }
}

/// The location of a named schema.
pub(super) fn component(name: &str) -> String {
    format!("$.components.schemas{}", step(name))
}

#[derive(Default)]
pub(super) struct Merged<'d> {
    /// Name, schema, and location.
    pub(super) properties: Vec<(&'d str, &'d Value, String)>,
    positions: HashMap<&'d str, usize>,
    pub(super) required: Vec<String>,
    pub(super) open: bool,
}

/// The target of a schema that is a reference and nothing else, as `$ref` or as `allOf` of one.
fn reference(schema: &Value) -> Option<&str> {
    let direct = schema.get("$ref").and_then(Value::as_str);
    let is_more = ["properties", "required", "additionalProperties", "oneOf", "anyOf"];
    if direct.is_some() || is_more.iter().any(|name| schema.get(name).is_some()) {
        return direct;
    }
    match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => only.get("$ref").and_then(Value::as_str),
        _ => None,
    }
}
