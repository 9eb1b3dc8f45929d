//! Brings the paths of a document to one form, before an overlay names them: references to path items are followed, and
//! extensions beside the paths go.

use serde_json::{Map, Value};

use crate::diagnostic::{Diagnostic, step};

/// How far references to path items are followed.
const DEPTH: usize = 8;

/// Follows references to path items, gives every path the slash that it must begin with, and takes out extensions. What
/// is no path stays as it is: an overlay may take it out.
pub fn normalize(document: &mut Value) {
    vendor_calls(document);
    for holder in ["paths", "webhooks"] {
        let Some(Value::Object(items)) = document.get(holder) else { continue };
        let mut normal = Map::new();
        for (name, item) in items.iter().filter(|(name, _)| !name.starts_with("x-")) {
            let with_slash = format!("/{name}");
            let is_without = holder == "paths" && !name.starts_with('/');
            let name = if is_without && !items.contains_key(&with_slash) {
                with_slash
            } else {
                name.clone()
            };
            let mut item = followed(document, item).unwrap_or_else(|_| item.clone());
            // OpenAPI knows no reference to an operation, and documents have them.
            for (_, operation) in item.as_object_mut().into_iter().flatten() {
                if let Ok(whole) = followed(document, operation) {
                    *operation = whole;
                }
            }
            normal.insert(name, item);
        }
        if let Some(items) = document.get_mut(holder) {
            *items = Value::Object(normal);
        }
    }
}

/// Puts beside the webhooks what other documents have for them: `x-webhooks` of OpenAPI 3.0, and the callbacks of operations,
/// by their names.
fn vendor_calls(document: &mut Value) {
    let mut found: Vec<(String, Value)> = Vec::new();
    let extension = document.get("x-webhooks").and_then(Value::as_object);
    found.extend(extension.into_iter().flatten().map(|(name, item)| (name.clone(), item.clone())));
    let paths = document.get("paths").and_then(Value::as_object);
    let items = paths.into_iter().flatten().filter_map(|(_, item)| item.as_object());
    for (_, operation) in items.flatten() {
        let callbacks = operation.get("callbacks").and_then(Value::as_object);
        for (name, callback) in callbacks.into_iter().flatten() {
            let items = followed(document, callback).ok();
            let items = items.as_ref().and_then(Value::as_object);
            // One without a body says no more than that something happened: it is no event.
            let items = items
                .into_iter()
                .flatten()
                .filter(|(_, item)| item.pointer("/post/requestBody").is_some());
            found.extend(items.map(|(_, item)| (name.clone(), item.clone())));
        }
    }
    if found.is_empty() {
        return;
    }
    let Some(root) = document.as_object_mut() else { return };
    let webhooks = root.entry("webhooks").or_insert_with(|| Value::Object(Map::new()));
    let Some(webhooks) = webhooks.as_object_mut() else { return };
    for (name, item) in found {
        let mut free = name.clone();
        let mut number = 2;
        while webhooks.get(&free).is_some_and(|known| *known != item) {
            free = format!("{name}{number}");
            number += 1;
        }
        webhooks.insert(free, item);
    }
}

/// Takes out what is no path, and gives all of it.
pub fn check(document: &mut Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for holder in ["paths", "webhooks"] {
        let Some(Value::Object(items)) = document.get(holder) else { continue };
        let problems: Vec<(String, String)> = items
            .iter()
            .filter_map(|(name, item)| Some((name.clone(), problem(document, holder, name, item)?)))
            .collect();
        for (name, problem) in problems {
            let at = format!("$.{holder}{}", step(&name));
            found.push(Diagnostic::remove(&at, problem, &at));
            if let Some(items) = document.get_mut(holder).and_then(Value::as_object_mut) {
                items.shift_remove(&name);
            }
        }
    }
    found
}

fn problem(document: &Value, holder: &str, name: &str, item: &Value) -> Option<String> {
    if holder == "paths" && !name.starts_with('/') {
        return Some("another path differs only in the slash that it begins with".into());
    }
    // What stands behind `#` tells operations apart and is not sent; what stands behind `?` goes out as it is.
    let behind = name.find(['?', '#']).and_then(|end| name.get(end..));
    if holder == "paths" && behind.is_some_and(|behind| behind.contains('{')) {
        return Some("a path ends before its `?` or `#`: no parameter can stand behind".into());
    }
    followed(document, item).err()
}

/// A path item with what it refers to; its own fields win.
fn followed(document: &Value, item: &Value) -> Result<Value, String> {
    let mut whole = item.as_object().cloned().ok_or("not an object")?;
    for _ in 0..DEPTH {
        let Some(Value::String(reference)) = whole.shift_remove("$ref") else {
            return Ok(Value::Object(whole));
        };
        let target = reference.strip_prefix('#');
        let target = target.ok_or_else(|| format!("reference {reference} leaves the document"))?;
        let target = document.pointer(&super::references::unescaped(target));
        let target = target.and_then(Value::as_object);
        let target = target.ok_or_else(|| format!("reference {reference} leads nowhere"))?;
        for (name, value) in target {
            if !whole.contains_key(name) {
                whole.insert(name.clone(), value.clone());
            }
        }
    }
    Err("references go round in circles".into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_operation_behind_a_reference_is_like_others() {
        let mut document = json!({
            "paths": {"/a": {"get": {"$ref": "#/x-operations/list", "deprecated": true}, "post": {"$ref": "#/gone"}}},
            "x-operations": {"list": {"operationId": "list", "responses": {}}},
        });
        normalize(&mut document);
        let list = json!({"deprecated": true, "operationId": "list", "responses": {}});
        assert_eq!(document["paths"]["/a"]["get"], list);
        assert_eq!(crate::lower::references::dangling(&mut document).len(), 1);
    }

    #[test]
    fn path_items_behind_references_are_like_others() {
        let get = json!({"responses": {}});
        let mut document = json!({
            "paths": {
                "x-note": "text", "/a": {"$ref": "#/components/pathItems/A", "summary": "own"},
                "b": {"get": get},
            },
            "components": {"pathItems": {"A": {"$ref": "#/components/pathItems/B"}, "B": {"get": get, "summary": "other"}}},
        });
        normalize(&mut document);
        assert_eq!(check(&mut document), []);
        assert_eq!(
            document["paths"],
            json!({"/a": {"summary": "own", "get": get}, "/b": {"get": get}})
        );
    }

    #[test]
    fn what_is_no_path_is_told_all_at_once() {
        let mut document = json!({"paths": {
            "/a": {"$ref": "#/components/pathItems/A"}, "/b": {"$ref": "b.yaml"}, "/c": 1,
            "/d#{e}": {}, "/d?e={e}": {}, "/f": {}, "f": {}, "/g": {"$ref": "#/paths/~1g"}, "/h#i": {}, "/h?i=1": {},
        }});
        normalize(&mut document);
        let found: Vec<String> = check(&mut document).iter().map(ToString::to_string).collect();
        for (text, expected) in found.iter().zip([
            "$.paths['/a']: reference #/components/pathItems/A leads nowhere. ",
            "$.paths['/b']: reference b.yaml leaves the document. ",
            "$.paths['/c']: not an object. ",
            "$.paths['/d#{e}']: a path ends before its `?` or `#`: ",
            "$.paths['/d?e={e}']: a path ends before its `?` or `#`: ",
            "$.paths['f']: another path differs only in the slash ",
            "$.paths['/g']: references go round in circles. ",
        ]) {
            assert!(text.starts_with(expected), "{text}");
        }
        assert_eq!(found.len(), 7);
        assert_eq!(document["paths"], json!({"/f": {}, "/h#i": {}, "/h?i=1": {}}));
    }
}
