//! Applies an OpenAPI Overlay 1.0 to a document. An action that matches nothing is an error, so that a patch
//! cannot outlive what it patched.
//!
//! It may use JSON and JSONPath. It must not know what a document means, only how it is built.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use serde_json_path::JsonPath;

use crate::diagnostic::pointer_name;

/// Applies every action of `overlay` to `document`, in order. Fails with every action that cannot be applied.
pub fn apply(document: &mut Value, overlay: &Value) -> Result<()> {
    let version = overlay.get("overlay").and_then(Value::as_str).unwrap_or_default();
    if !version.starts_with("1.0") {
        bail!("overlay: 1.0.x is needed, not `{version}`");
    }
    let actions = overlay
        .get("actions")
        .and_then(Value::as_array)
        .context("the overlay has no list `actions`")?;
    let mut failures = Vec::new();
    for (position, action) in actions.iter().enumerate() {
        let target = action.get("target").and_then(Value::as_str).unwrap_or_default();
        if let Err(error) = apply_action(document, action, target) {
            failures.push(format!("overlay action {} ({target}): {error:#}", position + 1));
        }
    }
    if failures.is_empty() { Ok(()) } else { bail!("{}", failures.join("\n")) }
}

fn apply_action(document: &mut Value, action: &Value, target: &str) -> Result<()> {
    if let Some(unknown) = action.as_object().and_then(|action| {
        action
            .keys()
            .find(|key| !["target", "description", "update", "remove"].contains(&key.as_str()))
    }) {
        bail!("`{unknown}` is not a field of an action");
    }
    let path = JsonPath::parse(target).context("the target is not a JSONPath")?;
    let mut pointers: Vec<String> = path
        .query_located(document)
        .into_iter()
        .map(|node| node.location().to_json_pointer())
        .collect();
    if pointers.is_empty() {
        bail!("the target matches nothing");
    }
    match (action.get("update"), action.get("remove").and_then(Value::as_bool)) {
        (Some(update), None | Some(false)) => {
            for pointer in &pointers {
                merge(document.pointer_mut(pointer).context("the target went away")?, update);
            }
        }
        (None, Some(true)) => {
            // From the back: removing an item of a list moves those behind it.
            pointers.sort_by_key(|pointer| order(pointer));
            for pointer in pointers.iter().rev() {
                remove(document, pointer)?;
            }
        }
        _ => bail!("an action has either `update` or `remove: true`"),
    }
    Ok(())
}

/// Sorts list positions as numbers.
fn order(pointer: &str) -> Vec<(u64, String)> {
    pointer.split('/').map(|step| (step.parse().unwrap_or(0), step.to_owned())).collect()
}

/// Objects merge by name, lists grow, everything else is replaced.
fn merge(target: &mut Value, update: &Value) {
    match (target, update) {
        (Value::Object(target), Value::Object(update)) => {
            for (name, value) in update {
                match target.get_mut(name) {
                    Some(slot) => merge(slot, value),
                    None => {
                        target.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(target), Value::Array(update)) => target.extend(update.iter().cloned()),
        (Value::Array(target), update) => target.push(update.clone()),
        (target, update) => *target = update.clone(),
    }
}

fn remove(document: &mut Value, pointer: &str) -> Result<()> {
    let (parent, last) = pointer.rsplit_once('/').context("the root cannot be removed")?;
    let last = pointer_name(last);
    match document.pointer_mut(parent).context("the target went away")? {
        Value::Object(map) => {
            map.shift_remove(&last);
        }
        Value::Array(items) => {
            let position: usize = last.parse().context("the target went away")?;
            if position < items.len() {
                items.remove(position);
            }
        }
        _ => bail!("the target went away"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applied(mut document: Value, actions: &Value) -> Result<Value> {
        apply(&mut document, &json!({"overlay": "1.0.0", "actions": actions}))?;
        Ok(document)
    }

    #[test]
    fn update_merges_objects_appends_to_lists_and_replaces_the_rest() {
        let document = json!({"a": {"b": {"c": 1, "tags": ["x"]}}});
        let actions =
            json!([{"target": "$.a.b", "update": {"c": 2, "d": {"e": 3}, "tags": ["y"]}}]);
        let expected = json!({"a": {"b": {"c": 2, "tags": ["x", "y"], "d": {"e": 3}}}});
        assert_eq!(applied(document, &actions).unwrap(), expected);
    }

    #[test]
    fn remove_takes_out_fields_and_items() {
        let document = json!({"p": [{"n": "A"}, {"n": "B"}, {"n": "A"}, {"n": "C"}], "q/r": 1});
        let actions = json!([
            {"target": "$.p[?@.n=='A']", "remove": true},
            {"target": "$['q/r']", "remove": true},
        ]);
        assert_eq!(applied(document, &actions).unwrap(), json!({"p": [{"n": "B"}, {"n": "C"}]}));
    }

    #[test]
    fn actions_see_what_earlier_ones_did() {
        let actions = json!([
            {"target": "$", "update": {"a": {"b": 1}}},
            {"target": "$.a", "update": {"b": 2}},
        ]);
        assert_eq!(applied(json!({}), &actions).unwrap(), json!({"a": {"b": 2}}));
    }

    #[test]
    fn an_action_that_matches_nothing_fails_and_names_itself() {
        let actions = json!([{"target": "$.paths['/gone'].get", "update": {}}]);
        let error = format!("{:#}", applied(json!({"paths": {}}), &actions).unwrap_err());
        assert_eq!(error, "overlay action 1 ($.paths['/gone'].get): the target matches nothing");
    }

    #[test]
    fn every_action_that_fails_is_named() {
        let actions = json!([
            {"target": "$.a", "update": {}},
            {"target": "$", "update": {"b": 1}},
            {"target": "$.c", "remove": true},
        ]);
        let error = applied(json!({}), &actions).unwrap_err().to_string();
        assert!(error.contains("action 1 ($.a)") && error.contains("action 3 ($.c)"), "{error}");
        assert_eq!(error.lines().count(), 2, "{error}");
    }

    #[test]
    fn an_action_with_neither_or_both_or_with_a_typing_mistake_fails() {
        for action in [
            json!({"target": "$"}),
            json!({"target": "$", "update": {}, "remove": true}),
            json!({"target": "$", "updates": {}}),
            json!({"target": "$[", "update": {}}),
        ] {
            assert!(applied(json!({}), &json!([action])).is_err(), "{action}");
        }
    }
}
