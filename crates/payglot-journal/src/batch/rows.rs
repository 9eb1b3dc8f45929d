//! The rows of a batch: checked as calls are, all of them, before anything is sent.

use std::borrow::Cow;
use std::collections::HashMap;

use payglot_runtime::json::{FloatMoney, Value};
use payglot_runtime::lookup::record_id;
use payglot_runtime::request::{PreparedRequest, ToValue, prepare, spend};
use payglot_runtime::schema::{Field, Operation};
use payglot_runtime::{Decimal, Error, PathParam};

use super::check::BadRow;
use super::known::Found;
use super::report::{RowResult, RowState};
use crate::journal::{arguments, check_name};

type Fields = Vec<(Cow<'static, str>, Value<'static>)>;

/// One row as it is given: its key, and the arguments of its call.
#[derive(Debug, Clone, Default)]
pub struct BatchRow {
    key: Option<String>,
    fields: Fields,
    /// What is wrong with it, where its values could not be read.
    problem: Option<String>,
}

impl BatchRow {
    /// A row of the arguments of a typed call. The key tells it from all others of the batch, today and when the batch is run
    /// again: the number of an employee, of an invoice.
    pub fn new(
        key: impl Into<String>,
        operation: &'static Operation,
        path: &[&dyn PathParam],
        params: &dyn ToValue,
    ) -> Self {
        let path = operation.path_params.iter().zip(path).map(|(field, param)| {
            (Cow::Borrowed(field.wire), Value::Text(param.path_text().into_owned().into()))
        });
        let mut fields: Fields = path.collect();
        if let Some(Value::Object(given)) = params.to_value() {
            fields.extend(
                given
                    .into_iter()
                    .map(|(name, value)| (Cow::Owned(name.into_owned()), value.into_owned())),
            );
        }
        Self { key: Some(key.into()), fields, problem: None }
    }

    /// A row of named values, those of the path too, of which `column` holds the key. It is an argument as well where the
    /// operation has one of that name.
    pub fn of_fields(operation: &Operation, column: &str, mut fields: Fields) -> Self {
        let at = fields.iter().position(|(name, _)| name == column);
        let key = at.and_then(|at| match fields.get(at).map(|(_, value)| value) {
            Some(Value::Text(text) | Value::Integer(text)) => Some(text.clone().into_owned()),
            _ => None,
        });
        let body = operation.body.map_or(&[][..], |schema| schema.fields);
        let mut known = operation.path_params.iter().chain(operation.query).chain(body);
        if let Some(at) = at
            && !known.any(|field| is_named(field, column))
        {
            fields.remove(at);
        }
        Self { key, fields, problem: None }
    }

    /// Its key, where it has one.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// A row that cannot be read: the batch is not run.
    pub fn unreadable(key: Option<String>, problem: String) -> Self {
        Self { key, fields: Vec::new(), problem: Some(problem) }
    }
}

/// A row that is right.
pub(super) struct Row {
    /// Which one, counted from 1.
    pub number: usize,
    pub key: String,
    /// Name of its intent.
    pub intent: String,
    pub request: PreparedRequest,
    /// A hash of what leaves.
    pub arguments: [u8; 32],
    /// In US dollars, where the operation says.
    pub amount: Option<Decimal>,
}

impl Row {
    /// What became of it, by its intent and what that says.
    pub fn result(&self, operation: &Operation, found: Option<&Found>) -> RowResult {
        let bare = RowResult {
            key: self.key.clone(),
            state: RowState::NotTried,
            amount: self.amount,
            id: None,
            status: None,
            request_id: None,
            intent: self.intent.clone(),
            error: None,
            updated_at: None,
        };
        let Some(Found { intent, state, problem }) = found else { return bare };
        let response = intent.response.as_deref();
        RowResult {
            state: *state,
            id: response.and_then(|response| record_id(operation, response)),
            status: intent.status,
            request_id: intent.request_id.clone(),
            error: problem.map(str::to_owned),
            updated_at: Some(intent.updated_at),
            ..bare
        }
    }
}

/// The rows that are right, and those that are not.
pub(super) fn read(
    operation: &'static Operation,
    prefix: &str,
    given: Vec<BatchRow>,
    floats: FloatMoney,
) -> (Vec<Row>, Vec<BadRow>) {
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (at, row) in given.into_iter().enumerate() {
        let number = at + 1;
        let key = row.key.clone();
        let mut refuse =
            |problem: String| bad.push(BadRow { row: number, key: key.clone(), problem });
        if let (None, Some(problem)) = (&row.key, &row.problem) {
            refuse(problem.clone());
            continue;
        }
        match key.as_deref() {
            Some(key) if !key.is_empty() => {
                if let Some(first) = seen.insert(key.to_owned(), number) {
                    refuse(format!("row {first} has the same key"));
                    continue;
                }
            }
            _ => {
                refuse("it has no key of its own, a text that tells it from all others".to_owned());
                continue;
            }
        }
        match one(operation, prefix, number, row, floats) {
            Ok(row) => rows.push(row),
            Err(problem) => refuse(problem),
        }
    }
    (rows, bad)
}

fn one(
    operation: &'static Operation,
    prefix: &str,
    number: usize,
    row: BatchRow,
    floats: FloatMoney,
) -> Result<Row, String> {
    if let Some(problem) = row.problem {
        return Err(problem);
    }
    let key = row.key.unwrap_or_default();
    let intent = format!("{prefix}{key}");
    if check_name(&intent).is_err() {
        return Err(
            "its key must be printable, and with the batch's name at most 255 characters".into()
        );
    }
    let mut fields = row.fields;
    let mut path: Vec<Cow<'_, str>> = Vec::new();
    for field in operation.path_params {
        let at = fields.iter().position(|(name, _)| is_named(field, name));
        let Some(at) = at else { break };
        match fields.remove(at).1 {
            Value::Text(text) | Value::Integer(text) => path.push(text),
            _ => return Err(format!("`{}` must be text", field.name)),
        }
    }
    let request = prepare(operation, &path, &fields, floats)
        .map_err(|error: Error| error.message().to_owned())?;
    let arguments = arguments(
        request.method().as_str(),
        request.target().as_str(),
        request.headers(),
        request.body().map_or(&[][..], |body| &body[..]),
    );
    let amount = spend(operation, &request).amount;
    Ok(Row { number, key, intent, request, arguments, amount })
}

fn is_named(field: &Field, name: &str) -> bool {
    field.name == name || field.wire == name
}
