//! Writes into a first overlay what the generator asks for.
//!
//! An action that takes a part of the API out is written with the reason, so that a person can decide otherwise.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use serde_json::Value;

use super::numbers;
use crate::Generator;
use crate::diagnostic::{Diagnostic, Diagnostics, Fix};
use crate::model::build::schemas::describe;
use crate::source::ProviderSource;

/// How many times actions are added and the generator is asked again.
const ROUNDS: usize = 64;

/// An overlay with the actions that were asked for.
#[derive(Debug)]
pub struct Completed {
    /// The overlay as YAML.
    pub overlay: String,
    /// What is taken out, and why.
    pub left_out: Vec<Diagnostic>,
}

/// Completes `overlay`; `source` gives the provider with another overlay than its own. Fails with what no action helps.
pub fn complete(
    generator: &Generator,
    mut overlay: String,
    source: impl Fn(Value) -> ProviderSource,
) -> Result<Completed> {
    let mut actions: Value = serde_yaml_ng::from_str(&overlay)?;
    let mut left_out: Vec<Diagnostic> = Vec::new();
    for _ in 0..ROUNDS {
        let Err(error) = generator.provider(source(actions.clone())) else {
            return Ok(Completed { overlay, left_out });
        };
        let found = error.downcast::<Diagnostics>()?.0;
        let mut fixed: Vec<(&Diagnostic, String, bool)> = Vec::new();
        let removed: Vec<&str> = found.iter().filter_map(removal).collect();
        for diagnostic in &found {
            let (action, is_loss) = match (lossless(diagnostic), diagnostic.fix.action()) {
                (Some(action), _) => (action, false),
                (None, Some(action)) if removal(diagnostic).is_some() => (action, true),
                _ => continue,
            };
            // What goes with its holder needs no action of its own.
            let is_gone = removed.iter().any(|target| is_within(target, target_of(diagnostic)));
            if !is_gone && !fixed.iter().any(|(_, known, _)| *known == action) {
                fixed.push((diagnostic, action, is_loss));
            }
        }
        if fixed.is_empty() {
            return Err(Diagnostics(found).into());
        }
        let mut text = String::new();
        // Names in a document can have line breaks, which would end a comment.
        for (diagnostic, action, is_loss) in fixed {
            if is_loss {
                let reason = format!("Left out: {}.", diagnostic.problem);
                write!(text, "\n# {}", describe(&reason))?;
                left_out.push(diagnostic.clone());
            }
            write!(text, "\n- {action}\n")?;
        }
        let added: Value = serde_yaml_ng::from_str(&text)?;
        if let (Some(all), Value::Array(added)) =
            (actions.get_mut("actions").and_then(Value::as_array_mut), added)
        {
            all.extend(added);
        }
        overlay.push_str(&text);
    }
    bail!("there is no end of what has to be left out")
}

/// What a diagnostic wants to be taken out.
fn removal(diagnostic: &Diagnostic) -> Option<&str> {
    match &diagnostic.fix {
        Fix::Remove { target } => Some(target),
        Fix::Update { .. } | Fix::Edit(_) => None,
    }
}

fn target_of(diagnostic: &Diagnostic) -> &str {
    match &diagnostic.fix {
        Fix::Remove { target } | Fix::Update { target, .. } => target,
        Fix::Edit(_) => &diagnostic.location,
    }
}

/// Whether `target` is a part of what `holder` names.
fn is_within(holder: &str, target: &str) -> bool {
    target.strip_prefix(holder).is_some_and(|rest| rest.starts_with(['.', '[']))
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
        auth = { scheme = "none" }
    "#;

    fn completed(document: &Value) -> Completed {
        let overlay = "overlay: 1.0.0\nactions:\n\n- target: $.paths['/a'].post\n  update:\n    \
                       x-payglot-name: a.create\n    x-payglot-replay: money\n";
        complete(&Generator::default(), overlay.into(), |overlay| ProviderSource {
            folder: "acme".into(),
            file: "openapi.yaml".into(),
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
        assert_eq!(completed.left_out, []);
        for expected in [
            "x-payglot-notes: [\"widget\"]",
            ".properties['amount']\", update: {x-payglot-money: currency}",
            ".properties['weight']\", update: {x-payglot-money: plain}",
        ] {
            assert!(completed.overlay.contains(expected), "{}", completed.overlay);
        }
    }

    #[test]
    fn what_is_taken_out_is_told_with_the_reason() {
        let gone = json!({"$ref": "#/components/schemas/Gone"});
        let content = json!({"200": {"content": {"application/json": {"schema": gone}}}});
        let completed = completed(&document(&json!({"responses": content})));
        let [left_out] = completed.left_out.as_slice() else { panic!("{completed:?}") };
        assert_eq!(left_out.problem, "reference #/components/schemas/Gone leads nowhere");
        let at = "$.paths['/a'].post.responses['200'].content['application/json'].schema";
        let expected = format!(
            "# Left out: reference #/components/schemas/Gone leads nowhere.\n\
             - {{target: \"{at}['$ref']\", remove: true}}\n"
        );
        assert!(completed.overlay.ends_with(&expected), "{}", completed.overlay);
    }

    #[test]
    fn responses_of_any_media_type_are_not_left_out() {
        let chunk = json!({"type": "object", "properties": {"delta": {"type": "string"}}});
        let content = json!({
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            "text/csv": {},
            "text/event-stream": {"schema": chunk},
        });
        let queued = json!({"content": {"application/json": {"schema": chunk}}});
        let responses = json!({"200": {"content": content}, "202": queued, "204": {}});
        assert_eq!(completed(&document(&json!({"responses": responses}))).left_out, []);
        let events = json!({"200": {"content": {"text/event-stream": {}}}});
        assert_eq!(completed(&document(&json!({"responses": events}))).left_out, []);
    }

    #[test]
    fn what_goes_with_its_holder_needs_no_action() {
        assert!(is_within("$.paths['/a'].post", "$.paths['/a'].post.parameters[0]"));
        assert!(!is_within("$.paths['/a'].post", "$.paths['/a'].post"));
        assert!(!is_within("$.paths['/a']", "$.paths['/ab']"));
    }
}
