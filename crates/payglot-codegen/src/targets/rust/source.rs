//! Rust source text: files, doc comments, constants.

use anyhow::{Context as _, Result};
use minijinja::{Error, ErrorKind, Value};
use serde::de::DeserializeOwned;

use crate::model::CanonicalPart;
use crate::output::{MARK, Output};
use crate::targets::text::wrap;

/// Formats a file, and so checks that it is Rust.
pub fn file(path: &str, text: &str) -> Result<Output> {
    let tree = syn::parse_file(text)
        .with_context(|| format!("the generated {path} is not Rust:\n{}", numbered(text)))?;
    Ok(Output::new(path, format!("// {MARK}\n\n{}", spaced(&prettyplease::unparse(&tree)))))
}

/// Puts a blank line between items: prettyplease leaves none.
fn spaced(text: &str) -> String {
    const STARTS: [&str; 12] = [
        "///",
        "#[",
        "pub ",
        "impl",
        "payglot_runtime::",
        "fn ",
        "async fn",
        "static ",
        "mod ",
        "use ",
        "const ",
        "struct ",
    ];
    let mut out = String::with_capacity(text.len() + text.len() / 40);
    let mut previous = "";
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let is_start = STARTS.iter().any(|start| line.trim_start().starts_with(start));
        let ended = previous.len() - previous.trim_start().len() == indent
            && (previous.trim_start() == "}"
                || previous.ends_with("};")
                || previous.ends_with("];")
                || previous.ends_with(");"))
            || (indent == 0 && previous.starts_with("//!"))
            || (indent == 0
                && previous.starts_with("use ")
                && !line.starts_with("use ")
                && !line.starts_with("#["));
        if is_start && ended {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
        previous = line;
    }
    out
}

fn numbered(text: &str) -> String {
    let lines = text.lines().enumerate();
    lines.map(|(number, line)| format!("{:4} {line}", number + 1)).collect::<Vec<_>>().join("\n")
}

/// `///` lines.
pub fn doc(text: &str) -> String {
    let lines: Vec<String> = wrap(text, 100)
        .into_iter()
        .map(|line| format!("/// {}", escape_doc(&line)).trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// Text for a doc comment that somebody else writes.
pub fn doc_text(text: &str) -> String {
    wrap(text, 100).iter().map(|line| escape_doc(line)).collect::<Vec<_>>().join("\n")
}

/// rustdoc reads `[x]` and `<x>` as links and tags; rustc rejects characters that change the direction of text.
fn escape_doc(line: &str) -> String {
    let is_shown = |c: &char| {
        !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let line: String = line.chars().filter(is_shown).collect();
    if line.contains("](") || line.starts_with("<http") {
        return line;
    }
    line.replace('[', "\\[").replace(']', "\\]").replace('<', "\\<")
}

/// A path template as it is on the wire, with the query that it has of its own; the names of its parameters stay as they are.
pub fn encoded_path(template: &str) -> String {
    // What stands behind tells operations apart in the document alone.
    let template = template.split('#').next().unwrap_or_default();
    let mut out = String::with_capacity(template.len());
    let mut is_name = false;
    for c in template.chars() {
        match c {
            '{' => is_name = true,
            '}' => is_name = false,
            _ if is_name || c.is_ascii_graphic() && !"\"#<>\\^`|".contains(c) => {}
            _ => {
                let mut bytes = [0; 4];
                let bytes = c.encode_utf8(&mut bytes).bytes();
                out.extend(bytes.map(|byte| format!("%{byte:02X}")));
                continue;
            }
        }
        out.push(c);
    }
    out
}

/// `Limits::NONE.max_length(20)`; nothing where there are no limits.
pub fn limits(limits: &Value) -> Result<String, Error> {
    let mut text = String::new();
    for name in [
        "min_length",
        "max_length",
        "minimum",
        "maximum",
        "more_than",
        "digits",
        "currency",
        "max_items",
    ] {
        let value = limits.get_attr(name)?;
        if !value.is_none() {
            let value = if value.kind() == minijinja::value::ValueKind::String {
                format!("{:?}", value.to_string())
            } else {
                value.to_string()
            };
            text.push_str(&format!(".{name}({value})"));
        }
    }
    let one_of: Vec<String> =
        limits.get_attr("one_of")?.try_iter()?.map(|value| value.to_string()).collect();
    if !one_of.is_empty() {
        text.push_str(&format!(".one_of(&[{}])", one_of.join(", ")));
    }
    Ok(if text.is_empty() { text } else { format!("Limits::NONE{text}") })
}

/// A part of a canonical string as a constant of the core.
pub fn part(part: &Value) -> Result<String, Error> {
    Ok(match typed::<CanonicalPart>(part)? {
        CanonicalPart::Literal(literal) => format!("Part::Literal({literal:?})"),
        CanonicalPart::Method => "Part::Method".into(),
        CanonicalPart::Path => "Part::Path".into(),
        CanonicalPart::Query => "Part::Query".into(),
        CanonicalPart::BodyHash => "Part::BodyHash".into(),
        CanonicalPart::Timestamp => "Part::Timestamp".into(),
        CanonicalPart::Nonce => "Part::Nonce".into(),
    })
}

/// A value of the model that a template passes on.
pub fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, Error> {
    serde_json::to_value(value)
        .and_then(serde_json::from_value)
        .map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
}
