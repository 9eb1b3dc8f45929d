//! Names in Python.

use crate::model::names::ReservedWords;
use crate::targets::Named;

/// Names that the package's modules use themselves.
pub const RESERVED: ReservedWords = ReservedWords {
    identifiers: &[
        "False",
        "None",
        "True",
        "and",
        "as",
        "assert",
        "async",
        "await",
        "break",
        "class",
        "continue",
        "def",
        "del",
        "elif",
        "else",
        "except",
        "finally",
        "for",
        "from",
        "global",
        "if",
        "import",
        "in",
        "is",
        "lambda",
        "nonlocal",
        "not",
        "or",
        "pass",
        "raise",
        "return",
        "try",
        "while",
        "with",
        "yield",
        "self",
        // Options of every call.
        "timeout",
        "max_retries",
        "headers",
        "idempotency_key",
        "raise_on_failed",
        "intent",
        "extra_fields",
        "extra_query",
    ],
    fields: &["extra", "from_json", "property", "raw", "replace", "to_dict", "to_json"],
    types: &[
        "Any",
        "False",
        "Field",
        "FileInput",
        "Final",
        "Literal",
        "Mapping",
        "Model",
        "NotGiven",
        "Page",
        "Sequence",
        "True",
        "TypeAlias",
        "TypedDict",
        "Union",
    ],
    client_types: &["AsyncCredential", "AsyncResource", "Core", "Credential", "Resource"],
    resources: &[
        "batch",
        "close",
        "core",
        "on_request",
        "on_response",
        "request",
        "rotate",
        "with_credentials",
        "with_options",
        "with_raw_response",
    ],
    // A method of the name of a builtin hides it from the annotations of its class.
    operations: &["bool", "float", "int", "object", "str", "tuple"],
    keywords: &[],
    // Files beside the provider's, what the package exports, and its classes.
    modules: &[
        "async_page",
        "async_pager",
        "auth",
        "errors",
        "file",
        "file_input",
        "index",
        "not_given",
        "page",
        "raw_response",
        "sandbox_api",
        "sign",
        "testing",
        "types",
        "webhooks",
    ],
};

/// A name as a user writes it.
pub fn public(named: Named<'_>) -> String {
    match named {
        Named::Credential(credential) => credential.name.clone(),
        Named::Resource(resource) => resource.snake.clone(),
        Named::Operation(operation) => operation.snake.clone(),
        Named::PathArgument(field)
        | Named::Argument(field)
        | Named::PageSize(field)
        | Named::PageNumber(field)
        | Named::Field(field) => field.snake.clone(),
        Named::Helper(helper) => helper.snake.clone(),
        Named::Event(event) => event.class.clone(),
        Named::ErrorField(field) => field.name.clone(),
    }
}
