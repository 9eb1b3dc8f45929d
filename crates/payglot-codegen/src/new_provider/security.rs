//! How a document says that calls are authenticated.

use serde_json::Value;

use crate::diagnostic::step;

/// Header and cookie parameters that authenticate, as targets of an overlay: the runtime sends them itself.
pub fn parameters(document: &Value) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let operations = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    for parameter in operations
        .flat_map(|(_, item)| item.as_object().into_iter().flatten())
        .flat_map(|(_, operation)| {
            operation.get("parameters").and_then(Value::as_array).into_iter().flatten()
        })
    {
        let text = |field: &str| parameter.get(field).and_then(Value::as_str).unwrap_or_default();
        let (name, location) = (text("name"), text("in"));
        if ["header", "cookie"].contains(&location) && is_credential(name) {
            let name = step(name);
            let name = name.trim_start_matches('[').trim_end_matches(']');
            let target = format!("$.paths.*.*.parameters[?@.name=={name} && @.in=='{location}']");
            if !found.contains(&target) {
                found.push(target);
            }
        }
    }
    found
}

fn is_credential(name: &str) -> bool {
    let name = name.to_lowercase();
    ["authorization", "api-key", "apikey", "api_key", "token", "secret", "signature"]
        .iter()
        .any(|word| name.contains(word))
}

/// `[[credentials]]` and `[auth]` of `provider.toml`.
pub fn scheme(document: &Value, prefix: &str) -> String {
    let schemes = document.pointer("/components/securitySchemes").and_then(Value::as_object);
    let first = schemes.and_then(|schemes| schemes.values().next());
    let text = |field: &str| {
        first.and_then(|scheme| scheme.get(field)).and_then(Value::as_str).unwrap_or_default()
    };
    let key = format!(
        "[[credentials]]\nname = \"api_key\"\nenv = \"{prefix}_API_KEY\"\nsecret = true\ndescription = \"API key.\"\n\n[auth]\n"
    );
    match (text("type"), text("in"), text("scheme").to_lowercase().as_str()) {
        ("apiKey", "header", _) => {
            format!(
                "{key}scheme = \"headers\"\n[auth.headers]\n{:?} = \"{{api_key}}\"\n",
                text("name")
            )
        }
        ("apiKey", "cookie", _) => format!(
            "{key}scheme = \"headers\"\n[auth.headers]\nCookie = \"{}={{api_key}}\"\n",
            text("name")
        ),
        ("apiKey", "query", _) => format!(
            "{key}scheme = \"query\"\nparameter = {:?}\ntoken = \"api_key\"\n",
            text("name")
        ),
        ("http", _, "basic") => format!(
            "[[credentials]]\nname = \"user\"\nenv = \"{prefix}_USER\"\nsecret = false\ndescription = \"User name.\"\n\
             [[credentials]]\nname = \"password\"\nenv = \"{prefix}_PASSWORD\"\nsecret = true\ndescription = \"Password.\"\n\n\
             [auth]\nscheme = \"basic\"\nuser = \"user\"\npassword = \"password\"\n"
        ),
        _ => format!("{key}scheme = \"bearer\"\ntoken = \"api_key\"\n"),
    }
}
