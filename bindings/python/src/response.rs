//! Whole responses, and calls of the synchronous clients that are in flight.

use std::sync::mpsc::Receiver;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use payglot::runtime::client::header_pairs;
use payglot::runtime::paging::{self, Turn};
use payglot_bindings::ErrorFields;
use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::errors;
use crate::gate;
use crate::running::Running;
use crate::runtime;
use crate::work::{Outcome, ResponseDecoder};

/// A successful response: its status, headers and text, and its payload.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct Response {
    response: payglot::Response,
    decoder: ResponseDecoder,
    turn: Option<Turn>,
    received: Timestamp,
}

/// A page to ask for, and what the pages before it have shown.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct Walk(pub paging::Walk);

#[pymethods]
impl Walk {
    /// Number of the page, from 1.
    #[getter]
    fn number(&self) -> u64 {
        self.0.number
    }

    /// Records to ask for.
    #[getter]
    fn size(&self) -> u64 {
        self.0.size
    }
}

#[pymethods]
impl Response {
    /// HTTP status.
    #[getter]
    fn status(&self) -> u16 {
        self.response.status()
    }

    /// Headers by their lower-case names; one that came several times is joined by commas.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let _inside = gate::enter(py);
        let headers = PyDict::new(py);
        for (name, value) in header_pairs(self.response.headers()) {
            headers.set_item(name, value)?;
        }
        Ok(headers)
    }

    /// The envelope's message.
    #[getter]
    fn message(&self) -> Option<&str> {
        self.response.message()
    }

    /// The request id, where the response has one.
    #[getter]
    fn request_id(&self) -> Option<String> {
        self.response.request_id()
    }

    /// Whether a journal had it.
    #[getter]
    fn is_replay(&self) -> bool {
        self.response.is_replay()
    }

    /// The whole body as text.
    #[getter]
    fn text(&self) -> &str {
        self.response.text()
    }

    /// Number of records over all pages, where the envelope has it.
    #[getter]
    fn total(&self) -> Option<u64> {
        self.response.total()
    }

    /// The payload as Python values.
    fn payload<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(py);
        self.decoder.payload(py, &self.response, self.turn.as_ref(), self.received)
    }

    /// The page that follows, where this is one and another follows.
    #[getter]
    fn next(&self) -> Option<Walk> {
        self.turn.as_ref().and_then(|turn| turn.next.clone()).map(Walk)
    }

    /// What cannot be right about the page, in a sentence.
    #[getter]
    fn warning(&self) -> Option<String> {
        let warning = self.turn.as_ref()?.warning.as_ref()?;
        Some(format!("{}: {warning}", self.decoder.context().operation))
    }
}

/// What a call returns: its payload, or the whole response.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ResultKind {
    Payload,
    Response,
}

/// Turns an outcome into a value or an exception; `None` is a call that was lost inside payglot.
pub fn finish(
    py: Python<'_>,
    outcome: Option<Outcome>,
    decoder: ResponseDecoder,
    kind: ResultKind,
) -> PyResult<Bound<'_, PyAny>> {
    let Some(Outcome { result, turn, received }) = outcome else {
        return Err(errors::exception(py, &ErrorFields::lost(decoder.context())));
    };
    let response = result.map_err(|error| {
        let raised = errors::from_runtime(py, &error);
        // Where the record cannot be shown, the error is still the news.
        if let Ok(Some(record)) = decoder.failed_record(py, &error, received) {
            let _ = raised.value(py).setattr(intern!(py, "record"), record);
        }
        raised
    })?;
    match kind {
        ResultKind::Payload => decoder.payload(py, &response, turn.as_ref(), received),
        ResultKind::Response => {
            Ok(Bound::new(py, Response { response, decoder, turn, received })?.into_any())
        }
    }
}

/// A call that is in flight while its caller does something else. Dropping it stops the call.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct Pending {
    receiver: Mutex<Option<Receiver<Outcome>>>,
    running: Running,
    decoder: ResponseDecoder,
}

impl Pending {
    pub fn new(receiver: Receiver<Outcome>, running: Running, decoder: ResponseDecoder) -> Self {
        Self { receiver: Mutex::new(Some(receiver)), running, decoder }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.running.stop();
    }
}

#[pymethods]
impl Pending {
    /// Wait for the response; a signal that raises, such as Ctrl-C, stops the call.
    fn response<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(py);
        let receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take();
        let receiver =
            receiver.ok_or_else(|| PyRuntimeError::new_err("the response was taken already"))?;
        let outcome = runtime::wait(py, receiver);
        if let Err(raised) = &outcome {
            self.running.give_up(py, raised.value(py))?;
        }
        let outcome = outcome?;
        finish(py, outcome, self.decoder, ResultKind::Response)
    }

    /// Take the log records of the call that have not been taken yet.
    fn log_records<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        self.running.log_records(py)
    }
}
