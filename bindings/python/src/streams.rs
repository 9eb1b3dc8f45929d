//! Responses that are read while they come: server-sent events, and files.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use payglot::runtime::client::{CallOptions, Core as Client};
use payglot::runtime::json::RawJson;
use payglot::runtime::request::PreparedRequest;
use payglot::runtime::response::event_data;
use payglot::schema::Operation;
use payglot::{Error, Response};
use payglot_bindings::EventSource;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::client::{Awaiting, Core};
use crate::gate;
use crate::hidden::PyFields;
use crate::options::PyCallOptions;
use crate::output::Context;
use crate::process;
use crate::response::ResultKind;
use crate::running::Running;
use crate::runtime;
use crate::work::{Call, Work};

/// A call that is read while it comes, or a step of it.
pub enum Streamed {
    /// Makes the call, whose events are asked for one by one.
    Open { events: EventSource, request: PreparedRequest },
    /// Waits for the next event.
    Next { events: EventSource },
    /// Makes the call, and writes its response to a file.
    File { operation: &'static Operation, request: PreparedRequest, path: PathBuf },
}

impl Streamed {
    /// Does it.
    pub async fn run(self, core: &Client, options: &CallOptions) -> Result<Response, Error> {
        match self {
            Self::Open { events, request } => events.open(core, &request, options).await,
            Self::Next { events } => events.next().await,
            Self::File { operation, request, path } => {
                core.download(operation, &request, options, &path).await
            }
        }
    }

    /// What its response is of.
    pub fn call(&self) -> Call {
        match self {
            Self::Open { events, .. } => Call::Operation(events.operation()),
            Self::Next { events } => Call::Event(events.operation()),
            Self::File { operation, .. } => Call::Count(operation),
        }
    }
}

/// An event as its type, its id, its data, its text and its time before one connects anew.
pub fn event<'py>(
    context: Context<'py>,
    operation: &'static Operation,
    event: RawJson<'_>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = context.py;
    let text = |name: &str| {
        let text = event.get(name).and_then(RawJson::as_text).unwrap_or_default();
        PyString::new(py, &text)
    };
    let data = text("data");
    let document = event_data(data.to_str()?, operation);
    let value = match document.as_ref().and_then(RawJson::root) {
        Some(value) => context.value(operation.response, value)?,
        None => None,
    };
    let value = value.unwrap_or_else(|| data.clone().into_any());
    let retry = event.get("retry").and_then(RawJson::as_integer);
    Ok((text("event"), text("id"), value, data, retry).into_pyobject(py)?.into_any())
}

/// The events of one call.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct Events {
    core: Py<Core>,
    source: EventSource,
    /// Until it is sent.
    call: Mutex<Option<(PreparedRequest, CallOptions)>>,
    process: u32,
}

#[allow(clippy::needless_pass_by_value)] // arguments that pyo3 makes and gives away
#[pymethods]
impl Events {
    /// Check a call; nothing is sent yet.
    #[new]
    fn new<'py>(
        py: Python<'py>,
        core: &Bound<'py, Core>,
        index: usize,
        path: &Bound<'py, PyTuple>,
        fields: PyFields<'py>,
        options: PyCallOptions<'py>,
    ) -> PyResult<Self> {
        let _inside = gate::enter(py);
        let (operation, request, options) =
            prepared(py, core.get(), index, path, &fields, &options)?;
        Ok(Self {
            core: core.clone().unbind(),
            source: EventSource::new(operation),
            call: Mutex::new(Some((request, options))),
            process: process::current(),
        })
    }

    /// Make the call; gives the head of its response.
    fn open<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(py);
        let (work, options) = self.opening()?;
        self.core.get().run(py, work, options, ResultKind::Response)
    }

    /// Like `open`; the head ends the future when the queue is taken.
    fn open_async(&self, py: Python<'_>, awaiting: Awaiting<'_>) -> PyResult<Running> {
        let _inside = gate::enter(py);
        let (work, options) = self.opening()?;
        self.core.get().spawn_async(py, awaiting, work, options, ResultKind::Response)
    }

    /// Wait for the next event; `None` after the last.
    fn next<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(py);
        self.core.get().run(py, self.step(), CallOptions::default(), ResultKind::Payload)
    }

    /// Like `next`; the event ends the future when the queue is taken.
    fn next_async(&self, py: Python<'_>, awaiting: Awaiting<'_>) -> PyResult<Running> {
        let _inside = gate::enter(py);
        let options = CallOptions::default();
        self.core.get().spawn_async(py, awaiting, self.step(), options, ResultKind::Payload)
    }

    /// Close the response. Nothing follows.
    fn close(&self, py: Python<'_>) {
        let _inside = gate::enter(py);
        if self.process == process::current() {
            self.source.close();
            runtime::settle(py);
        }
    }
}

impl Events {
    fn opening(&self) -> PyResult<(Work, CallOptions)> {
        let call = self.call.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (request, options) =
            call.ok_or_else(|| PyRuntimeError::new_err("the call was made already"))?;
        let events = self.source.clone();
        Ok((Work::Streamed(Box::new(Streamed::Open { events, request })), options))
    }

    fn step(&self) -> Work {
        Work::Streamed(Box::new(Streamed::Next { events: self.source.clone() }))
    }
}

/// A stream that nobody reads any more leaves no connection behind.
impl Drop for Events {
    fn drop(&mut self) {
        if self.process == process::current() {
            self.source.close();
        } else {
            // Its connection is the parent's.
            std::mem::forget(self.source.clone());
        }
    }
}

/// Make a call, and write its response to a file; gives the number of bytes.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // arguments that pyo3 makes and gives away
pub fn download<'py>(
    py: Python<'py>,
    core: &Bound<'py, Core>,
    index: usize,
    path: &Bound<'py, PyTuple>,
    fields: PyFields<'py>,
    options: PyCallOptions<'py>,
    save_as: PathBuf,
) -> PyResult<Bound<'py, PyAny>> {
    let _inside = gate::enter(py);
    let (work, options) = file(py, core.get(), index, path, &fields, &options, save_as)?;
    core.get().run(py, work, options, ResultKind::Payload)
}

/// Like `download`; the number ends the future when the queue is taken.
#[pyfunction]
#[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)] // what a call of Python's has
pub fn download_async<'py>(
    py: Python<'py>,
    awaiting: Awaiting<'py>,
    core: &Bound<'py, Core>,
    index: usize,
    path: &Bound<'py, PyTuple>,
    fields: PyFields<'py>,
    options: PyCallOptions<'py>,
    save_as: PathBuf,
) -> PyResult<Running> {
    let _inside = gate::enter(py);
    let (work, options) = file(py, core.get(), index, path, &fields, &options, save_as)?;
    core.get().spawn_async(py, awaiting, work, options, ResultKind::Payload)
}

fn file<'py>(
    py: Python<'py>,
    core: &Core,
    index: usize,
    path: &Bound<'py, PyTuple>,
    fields: &PyFields<'py>,
    options: &PyCallOptions<'py>,
    save_as: PathBuf,
) -> PyResult<(Work, CallOptions)> {
    let (operation, request, options) = prepared(py, core, index, path, fields, options)?;
    let file = Streamed::File { operation, request, path: save_as };
    Ok((Work::Streamed(Box::new(file)), options))
}

/// A call, checked.
fn prepared<'py>(
    py: Python<'py>,
    core: &Core,
    index: usize,
    path: &Bound<'py, PyTuple>,
    fields: &PyFields<'py>,
    options: &PyCallOptions<'py>,
) -> PyResult<(&'static Operation, PreparedRequest, CallOptions)> {
    match core.prepared(py, index, path, fields, options, None)? {
        (Work::Operation { operation, request, .. }, options) => Ok((operation, request, options)),
        _ => Err(PyRuntimeError::new_err("the call is of another kind")),
    }
}
