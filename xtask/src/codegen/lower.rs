//! Turns an OpenAPI 3.1 document into the 3.0.3 that progenitor takes.
//!
//! Each rule is one function on one schema, with a golden test in `tests/lower/`. A keyword that no rule knows is
//! an error that names its place and the overlay action that would take it out: guessing would change what is
//! sent.

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};

/// Keywords of a 3.0 schema, and the extensions that the model reads.
const KNOWN: &[&str] = &[
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "deprecated",
    "description",
    "discriminator",
    "enum",
    "example",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "properties",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
    "xml",
];

/// Lowers a whole document in place.
pub fn document(document: &mut Value) -> Result<()> {
    let version = document.get("openapi").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !version.starts_with("3.1") && !version.starts_with("3.0") {
        bail!("$.openapi: version 3.1.x or 3.0.x is needed, not `{version}`");
    }
    let Some(root) = document.as_object_mut() else { bail!("$: not an object") };
    root.insert("openapi".into(), "3.0.3".into());
    // 3.1 only, and of no use for calls. Webhooks are not requests of ours.
    for name in ["jsonSchemaDialect", "webhooks"] {
        root.shift_remove(name);
    }
    if let Some(info) = root.get_mut("info").and_then(Value::as_object_mut) {
        info.shift_remove("summary");
    }
    if let Some(schemas) =
        document.pointer_mut("/components/schemas").and_then(Value::as_object_mut)
    {
        for (name, schema) in schemas {
            lower(schema, &format!("$.components.schemas['{name}']"))?;
        }
    }
    if let Some(parameters) =
        document.pointer_mut("/components/parameters").and_then(Value::as_object_mut)
    {
        for (name, parameter) in parameters {
            lower_parameter(parameter, &format!("$.components.parameters['{name}']"))?;
        }
    }
    if let Some(responses) =
        document.pointer_mut("/components/responses").and_then(Value::as_object_mut)
    {
        for (name, response) in responses {
            lower_content(response, &format!("$.components.responses['{name}']"))?;
        }
    }
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, item) in paths {
            lower_path(item, &format!("$.paths['{path}']"))?;
        }
    }
    Ok(())
}

fn lower_path(item: &mut Value, at: &str) -> Result<()> {
    let Some(item) = item.as_object_mut() else { bail!("{at}: not an object") };
    for (method, operation) in item {
        if method == "parameters" {
            lower_parameters(operation, &format!("{at}.parameters"))?;
            continue;
        }
        let at = format!("{at}.{method}");
        let Some(operation) = operation.as_object_mut() else { continue };
        if operation.contains_key("callbacks") {
            bail!(
                "{at}.callbacks: not known here. Overlay action: {{target: \"{at}.callbacks\", remove: true}}"
            );
        }
        if let Some(parameters) = operation.get_mut("parameters") {
            lower_parameters(parameters, &format!("{at}.parameters"))?;
        }
        if let Some(body) = operation.get_mut("requestBody") {
            lower_content(body, &format!("{at}.requestBody"))?;
        }
        if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
            // Every error has the one lenient shape that the runtime reads.
            responses.retain(|status, _| !status.starts_with(['4', '5']) && status != "default");
            for (status, response) in responses {
                lower_content(response, &format!("{at}.responses['{status}']"))?;
            }
        }
    }
    Ok(())
}

fn lower_content(holder: &mut Value, at: &str) -> Result<()> {
    let Some(content) = holder.get_mut("content").and_then(Value::as_object_mut) else {
        return Ok(());
    };
    for (kind, media) in content {
        if let Some(schema) = media.get_mut("schema") {
            lower(schema, &format!("{at}.content['{kind}'].schema"))?;
        }
        if let Some(media) = media.as_object_mut() {
            media.shift_remove("examples");
        }
    }
    Ok(())
}

fn lower_parameters(parameters: &mut Value, at: &str) -> Result<()> {
    for (position, parameter) in parameters.as_array_mut().into_iter().flatten().enumerate() {
        lower_parameter(parameter, &format!("{at}[{position}]"))?;
    }
    Ok(())
}

fn lower_parameter(parameter: &mut Value, at: &str) -> Result<()> {
    let Some(parameter) = parameter.as_object_mut() else { bail!("{at}: not an object") };
    parameter.shift_remove("examples");
    if let Some(schema) = parameter.get_mut("schema") {
        lower(schema, &format!("{at}.schema"))?;
        parameter_is_not_nullable(schema);
    }
    Ok(())
}

/// A parameter cannot be null on the wire: it is there or it is not.
fn parameter_is_not_nullable(schema: &mut Value) {
    if let Some(map) = schema.as_object_mut() {
        map.shift_remove("nullable");
        if let Some(Value::Array(all)) = map.get("allOf")
            && let [only] = all.as_slice()
            && map.len() == 1
        {
            *schema = only.clone();
        }
    }
}

/// Lowers one schema and everything in it.
pub fn lower(schema: &mut Value, at: &str) -> Result<()> {
    if let Value::Bool(true) = schema {
        *schema = json!({});
    }
    let Some(map) = schema.as_object_mut() else { bail!("{at}: not a schema") };
    children(map, at)?;
    type_list(map, at)?;
    null_type(map);
    null_alternative(map, "anyOf");
    null_alternative(map, "oneOf");
    constant(map);
    enum_with_null(map);
    exclusive_bound(map, "exclusiveMinimum", "minimum");
    exclusive_bound(map, "exclusiveMaximum", "maximum");
    examples(map);
    content_encoding(map);
    reference_with_siblings(map);
    unknown_keyword(map, at)
}

fn children(map: &mut Map<String, Value>, at: &str) -> Result<()> {
    for name in ["allOf", "anyOf", "oneOf"] {
        for (position, child) in
            map.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten().enumerate()
        {
            lower(child, &format!("{at}.{name}[{position}]"))?;
        }
    }
    for (name, child) in
        map.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten()
    {
        lower(child, &format!("{at}.properties['{name}']"))?;
    }
    for name in ["items", "additionalProperties", "not"] {
        match map.get_mut(name) {
            Some(Value::Bool(_)) if name == "additionalProperties" => {}
            Some(child) => lower(child, &format!("{at}.{name}"))?,
            None => {}
        }
    }
    Ok(())
}

/// `type: [string, 'null']` is a nullable string; several other types are alternatives.
fn type_list(map: &mut Map<String, Value>, at: &str) -> Result<()> {
    let Some(Value::Array(types)) = map.get("type") else { return Ok(()) };
    let names: Vec<String> = types.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let mut others: Vec<String> = names.iter().filter(|name| *name != "null").cloned().collect();
    if names.len() > others.len() {
        map.insert("nullable".into(), true.into());
    }
    match (others.pop(), others.is_empty()) {
        (Some(only), true) => {
            map.insert("type".into(), only.into());
        }
        (Some(last), false) => {
            if map.contains_key("anyOf") {
                bail!(
                    "{at}: a list of types beside anyOf is not known here; replace it by an overlay action"
                );
            }
            others.push(last);
            map.shift_remove("type");
            let alternatives: Vec<Value> =
                others.into_iter().map(|name| json!({"type": name})).collect();
            map.insert("anyOf".into(), alternatives.into());
        }
        (None, _) => {
            map.shift_remove("type");
            map.insert("nullable".into(), true.into());
        }
    }
    Ok(())
}

/// `type: 'null'` alone: anything that is null.
fn null_type(map: &mut Map<String, Value>) {
    if map.get("type").and_then(Value::as_str) == Some("null") {
        map.shift_remove("type");
        map.insert("nullable".into(), true.into());
    }
}

/// `anyOf: [X, null]` is a nullable X.
fn null_alternative(map: &mut Map<String, Value>, name: &str) {
    let Some(Value::Array(alternatives)) = map.get_mut(name) else { return };
    let before = alternatives.len();
    alternatives.retain(|alternative| !is_null_only(alternative));
    let had_null = alternatives.len() < before;
    if had_null {
        let rest = alternatives.clone();
        map.insert("nullable".into(), true.into());
        if let [only] = rest.as_slice() {
            map.shift_remove(name);
            inline(map, only);
        } else if rest.is_empty() {
            map.shift_remove(name);
        }
    } else if let [only] = alternatives.clone().as_slice() {
        map.shift_remove(name);
        inline(map, only);
    }
}

fn is_null_only(schema: &Value) -> bool {
    schema
        .as_object()
        .is_some_and(|map| map.len() == 1 && map.get("nullable") == Some(&Value::Bool(true)))
}

/// Puts `only` in the place of the alternatives; what stands outside wins.
fn inline(map: &mut Map<String, Value>, only: &Value) {
    let Some(only) = only.as_object() else { return };
    for (name, value) in only {
        if name == "$ref" {
            map.insert("allOf".into(), json!([{"$ref": value}]));
        } else if !map.contains_key(name) {
            map.insert(name.clone(), value.clone());
        }
    }
}

/// progenitor ignores `const`: a one-value enum says the same.
fn constant(map: &mut Map<String, Value>) {
    let Some(value) = map.shift_remove("const") else { return };
    if !map.contains_key("type") {
        let kind = match &value {
            Value::String(_) => Some("string"),
            Value::Bool(_) => Some("boolean"),
            Value::Number(number) if number.is_f64() => Some("number"),
            Value::Number(_) => Some("integer"),
            _ => None,
        };
        if let Some(kind) = kind {
            map.insert("type".into(), kind.into());
        }
    }
    map.insert("enum".into(), json!([value]));
}

fn enum_with_null(map: &mut Map<String, Value>) {
    let Some(Value::Array(values)) = map.get_mut("enum") else { return };
    let before = values.len();
    values.retain(|value| !value.is_null());
    if values.len() < before {
        if values.is_empty() {
            map.shift_remove("enum");
        }
        map.insert("nullable".into(), true.into());
    }
}

/// 3.1 gives the bound itself, 3.0 a flag beside the inclusive bound.
fn exclusive_bound(map: &mut Map<String, Value>, exclusive: &str, inclusive: &str) {
    if let Some(bound) = map.get(exclusive).filter(|bound| bound.is_number()).cloned() {
        map.insert(inclusive.into(), bound);
        map.insert(exclusive.into(), true.into());
    }
}

fn examples(map: &mut Map<String, Value>) {
    if let Some(Value::Array(examples)) = map.shift_remove("examples")
        && let Some(first) = examples.into_iter().next()
    {
        map.entry("example").or_insert(first);
    }
}

/// Files are described by their encoding in 3.1 and by a format in 3.0.
fn content_encoding(map: &mut Map<String, Value>) {
    let encoding = map.shift_remove("contentEncoding");
    let media = map.shift_remove("contentMediaType");
    if encoding.as_ref().and_then(Value::as_str) == Some("base64") {
        map.entry("format").or_insert("byte".into());
    } else if encoding.is_some() || media.is_some() {
        map.entry("format").or_insert("binary".into());
    }
}

/// 3.0 ignores what stands beside a `$ref`.
fn reference_with_siblings(map: &mut Map<String, Value>) {
    if map.len() > 1
        && let Some(reference) = map.shift_remove("$ref")
    {
        map.insert("allOf".into(), json!([{"$ref": reference}]));
    }
}

fn unknown_keyword(map: &Map<String, Value>, at: &str) -> Result<()> {
    match map.keys().find(|name| !KNOWN.contains(&name.as_str()) && !name.starts_with("x-")) {
        Some(name) => {
            bail!(
                "{at}: `{name}` is not known here. Overlay action: {{target: \"{at}.{name}\", remove: true}}"
            )
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One small file per rule: `from` becomes `to`, or fails with `error`.
    #[test]
    fn every_rule_has_its_golden_file() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lower");
        let mut cases = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let case: Value =
                serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let mut schema = case["from"].clone();
            let result = lower(&mut schema, "$").map_err(|error| error.to_string());
            if let Some(error) = case.get("error").and_then(Value::as_str) {
                assert_eq!(result.unwrap_err(), error, "{}", path.display());
            } else {
                result.unwrap();
                assert_eq!(schema, case["to"], "{}", path.display());
                // Lowering what is lowered changes nothing.
                lower(&mut schema, "$").unwrap();
                assert_eq!(schema, case["to"], "{} again", path.display());
            }
            cases += 1;
        }
        assert!(cases >= 25, "{cases}");
    }

    #[test]
    fn a_document_loses_what_calls_do_not_need() {
        let mut document = json!({
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1", "summary": "S"},
            "jsonSchemaDialect": "x",
            "webhooks": {"w": {}},
            "paths": {"/a": {
                "parameters": [{"name": "p", "in": "query", "schema": {"anyOf": [{"type": "string"}, {"type": "null"}]}}],
                "get": {"responses": {
                    "200": {"content": {"application/json": {"schema": {"type": ["string", "null"]}}}},
                    "422": {"content": {"application/json": {"schema": {"prefixItems": []}}}},
                    "default": {"description": "d"},
                }},
            }},
        });
        super::document(&mut document).unwrap();
        let expected = json!({
            "openapi": "3.0.3",
            "info": {"title": "T", "version": "1"},
            "paths": {"/a": {
                // A parameter is there or it is not: never null.
                "parameters": [{"name": "p", "in": "query", "schema": {"type": "string"}}],
                "get": {"responses": {
                    "200": {"content": {"application/json": {"schema": {"type": "string", "nullable": true}}}},
                }},
            }},
        });
        assert_eq!(document, expected);
    }

    #[test]
    fn another_version_is_refused() {
        let error = super::document(&mut json!({"openapi": "2.0", "paths": {}})).unwrap_err();
        assert_eq!(error.to_string(), "$.openapi: version 3.1.x or 3.0.x is needed, not `2.0`");
    }
}
