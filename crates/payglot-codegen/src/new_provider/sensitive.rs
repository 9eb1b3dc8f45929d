//! A first guess which texts are secret.

use serde_json::Value;

use super::schemas;
use super::words::snake;
use crate::diagnostic::step;

/// Words that the names of secrets end with.
const SECRETS: [&str; 14] = [
    "api_key",
    "apikey",
    "access_key",
    "card_number",
    "cvc",
    "cvv",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "secret",
    "secret_key",
    "signing_key",
    "token",
];

/// Words before `token` that make it a position in a list.
const POSITIONS: [&str; 6] = ["continuation", "cursor", "next", "page", "prev", "sync"];

/// The location of every secret text that is not marked.
pub fn unmarked(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    schemas::each(document, &mut |map, at, _| {
        let properties = map.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let at = format!("{at}['properties']{}", step(name));
            check(name, property, at, &mut found);
        }
        if let (Some(name), Some(schema), Some(_)) =
            (map.get("name").and_then(Value::as_str), map.get("schema"), map.get("in"))
        {
            check(name, schema, format!("{at}['schema']"), &mut found);
        }
    });
    found
}

/// Whether a text of this name is secret.
fn is_secret(name: &str) -> bool {
    let name = snake(name);
    let ends = |word: &&str| {
        name.strip_suffix(*word).is_some_and(|before| before.is_empty() || before.ends_with('_'))
    };
    let is_position = name
        .strip_suffix("token")
        .is_some_and(|before| before.split('_').any(|word| POSITIONS.contains(&word)));
    SECRETS.iter().any(ends) && !is_position
}

fn check(name: &str, schema: &Value, at: String, found: &mut Vec<String>) {
    let is_marked = schema.get("x-payglot-sensitive").is_some();
    let is_password = schema.get("format").and_then(Value::as_str) == Some("password");
    if !is_marked && is_text(schema) && (is_password || is_secret(name)) && !found.contains(&at) {
        found.push(at);
    }
}

fn is_text(schema: &Value) -> bool {
    if schema.get("enum").is_some() {
        return false;
    }
    let is_string = |kind: &Value| kind.as_str() == Some("string");
    let of_type = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(is_string),
        Some(kind) => is_string(kind),
        None => false,
    };
    let alternatives = ["anyOf", "oneOf"].iter().find_map(|name| schema.get(name)?.as_array());
    of_type || alternatives.is_some_and(|all| all.iter().any(is_text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_found_by_format_and_name() {
        let text = json!({"type": "string"});
        let document = json!({
            "components": {"schemas": {"A": {"properties": {
                "code": {"type": "string", "format": "password"},
                "accessToken": {"anyOf": [text, {"type": "null"}]},
                "client_secret": text, "api_key": text, "apiKey": text,
                "secret": {"type": "string", "x-payglot-sensitive": false},
                "next_page_token": text, "token_type": text, "max_tokens": {"type": "integer"},
                "token": {"type": "integer"}, "secretary": text,
            }}}},
            "paths": {"/a": {"get": {"parameters": [{"name": "token", "in": "query", "schema": text}]}}},
        });
        let at = "$.components['schemas']['A']['properties']";
        let expected = ["code", "accessToken", "client_secret", "api_key", "apiKey"]
            .map(|name| format!("{at}['{name}']"));
        let found = unmarked(&document);
        assert_eq!(found[..5], expected);
        assert_eq!(found[5..], ["$.paths['/a']['get']['parameters'][0]['schema']"]);
    }
}
