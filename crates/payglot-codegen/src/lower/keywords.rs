//! Keywords of schemas: which stay, which go, and which nobody may overlook.

use serde_json::{Map, Value};

use crate::diagnostic::{Diagnostic, Fix, step};

/// Keywords of a 3.0 schema, which stay.
const KNOWN: &[&str] = &[
    "$defs",
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

/// Keywords that can name fields or refer to other schemas in ways that the model does not know.
const REJECTED: &[&str] =
    &["$dynamicRef", "$recursiveRef", "dependentSchemas", "else", "if", "then"];

/// Keywords of JSON Schema that limit values, which the vendor checks, or that say nothing about them: dropped.
const DROPPED: &[&str] = &[
    "$anchor",
    "$comment",
    "$dynamicAnchor",
    "$id",
    "$schema",
    "$vocabulary",
    "contains",
    "contentSchema",
    "dependentRequired",
    "maxContains",
    "minContains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Keywords that describe a schema and do not change its values.
pub const NOTES: &[&str] = &["deprecated", "description", "example", "nullable", "title"];

/// A keyword that is neither known nor safely dropped is rejected: nobody knows what it would have changed. One that
/// stands in many places is rejected once, with the action that declares it a note.
pub fn reject_unknown(map: &mut Map<String, Value>, at: &str, diagnostics: &mut Vec<Diagnostic>) {
    map.retain(|name, _| {
        if KNOWN.contains(&name.as_str()) || name.starts_with("x-") {
            return true;
        }
        let problem = format!("`{name}` is not known here");
        if REJECTED.contains(&name.as_str()) {
            let target = format!("{at}{}", step(name));
            diagnostics.push(Diagnostic::remove(at, problem, target));
        } else if !DROPPED.contains(&name.as_str())
            && !diagnostics.iter().any(|diagnostic| is_about(diagnostic, name))
        {
            diagnostics.push(Diagnostic { location: at.to_owned(), problem, fix: note(name) });
        }
        false
    });
}

/// The action that declares a keyword of the document's own to be a note, which changes no value.
fn note(name: &str) -> Fix {
    Fix::Update {
        target: "$".to_owned(),
        update: format!("{{x-payglot-notes: [{}]}}", Value::from(name)),
    }
}

/// Whether a diagnostic asks for a keyword to be declared a note.
pub fn is_about(diagnostic: &Diagnostic, name: &str) -> bool {
    diagnostic.fix == note(name)
}
