//! What a field gave last. In a list, neighbours often have the same fee or amount: the same text is the same object then.

use std::sync::{Mutex, TryLockError};

use pyo3::prelude::*;
use pyo3::types::PyString;

/// Longer texts are not kept: they would stay for as long as the class.
const LONGEST: usize = 64;

/// The text that was read last, and what it stands for, which nobody can change.
#[derive(Default)]
pub struct Last(Mutex<Option<(Py<PyString>, Py<PyAny>)>>);

impl Last {
    /// The value of a text: the last one again, or one that is made.
    pub fn or_make<'py>(
        &self,
        py: Python<'py>,
        text: &str,
        make: impl FnOnce(Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        // Never waits: what is made may let another thread run, one that reads this field too.
        let mut last = match self.0.try_lock() {
            Ok(last) => last,
            Err(TryLockError::Poisoned(last)) => last.into_inner(),
            Err(TryLockError::WouldBlock) => return make(PyString::new(py, text)),
        };
        if let Some((known, value)) = last.as_ref()
            && known.bind(py).to_str()? == text
        {
            return Ok(Some(value.bind(py).clone()));
        }
        let object = PyString::new(py, text);
        let value = make(object.clone())?;
        if let Some(value) = value.as_ref().filter(|_| text.len() <= LONGEST) {
            *last = Some((object.unbind(), value.clone().unbind()));
        }
        Ok(value)
    }
}
