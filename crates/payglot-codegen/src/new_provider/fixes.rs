//! Writes into a first overlay what the generator asks for.
//!
//! An action that loses nothing is written as it is. One that takes a part of the API out is a person's decision: it
//! is written as a comment, with the reason.

use std::fmt::Write as _;

use anyhow::Result;
use serde_json::Value;

use super::numbers;
use crate::Generator;
use crate::diagnostic::{Diagnostic, Diagnostics, Fix};
use crate::model::build::schemas::describe;
use crate::source::ProviderSource;

/// How many times actions are added and the generator is asked again.
const ROUNDS: usize = 8;

/// An overlay with the actions that were asked for.
pub struct Completed {
    /// The overlay as YAML.
    pub overlay: String,
    /// What is left for a person to decide.
    pub open: Vec<Diagnostic>,
}

/// Completes `overlay`; `source` gives the provider with another overlay than its own.
pub fn complete(
    generator: &Generator,
    mut overlay: String,
    source: impl Fn(Value) -> ProviderSource,
) -> Result<Completed> {
    let mut open = Vec::new();
    for _ in 0..ROUNDS {
        let Err(error) = generator.provider(source(serde_yaml_ng::from_str(&overlay)?)) else {
            return Ok(Completed { overlay, open: Vec::new() });
        };
        open = match error.downcast::<Diagnostics>() {
            Ok(diagnostics) => diagnostics.0,
            Err(error) => return Err(error),
        };
        let actions: Vec<String> = open.iter().filter_map(lossless).collect();
        if actions.is_empty() {
            break;
        }
        for action in actions {
            write!(overlay, "\n- {action}\n")?;
        }
    }
    if !open.is_empty() {
        overlay.push_str("\n# What is left is yours to decide.\n");
    }
    for diagnostic in &open {
        let reason = format!("{}: {}.", diagnostic.location, diagnostic.problem);
        let fix = match diagnostic.fix.action() {
            Some(action) => format!("- {action}"),
            None => diagnostic.fix.to_string(),
        };
        // Names in a document can have line breaks, which would end the comment.
        write!(overlay, "\n# {}\n# {}\n", describe(&reason), describe(&fix))?;
    }
    Ok(Completed { overlay, open })
}

/// The action that satisfies a diagnostic and takes nothing out; none where there is no such action.
fn lossless(diagnostic: &Diagnostic) -> Option<String> {
    match &diagnostic.fix {
        Fix::Update { target, update } if update.contains("x-payglot-money") => {
            let unit = numbers::guess(target);
            let update = format!("{{x-payglot-money: {unit}}}");
            Fix::Update { target: target.clone(), update }.action()
        }
        // A keyword that is declared a note changes no value.
        Fix::Update { update, .. } if update.contains("x-payglot-notes") => diagnostic.fix.action(),
        Fix::Update { .. } | Fix::Remove { .. } | Fix::Edit(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CONFIG: &str = r#"
        name = "acme"
        title = "T"
        class = "Acme"
        module = "acme"
        homepage = "h"
        summary = "s"
        credentials = []
        base_url = { env = "ACME_BASE_URL" }
        auth = { scheme = "bearer", token = "key" }
    "#;

    fn completed(document: &Value) -> Completed {
        let overlay = "overlay: 1.0.0\nactions:\n\n- target: $.paths['/a'].post\n  update:\n    \
                       x-payglot-name: a.create\n    x-payglot-replay: money\n";
        complete(&Generator::default(), overlay.into(), |overlay| ProviderSource {
            folder: "acme".into(),
            document: document.clone(),
            overlay,
            sandbox: None,
            config: toml::from_str(CONFIG).unwrap(),
        })
        .unwrap()
    }

    fn document(operation: &Value) -> Value {
        json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"post": operation}}})
    }

    #[test]
    fn what_loses_nothing_is_written() {
        let schema = json!({"type": "object", "widget": 1, "properties": {
            "amount": {"type": "number"}, "weight": {"type": "number"},
        }});
        let body = json!({"content": {"application/json": {"schema": schema}}});
        let completed = completed(&document(&json!({"requestBody": body, "responses": {}})));
        assert_eq!(completed.open, []);
        for expected in [
            "x-payglot-notes: [\"widget\"]",
            ".properties['amount']\", update: {x-payglot-money: currency}",
            ".properties['weight']\", update: {x-payglot-money: plain}",
        ] {
            assert!(completed.overlay.contains(expected), "{}", completed.overlay);
        }
    }

    #[test]
    fn what_takes_something_out_is_a_comment() {
        let response = json!({"200": {"content": {"image/png": {}}}});
        let completed = completed(&document(&json!({"responses": response})));
        assert_eq!(completed.open.len(), 1);
        let expected = "# $.paths['/a'].post: a response of type image/png is not known here, only JSON.\n\
                        # - {target: \"$.paths['/a'].post\", remove: true}\n";
        assert!(completed.overlay.ends_with(expected), "{}", completed.overlay);
    }
}
