//! The options of one call, and readers of single options.

use std::time::Duration;

use payglot::runtime::client::CallOptions;
use payglot_bindings::InvalidRequest;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyMapping, PyString};

use crate::request::query_pairs;

type Optional<'py> = Option<Bound<'py, PyAny>>;

/// The options at the end of every call, unchecked: timeout, retries, headers, idempotency key, whether
/// a failed record is an error, intent, further query parameters.
#[derive(FromPyObject)]
pub struct PyCallOptions<'py>(
    Optional<'py>,
    Optional<'py>,
    Optional<'py>,
    Optional<'py>,
    Optional<'py>,
    Optional<'py>,
    Optional<'py>,
);

impl PyCallOptions<'_> {
    /// Checks them.
    pub fn read(&self) -> Result<CallOptions, InvalidRequest> {
        let Self(timeout, max_retries, headers, key, raise_on_failed, intent, extra_query) = self;
        Ok(CallOptions {
            timeout: timeout.as_ref().map(|value| seconds(value, "timeout")).transpose()?,
            max_retries: max_retries.as_ref().map(retries).transpose()?,
            headers: headers
                .as_ref()
                .map(|value| pairs(value, "headers"))
                .transpose()?
                .unwrap_or_default(),
            extra_query: match extra_query {
                Some(query) => query_pairs(query, "extra_query")?,
                None => Vec::new(),
            },
            idempotency_key: key
                .as_ref()
                .map(|value| text(value, "idempotency_key"))
                .transpose()?,
            raise_on_failed: raise_on_failed
                .as_ref()
                .map(|value| flag(value, "raise_on_failed"))
                .transpose()?,
            fate: None,
            budget: None,
            intent: intent.as_ref().map(|value| text(value, "intent")).transpose()?,
        })
    }
}

/// A number of seconds that is more than 0.
pub fn seconds(value: &Bound<'_, PyAny>, name: &str) -> Result<Duration, InvalidRequest> {
    let is_number = !value.is_instance_of::<PyBool>();
    let seconds = value.extract::<f64>().ok().filter(|seconds| is_number && *seconds > 0.0);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| InvalidRequest::new(name, "must be a number of seconds that is more than 0"))
}

/// How many times a call may be tried again.
pub fn retries(value: &Bound<'_, PyAny>) -> Result<u32, InvalidRequest> {
    let is_number = !value.is_instance_of::<PyBool>();
    value
        .extract::<u32>()
        .ok()
        .filter(|_| is_number)
        .ok_or_else(|| InvalidRequest::new("max_retries", "must be a whole number, 0 or more"))
}

/// True or false.
pub fn flag(value: &Bound<'_, PyAny>, name: &str) -> Result<bool, InvalidRequest> {
    let flag = value.cast::<PyBool>().ok().map(pyo3::types::PyBoolMethods::is_true);
    flag.ok_or_else(|| InvalidRequest::new(name, "must be True or False"))
}

/// Text.
pub fn text(value: &Bound<'_, PyAny>, name: &str) -> Result<String, InvalidRequest> {
    let text = value.cast::<PyString>().ok().and_then(|text| text.to_str().ok());
    text.map(str::to_owned).ok_or_else(|| InvalidRequest::new(name, "must be text"))
}

/// A mapping of names to text.
pub fn pairs(
    value: &Bound<'_, PyAny>,
    name: &str,
) -> Result<Vec<(String, String)>, InvalidRequest> {
    let invalid = || InvalidRequest::new(name, "must be a mapping of header names to text");
    let items = value
        .cast::<PyMapping>()
        .ok()
        .and_then(|mapping| mapping.items().ok())
        .ok_or_else(invalid)?;
    items.iter().map(|item| item.extract::<(String, String)>().map_err(|_| invalid())).collect()
}
