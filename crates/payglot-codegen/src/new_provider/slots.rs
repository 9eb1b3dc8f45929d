//! Combinations of keys that want two values of one header: a request has one, so each value is an alternative.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::security::{operations, text};
use crate::diagnostic::step;

/// Overlay actions that take such combinations apart.
pub fn actions(document: &Value) -> String {
    let root = document.get("security").map(|said| ("$".to_owned(), said));
    let own = operations(document).filter_map(|(path, method, operation)| {
        Some((format!("$.paths{}.{method}", step(path)), operation.get("security")?))
    });
    let mut actions = String::new();
    for (at, said) in root.into_iter().chain(own) {
        let said = said.as_array().map_or(&[][..], Vec::as_slice);
        let apart: Vec<Value> =
            said.iter().flat_map(|combination| alternatives(document, combination)).collect();
        if apart.len() > said.len() {
            let (holder, target) = (Value::from(at.clone()), Value::from(format!("{at}.security")));
            let apart = Value::Array(apart);
            let _ = write!(
                actions,
                "\n# The document asks for two values of one header at once, which no request has: either is taken.\n\
                 - target: {target}\n  remove: true\n\n- target: {holder}\n  update:\n    security: {apart}\n"
            );
        }
    }
    actions
}

/// The combinations that one stands for: itself, unless two of its schemes are the same header, cookie or parameter.
fn alternatives(document: &Value, combination: &Value) -> Vec<Value> {
    let mut found = vec![Map::new()];
    for (name, scopes) in combination.as_object().into_iter().flatten() {
        let wanted = slot(document, name);
        let is_same = |other: &str| wanted.is_some() && slot(document, other) == wanted;
        let mut more = Vec::new();
        for combination in &mut found {
            let rival = combination.keys().find(|other| is_same(other)).cloned();
            if let Some(rival) = rival {
                let mut other = combination.clone();
                other.shift_remove(&rival);
                other.insert(name.clone(), scopes.clone());
                more.push(other);
            } else {
                combination.insert(name.clone(), scopes.clone());
            }
        }
        for other in more {
            if !found.contains(&other) {
                found.push(other);
            }
        }
    }
    found.into_iter().map(Value::Object).collect()
}

/// Where a scheme puts its key; none where it has none, or where any number of them can stand.
fn slot(document: &Value, name: &str) -> Option<Value> {
    let scheme = document.pointer("/components/securitySchemes")?.get(name)?;
    let (location, name) = match (text(scheme, "type"), text(scheme, "in")) {
        ("apiKey", "header") => ("header", text(scheme, "name").to_lowercase()),
        ("apiKey", other) => (other, text(scheme, "name").to_owned()),
        ("mutualTLS", _) => return None,
        _ => ("header", "authorization".to_owned()),
    };
    Some(json!([location, name]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(security: &Value) -> Value {
        json!({
            "security": security,
            "paths": {"/a": {"get": {"security": [{"Key": [], "App": []}]}}},
            "components": {"securitySchemes": {
                "Key": {"type": "apiKey", "in": "header", "name": "AUTHORIZATION"},
                "App": {"type": "apiKey", "in": "header", "name": "X-App"},
                "Token": {"type": "http", "scheme": "bearer"},
                "Login": {"type": "http", "scheme": "basic"},
            }},
        })
    }

    #[test]
    fn two_values_of_one_header_are_alternatives() {
        let apart = |security: Value| -> Value {
            let document = document(&security);
            security
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|combination| alternatives(&document, combination))
                .collect()
        };
        assert_eq!(
            apart(json!([{"Key": [], "App": [], "Token": ["a"]}])),
            json!([{"Key": [], "App": []}, {"App": [], "Token": ["a"]}])
        );
        assert_eq!(
            apart(json!([{"Key": [], "Token": [], "Login": []}])),
            json!([{"Key": []}, {"Token": []}, {"Login": []}])
        );
        assert_eq!(apart(json!([{"Key": [], "App": []}, {}])), json!([{"Key": [], "App": []}, {}]));
    }

    #[test]
    fn the_overlay_takes_them_apart() {
        let mut document = document(&json!([{"Key": [], "Token": []}]));
        let actions = actions(&document);
        let overlay = format!("overlay: 1.0.0\nactions:\n{actions}");
        let overlay = serde_yaml_ng::from_str(&overlay).unwrap();
        crate::overlay::apply(&mut document, &overlay).unwrap();
        assert_eq!(document["security"], json!([{"Key": []}, {"Token": []}]));
        assert_eq!(actions.matches("target").count(), 2, "{actions}");
    }
}
