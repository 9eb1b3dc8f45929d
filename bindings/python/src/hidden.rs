//! Values that no frame of Python shows: what records local variables finds an object that tells nothing.

use payglot_bindings::InvalidRequest;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors;
use crate::gate;

/// Holds a value until the native half takes it out.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct Hidden {
    value: Py<PyAny>,
    extra: Option<Py<PyAny>>,
}

#[pymethods]
impl Hidden {
    /// `extra` are fields that are merged with the first ones when they are taken out.
    #[new]
    #[pyo3(signature = (value, extra = None))]
    fn new(value: Py<PyAny>, extra: Option<Py<PyAny>>) -> Self {
        Self { value, extra }
    }

    #[allow(clippy::unused_self)] // a method of Python
    fn __repr__(&self) -> &'static str {
        "<hidden>"
    }

    /// The fields, merged.
    fn fields<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        Ok(slf.extract::<PyFields<'py>>()?.0)
    }
}

/// The value itself, where it is hidden.
pub fn reveal<'py>(value: &Bound<'py, PyAny>) -> Bound<'py, PyAny> {
    match value.cast::<Hidden>() {
        Ok(hidden) => hidden.get().value.bind(value.py()).clone(),
        Err(_) => value.clone(),
    }
}

/// Named arguments, hidden or not.
pub struct PyFields<'py>(pub Bound<'py, PyDict>);

impl<'py> FromPyObject<'_, 'py> for PyFields<'py> {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let fields = reveal(&given).cast_into::<PyDict>()?;
        let extra = given.cast::<Hidden>().ok();
        let extra = extra.as_ref().and_then(|hidden| hidden.get().extra.as_ref());
        match extra.map(|extra| extra.bind(given.py())).filter(|extra| !extra.is_none()) {
            Some(extra) => Ok(Self(merged(&fields, extra)?)),
            None => Ok(Self(fields)),
        }
    }
}

/// Adds fields that the document does not name; those that have an argument are not among them.
fn merged<'py>(
    fields: &Bound<'py, PyDict>,
    extra: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = fields.py();
    let _inside = gate::enter(py);
    let invalid = |problem: String| {
        errors::from_invalid(py, "", InvalidRequest::new("extra_fields", problem))
    };
    let more = PyDict::new(py);
    more.update(extra.cast().map_err(|_| invalid("must be a mapping".to_owned()))?)
        .map_err(|_| invalid("must be a mapping".to_owned()))?;
    let all = fields.copy()?;
    for (name, value) in &more {
        if fields.contains(&name)? {
            return Err(invalid(format!("must not hold {name}, which has an argument")));
        }
        all.set_item(name, value)?;
    }
    Ok(all)
}
