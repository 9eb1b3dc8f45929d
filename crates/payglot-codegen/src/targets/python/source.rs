//! Python source text: literals, docstrings, imports.

use std::collections::BTreeSet;

use crate::targets::text::{escaped, wrap};

/// Longest line of a docstring, less its indent.
const WIDTH: usize = 110;

/// A string literal.
pub fn string(text: &str) -> String {
    format!("\"{}\"", escaped(text, '"'))
}

/// A docstring; lines that begin with white space keep it.
pub fn docstring(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let text = text.trim().replace('\\', "\\\\").replace("\"\"\"", "'''");
    let mut lines = Vec::new();
    for line in text.split('\n') {
        if line.is_empty() {
            lines.push(String::new());
            continue;
        }
        let inner = line.len() - line.trim_start().len();
        for (number, piece) in wrap(line, WIDTH - indent - inner - 4).into_iter().enumerate() {
            // The lines after the first of an argument stand one step deeper.
            let step = inner + if number > 0 && inner > 0 { 4 } else { 0 };
            lines.push(format!("{pad}{}{piece}", " ".repeat(step)).trim_end().to_owned());
        }
    }
    match lines.as_slice() {
        [line] if !line.ends_with('"') => format!("{pad}\"\"\"{}\"\"\"", line.trim_start()),
        _ => format!("{pad}\"\"\"{}\n{pad}\"\"\"", lines.join("\n").trim_start()),
    }
}

/// Takes out the imports that nothing uses: which ones an API needs depends on its types.
pub fn without_unused_imports(text: &str) -> String {
    // Every other piece is a docstring.
    let code: Vec<&str> = text.split("\"\"\"").step_by(2).collect();
    let is_import = |line: &str| {
        line.trim_start().starts_with("from ") || line.trim_start().starts_with("import ")
    };
    let used: BTreeSet<&str> = code
        .iter()
        .flat_map(|piece| piece.lines())
        .filter(|line| !is_import(line))
        .flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .collect();
    let is_used = |import: &str| {
        let name = import.rsplit(' ').next().unwrap_or(import);
        used.contains(name)
            || name == "annotations"
            || import.contains(" as ") && import.starts_with(&format!("{name} "))
    };
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match line.split_once("import ").filter(|_| is_import(line)) {
            Some((before, names)) => {
                let names: Vec<_> = names.split(", ").filter(|name| is_used(name)).collect();
                if !names.is_empty() {
                    lines.push(format!("{before}import {}", names.join(", ")));
                }
            }
            None => lines.push(line.to_owned()),
        }
    }
    // An `if` whose imports are all gone.
    let mut at = 0;
    lines.retain({
        let all = lines.clone();
        move |line| {
            at += 1;
            line != "if TYPE_CHECKING:" || all.get(at).is_some_and(|next| next.starts_with(' '))
        }
    });
    lines.join("\n") + "\n"
}

/// With a capital letter in front.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// In a class body a field named `date` hides the class of that name: the types module has its own names.
pub fn private(ty: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in ty.chars().chain(std::iter::once('\0')) {
        if c.is_alphanumeric() || c == '_' || c == '.' {
            word.push(c);
            continue;
        }
        if ["datetime", "date", "Decimal", "UUID"].contains(&word.as_str()) {
            out.push('_');
        }
        out.push_str(&word);
        word.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    out
}
