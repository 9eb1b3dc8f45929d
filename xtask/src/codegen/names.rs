//! Names in each language's own style.

use heck::{ToLowerCamelCase as _, ToPascalCase as _, ToShoutySnakeCase as _, ToSnakeCase as _};

/// Keywords of Python, and the names that every generated Python method uses for its options.
const PYTHON: &[&str] = &[
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
    "timeout",
    "max_retries",
    "headers",
    "idempotency_key",
    "extra_fields",
];

/// Keywords of Rust that can be written `r#name`.
const RUST: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// `cardId` and `card-id` become `card_id`; never a Python keyword.
pub fn snake(name: &str) -> String {
    let snake = start_with_letter(&name.to_snake_case(), "field");
    if PYTHON.contains(&snake.as_str()) { format!("{snake}_") } else { snake }
}

/// A snake name as a Rust identifier.
pub fn rust(snake: &str) -> String {
    match snake {
        "crate" | "super" => format!("{snake}_"),
        _ if RUST.contains(&snake) => format!("r#{snake}"),
        _ => snake.to_owned(),
    }
}

/// `CommonResponse_Card_` becomes `CommonResponseCard`.
pub fn pascal(name: &str) -> String {
    let pascal = start_with_letter(&name.to_pascal_case(), "Model");
    // Names that would hide one that every file uses.
    if matches!(pascal.as_str(), "Self" | "Option" | "Vec" | "String" | "Box" | "Result") {
        format!("{pascal}Model")
    } else {
        pascal
    }
}

/// `create_update_link` becomes `createUpdateLink`.
pub fn camel(name: &str) -> String {
    name.to_lower_camel_case()
}

/// `CREATE_UPDATE_LINK`
pub fn upper(name: &str) -> String {
    start_with_letter(&name.to_shouty_snake_case(), "VALUE")
}

fn start_with_letter(name: &str, prefix: &str) -> String {
    if name.starts_with(|c: char| c.is_alphabetic()) {
        name.to_owned()
    } else {
        format!("{prefix}{name}")
    }
}
