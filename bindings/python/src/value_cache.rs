//! A cache of the value that a field was read as last: records of a list often have the same fee or amount.

use std::sync::{Mutex, TryLockError};

use pyo3::prelude::*;
use pyo3::types::PyString;

/// Longer texts are not cached: they would stay for as long as the class.
const MAX_LENGTH: usize = 64;

/// The text that was read last, and its value, which is immutable.
#[derive(Default)]
pub struct ValueCache(Mutex<Option<(Py<PyString>, Py<PyAny>)>>);

impl ValueCache {
    /// The value of a text: the cached one, or a new one.
    pub fn get_or_make<'py>(
        &self,
        py: Python<'py>,
        text: &str,
        make: impl FnOnce(Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        // Never waits: making the value may let another thread run that reads this field too.
        let mut cached = match self.0.try_lock() {
            Ok(cached) => cached,
            Err(TryLockError::Poisoned(cached)) => cached.into_inner(),
            Err(TryLockError::WouldBlock) => return make(PyString::new(py, text)),
        };
        if let Some((known, value)) = cached.as_ref()
            && known.bind(py).to_str()? == text
        {
            return Ok(Some(value.bind(py).clone()));
        }
        let object = PyString::new(py, text);
        let value = make(object.clone())?;
        if let Some(value) = value.as_ref().filter(|_| text.len() <= MAX_LENGTH) {
            *cached = Some((object.unbind(), value.clone().unbind()));
        }
        Ok(value)
    }
}
