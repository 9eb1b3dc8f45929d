//! References to the schema that a reference stands in, by an anchor: each becomes a plain reference to that schema.

use serde_json::Value;

use super::references::VALUES;
use crate::diagnostic::pointer_step;

/// Anchors of a schema and the references to them, as drafts 2019-09 and 2020-12 of JSON Schema have them.
const KINDS: [(&str, &str); 2] =
    [("$recursiveAnchor", "$recursiveRef"), ("$dynamicAnchor", "$dynamicRef")];

/// Rewrites the references within every schema of the components that has an anchor. Others stay, and are told.
pub fn resolve(document: &mut Value) {
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for (name, schema) in schemas.into_iter().flatten() {
        for (anchor, reference) in KINDS {
            let Some(map) = schema.as_object_mut() else { continue };
            let wanted = match map.get(anchor) {
                Some(Value::Bool(true)) => "#".to_owned(),
                Some(Value::String(anchor)) => format!("#{anchor}"),
                _ => continue,
            };
            map.shift_remove(anchor);
            let target = format!("#/components/schemas/{}", pointer_step(name));
            rewrite(schema, (reference, &wanted), &target);
        }
    }
}

fn rewrite(value: &mut Value, wanted: (&str, &str), target: &str) {
    match value {
        Value::Object(map) => {
            if map.get(wanted.0).and_then(Value::as_str) == Some(wanted.1) {
                map.shift_remove(wanted.0);
                map.insert("$ref".into(), target.into());
            }
            let schemas = |(name, _): &(&String, &mut Value)| !VALUES.contains(&name.as_str());
            map.iter_mut().filter(schemas).for_each(|(_, child)| rewrite(child, wanted, target));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, wanted, target)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_anchor_is_the_schema_that_has_it() {
        let mut document = json!({"components": {"schemas": {
            "a/b": {"$recursiveAnchor": true, "items": {"oneOf": [{"$recursiveRef": "#"}, {"default": {"$recursiveRef": "#"}}]}},
            "c": {"$dynamicAnchor": "node", "items": {"$dynamicRef": "#node"}, "not": {"$dynamicRef": "#other"}},
            "d": {"items": {"$recursiveRef": "#"}},
        }}});
        resolve(&mut document);
        assert_eq!(
            document["components"]["schemas"],
            json!({
                "a/b": {"items": {"oneOf": [{"$ref": "#/components/schemas/a~1b"}, {"default": {"$recursiveRef": "#"}}]}},
                "c": {"items": {"$ref": "#/components/schemas/c"}, "not": {"$dynamicRef": "#other"}},
                "d": {"items": {"$recursiveRef": "#"}},
            })
        );
    }
}
