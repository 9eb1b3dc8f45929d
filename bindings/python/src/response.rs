//! Answers as a whole, and calls of the synchronous clients that are on their way.

use std::sync::mpsc::Receiver;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use payglot::runtime::client::header_pairs;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::errors;
use crate::running::Running;
use crate::runtime;
use crate::work::{Outcome, Reading};

/// A successful answer with what came around its payload.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct Response {
    answer: payglot::Response,
    reading: Reading,
    received: Timestamp,
}

#[pymethods]
impl Response {
    /// HTTP status.
    #[getter]
    fn status(&self) -> u16 {
        self.answer.status()
    }

    /// Headers by their lower-case names; one that came several times is joined by commas.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let headers = PyDict::new(py);
        for (name, value) in header_pairs(self.answer.headers()) {
            let value = match headers.get_item(name)? {
                Some(first) => format!("{}, {value}", first.extract::<String>()?),
                None => value,
            };
            headers.set_item(name, value)?;
        }
        Ok(headers)
    }

    /// The envelope's message.
    #[getter]
    fn message(&self) -> Option<&str> {
        self.answer.message()
    }

    /// The answer's request id, where it carries one.
    #[getter]
    fn request_id(&self) -> Option<String> {
        self.answer.request_id()
    }

    /// The whole body as text.
    #[getter]
    fn text(&self) -> &str {
        self.answer.text()
    }

    /// Number of records over all pages, where the envelope tells it.
    #[getter]
    fn total(&self) -> Option<u64> {
        self.answer.total()
    }

    /// The payload as Python values.
    fn payload<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.reading.payload(py, &self.answer, self.received)
    }
}

/// What a finished call gives: its payload, or the whole answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Payload,
    Response,
}

/// Turns an outcome into a value or an exception; `None` is a call that ended without one.
pub fn finish(
    py: Python<'_>,
    outcome: Option<Outcome>,
    reading: Reading,
    wanted: Wanted,
) -> PyResult<Bound<'_, PyAny>> {
    let Some(Outcome { result, received }) = outcome else {
        return Err(errors::lost(py, reading.name()));
    };
    let answer = result.map_err(|error| errors::raise(py, &error))?;
    match wanted {
        Wanted::Payload => reading.payload(py, &answer, received),
        Wanted::Response => Ok(Bound::new(py, Response { answer, reading, received })?.into_any()),
    }
}

/// A call that is on its way while its caller does something else. Dropping it stops the call.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct Pending {
    receiver: Mutex<Option<Receiver<Outcome>>>,
    running: Running,
    reading: Reading,
}

impl Pending {
    pub fn new(receiver: Receiver<Outcome>, running: Running, reading: Reading) -> Self {
        Self { receiver: Mutex::new(Some(receiver)), running, reading }
    }

    /// Waits for the outcome; a signal that raises, such as Ctrl-C, stops the call.
    pub fn wait<'py>(&self, py: Python<'py>, wanted: Wanted) -> PyResult<Bound<'py, PyAny>> {
        let receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take();
        let receiver =
            receiver.ok_or_else(|| PyRuntimeError::new_err("the result was taken already"))?;
        let outcome = runtime::wait(py, receiver).inspect_err(|_| self.running.stop())?;
        finish(py, outcome, self.reading, wanted)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.running.stop();
    }
}

#[pymethods]
impl Pending {
    /// Wait for the answer.
    fn answer<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.wait(py, Wanted::Response)
    }

    /// What the core has said about it since this was asked last.
    fn lines<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        self.running.lines(py)
    }
}
