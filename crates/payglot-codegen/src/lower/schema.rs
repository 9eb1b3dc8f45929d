//! The rules that lower one schema: each is one function, with a golden file in `tests/lower/`.

use serde_json::{Map, Value, json};

use super::keywords::{NOTES, reject_unknown};
use crate::diagnostic::{Diagnostic, step};

/// Lowers one schema and everything in it; what cannot be lowered goes to `diagnostics`.
pub fn lower(schema: &mut Value, at: &str, diagnostics: &mut Vec<Diagnostic>) {
    if let Value::Bool(_) = schema {
        *schema = json!({});
    }
    let Some(map) = schema.as_object_mut() else {
        return diagnostics.push(Diagnostic::remove(at, "not a schema", at));
    };
    tuple(map);
    children(map, at, diagnostics);
    notes_in_all_of(map);
    type_list(map);
    null_type(map);
    null_alternative(map, "anyOf");
    null_alternative(map, "oneOf");
    decimal_alternatives(map);
    constant(map);
    enum_with_null(map);
    exclusive_bound(map, "exclusiveMinimum", "minimum");
    exclusive_bound(map, "exclusiveMaximum", "maximum");
    examples(map);
    content_encoding(map);
    reference_with_siblings(map);
    pattern_properties(map);
    reject_unknown(map, at, diagnostics);
}

fn children(map: &mut Map<String, Value>, at: &str, diagnostics: &mut Vec<Diagnostic>) {
    for name in ["allOf", "anyOf", "oneOf"] {
        for (position, child) in
            map.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten().enumerate()
        {
            lower(child, &format!("{at}.{name}[{position}]"), diagnostics);
        }
    }
    for holder in ["properties", "$defs"] {
        for (name, child) in
            map.get_mut(holder).and_then(Value::as_object_mut).into_iter().flatten()
        {
            let holder = if holder == "$defs" { "['$defs']" } else { ".properties" };
            lower(child, &format!("{at}{holder}{}", step(name)), diagnostics);
        }
    }
    for name in ["items", "additionalProperties", "not"] {
        match map.get_mut(name) {
            Some(Value::Bool(_)) if name == "additionalProperties" => {}
            Some(child) => lower(child, &format!("{at}.{name}"), diagnostics),
            None => {}
        }
    }
}

/// A part of `allOf` that only describes or limits, beside one that says what the value is, is said of the whole; what
/// stands outside wins.
fn notes_in_all_of(map: &mut Map<String, Value>) {
    let Some(Value::Array(parts)) = map.get_mut("allOf") else { return };
    for part in parts.iter_mut() {
        // `allOf` of one part and nothing else is that part.
        while let Some(Value::Array(inner)) = part.get("allOf")
            && let [only] = inner.as_slice()
            && part.as_object().is_some_and(|part| part.len() == 1)
        {
            *part = only.clone();
        }
    }
    let (mut notes, mut rest): (Vec<Value>, Vec<Value>) = parts.iter().cloned().partition(is_note);
    if rest.len() > 1 || (rest.is_empty() && parts.is_empty()) {
        return;
    }
    // A scalar within is the whole's own type.
    if rest.first().is_none_or(is_scalar) {
        notes.append(&mut rest);
    }
    if rest.is_empty() {
        map.shift_remove("allOf");
    } else {
        map.insert("allOf".into(), rest.into());
    }
    for note in notes.iter().rev() {
        for (name, value) in note.as_object().into_iter().flatten() {
            if !map.contains_key(name) {
                map.insert(name.clone(), value.clone());
            }
        }
    }
}

/// Whether a schema says nothing of what a value is made of.
fn is_note(schema: &Value) -> bool {
    const OF_OBJECTS: [&str; 9] = [
        "$defs",
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "items",
        "oneOf",
        "properties",
        "required",
    ];
    let names = |map: &Map<String, Value>| {
        map.keys()
            .all(|name| !OF_OBJECTS.contains(&name.as_str()) && name != "type" && name != "enum")
    };
    schema.as_object().is_some_and(names)
}

/// Whether a schema is text, a number or a boolean that is described where it stands.
fn is_scalar(schema: &Value) -> bool {
    let kind = schema.get("type").and_then(Value::as_str);
    matches!(kind, Some("string" | "integer" | "number" | "boolean"))
        && !["allOf", "anyOf", "oneOf"].iter().any(|name| schema.get(name).is_some())
}

/// 3.0 has no tuples: a list of the one type of its items, or of anything.
fn tuple(map: &mut Map<String, Value>) {
    let Some(Value::Array(first)) = map.shift_remove("prefixItems") else { return };
    let rest = map.get("items").filter(|items| items.is_object());
    let mut all = first.iter().chain(rest);
    let one = all.next().filter(|one| all.all(|other| other == *one)).cloned();
    map.insert("items".into(), one.unwrap_or_else(|| json!({})));
}

/// `type: [string, 'null']` is a nullable string; several other types are alternatives.
fn type_list(map: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = map.get("type") else { return };
    let mut others: Vec<Value> = types.iter().filter(|name| *name != "null").cloned().collect();
    let has_null = others.len() < types.len();
    let only = if others.len() == 1 { others.pop() } else { None };
    map.shift_remove("type");
    if has_null || (only.is_none() && others.is_empty()) {
        map.insert("nullable".into(), true.into());
    }
    if let Some(only) = only {
        map.insert("type".into(), only);
    } else if !others.is_empty() && !map.contains_key("anyOf") {
        let alternatives: Vec<Value> =
            others.into_iter().map(|name| json!({"type": name})).collect();
        map.insert("anyOf".into(), alternatives.into());
    }
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
    schema.as_object().is_some_and(|map| {
        map.get("nullable") == Some(&Value::Bool(true))
            && map.keys().all(|name| NOTES.contains(&name.as_str()))
    })
}

/// Puts `only` where the alternatives were; what stands outside wins.
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

/// A decimal is a number or a text with its digits: a number says the same, and the digits are kept. A text without a
/// pattern has digits where the whole is marked as money.
fn decimal_alternatives(map: &mut Map<String, Value>) {
    let Some(Value::Array(alternatives)) = map.get("anyOf") else { return };
    let [a, b] = alternatives.as_slice() else { return };
    let is = |schema: &Value, kind: &str| schema.get("type").and_then(Value::as_str) == Some(kind);
    let is_marked = map.contains_key("x-payglot-money");
    let number = match (a, b) {
        (number, text) | (text, number)
            if is(number, "number")
                && is(text, "string")
                && (is_marked || text.get("pattern").is_some()) =>
        {
            number.clone()
        }
        _ => return,
    };
    map.shift_remove("anyOf");
    inline(map, &number);
}

/// 3.0 ignores what stands beside a `$ref`.
fn reference_with_siblings(map: &mut Map<String, Value>) {
    if map.len() > 1
        && let Some(reference) = map.shift_remove("$ref")
    {
        map.insert("allOf".into(), json!([{"$ref": reference}]));
    }
}

/// Fields whose names follow a pattern are fields that the document does not name.
fn pattern_properties(map: &mut Map<String, Value>) {
    if map.shift_remove("patternProperties").is_some()
        && map.get("additionalProperties").is_none_or(Value::is_boolean)
    {
        map.insert("additionalProperties".into(), true.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lowered(schema: &mut Value) -> Result<(), String> {
        let mut diagnostics = Vec::new();
        lower(schema, "$", &mut diagnostics);
        let lines: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
        if lines.is_empty() { Ok(()) } else { Err(lines.join("\n")) }
    }

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
            let result = lowered(&mut schema);
            if let Some(error) = case.get("error").and_then(Value::as_str) {
                assert_eq!(result.unwrap_err(), error, "{}", path.display());
            } else {
                result.unwrap();
                assert_eq!(schema, case["to"], "{}", path.display());
                // Lowering what is lowered changes nothing.
                lowered(&mut schema).unwrap();
                assert_eq!(schema, case["to"], "{} again", path.display());
            }
            cases += 1;
        }
        assert!(cases >= 25, "{cases}");
    }
}
