//! What cannot be generated: where it stands, why, and what would help.

use std::fmt;

use anyhow::Result;
use serde_json::Value;

/// Something in a document that cannot be generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where it stands, as a JSONPath: `$.paths['/upload'].post`.
    pub location: String,
    /// What is wrong, without a full stop.
    pub problem: String,
    /// What would help.
    pub fix: Fix,
}

/// What would make a document fit to generate from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// An overlay action that takes something out.
    Remove {
        /// JSONPath of what goes.
        target: String,
    },
    /// An overlay action that adds something.
    Update {
        /// JSONPath of what it is added to.
        target: String,
        /// The addition, as YAML on one line.
        update: String,
    },
    /// A change that a person makes, in words.
    Edit(String),
}

impl Diagnostic {
    /// A problem that is gone when what stands at `target` is taken out.
    pub fn remove(location: &str, problem: impl Into<String>, target: impl Into<String>) -> Self {
        let fix = Fix::Remove { target: target.into() };
        Self { location: location.to_owned(), problem: problem.into(), fix }
    }

    /// A problem that is gone when `update` is added at its location.
    pub fn update(location: &str, problem: impl Into<String>, update: impl Into<String>) -> Self {
        let fix = Fix::Update { target: location.to_owned(), update: update.into() };
        Self { location: location.to_owned(), problem: problem.into(), fix }
    }

    /// A problem for which a person has to change something else.
    pub fn edit(location: &str, problem: impl Into<String>, what: impl Into<String>) -> Self {
        Self { location: location.to_owned(), problem: problem.into(), fix: Fix::Edit(what.into()) }
    }

    /// What an error says about a location; an error that is a diagnostic already stays as it is.
    pub fn of(location: &str, error: anyhow::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(diagnostic) => diagnostic,
            Err(error) => Self::remove(location, format!("{error:#}"), location),
        }
    }
}

impl Fix {
    /// The overlay action, as YAML on one line; none where no action would help.
    pub fn action(&self) -> Option<String> {
        match self {
            Self::Remove { target } => {
                Some(format!("{{target: {}, remove: true}}", Value::from(target.as_str())))
            }
            Self::Update { target, update } => {
                Some(format!("{{target: {}, update: {update}}}", Value::from(target.as_str())))
            }
            Self::Edit(_) => None,
        }
    }
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.action()) {
            (_, Some(action)) => write!(f, "Overlay action: {action}"),
            (Self::Edit(what), None) => f.write_str(what),
            (_, None) => Ok(()),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}", self.location, self.problem, self.fix)
    }
}

impl std::error::Error for Diagnostic {}

/// Everything in one document that cannot be generated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Fails with all of them, where there are any.
    pub fn check(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into()) }
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.len() > 1 {
            writeln!(f, "{} things need an overlay action", self.0.len())?;
        }
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Diagnostics {}

/// A name as a step of a JSON pointer.
pub fn pointer_step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The name that a step of a JSON pointer stands for.
pub fn pointer_name(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// One step of a JSONPath, `['/users/{id}']`.
pub fn step(name: &str) -> String {
    format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_names_location_problem_and_action() {
        let one = Diagnostic::update("$.a", "nobody says what it is", "{x-payglot-money: plain}");
        assert_eq!(
            one.to_string(),
            "$.a: nobody says what it is. Overlay action: {target: \"$.a\", update: {x-payglot-money: plain}}"
        );
        let both = Diagnostics(vec![one, Diagnostic::remove("$.b", "it is not known", "$.b.c")]);
        let text = both.check().unwrap_err().to_string();
        assert!(text.starts_with("2 things need an overlay action\n$.a"), "{text}");
        assert!(text.ends_with("Overlay action: {target: \"$.b.c\", remove: true}"), "{text}");
    }

    #[test]
    fn an_error_becomes_a_diagnostic_of_the_location_where_it_was_met() {
        let known = Diagnostic::edit("$.a", "no [paging]", "Add [paging] to provider.toml.");
        assert_eq!(Diagnostic::of("$.b", known.clone().into()), known);
        let other = Diagnostic::of("$.b", anyhow::anyhow!("leads nowhere"));
        assert_eq!(other, Diagnostic::remove("$.b", "leads nowhere", "$.b"));
    }
}
