//! Names in Rust.

use heck::ToPascalCase as _;

use crate::model::names::{NameAllocator, ReservedWords};
use crate::model::{Environment, ProviderConfig};
use crate::targets::Named;

/// Names that the generated files of the core use themselves.
pub const RESERVED: ReservedWords = ReservedWords {
    identifiers: &["self"],
    fields: &["extra"],
    types: &[
        "Self",
        "Option",
        "Vec",
        "String",
        "Box",
        "Result",
        "Some",
        "None",
        "Ok",
        "Err",
        "Default",
        "Clone",
        "Copy",
        "Debug",
        "Drop",
        "Eq",
        "Fn",
        "FnMut",
        "FnOnce",
        "From",
        "Hash",
        "Into",
        "Iterator",
        "PartialEq",
        "Send",
        "Sized",
        "Sync",
        "ToString",
        "Unpin",
        "Decimal",
        "Extra",
        "Json",
        "Nullable",
        "Timestamp",
    ],
    client_types: &[
        "Call",
        "Client",
        "ClientBuilder",
        "Config",
        "Core",
        "Duration",
        "EmptyBody",
        "Environment",
        "PagedCall",
        "PathParam",
        "Request",
    ],
    resources: &[
        "builder",
        "clone",
        "core",
        "fmt",
        "from_env",
        "request",
        "rotate",
        "rotate_to",
        "with_credentials",
        "with_options",
    ],
    operations: &["clone", "fmt", "to_string"],
    keywords: KEYWORDS,
    // What the crate's root has, crates that generated files name by themselves, and a type of the root as a class.
    modules: &[
        "alloc",
        "auth",
        "call",
        "core",
        "crate",
        "decimal",
        "error",
        "errors",
        "extra",
        "file",
        "generated",
        "http",
        "jiff",
        "json",
        "nullable",
        "page",
        "pages",
        "payglot",
        "payglot_runtime",
        "progenitor_client",
        "providers",
        "records",
        "request",
        "reqwest",
        "response",
        "runtime",
        "schema",
        "self",
        "serde",
        "serde_json",
        "std",
        "super",
        "timestamp",
        "transport",
        "types",
        "webhooks",
    ],
};

/// Keywords that can be written `r#name`.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// A snake name as an identifier, `r#type` where it must be.
pub fn identifier(snake: &str) -> String {
    match snake {
        "crate" | "super" => format!("{snake}_"),
        _ if KEYWORDS.contains(&snake) => format!("r#{snake}"),
        _ => snake.to_owned(),
    }
}

/// The name of a builder's method that sets a field: the builder has two methods of its own.
pub fn setter(snake: &str) -> String {
    match snake {
        "build" | "extra_field" => format!("{snake}_"),
        _ => identifier(snake),
    }
}

/// `APIConnectionError` is `ErrorKind::ApiConnection`.
pub fn variant(class: &str) -> String {
    class.strip_suffix("Error").unwrap_or(class).to_pascal_case()
}

/// The published hosts with a variant for each: `eu-sandbox` is `EuSandbox`.
pub fn environments(config: &ProviderConfig) -> Vec<(String, &String, &Environment)> {
    let mut allocator = NameAllocator::default();
    // The one name that is a keyword in this form.
    allocator.reserve("Self");
    let variant = |name: &str| {
        let pascal = name.to_pascal_case();
        let is_name = pascal.starts_with(|c: char| c.is_ascii_alphabetic());
        if is_name { pascal } else { format!("Environment{pascal}") }
    };
    config
        .environments
        .iter()
        .map(|(name, environment)| (allocator.allocate(&variant(name)), name, environment))
        .collect()
}

/// A name as the reference shows it.
pub fn public(named: Named<'_>) -> String {
    match named {
        Named::Credential(credential) => credential.name.clone(),
        Named::Resource(resource) => resource.snake.clone(),
        Named::Operation(operation) => operation.snake.clone(),
        Named::PathArgument(field) | Named::Argument(field) | Named::Field(field) => {
            field.snake.clone()
        }
        // Methods of the call.
        Named::PageSize(_) => "rows_per_page".into(),
        Named::PageNumber(_) => "page".into(),
        Named::Helper(helper) => helper.snake.clone(),
        Named::Event(event) => format!("Data::{}", event.pascal),
        Named::ErrorField(field) => field.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_written_as_identifiers() {
        for (name, expected) in [("type", "r#type"), ("super", "super_"), ("card", "card")] {
            assert_eq!(identifier(name), expected);
        }
    }

    #[test]
    fn a_builder_keeps_its_own_methods() {
        for (name, expected) in [
            ("build", "build_"),
            ("extra_field", "extra_field_"),
            ("type", "r#type"),
            ("card", "card"),
        ] {
            assert_eq!(setter(name), expected);
        }
    }
}
