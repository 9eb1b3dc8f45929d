//! From the arguments of a call to what is sent.

use std::borrow::Cow;

use payglot::runtime::client::CallOptions;
use payglot::runtime::json::{FloatMoney, Value};
use payglot::runtime::request::prepare;
use payglot::schema::{Operation, Replay};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::errors;
use crate::errors::Refused;
use crate::input::{convert, json_text, params, path_text};
use crate::options::Given;
use crate::work::Work;

/// A call of the provider's document, checked.
pub fn operation(
    py: Python<'_>,
    operation: &'static Operation,
    path: &Bound<'_, PyTuple>,
    fields: &Bound<'_, PyDict>,
    given: &Given<'_>,
) -> PyResult<(Work, CallOptions)> {
    let refused = |refused: Refused| refused.into_error(py, operation.name);
    let mut steps = Vec::with_capacity(path.len());
    for (step, field) in path.iter().zip(operation.path_params) {
        steps.push(path_text(&step, field.name).map_err(refused)?.into());
    }
    let fields = params(fields).map_err(refused)?;
    check_names(operation, &fields).map_err(refused)?;
    let options = given.read().map_err(refused)?;
    let args = prepare(operation, &steps, &fields, FloatMoney::Refuse)
        .map_err(|error| errors::raise(py, &error))?;
    Ok((Work::Operation { operation, args }, options))
}

/// A field under two spellings would go out once, and nobody could tell which.
fn check_names(operation: &Operation, given: &[(Cow<'_, str>, Value<'_>)]) -> Result<(), Refused> {
    let Some(body) = operation.body.filter(|body| body.open) else { return Ok(()) };
    for field in operation.query.iter().chain(body.fields) {
        if given.iter().filter(|(name, _)| name == field.name || name == field.wire).count() > 1 {
            return Err(Refused::new(
                "extra_fields",
                format!("must not hold {}, which has an argument", field.name),
            ));
        }
    }
    Ok(())
}

/// A call outside the document, as it was described.
#[derive(FromPyObject)]
pub struct Free<'py>(String, String, Option<Bound<'py, PyAny>>, Option<Bound<'py, PyAny>>, String);

impl Free<'_> {
    /// Checks it.
    pub fn read(self, given: &Given<'_>) -> Result<(Work, CallOptions), Refused> {
        let Self(method, path, query, json, replay) = self;
        let replay = match replay.as_str() {
            "read" => Replay::Read,
            "idempotent" => Replay::Idempotent,
            "keyed" => Replay::Keyed,
            "create" => Replay::Create,
            "money" => Replay::Money,
            _ => {
                return Err(Refused::new(
                    "replay",
                    "must be read, idempotent, keyed, create or money",
                ));
            }
        };
        let query = query.as_ref().map(query_pairs).transpose()?.unwrap_or_default();
        let body = json.as_ref().map(|json| convert(json, "json", 0)).transpose()?.map(json_text);
        Ok((Work::Request { method, path, query, body, replay }, given.read()?))
    }
}

/// A mapping of names to values; a list is a name that comes several times.
fn query_pairs(query: &Bound<'_, PyAny>) -> Result<Vec<(String, String)>, Refused> {
    let Value::Object(fields) = convert(query, "query", 0)? else {
        return Err(Refused::new("query", "must be a mapping"));
    };
    let mut pairs = Vec::new();
    for (name, value) in fields {
        let values = if let Value::List(values) = value { values } else { vec![value] };
        for value in values {
            let text = match value {
                Value::Text(text)
                | Value::Integer(text)
                | Value::Decimal(text)
                | Value::Float(text) => text.into_owned(),
                Value::Boolean(flag) => flag.to_string(),
                Value::Null => continue,
                Value::List(_) | Value::Object(_) => {
                    return Err(Refused::new(
                        format!("query.{name}"),
                        "must be text, a number or a list of those",
                    ));
                }
            };
            pairs.push((name.clone().into_owned(), text));
        }
    }
    Ok(pairs)
}
