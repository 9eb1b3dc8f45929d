//! Failures as Python exceptions, with the classes and fields of the error table.

use std::error::Error as _;

use payglot::runtime::client::header_pairs;
use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::classes;
use crate::output::plain_json;

/// An argument that was refused before the core saw it.
#[derive(Debug)]
pub struct Refused {
    argument: String,
    problem: String,
}

impl Refused {
    pub fn new(argument: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { argument: argument.into(), problem: problem.into() }
    }

    /// The message.
    pub fn problem(&self) -> String {
        format!("`{}` {}", self.argument, self.problem)
    }

    /// The exception, an `InvalidRequestError`; `operation` is empty outside a call.
    pub fn into_error(self, py: Python<'_>, operation: &str) -> PyErr {
        let message = self.problem();
        let make = |fields: &Bound<'_, PyDict>| fields.set_item("argument", &self.argument);
        exception(py, "InvalidRequestError", operation, &message, make)
    }
}

/// An exception of the error table; `fill` sets its fields.
///
/// Made without running its `__init__`, which is Python code: see `queue` for why that matters.
pub fn exception(
    py: Python<'_>,
    class: &str,
    operation: &str,
    message: &str,
    fill: impl FnOnce(&Bound<'_, PyDict>) -> PyResult<()>,
) -> PyErr {
    let shown =
        if operation.is_empty() { message.to_owned() } else { format!("{operation}: {message}") };
    let make = || {
        let given = PyDict::new(py);
        given.set_item("operation", Some(operation).filter(|name| !name.is_empty()))?;
        fill(&given)?;
        let class = classes::error(py, class)?;
        let error = class.call_method1(intern!(py, "__new__"), (&class, shown))?;
        error.setattr(intern!(py, "message"), message)?;
        let known = class.getattr(intern!(py, "_fields"))?.cast_into::<PyDict>()?;
        for (name, default) in &known {
            let value = given.get_item(&name)?.filter(|value| !value.is_none());
            error.setattr(name.cast::<PyString>()?, value.unwrap_or(default))?;
        }
        Ok(error)
    };
    // Where the exception cannot be made, the reason for that is one.
    make().map_or_else(|error: PyErr| error, PyErr::from_value)
}

/// The exception for an error of the core.
pub fn raise(py: Python<'_>, error: &payglot::Error) -> PyErr {
    let raised = exception(py, error.kind().name(), error.operation(), error.message(), |fields| {
        fields.set_item("status", error.status())?;
        fields.set_item("code", error.code())?;
        fields.set_item("request_id", error.request_id())?;
        fields.set_item("body", error.body())?;
        fields.set_item("attempts", error.attempts())?;
        fields.set_item("retry_after", error.retry_after().map(|wait| wait.as_secs_f64()))?;
        fields.set_item("reconcile", error.reconcile())?;
        fields.set_item("argument", error.argument())?;
        if let Some(detail) = error.detail() {
            fields.set_item("detail", plain_json(py, detail)?)?;
        }
        let headers = PyDict::new(py);
        for (name, value) in header_pairs(error.headers()) {
            headers.set_item(name, value)?;
        }
        fields.set_item("headers", headers)
    });
    raised.set_cause(py, cause(py, error));
    raised
}

/// What lies under an error, as text: outermost first, each the cause of the one before.
fn cause(py: Python<'_>, error: &payglot::Error) -> Option<PyErr> {
    let mut texts = Vec::new();
    let mut source = error.source();
    while let Some(inner) = source {
        texts.push(inner.to_string());
        source = inner.source();
    }
    texts.into_iter().rev().fold(None, |under, text| {
        let error = PyException::new_err(text);
        error.set_cause(py, under);
        Some(error)
    })
}

/// A call whose task ended without an outcome, which only a fault in payglot can do.
pub fn lost(py: Python<'_>, operation: &str) -> PyErr {
    let message =
        "payglot failed inside; whether the call took effect is not known. Please report this";
    exception(py, "PayglotError", operation, message, |_| Ok(()))
}

/// A client that was closed.
pub fn closed(py: Python<'_>, operation: &str) -> PyErr {
    exception(
        py,
        "InvalidRequestError",
        operation,
        "the client is closed; nothing was sent",
        |_| Ok(()),
    )
}
