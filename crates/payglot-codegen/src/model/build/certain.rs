//! Reads `x-payglot-certain`: the fields that every response has, and the operations of which every success has its payload.

use std::collections::HashSet;

use serde_json::Value;

use crate::diagnostic::{Diagnostic, step};
use crate::model::{Operation, Paging, ResponseForm, Schema, SuccessBody, Type};

/// The key.
pub const MARK: &str = "x-payglot-certain";

/// A mark of a field that was read: the schema that bears it, and the model whose field it is.
pub type FieldMark = (*const Value, Option<String>);

/// Fields of one model that can be marked: their positions are bits of a number.
const MOST: usize = u64::BITS as usize;

/// Gives each operation its mark, and says what is wrong with a mark, wherever it is.
pub fn attach(
    document: &Value,
    fields: &[FieldMark],
    schemas: &[Schema],
    operations: &mut [Operation],
) -> Vec<Diagnostic> {
    let received = schemas.iter().filter(|schema| schema.in_responses);
    let received: HashSet<&str> = received.map(|schema| schema.pascal.as_str()).collect();
    let is_received =
        |owner: &Option<String>| owner.as_deref().is_some_and(|owner| received.contains(owner));
    let known: HashSet<*const Value> =
        fields.iter().filter(|(_, owner)| is_received(owner)).map(|(schema, _)| *schema).collect();
    let mut found = Vec::new();
    for (at, holder, mark) in marks(document) {
        let is_operation = |operation: &&mut Operation| operation.location() == at;
        let checked = match operations.iter_mut().find(is_operation) {
            _ if !mark.is_boolean() => Err("must be true or false"),
            Some(operation) => {
                check(operation).map(|()| operation.certain = *mark == Value::Bool(true))
            }
            None if !known.contains(&std::ptr::from_ref(holder)) => {
                Err("is for an operation, or for a field of a model that responses have")
            }
            None if holder.get("writeOnly") == Some(&Value::Bool(true)) => {
                Err("is not for a field that no response has")
            }
            None => Ok(()),
        };
        if let Err(problem) = checked {
            found.push(wrong(&at, problem));
        }
    }
    let late =
        schemas.iter().filter(|schema| schema.fields.iter().skip(MOST).any(|field| field.certain));
    found.extend(late.map(|schema| {
        let at = format!("$.components.schemas{}", step(&schema.document_name));
        wrong(&at, &format!("is only for the first {MOST} fields of a model"))
    }));
    found
}

fn wrong(at: &str, problem: &str) -> Diagnostic {
    let fix = "Move it in overlay.yaml, or take it out.";
    Diagnostic::edit(at, format!("{MARK}: {problem}"), fix)
}

/// What is certain must be one model, whatever the status.
fn check(operation: &Operation) -> Result<(), &'static str> {
    let is_model = matches!(operation.response, Type::Object { .. })
        && operation.returns.form == ResponseForm::Json
        && !operation.returns.several;
    let has_nothing = operation.returns.statuses.iter().any(|one| one.body == SuccessBody::Nothing);
    match operation.paging {
        Paging::None if !is_model => Err("is for an operation that returns one model"),
        Paging::None if has_nothing => Err("is not for an operation with a success without a body"),
        Paging::None => Ok(()),
        // What has no records is an empty list already.
        Paging::List | Paging::Paged | Paging::Followed => {
            Err("is not for a list, which is always there")
        }
    }
}

/// Every mark with what bears it and where that is, as a JSONPath.
fn marks(document: &Value) -> Vec<(String, &Value, &Value)> {
    let mut found = Vec::new();
    let mut queue = vec![("$".to_owned(), document)];
    while let Some((at, value)) = queue.pop() {
        found.extend(value.get(MARK).map(|mark| (at.clone(), value, mark)));
        match value {
            Value::Object(fields) => queue.extend(
                fields.iter().map(|(name, value)| (format!("{at}{}", path_step(name)), value)),
            ),
            Value::Array(items) => {
                let items = items.iter().enumerate();
                queue.extend(items.map(|(index, value)| (format!("{at}[{index}]"), value)));
            }
            _ => {}
        }
    }
    found
}

/// `.post`, or `['/users/{id}']` where the name is no plain word: as [`Operation::location`] has it.
fn path_step(name: &str) -> String {
    let is_word =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_word { format!(".{name}") } else { step(name) }
}
