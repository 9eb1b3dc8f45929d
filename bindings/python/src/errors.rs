//! Error fields as Python exceptions.

use payglot::runtime::client::{CallContext, CallFate};
use payglot_bindings::{ErrorFields, InvalidRequest};
use pyo3::exceptions::{PyBaseException, PyException};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::classes;
use crate::gate;
use crate::output::plain_json;

/// The exception for an error of the runtime.
pub fn from_runtime(py: Python<'_>, error: &payglot::Error) -> PyErr {
    exception(py, &ErrorFields::from(error))
}

/// The exception for an argument that was refused before the runtime saw it; `operation` is empty outside a call.
#[allow(clippy::needless_pass_by_value)] // for `map_err`
pub fn from_invalid(py: Python<'_>, operation: &str, invalid: InvalidRequest) -> PyErr {
    exception(py, &invalid.fields(operation))
}

/// The exception of the class that the fields name.
///
/// Made without running its `__init__`, which is Python code: see `queue` for why that matters.
pub fn exception(py: Python<'_>, fields: &ErrorFields<'_>) -> PyErr {
    // Where the exception cannot be made, the reason for that is one.
    let raised = make(py, fields).map_or_else(|error| error, PyErr::from_value);
    raised.set_cause(py, cause(&fields.causes, py));
    raised
}

fn make<'py>(py: Python<'py>, fields: &ErrorFields<'_>) -> PyResult<Bound<'py, PyAny>> {
    let given = PyDict::new(py);
    given.set_item("operation", fields.operation)?;
    given.set_item("may_have_happened", fields.may_have_happened)?;
    given.set_item("status", fields.status)?;
    given.set_item("code", fields.code)?;
    given.set_item("request_id", fields.request_id)?;
    given.set_item("body", fields.body)?;
    given.set_item("headers", &fields.headers)?;
    given.set_item("attempts", fields.attempts)?;
    given.set_item("retry_after", fields.retry_after)?;
    given.set_item("reconcile", fields.reconcile)?;
    given.set_item("argument", fields.argument)?;
    given.set_item("rule", fields.rule)?;
    if let Some(detail) = fields.detail {
        given.set_item("detail", plain_json(py, detail.get())?)?;
    }
    let class = classes::error(py, fields.name)?;
    let error = class.call_method1(intern!(py, "__new__"), (&class, fields.text()))?;
    error.setattr(intern!(py, "message"), &*fields.message)?;
    let known = class.getattr(intern!(py, "_fields"))?.cast_into::<PyDict>()?;
    for (name, default) in &known {
        let value = given.get_item(&name)?.filter(|value| !value.is_none());
        error.setattr(name.cast::<PyString>()?, value.unwrap_or(default))?;
    }
    Ok(error)
}

/// Says in an exception, and to the logger, that the call which it ended may have taken effect. Says nothing where it
/// provably did not, or may be repeated.
pub fn note_given_up(
    py: Python<'_>,
    error: &Bound<'_, PyBaseException>,
    context: CallContext,
    fate: Option<&CallFate>,
) {
    let Some(given_up) = gate::detach(py, || ErrorFields::given_up(context, fate)) else { return };
    let text = given_up.text();
    // Python 3.10 has no notes, and a logger that fails must not hide the exception.
    let _ = error.call_method1(intern!(py, "add_note"), (&text,));
    let _ = warn(py, &text);
}

fn warn(py: Python<'_>, text: &str) -> PyResult<()> {
    let logger = py.import("logging")?.call_method1("getLogger", ("payglot",))?;
    logger.call_method1("warning", ("%s", text)).map(drop)
}

/// Messages of causes, outermost first, as exceptions that are each the cause of the one before.
fn cause(messages: &[String], py: Python<'_>) -> Option<PyErr> {
    messages.iter().rev().fold(None, |inner, message| {
        let error = PyException::new_err(message.clone());
        error.set_cause(py, inner);
        Some(error)
    })
}
