//! Makes public names, `resource.method`, from paths, tags and operation ids.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::names::Naming;

/// Words of paths and operation ids that say nothing about the operation.
const NOISE: [&str; 8] = ["api", "v1", "v2", "v3", "rest", "public", "internal", "endpoint"];

/// A name for an operation.
pub fn operation(path: &str, method: &str, operation: &Value, naming: &Naming) -> String {
    let words = function(path, method, operation, naming);
    let resource = resource(path, operation, naming);
    let own: Vec<&str> = words
        .split('_')
        .filter(|word| !word.is_empty() && !NOISE.contains(word) && !is_same_noun(word, &resource))
        .collect();
    format!("{resource}.{}", verb(&own, path, method, naming))
}

/// Makes a name that is not taken in any language: numbered where even the method does not distinguish two.
pub fn unique(name: &str, seen: &mut BTreeSet<String>, naming: &Naming) -> String {
    let mut candidate = name.to_owned();
    let mut number = 2;
    // `a.b_c` and `a_b.c` have the same types.
    while !seen.insert(naming.pascal(&candidate.replace('.', "_"))) {
        candidate = format!("{name}_{number}");
        number += 1;
    }
    candidate
}

/// The function's name: `FastAPI` makes operation ids of it, the path and the method.
fn function(path: &str, method: &str, operation: &Value, naming: &Naming) -> String {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
    let route: String =
        path.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
    let ending = format!("{route}_{method}");
    if id.is_empty() {
        return String::new();
    }
    naming.snake(id.strip_suffix(&ending).unwrap_or(id)).trim_end_matches('_').to_owned()
}

fn resource(path: &str, operation: &Value, naming: &Naming) -> String {
    let tag = operation.pointer("/tags/0").and_then(Value::as_str).map(words);
    let segment = path
        .split('/')
        .filter(|step| !step.contains('{'))
        .map(words)
        .find(|segment| !segment.is_empty() && !NOISE.contains(&segment.as_str()));
    let name = tag
        .filter(|tag| !tag.is_empty() && tag != "default")
        .or(segment)
        .unwrap_or_else(|| "api".into());
    let name = if name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name
    } else {
        format!("api_{name}")
    };
    if naming.is_resource(&name) { name } else { format!("{name}_resource") }
}

/// Lower-case words of ASCII letters and digits, empty where there are none.
fn words(text: &str) -> String {
    let ascii: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    heck::ToSnakeCase::to_snake_case(ascii.as_str())
}

fn is_same_noun(word: &str, resource: &str) -> bool {
    let stem = |text: &str| {
        let text =
            text.strip_suffix("ies").map_or_else(|| text.to_owned(), |stem| format!("{stem}y"));
        text.strip_suffix('s').unwrap_or(&text).to_owned()
    };
    resource.split('_').any(|part| stem(part) == stem(word))
}

fn verb(words: &[&str], path: &str, method: &str, naming: &Naming) -> String {
    let ends_with_variable = path.trim_end_matches('/').ends_with('}');
    let by_method = match (method, ends_with_variable) {
        ("get", true) => "get",
        ("get", false) => "list",
        ("post", _) => "create",
        ("put" | "patch", _) => "update",
        _ => "delete",
    };
    match words {
        [] => by_method.to_owned(),
        ["read" | "get" | "fetch" | "retrieve" | "list" | "all" | "index"] if method == "get" => {
            by_method.to_owned()
        }
        ["add" | "new" | "post"] if method == "post" => "create".to_owned(),
        ["edit" | "put" | "patch" | "modify"] => "update".to_owned(),
        ["remove" | "destroy"] => "delete".to_owned(),
        words => {
            let name = naming.snake(&self::words(&words.join("_")));
            match name.as_str() {
                "field" => by_method.to_owned(),
                name if naming.is_operation(name) => name.to_owned(),
                name => format!("{name}_{method}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fastapi_operation_ids_become_short_names() {
        let naming = crate::targets::Targets::standard().naming();
        for (path, method, id, tag, expected) in [
            ("/users/", "get", "read_users_users__get", Some("users"), "users.list"),
            (
                "/users/{user_id}",
                "get",
                "read_user_users__user_id__get",
                Some("users"),
                "users.get",
            ),
            ("/users/", "post", "create_user_users__post", Some("users"), "users.create"),
            ("/users/{id}", "patch", "update_user_users__id__patch", Some("users"), "users.update"),
            (
                "/users/{id}",
                "delete",
                "delete_user_users__id__delete",
                Some("users"),
                "users.delete",
            ),
            (
                "/api/v1/items/{id}/publish",
                "post",
                "publish_item_api_v1_items__id__publish_post",
                None,
                "items.publish",
            ),
            (
                "/api/v1/login/access-token",
                "post",
                "login_access_token_api_v1_login_access_token_post",
                Some("login"),
                "login.access_token",
            ),
            ("/cards/{cardId}", "get", "getCard", Some("Cards"), "cards.get"),
            (
                "/companies",
                "get",
                "list_companies_companies_get",
                Some("companies"),
                "companies.list",
            ),
            ("/", "get", "root__get", None, "api.root"),
            ("/health", "get", "", None, "health.list"),
        ] {
            let mut operation = json!({"operationId": id});
            if let Some(tag) = tag {
                operation["tags"] = json!([tag]);
            }
            assert_eq!(
                super::operation(path, method, &operation, &naming),
                expected,
                "{method} {path}"
            );
        }
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let naming = Naming::default();
        let mut seen = BTreeSet::new();
        let names: Vec<_> = (0..3).map(|_| unique("users.get", &mut seen, &naming)).collect();
        assert_eq!(names, ["users.get", "users.get_2", "users.get_3"]);
    }
}
