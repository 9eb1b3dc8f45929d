//! Credentials that a Python function or a file gives.
//!
//! A function runs as Python code on a thread of Python's own, with no Rust frame below it: see `queue` for why that matters.
//! Only the first reading is the constructor's, on its thread.

use std::sync::{Arc, Mutex, PoisonError};

use payglot::Credential;
use payglot::runtime::auth::Raised;
use payglot_bindings::InvalidRequest;
use pyo3::PyTraverseError;
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use tokio::sync::oneshot;

use crate::errors;
use crate::gate;

/// A function, and what calls it on a thread.
type Slot = Arc<Mutex<Option<(Py<PyAny>, Py<PyAny>)>>>;

/// The function of a credential, as the garbage collector sees it: it may hold the client.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct CredentialFunction(Slot);

#[pymethods]
impl CredentialFunction {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Ok(slot) = self.0.try_lock()
            && let Some((function, _)) = &*slot
        {
            visit.call(function)?;
        }
        Ok(())
    }

    fn __clear__(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Takes the value of a credential from the thread that calls its function.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct CredentialReply(Mutex<Option<oneshot::Sender<Result<String, Raised>>>>);

impl CredentialReply {
    fn send(&self, value: Result<String, Raised>) {
        if let Some(sender) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Nobody waits any more where the call was given up.
            let _ = sender.send(value);
        }
    }
}

#[pymethods]
impl CredentialReply {
    /// The value.
    fn done(&self, value: String) {
        self.send(Ok(value));
    }

    /// Why there is none: the name of an exception's class.
    fn failed(&self, problem: String) {
        self.send(Err(Raised(problem)));
    }
}

/// Credentials of a client, and the functions among them.
pub struct PyCredentials {
    pub values: Vec<(String, Credential)>,
    pub functions: Vec<Py<CredentialFunction>>,
}

impl PyCredentials {
    /// Reads them. With `is_first` a function that is not awaited is called at once.
    pub fn read(given: &Bound<'_, PyDict>, is_first: bool) -> PyResult<Self> {
        let py = given.py();
        let mut this = Self { values: Vec::new(), functions: Vec::new() };
        for (name, value) in given.iter() {
            let name: String = name.extract()?;
            let credential = this.one(&name, &value, is_first);
            let credential = credential.map_err(|invalid| errors::from_invalid(py, "", invalid))?;
            this.values.push((name, credential));
        }
        Ok(this)
    }

    /// Reads one.
    pub fn one(
        &mut self,
        name: &str,
        value: &Bound<'_, PyAny>,
        is_first: bool,
    ) -> Result<Credential, InvalidRequest> {
        let py = value.py();
        let name = || name.to_owned();
        if let Ok(text) = value.cast::<PyString>() {
            let text = text.to_str();
            return text
                .map(Credential::from)
                .map_err(|_| InvalidRequest::new(name(), "must be text"));
        }
        if !value.is_callable() {
            let path = value.call_method0("__fspath__").and_then(|_| value.extract());
            let wrong = |_| InvalidRequest::new(name(), "must be text, a path or a function");
            return path.map(|path: std::path::PathBuf| Credential::file(path)).map_err(wrong);
        }
        let (credential, function) = of_function(value).map_err(|_| {
            InvalidRequest::new(name(), "cannot be read: a part of payglot is missing")
        })?;
        self.functions.push(function);
        if is_first
            && let Some(known) =
                called(py, value).map_err(|problem| InvalidRequest::new(name(), problem))?
        {
            return Ok(credential.known(known));
        }
        Ok(credential)
    }
}

/// What a function returns at once; nothing for one that is awaited.
fn called(py: Python<'_>, function: &Bound<'_, PyAny>) -> Result<Option<String>, String> {
    let read = || py.import("payglot._credentials")?.getattr("read_first")?.call1((function,));
    let value: Result<Option<String>, _> = read().and_then(|value| value.extract());
    value.map_err(|error| {
        let class = error.get_type(py).name().map(|name| name.to_string());
        format!("could not be read from its function: {}", class.unwrap_or_default())
    })
}

fn of_function(function: &Bound<'_, PyAny>) -> PyResult<(Credential, Py<CredentialFunction>)> {
    let py = function.py();
    let begin = py.import("payglot._credentials")?.getattr("begin")?.unbind();
    let slot: Slot = Arc::new(Mutex::new(Some((function.clone().unbind(), begin))));
    let seen = Py::new(py, CredentialFunction(slot.clone()))?;
    let credential = Credential::awaited(move || {
        let slot = slot.clone();
        async move {
            let (sender, receiver) = oneshot::channel();
            // Not on this thread: threads of the runtime never wait for the interpreter.
            tokio::task::spawn_blocking(move || begin_reading(&slot, sender));
            receiver.await.unwrap_or_else(|_| Err(Raised("it was not called".to_owned())))
        }
    });
    Ok((credential, seen))
}

/// Has a function called on a thread of its own.
fn begin_reading(slot: &Slot, sender: oneshot::Sender<Result<String, Raised>>) {
    let Some(_inside) = gate::enter_unless_closed() else { return };
    let begun: Option<PyResult<()>> = Python::try_attach(|py| {
        let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((function, begin)) = &*slot else { return Ok(()) };
        let (function, begin) = (function.clone_ref(py), begin.clone_ref(py));
        let reply = Py::new(py, CredentialReply(Mutex::new(Some(sender))))?;
        begin.call1(py, (function, reply)).map(drop)
    });
    // Where no thread can be started there is no reply either, and the sender is gone.
    drop(begun);
}
