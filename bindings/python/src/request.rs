//! From the arguments of a call to what is sent.

use std::borrow::Cow;

use payglot::runtime::client::CallOptions;
use payglot::runtime::json::{FloatMoney, Value};
use payglot::runtime::paging::Walk;
use payglot::runtime::request::prepare;
use payglot::schema::{Operation, PagingFields, Replay};
use payglot_bindings::{InvalidRequest, RawRequest};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::errors;
use crate::files::refuse;
use crate::hidden::PyFields;
use crate::input::{convert, json_text, params, path_text};
use crate::options::PyCallOptions;
use crate::response::Walk as PyWalk;
use crate::work::Work;

/// The known name that was most likely meant by one that is not known.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // what pyo3 makes of a list
pub fn closest(given: &str, known: Vec<String>) -> Option<String> {
    payglot::runtime::request::closest(given, known.iter().map(String::as_str)).map(str::to_owned)
}

/// A call of the provider's document, checked.
pub fn operation(
    py: Python<'_>,
    (operation, paging): (&'static Operation, Option<&PagingFields>),
    path: &Bound<'_, PyTuple>,
    fields: &PyFields<'_>,
    options: &PyCallOptions<'_>,
    page: Option<&PyWalk>,
) -> PyResult<(Work, CallOptions)> {
    let invalid = |invalid| errors::from_invalid(py, operation.name, invalid);
    let mut steps = Vec::with_capacity(path.len());
    for (step, field) in path.iter().zip(operation.path_params) {
        steps.push(path_text(&step, field.name).map_err(invalid)?.into());
    }
    let fields = params(&fields.0).map_err(invalid)?;
    check_names(operation, &fields).map_err(invalid)?;
    let options = options.read().map_err(invalid)?;
    let mut fields = fields;
    if let Some(walk) = page {
        walk.0.ask(operation, &mut fields);
    }
    let request = match prepare(operation, &steps, &fields, FloatMoney::Refuse) {
        Ok(request) => request,
        // The page before it is read first.
        Err(error) if page.is_some() => return Ok((Work::Invalid(operation, error), options)),
        Err(error) => return Err(errors::from_runtime(py, &error)),
    };
    let walk = match page {
        Some(walk) => Some(walk.0.clone()),
        None => Walk::of_fields(operation, paging, &fields),
    };
    Ok((Work::Operation { operation, request, walk }, options))
}

/// Refuses a field that is given under both of its names: it would be sent once, and which value is not defined.
fn check_names(
    operation: &Operation,
    given: &[(Cow<'_, str>, Value<'_>)],
) -> Result<(), InvalidRequest> {
    let Some(body) = operation.body.filter(|body| body.open) else { return Ok(()) };
    for field in operation.query.iter().chain(body.fields) {
        if given.iter().filter(|(name, _)| name == field.name || name == field.wire).count() > 1 {
            return Err(InvalidRequest::new(
                "extra_fields",
                format!("must not hold {}, which has an argument", field.name),
            ));
        }
    }
    Ok(())
}

/// A call outside the document, unchecked: method, path, query, JSON and replay class.
#[derive(FromPyObject)]
pub struct PyRawRequest<'py>(
    String,
    String,
    Option<Bound<'py, PyAny>>,
    Option<Bound<'py, PyAny>>,
    String,
);

impl PyRawRequest<'_> {
    /// Checks it.
    pub fn read(
        self,
        py: Python<'_>,
        options: &PyCallOptions<'_>,
    ) -> PyResult<(Work, CallOptions)> {
        let checked =
            self.checked().and_then(|request| Ok((Work::RawRequest(request), options.read()?)));
        checked.map_err(|invalid| errors::from_invalid(py, "request", invalid))
    }

    fn checked(self) -> Result<RawRequest, InvalidRequest> {
        let Self(method, path, query, json, replay) = self;
        let replay = Replay::from_name(&replay).ok_or_else(|| {
            InvalidRequest::new("replay", "must be read, idempotent, keyed, create or money")
        })?;
        let query = query
            .as_ref()
            .map(|query| query_pairs(query, "query"))
            .transpose()?
            .unwrap_or_default();
        let body =
            json.as_ref().map(|json| refuse(convert(json, "json", 0)?, "json")).transpose()?;
        let body = body.map(json_text);
        Ok(RawRequest { method, path, query, body, replay })
    }
}

/// A mapping of names to values; a list is a name that comes several times.
pub fn query_pairs(
    query: &Bound<'_, PyAny>,
    at: &str,
) -> Result<Vec<(String, String)>, InvalidRequest> {
    let Value::Object(fields) = convert(query, at, 0)? else {
        return Err(InvalidRequest::new(at, "must be a mapping"));
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
                Value::List(_) | Value::Object(_) | Value::File(_) => {
                    return Err(InvalidRequest::new(
                        format!("{at}.{name}"),
                        "must be text, a number or a list of those",
                    ));
                }
            };
            pairs.push((name.clone().into_owned(), text));
        }
    }
    Ok(pairs)
}
