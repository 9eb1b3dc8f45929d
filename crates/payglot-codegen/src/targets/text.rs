//! What the targets share to write text: templates, line breaks, and words on repeating a call.

use anyhow::{Context as _, Result};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Value};

use crate::model::Replay;
use crate::model::build::schemas::is_invisible;
use crate::output::MARK;

/// The files of the caller's folder `templates/`, by their names without `.j2`.
macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("templates/", $name, ".j2")))),*]
    };
}
pub(crate) use templates;

/// A target's templates. Undefined names are errors, so that a template cannot silently write nothing.
pub fn environment(templates: &'static [(&str, &str)]) -> Result<Environment<'static>> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    // This cannot fail: the default delimiters are valid.
    if let Ok(syntax) = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
    {
        environment.set_syntax(syntax);
    }
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.add_global("mark", MARK);
    environment.add_filter("one_line", |text: &str| one_line(text));
    for (name, text) in templates {
        environment
            .add_template(name, text)
            .with_context(|| format!("template {name} cannot be read"))?;
    }
    Ok(environment)
}

/// Renders a template and says which one failed.
pub fn render(
    environment: &Environment<'_>,
    template: &str,
    context: impl serde::Serialize,
) -> Result<String> {
    environment
        .get_template(template)
        .and_then(|found| found.render(Value::from(Serde(context))))
        .with_context(|| format!("template {template}"))
}

/// A text within the quotes of a literal of Python or JavaScript: both read `\\u0000`. What ends a line or is shown by no
/// editor is written so.
pub fn escaped(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            _ if c == quote => out.extend(['\\', c]),
            _ if is_invisible(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}

/// A text on one line of a comment or a page.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out
}

/// Breaks text into lines of at most `width` characters; blank lines separate paragraphs and are kept.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.trim().lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let word: String = word.chars().filter(|c| !is_invisible(*c)).collect();
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
        lines.push(line);
    }
    lines
}

/// What a user must know about sending a call again.
pub fn replay_note(replay: Replay) -> &'static str {
    match replay {
        Replay::Read => "Changes nothing; sent again after a fault.",
        Replay::Idempotent => "Safe to repeat; sent again after a fault.",
        Replay::Keyed => "Sent again after a fault under the same `Idempotency-Key`.",
        Replay::Create => "Creates something: never sent again once it may have arrived.",
        Replay::Money => "Moves money: never sent again once it may have arrived.",
    }
}
