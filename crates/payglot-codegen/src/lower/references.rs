//! Finds every reference that leads nowhere, so that all of them are told at once.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;

use crate::diagnostic::{Diagnostic, pointer_name, pointer_step, step};

/// Fields that hold values and no schemas.
pub const VALUES: [&str; 5] = ["const", "default", "enum", "example", "examples"];

/// Takes out the references that lead nowhere, where operations and events need them, and gives what they were.
pub fn dangling(document: &mut Value) -> Vec<Diagnostic> {
    let mut walk = Walk { document, seen: HashSet::new(), queue: Vec::new(), found: Vec::new() };
    for root in ["paths", "webhooks"] {
        if let Some(value) = walk.document.get(root) {
            walk.value(value, &format!("$.{root}"), &format!("/{root}"), true);
        }
    }
    while let Some((value, at, pointer)) = walk.queue.pop() {
        walk.value(value, &at, &pointer, false);
    }
    let found = walk.found;
    let mut diagnostics = Vec::new();
    for (pointer, at, problem) in found {
        if let Some(holder) = document.pointer_mut(&pointer).and_then(Value::as_object_mut) {
            holder.shift_remove("$ref");
        }
        diagnostics.push(Diagnostic::remove(&at, problem, format!("{at}['$ref']")));
    }
    diagnostics.sort_by(|a, b| a.location.cmp(&b.location));
    diagnostics
}

struct Walk<'d> {
    document: &'d Value,
    seen: HashSet<String>,
    queue: Vec<(&'d Value, String, String)>,
    /// Pointer, location and problem.
    found: Vec<(String, String, String)>,
}

impl<'d> Walk<'d> {
    /// `is_map`: the fields are names that the document chose.
    fn value(&mut self, value: &'d Value, at: &str, pointer: &str, is_map: bool) {
        match value {
            Value::Object(map) => {
                if !is_map && let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                    self.reference(reference, at, pointer);
                }
                for (name, child) in map {
                    // The bodies of errors are read alike, whatever their schema.
                    let is_error = pointer.ends_with("/responses")
                        && (name.starts_with(['4', '5']) || name == "default");
                    let is_value = VALUES.contains(&name.as_str())
                        || name.starts_with("x-")
                        || name == "callbacks"
                        || name == "links";
                    if is_error || !is_map && is_value || !child.is_object() && !child.is_array() {
                        continue;
                    }
                    let holds_names = !is_map
                        && ["properties", "$defs", "patternProperties", "content", "headers"]
                            .contains(&name.as_str());
                    let pointer = format!("{pointer}/{}", pointer_step(name));
                    let at = if name.chars().all(|c| c.is_ascii_alphabetic()) && !is_map {
                        format!("{at}.{name}")
                    } else {
                        format!("{at}{}", step(name))
                    };
                    self.value(child, &at, &pointer, holds_names);
                }
            }
            Value::Array(items) => {
                for (position, item) in items.iter().enumerate() {
                    let (at, pointer) =
                        (format!("{at}[{position}]"), format!("{pointer}/{position}"));
                    self.value(item, &at, &pointer, false);
                }
            }
            _ => {}
        }
    }

    fn reference(&mut self, reference: &str, at: &str, pointer: &str) {
        let Some(target) = reference.strip_prefix('#').map(unescaped) else {
            let problem = format!("reference {reference} leaves the document");
            return self.found.push((pointer.to_owned(), at.to_owned(), problem));
        };
        let Some(value) = self.document.pointer(&target) else {
            let problem = format!("reference {reference} leads nowhere");
            return self.found.push((pointer.to_owned(), at.to_owned(), problem));
        };
        // What is within the paths is read anyway.
        if !target.starts_with("/paths/") && self.seen.insert(target.clone().into_owned()) {
            let mut location = "$".to_owned();
            for (depth, name) in target.split('/').skip(1).enumerate() {
                let name = pointer_name(name);
                if depth < 2 && name.chars().all(|c| c.is_ascii_alphabetic()) {
                    location = format!("{location}.{name}");
                } else {
                    location = format!("{location}{}", step(&name));
                }
            }
            self.queue.push((value, location, target.into_owned()));
        }
    }
}

/// A pointer in a URL may have `%5B` for `[`.
pub fn unescaped(pointer: &str) -> Cow<'_, str> {
    if !pointer.contains('%') {
        return pointer.into();
    }
    let mut bytes = Vec::new();
    let mut rest = pointer;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let byte = after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(b'%'));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_reference_that_leads_nowhere_is_told_at_once() {
        let content =
            |reference: &str| json!({"application/json": {"schema": {"$ref": reference}}});
        let mut document = json!({
            "paths": {"/a": {
                "get": {"responses": {"200": {"content": content("#/components/schemas/A")}, "404": {"$ref": "#/gone"}}},
                "post": {"requestBody": {"content": content("other.yaml#/B")}, "responses": {}},
            }},
            "components": {"schemas": {
                "A": {"properties": {
                    "b": {"$ref": "#/components/schemas/Gone"}, "example": {"items": {"$ref": "#/components/schemas/Gone"}},
                    "$ref": {"type": "string"},
                }, "example": {"$ref": "#/no"}},
                "Unused": {"$ref": "#/components/schemas/Gone"},
            }},
        });
        let found: Vec<String> = dangling(&mut document).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "$.components.schemas['A'].properties['b']: reference #/components/schemas/Gone leads nowhere. Overlay action: {target: \"$.components.schemas['A'].properties['b']['$ref']\", remove: true}",
                "$.components.schemas['A'].properties['example'].items: reference #/components/schemas/Gone leads nowhere. Overlay action: {target: \"$.components.schemas['A'].properties['example'].items['$ref']\", remove: true}",
                "$.paths['/a'].post.requestBody.content['application/json'].schema: reference other.yaml#/B leaves the document. Overlay action: {target: \"$.paths['/a'].post.requestBody.content['application/json'].schema['$ref']\", remove: true}",
            ]
        );
        assert_eq!(dangling(&mut document), []);
    }
}
