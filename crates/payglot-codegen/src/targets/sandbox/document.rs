//! The document of what the sandbox serves: the vendored one with its overlay, and what the sandbox itself chose.
//!
//! Upstream documents little besides calls that go well. What the sandbox sends beyond that is declared here for
//! all operations alike; rules that a document states in prose alone are in the provider's `sandbox.yaml`.

use crate::model::{Auth, HttpMethod, ProviderConfig};
use crate::output::MARK;
use crate::overlay;
use anyhow::{Context as _, Result};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

/// Marks everything that is not from the vendored document.
const CHOICE: &str = "The sandbox's choice; not documented upstream.";
/// What any operation may respond with, beside what upstream documents.
const STATUSES: [(&str, &str); 4] = [
    ("400", "The request cannot be served as things stand."),
    ("401", "The request is not authentic."),
    ("404", "Something that the request names does not exist."),
    ("409", "The request does not go together with what is there."),
];
/// Name of the sandbox's own error schema.
const ERROR: &str = "SandboxError";
/// Largest amount that the sandbox takes.
const MOST: u64 = 10_000_000_000;

/// Makes the document from the one that the overlay was applied to.
pub fn document(
    mut document: Value,
    rules: Option<&Value>,
    config: &ProviderConfig,
) -> Result<Value> {
    uuids(&mut document);
    amounts(&mut document);
    if let Some(rules) = rules {
        overlay::apply(&mut document, rules).context("sandbox.yaml")?;
    }
    let schemes = schemes(&config.auth);
    let requirement: Map<String, Value> =
        schemes.iter().map(|(name, _)| (name.clone(), json!([]))).collect();
    let components = object(object_of(&mut document)?, "components")?;
    components.insert("securitySchemes".into(), Value::Object(schemes));
    object(components, "schemas")?.insert(ERROR.into(), error_schema(config));
    for operation in operations(&mut document) {
        declare(operation)?;
    }
    let root = object_of(&mut document)?;
    root.insert("servers".into(), json!([{ "url": "/", "description": "The sandbox." }]));
    // Schemes by name are those of the document's own `security`.
    if !matches!(config.auth, Auth::Schemes { .. } | Auth::None) {
        root.insert("security".into(), json!([requirement]));
    }
    root.insert("x-generated".into(), MARK.into());
    Ok(document)
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let items = document.get_mut("paths").and_then(Value::as_object_mut).into_iter();
    let methods = items.flatten().filter_map(|(_, item)| item.as_object_mut()).flatten();
    methods
        .filter(|(method, _)| HttpMethod::from_key(method).is_some())
        .filter_map(|(_, operation)| operation.as_object_mut())
}

/// The errors of an operation, and the key that makes it safe to repeat.
fn declare(operation: &mut Map<String, Value>) -> Result<()> {
    let is_keyed = operation.get("x-payglot-replay").is_some_and(|replay| replay == "keyed");
    if is_keyed {
        let key = json!({
            "name": "Idempotency-Key",
            "in": "header",
            "description": format!("The same key and body give the same response for 24 hours. {CHOICE}"),
            "schema": { "type": "string" },
        });
        let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
        parameters.as_array_mut().context("parameters is not a list")?.push(key);
    }
    let responses = object(operation, "responses")?;
    for (status, description) in STATUSES {
        responses.entry(status).or_insert_with(|| {
            let schema = json!({ "$ref": format!("#/components/schemas/{ERROR}") });
            json!({
                "description": format!("{description} {CHOICE}"),
                "content": { "application/json": { "schema": schema } },
            })
        });
    }
    Ok(())
}

/// The sandbox's error body: FastAPI's where the provider has an envelope, else two texts.
fn error_schema(config: &ProviderConfig) -> Value {
    let fields = if config.envelope.is_some() { &["detail"][..] } else { &["error", "message"] };
    let properties: Map<String, Value> =
        fields.iter().map(|name| ((*name).to_owned(), json!({ "type": "string" }))).collect();
    json!({
        "type": "object",
        "description": format!("Why a call failed. {CHOICE}"),
        "properties": properties,
        "required": fields,
        "additionalProperties": false,
    })
}

/// `uuid4` is pydantic's format and not JSON Schema's; the sandbox takes a UUID of any version.
fn uuids(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if let Some(format) = map.get_mut("format").filter(|format| *format == "uuid4") {
                *format = "uuid".into();
            }
            map.values_mut().for_each(uuids);
        }
        Value::Array(items) => items.iter_mut().for_each(uuids),
        _ => {}
    }
}

/// Every amount that a call sends in its body is above zero, at most [`MOST`], with at most two decimals.
fn amounts(document: &mut Value) {
    let bodies: Vec<String> = operations(document)
        .filter_map(|operation| {
            let reference = operation.get("requestBody")?.pointer("/content/application~1json")?;
            Some(reference.pointer("/schema/$ref")?.as_str()?.trim_start_matches('#').to_owned())
        })
        .collect();
    for body in bodies {
        let properties = document.pointer_mut(&format!("{body}/properties"));
        for (_, field) in properties.and_then(Value::as_object_mut).into_iter().flatten() {
            let Some(field) = field.as_object_mut() else { continue };
            if field.get("x-payglot-money").is_some_and(|unit| unit != "plain") {
                field.insert("exclusiveMinimum".into(), 0.into());
                field.insert("multipleOf".into(), json!(0.01));
                field.entry("maximum").or_insert_with(|| MOST.into());
            }
        }
    }
}

/// The security schemes of the document, from the configuration's `[auth]`.
fn schemes(auth: &Auth) -> Map<String, Value> {
    let headers = |headers: &IndexMap<String, String>| {
        let scheme = |name: &String| {
            let scheme = json!({ "type": "apiKey", "in": "header", "name": name });
            (name.clone(), scheme)
        };
        headers.keys().map(scheme).collect()
    };
    let http = |scheme: &str| {
        Map::from_iter([(scheme.to_owned(), json!({ "type": "http", "scheme": scheme }))])
    };
    match auth {
        Auth::Hmac { headers: names, .. } | Auth::Headers { headers: names } => headers(names),
        Auth::Bearer { .. } => http("bearer"),
        Auth::Basic { .. } => http("basic"),
        Auth::Query { parameter, .. } => {
            let scheme = json!({ "type": "apiKey", "in": "query", "name": parameter });
            Map::from_iter([(parameter.clone(), scheme)])
        }
        Auth::ClientCredentials { token_url, scope, .. } => {
            let scopes: Map<String, Value> =
                scope.split_whitespace().map(|scope| (scope.to_owned(), "".into())).collect();
            let flow = json!({ "tokenUrl": token_url, "scopes": scopes });
            let scheme = json!({ "type": "oauth2", "flows": { "clientCredentials": flow } });
            Map::from_iter([("oauth2".to_owned(), scheme)])
        }
        Auth::None => Map::new(),
        Auth::Schemes { schemes: all } => {
            let one = |(name, scheme)| {
                schemes(scheme)
                    .into_iter()
                    .next()
                    .map(|(_, written)| (String::clone(name), written))
            };
            all.iter().filter_map(one).collect()
        }
    }
}

fn object_of(value: &mut Value) -> Result<&mut Map<String, Value>> {
    value.as_object_mut().context("the document is not an object")
}

/// The object under a name, made where there is none.
fn object<'a>(map: &'a mut Map<String, Value>, name: &str) -> Result<&'a mut Map<String, Value>> {
    let entry = map.entry(name).or_insert_with(|| json!({}));
    entry.as_object_mut().with_context(|| format!("{name} is not an object"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"
        name = "n"
        title = "T"
        class = "N"
        module = "n"
        homepage = "h"
        summary = "s"
        credentials = []
        base_url = { env = "N_BASE_URL" }
    "#;

    fn served(auth: &str, document: Value, rules: Option<&Value>) -> Result<Value> {
        let config = toml::from_str(&format!("{CONFIG}{auth}")).unwrap();
        super::document(document, rules, &config)
    }

    fn one_operation() -> Value {
        json!({
            "openapi": "3.1.0",
            "paths": {"/a": {"post": {
                "x-payglot-replay": "keyed",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}},
                "responses": {"200": {"description": "d"}, "404": {"description": "theirs"}},
            }}},
            "components": {"schemas": {"A": {"properties": {
                "amount": {"type": "number", "x-payglot-money": "dollars"},
                "count": {"type": "number", "x-payglot-money": "plain"},
                "id": {"type": "string", "format": "uuid4"},
            }}}},
        })
    }

    #[test]
    fn what_the_sandbox_chose_is_declared() {
        let auth = "auth = { scheme = \"headers\", headers = { X-Key = \"{key}\" } }";
        let document = served(auth, one_operation(), None).unwrap();
        let operation = &document["paths"]["/a"]["post"];
        assert_eq!(operation["parameters"][0]["name"], "Idempotency-Key");
        assert_eq!(operation["responses"]["404"]["description"], "theirs");
        for status in ["400", "401", "409"] {
            let schema = &operation["responses"][status]["content"]["application/json"]["schema"];
            assert_eq!(schema["$ref"], "#/components/schemas/SandboxError");
        }
        let schema = &document["components"]["schemas"]["SandboxError"];
        assert_eq!(schema["required"], json!(["error", "message"]));
        let fields = &document["components"]["schemas"]["A"]["properties"];
        assert_eq!(fields["amount"]["exclusiveMinimum"], 0);
        assert_eq!(fields["count"].get("exclusiveMinimum"), None);
        assert_eq!(fields["id"]["format"], "uuid");
    }

    #[test]
    fn every_scheme_is_declared_and_required() {
        for (auth, name, scheme) in [
            (
                "auth = { scheme = \"headers\", headers = { X-Key = \"{key}\" } }",
                "X-Key",
                json!({"type": "apiKey", "in": "header", "name": "X-Key"}),
            ),
            (
                "auth = { scheme = \"bearer\", token = \"key\" }",
                "bearer",
                json!({"type": "http", "scheme": "bearer"}),
            ),
            (
                "auth = { scheme = \"query\", parameter = \"key\", token = \"key\" }",
                "key",
                json!({"type": "apiKey", "in": "query", "name": "key"}),
            ),
        ] {
            let document = served(auth, one_operation(), None).unwrap();
            assert_eq!(document["components"]["securitySchemes"], json!({name: scheme}));
            assert_eq!(document["security"], json!([{name: []}]));
        }
    }

    #[test]
    fn a_rule_that_matches_nothing_is_an_error() {
        let auth = "auth = { scheme = \"bearer\", token = \"key\" }";
        let actions = json!([{"target": "$.components.schemas.B", "update": {}}]);
        let rules = json!({"overlay": "1.0.0", "actions": actions});
        let error = served(auth, one_operation(), Some(&rules)).unwrap_err();
        assert!(format!("{error:#}").contains("matches nothing"), "{error:#}");
    }
}
