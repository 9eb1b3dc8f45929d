//! Names in JavaScript.

use heck::ToLowerCamelCase as _;

use crate::model::Field;
use crate::model::names::{ReservedWords, camel};
use crate::targets::Named;

/// Names that the package's files use themselves.
pub const RESERVED: ReservedWords = ReservedWords {
    identifiers: &[],
    fields: &[],
    types: &[
        "Array",
        "Date",
        "Error",
        "Function",
        "Map",
        "Number",
        "Object",
        "Omit",
        "Options",
        "Partial",
        "Pick",
        "Promise",
        "Readonly",
        "ReadonlyArray",
        "Record",
        "Set",
        "Symbol",
    ],
    client_types: &["BaseClient", "Resource"],
    resources: &[
        "batch",
        "close",
        "constructor",
        "inspect",
        "on",
        "request",
        "rotate",
        "with_credentials",
        "with_options",
        "with_raw_response",
    ],
    operations: &["constructor", "then", "to_string", "value_of"],
    keywords: &[],
    // Files beside the provider's, and what the package exports.
    modules: &[
        "array",
        "buffer",
        "date",
        "error",
        "errors",
        "exports",
        "file_path",
        "function",
        "map",
        "number",
        "object",
        "page",
        "promise",
        "replay_guard",
        "sandbox_api",
        "set",
        "sign",
        "string",
        "symbol",
        "testing",
        "verify",
        "webhooks",
    ],
};

/// Words of JavaScript, and the other arguments of a method.
const KEYWORDS: &[&str] = &[
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "options",
    "package",
    "params",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// A name as a user writes it.
pub fn public(named: Named<'_>) -> String {
    match named {
        Named::Credential(credential) => credential.name.to_lower_camel_case(),
        Named::Resource(resource) => resource.camel.clone(),
        Named::Operation(operation) => operation.camel.clone(),
        Named::PathArgument(field) => positional(field),
        Named::Argument(field)
        | Named::PageSize(field)
        | Named::PageNumber(field)
        | Named::Field(field) => property(field).to_owned(),
        Named::Helper(helper) => helper.camel.clone(),
        Named::Event(event) => event.class.clone(),
        Named::ErrorField(field) => camel(&field.name),
    }
}

/// The name of a property: the wire's, or the corrected one where that is misspelled.
pub fn property(field: &Field) -> &str {
    if field.aliases.is_empty() { &field.wire } else { &field.snake }
}

/// A positional argument.
pub fn positional(field: &Field) -> String {
    let name = field.snake.trim_end_matches('_').to_lower_camel_case();
    if KEYWORDS.contains(&name.as_str()) { format!("{name}_") } else { name }
}
