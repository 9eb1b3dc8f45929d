//! Operations as methods, with their docstrings.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::source::capital;
use super::types::Types;
use crate::model::{ErrorClass, Operation, Paging, Replay, ResponseForm, Type};
use crate::targets::text;

/// What every call can end in: the class that all errors derive from.
const INTENT: &str = "intent: Name of what the call means to do, for a client with a journal: 1 to 255 printable characters. The \
     same intent is done at most once, whatever crashes.";
/// What the method does that writes bytes to a file.
const TO_FILE: &str = "Writes the response to a file while it comes. The file has its name when it is complete, and not before.";
const SAVE_AS: &str = "save_as: Path of the file; what has the name is replaced.";
const RAISED: &str = "PayglotError: The call failed; each way to fail is a class of its own.";
/// What calls can end in that are not repeated.
const RAISED_ONCE: &str = "OutcomeUnknownError";

/// One operation as its methods: bytes can also be written to a file.
pub fn methods(
    operation: &Operation,
    types: &Types<'_>,
    errors: &[ErrorClass],
) -> Result<Vec<Value>> {
    let mut methods = vec![method(operation, types, errors, false)?];
    if operation.returns.form == ResponseForm::Bytes {
        methods.push(method(operation, types, errors, true)?);
    }
    Ok(methods)
}

/// The name of the method that writes bytes to a file.
pub fn file_method(operation: &Operation) -> String {
    format!("{}_to_file", operation.snake)
}

fn method(
    operation: &Operation,
    types: &Types<'_>,
    errors: &[ErrorClass],
    is_file: bool,
) -> Result<Value> {
    let mut params: Vec<_> = operation.params.iter().collect();
    params.sort_by_key(|field| !field.required);
    let page = types.page(operation)?;
    let arguments: Vec<_> = params
        .iter()
        .map(|field| {
            let (or, default) =
                if field.required { ("", "") } else { (" | NotGiven", " = NOT_GIVEN") };
            json!({
                "name": field.snake,
                "type": format!("{}{or}", types.argument(field)),
                "default": default,
                "example": types.example(&field.ty),
            })
        })
        .collect();
    // Arguments that no frame may keep. Those of a page are needed for the next one.
    let mut hides: Vec<&str> = operation
        .params
        .iter()
        .filter(|field| !operation.paging.is_paged() && types.is_sensitive(field))
        .map(|field| field.snake.as_str())
        .collect();
    if !hides.is_empty() && operation.body_open {
        hides.push("extra_fields");
    }
    let record = Types::value(&operation.response, "types.");
    let (returns, returns_doc) = match operation.paging {
        _ if is_file => ("int".to_owned(), "the number of bytes that were written."),
        _ if !operation.returns.is_plain() => returned(operation),
        Paging::Paged | Paging::Followed => {
            let page = format!("Page[{record}]");
            (page, "a page of records, which iterates over all records of all pages.")
        }
        Paging::List => (format!("builtins.list[{record}]"), "the records."),
        Paging::None if operation.response == Type::Any => {
            ("Any".to_owned(), "the response as plain JSON types.")
        }
        Paging::None if operation.certain => (record, "the response."),
        Paging::None => {
            (format!("{record} | None"), "the response, or `None` where the API sends null.")
        }
    };
    Ok(json!({
        "name": if is_file { file_method(operation) } else { operation.snake.clone() },
        "operation": operation.name,
        "file": is_file,
        "events": operation.returns.form == ResponseForm::Events,
        "path": operation.path_params.iter().map(|field| json!({
            "name": field.snake,
            "type": types.argument(field),
            "example": types.example(&field.ty),
        })).collect::<Vec<_>>(),
        "arguments": arguments,
        "open": operation.body_open,
        "can_fail": operation.can_fail,
        "hides": hides,
        "paged": operation.paging.is_paged(),
        "page": page,
        "returns": returns,
        "summary": operation.summary,
        "replay": text::replay_note(operation.replay),
        "doc": method_doc(operation, types, errors, returns_doc, is_file)?,
    }))
}

/// The type of what is no JSON of one model, and what it is.
fn returned(operation: &Operation) -> (String, &'static str) {
    match operation.returns.form {
        ResponseForm::Text => ("str".to_owned(), "the text of the response."),
        ResponseForm::Events => {
            let data = Types::value(&operation.response, "types.");
            (format!("EventStream[{data}]"), "the events, one by one while they come.")
        }
        ResponseForm::Bytes => ("bytes".to_owned(), "the bytes of the response."),
        ResponseForm::Json => {
            let mut types: Vec<String> = Vec::new();
            for ty in operation.returns.types().map(|ty| Types::value(ty, "types.")) {
                if !types.contains(&ty) {
                    types.push(ty);
                }
            }
            types.push("None".to_owned());
            (types.join(" | "), "what the API returns under the status that it responds with.")
        }
    }
}

/// What the time for a call counts for.
fn timeout_doc(operation: &Operation, is_file: bool) -> &'static str {
    if is_file || operation.returns.form == ResponseForm::Events {
        "timeout: Seconds until the response begins, and then between any two pieces of it."
    } else {
        "timeout: Seconds for the call with all its attempts."
    }
}

fn method_doc(
    operation: &Operation,
    types: &Types<'_>,
    errors: &[ErrorClass],
    returns: &str,
    is_file: bool,
) -> Result<String> {
    let mut parts =
        vec![operation.summary.clone(), operation.description.clone(), replay_note(operation)];
    if is_file {
        parts.push(TO_FILE.to_owned());
    }
    if !operation.unconfirmed.is_empty() {
        parts.push(format!("Not confirmed upstream: {}", operation.unconfirmed));
    }
    let mut arguments: Vec<String> = operation
        .path_params
        .iter()
        .chain(&operation.params)
        .map(|field| format!("    {}: {}", field.snake, field.description))
        .collect();
    if is_file {
        arguments.insert(operation.path_params.len(), format!("    {SAVE_AS}"));
    }
    for field in types.page_fields(operation).into_iter().flatten() {
        arguments.push(format!("    {}: {}", field.snake, field.description));
    }
    if operation.body_open {
        arguments
            .push("    extra_fields: Further fields of the body, sent as they are.".to_owned());
    }
    for option in [
        timeout_doc(operation, is_file),
        "max_retries: How many times the call may be tried again where that is safe.",
        "headers: Further headers.",
        "idempotency_key: An `Idempotency-Key` to send.",
        "extra_query: Further query parameters, for what the document does not know.",
    ] {
        arguments.push(format!("    {option}"));
    }
    if operation.can_fail {
        let option = "raise_on_failed: Whether a record that has failed raises `PaymentFailedError`. Otherwise as the client says.";
        arguments.push(format!("    {option}"));
    }
    if !operation.paging.is_paged() && operation.returns.form != ResponseForm::Events && !is_file {
        arguments.push(format!("    {INTENT}"));
    }
    parts.push(format!("Args:\n{}", arguments.join("\n")));
    parts.push(format!("Returns:\n    {}", capital(returns)));
    let mut raised = format!("    {RAISED}");
    if !operation.reconcile.is_empty() {
        let class = errors.iter().find(|class| class.name == RAISED_ONCE);
        let class = class.with_context(|| format!("errors.toml: no {RAISED_ONCE}"))?;
        let meaning = class
            .description
            .split_once(". ")
            .map_or(class.description.as_str(), |(first, _)| first);
        raised.push_str(&format!("\n    {RAISED_ONCE}: {}.", meaning.trim_end_matches('.')));
    }
    parts.push(format!("Raises:\n{raised}"));
    if !operation.docs.is_empty() {
        parts.push(format!("Upstream: {}", operation.docs));
    }
    parts.retain(|part| !part.is_empty());
    Ok(parts.join("\n\n"))
}

/// What a user must know about sending a call again.
fn replay_note(operation: &Operation) -> String {
    let does = match operation.replay {
        Replay::Read | Replay::Idempotent | Replay::Keyed => {
            return text::replay_note(operation.replay).to_owned();
        }
        Replay::Create => "Creates something",
        Replay::Money => "Moves money",
    };
    format!(
        "{does}: never sent again once it may have arrived. Without a response it raises \
         {RAISED_ONCE}. Before you try again: {}",
        operation.reconcile
    )
}
