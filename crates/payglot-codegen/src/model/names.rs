//! Names in each language's own style.

use std::borrow::Cow;
use std::collections::HashSet;

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

/// Types that generated files of one language or another name, and that a model must not hide.
const TYPES: &[&str] = &[
    // Rust
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
    "OrNull",
    "Timestamp",
    // Python
    "Any",
    "False",
    "Field",
    "Final",
    "Literal",
    "Mapping",
    "Model",
    "NotGiven",
    "Page",
    "Sequence",
    "True",
    "TypedDict",
    // TypeScript
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
];

/// Types that the files of a client name beside its resources.
const CLIENT_TYPES: &[&str] = &[
    "AsyncResource",
    "BaseClient",
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
    "Resource",
];

/// What every client has beside its resources.
const CLIENT: &[&str] = &[
    "builder",
    "clone",
    "close",
    "constructor",
    "core",
    "fmt",
    "from_env",
    "inspect",
    "request",
    "with_raw_response",
];

/// Names of calls that a language gives a meaning of its own.
const CALLS: &[&str] = &[
    "bool",
    "clone",
    "constructor",
    "float",
    "fmt",
    "int",
    "object",
    "str",
    "then",
    "to_string",
    "tuple",
    "value_of",
];

/// What every model has beside its fields.
const MODEL: &[&str] = &["extra", "from_json", "property", "raw", "to_dict"];

/// `cardId` and `card-id` become `card_id`; never a Python keyword.
pub fn snake(name: &str) -> String {
    let snake = start_with_letter(&plain(name).to_snake_case(), "field");
    if PYTHON.contains(&snake.as_str()) { format!("{snake}_") } else { snake }
}

/// The name of a field or argument.
pub fn field(name: &str) -> String {
    let snake = snake(name);
    if MODEL.contains(&snake.as_str()) { format!("{snake}_") } else { snake }
}

/// A snake name as a Rust identifier.
pub fn rust(snake: &str) -> String {
    match snake {
        "crate" | "super" => format!("{snake}_"),
        _ if RUST.contains(&snake) => format!("r#{snake}"),
        _ => snake.to_owned(),
    }
}

/// Whether a group of operations can have this name.
pub fn is_resource(snake: &str) -> bool {
    !CLIENT.contains(&snake)
}

/// Whether an operation of a group can have this name.
pub fn is_call(snake: &str) -> bool {
    !CALLS.contains(&snake)
}

/// `CommonResponse_Card_` becomes `CommonResponseCard`.
pub fn pascal(name: &str) -> String {
    let pascal = start_with_letter(&plain(name).to_pascal_case(), "Model");
    if TYPES.contains(&pascal.as_str()) { format!("{pascal}Model") } else { pascal }
}

/// The type of a group of operations: `payee_addresses` becomes `PayeeAddresses`.
pub fn resource(snake: &str) -> String {
    let pascal = pascal(snake);
    if CLIENT_TYPES.contains(&pascal.as_str()) { format!("{pascal}Resource") } else { pascal }
}

/// `create_update_link` becomes `createUpdateLink`.
pub fn camel(name: &str) -> String {
    plain(name).to_lower_camel_case()
}

/// `CREATE_UPDATE_LINK`
pub fn upper(name: &str) -> String {
    start_with_letter(&plain(name).to_shouty_snake_case(), "VALUE")
}

fn start_with_letter(name: &str, prefix: &str) -> String {
    if name.starts_with(|c: char| {
        c.is_ascii_alphabetic() || !c.is_ascii() && is_identifier(&c.to_string())
    }) {
        name.to_owned()
    } else {
        format!("{prefix}{name}")
    }
}

/// Letters stay, of any script; signs that no identifier may have become spaces.
fn plain(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return name.into();
    }
    let fits = |c: char| c.is_ascii() || is_identifier(&format!("a{c}"));
    name.chars().map(|c| if fits(c) { c } else { ' ' }).collect::<String>().into()
}

fn is_identifier(text: &str) -> bool {
    syn::parse_str::<syn::Ident>(text).is_ok()
}

/// Names given so far, each once.
#[derive(Debug, Default)]
pub struct Taken(HashSet<String>);

impl Taken {
    /// Takes a name out of the choice.
    pub fn reserve(&mut self, name: impl Into<String>) {
        self.0.insert(name.into());
    }

    /// The wanted name, with a number where it is taken.
    pub fn give(&mut self, wanted: &str) -> String {
        self.give_all(wanted, |name| vec![name.to_owned()])
    }

    /// The same for a name that comes with others, all of which must be free.
    pub fn give_all(&mut self, wanted: &str, with: impl Fn(&str) -> Vec<String>) -> String {
        let separator =
            if wanted.contains('_') || wanted.starts_with(char::is_lowercase) { "_" } else { "" };
        let mut name = wanted.to_owned();
        let mut number = 2;
        loop {
            let all = with(&name);
            if !all.iter().any(|name| self.0.contains(name)) {
                self.0.extend(all);
                return name;
            }
            name = format!("{wanted}{separator}{number}");
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers_in_every_language() {
        for (name, expected) in [
            ("cardId", "card_id"),
            ("class", "class_"),
            ("2fa", "field2fa"),
            ("", "field"),
            ("straße", "straße"),
            ("商品", "商品"),
            ("m²", "m"),
            ("→", "field"),
        ] {
            assert_eq!(snake(name), expected, "{name}");
        }
        assert_eq!(field("extra"), "extra_");
        assert_eq!(pascal("Page[Item]"), "PageItem");
        assert_eq!(pascal("Json"), "JsonModel");
        assert_eq!(resource("config"), "ConfigResource");
        assert_eq!(rust("type"), "r#type");
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let mut taken = Taken::default();
        taken.reserve("PageItem2");
        let names: Vec<_> =
            ["PageItem", "PageItem", "ab", "ab"].map(|name| taken.give(name)).into();
        assert_eq!(names, ["PageItem", "PageItem3", "ab", "ab_2"]);
    }
}
