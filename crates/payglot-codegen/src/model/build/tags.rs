//! Reads `x-payglot-tag`: the field of a body that can carry a reference of the caller's, so that a look-up, or a person, finds
//! exactly what a call made.

use serde_json::Value;

use super::lookups::extension;
use crate::diagnostic::Diagnostic;
use crate::model::{Field, Operation, Type};

/// Characters of an intent's reference.
const LENGTH: u64 = 15;

/// Gives each operation its field, and says so where people read; what is wrong is told.
pub fn attach(document: &Value, operations: &mut [Operation]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for operation in operations {
        let Some(value) = extension(document, operation, "x-payglot-tag") else { continue };
        match check(value, operation) {
            Ok(tag) => {
                operation.description += &format!(
                    " A client that tags puts the intent's reference into `{tag}` where it is left out or empty."
                );
                operation.tag = Some(tag);
            }
            Err(problem) => {
                let problem = format!("x-payglot-tag: {problem}");
                let fix = "Name another field in overlay.yaml, or take it out.";
                found.push(Diagnostic::edit(&operation.location(), problem, fix));
            }
        }
    }
    found
}

fn check(value: &Value, operation: &Operation) -> Result<String, String> {
    if !operation.replay.is_sent_once() {
        return Err("is only for `create` and `money`: others have no intent to look up".into());
    }
    let name = value.as_str().ok_or("must be the name of a field")?;
    let field = operation.body_fields.iter().find(|field| field.wire == name);
    let field = field.ok_or_else(|| format!("`{name}` is not in the body"))?;
    let Field { ty, sensitive, limits, .. } = field;
    let fits = limits.min_length.is_none_or(|least| least <= LENGTH)
        && limits.max_length.is_none_or(|most| most >= LENGTH);
    match ty {
        _ if *sensitive => Err(format!("`{name}` is sensitive")),
        Type::Text if fits => Ok(name.to_owned()),
        Type::Text => Err(format!("`{name}` does not take the {LENGTH} characters of a reference")),
        _ => Err(format!("`{name}` is not text")),
    }
}
