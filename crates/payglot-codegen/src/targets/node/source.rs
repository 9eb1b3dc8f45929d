//! JavaScript and TypeScript source text: comments, literals, property names.

use crate::targets::text::{escaped, wrap};

/// A comment block; paragraphs are divided by blank lines.
pub fn tsdoc(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let text = text.replace("*/", "*\\/");
    let lines = wrap(&text, 100 - indent);
    if let [line] = lines.as_slice() {
        return format!("{pad}/** {line} */");
    }
    let body: Vec<String> =
        lines.iter().map(|line| format!("{pad} * {line}").trim_end().to_owned()).collect();
    format!("{pad}/**\n{}\n{pad} */", body.join("\n"))
}

/// A string literal.
pub fn js(text: &str) -> String {
    format!("'{}'", escaped(text, '\''))
}

/// A property name, in quotes where it must be.
pub fn key(name: &str) -> String {
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty();
    if is_name { name.to_owned() } else { js(name) }
}

pub fn paragraphs(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}
