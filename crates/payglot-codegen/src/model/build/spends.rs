//! Reads `x-payglot-payee` and finds the amount of each operation that moves money: what a guard of a journal counts, and to
//! whom it goes.

use serde_json::Value;

use super::lookups::extension;
use crate::diagnostic::Diagnostic;
use crate::model::{Operation, Replay, Type, Unit};

/// Gives each operation its amount and its payee; what is wrong is told.
pub fn attach(document: &Value, operations: &mut [Operation]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for operation in operations {
        if operation.replay == Replay::Money {
            operation.amount = amount(operation);
        }
        let Some(value) = extension(document, operation, "x-payglot-payee") else { continue };
        match payee(value, operation) {
            Ok(payee) => operation.payee = Some(payee),
            Err(problem) => {
                let problem = format!("x-payglot-payee: {problem}");
                let fix = "Name another field in overlay.yaml, or take it out.";
                found.push(Diagnostic::edit(&operation.location(), problem, fix));
            }
        }
    }
    found
}

/// The one amount of the body. Where there are several, or one in another currency, a guard cannot count it, and says so.
fn amount(operation: &Operation) -> Option<String> {
    let mut amounts =
        operation.body_fields.iter().filter(|field| matches!(field.ty, Type::Money { .. }));
    let amount = amounts.next().filter(|_| amounts.next().is_none())?;
    matches!(amount.ty, Type::Money { unit: Unit::Dollars | Unit::Cents })
        .then(|| amount.wire.clone())
}

fn payee(value: &Value, operation: &Operation) -> Result<String, String> {
    if operation.replay != Replay::Money {
        return Err("is only for `money`: others pay nobody".into());
    }
    let name = value.as_str().ok_or("must be the name of a field")?;
    let mut fields = operation.path_params.iter().chain(&operation.body_fields);
    let field = fields.find(|field| field.wire == name);
    let field = field.ok_or_else(|| format!("`{name}` is neither in the path nor in the body"))?;
    match field.ty {
        _ if field.sensitive => Err(format!("`{name}` is sensitive")),
        Type::Text | Type::Uuid => Ok(name.to_owned()),
        _ => Err(format!("`{name}` is not text")),
    }
}
