//! A look at every object of a document that can be a schema or hold one, and at the properties of one.

use serde_json::{Map, Value};

use crate::diagnostic::step;
use crate::lower::references::VALUES;
use crate::model::build::schemas::resolve;

/// Fields whose schema stands for what holds them.
const WRAPPERS: [&str; 6] = ["schema", "anyOf", "oneOf", "allOf", "items", "additionalProperties"];

/// Visits the objects of `components`, `paths` and `webhooks` that are no values: each with its location and the name of the property
/// or parameter that it stands for.
pub fn each(document: &Value, visit: &mut impl FnMut(&Map<String, Value>, &str, &str)) {
    for root in ["components", "paths", "webhooks"] {
        if let Some(value) = document.get(root) {
            walk(value, &format!("$.{root}"), root, visit);
        }
    }
}

fn walk(
    value: &Value,
    at: &str,
    name: &str,
    visit: &mut impl FnMut(&Map<String, Value>, &str, &str),
) {
    match value {
        Value::Object(map) => {
            visit(map, at, name);
            // A parameter's schema is named by the parameter.
            let own_name = map.get("name").and_then(Value::as_str);
            for (key, child) in map {
                if VALUES.contains(&key.as_str()) {
                    continue;
                }
                let is_wrapper = WRAPPERS.contains(&key.as_str());
                let child_name = if is_wrapper { own_name.unwrap_or(name) } else { key };
                walk(child, &format!("{at}{}", step(key)), child_name, visit);
            }
        }
        Value::Array(items) => {
            for (position, child) in items.iter().enumerate() {
                let child_name = child.get("name").and_then(Value::as_str).unwrap_or(name);
                walk(child, &format!("{at}[{position}]"), child_name, visit);
            }
        }
        _ => {}
    }
}

/// The properties of an object, those of `allOf` among them.
pub fn fields<'d>(
    document: &'d Value,
    schema: &'d Value,
    depth: usize,
) -> Vec<(&'d str, &'d Value)> {
    let Ok(schema) = resolve(document, schema) else { return Vec::new() };
    let own = schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::iter);
    let mut found: Vec<_> = own.map(|(name, schema)| (name.as_str(), schema)).collect();
    if depth < 8 {
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            found.extend(fields(document, part, depth + 1));
        }
    }
    found
}
