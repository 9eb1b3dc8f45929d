//! What `payglot.webhooks` asks of an inbox: deliveries in, claimed events out.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use payglot::runtime::client::CallOptions;
use payglot::webhooks::OwnedSecrets;
use payglot_bindings::{ErrorFields, InboxOptions, InboxRequest, catch_up};
use payglot_journal::{Claimed, EventQueue, StoredEvent};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::classes::Classes;
use crate::client::Core;
use crate::errors;
use crate::gate;
use crate::hidden::reveal;
use crate::journal::{JournalCore, plain};
use crate::output::Context;
use crate::runtime;
use crate::webhooks::{PyScheme, of, scheme, secrets};

/// The events of one provider in the store of a journal.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct InboxCore {
    queue: EventQueue,
    provider: &'static payglot::schema::Provider,
}

#[pymethods]
impl InboxCore {
    #[new]
    fn new(
        py: Python<'_>,
        journal: &JournalCore,
        provider: &str,
        secret: &Bound<'_, PyAny>,
        settings: PyScheme,
        options: &str,
    ) -> PyResult<Self> {
        let _inside = gate::enter(py);
        let (provider, webhooks) = of(provider)?;
        let options: InboxOptions = serde_json::from_str(options).map_err(|_| not_understood())?;
        let secrets =
            secrets(&reveal(secret)).map_err(|invalid| errors::from_invalid(py, "", invalid))?;
        let secrets =
            OwnedSecrets::new(&secrets).map_err(|error| errors::from_runtime(py, &error))?;
        let queue = scheme(settings)
            .and_then(|scheme| options.queue(&journal.0, webhooks, &secrets, scheme))
            .map_err(|invalid| errors::from_invalid(py, "", invalid))?;
        Ok(Self { queue, provider })
    }

    /// The status to respond to a delivery with.
    #[allow(clippy::needless_pass_by_value)] // as Python gives them
    fn receive(
        &self,
        py: Python<'_>,
        body: &[u8],
        headers: Vec<(String, String)>,
    ) -> PyResult<u16> {
        let _inside = gate::enter(py);
        let receipt = runtime::run(py, self.queue.receive(body, headers))?;
        receipt.map(|receipt| receipt.status).ok_or_else(ended)
    }

    /// Events to handle, of these names or of all; waits for one for `patience` seconds at most.
    #[allow(clippy::needless_pass_by_value)] // as Python gives them
    fn claim(
        &self,
        py: Python<'_>,
        names: Option<Vec<String>>,
        at_most: u32,
        patience: f64,
    ) -> PyResult<Vec<ClaimedEvent>> {
        let _inside = gate::enter(py);
        let patience = Duration::try_from_secs_f64(patience).unwrap_or_default();
        let claimed = runtime::run(py, self.queue.claim(names.as_deref(), at_most, patience))?;
        let claimed = claimed.ok_or_else(ended)?;
        let claimed = claimed.map_err(|error| errors::exception(py, &ErrorFields::from(&error)))?;
        Ok(claimed.into_iter().map(ClaimedEvent::new).collect())
    }

    /// The reply to a question of `InboxRequest`, in plain types.
    fn ask<'py>(&self, py: Python<'py>, question: &str) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(py);
        let request: InboxRequest = serde_json::from_str(question).map_err(|_| not_understood())?;
        plain(py, runtime::run(py, request.run(&self.queue))?)
    }

    /// The names of all events that are known.
    fn names(&self) -> Vec<&'static str> {
        self.queue.webhooks().events.iter().map(|event| event.name).collect()
    }

    /// The name of the operation that reads the objects of an event.
    fn reads(&self, event: &str) -> Option<&'static str> {
        self.queue.reads(event).map(|operation| operation.name)
    }

    /// What catching up has found, of the last seconds, in plain types.
    fn catch_up<'py>(
        &self,
        py: Python<'py>,
        client: &Core,
        since: f64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(py);
        let client = client.client(py)?;
        plain(py, runtime::run(py, catch_up(&self.queue, &client, since))?)
    }

    /// The object of an event as it is now, as a model; `None` where the document gives no way.
    fn refresh<'py>(
        &self,
        py: Python<'py>,
        claimed: &ClaimedEvent,
        client: &Core,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(py);
        let client = client.client(py)?;
        let event = &claimed.event;
        let options = CallOptions::default();
        let read =
            runtime::run(py, self.queue.refresh(&client, event, &options))?.ok_or_else(ended)?;
        let read = read.map_err(|error| errors::exception(py, &ErrorFields::from(&error)))?;
        let operation = self.queue.reads(&event.event);
        let record = read.as_ref().zip(operation);
        let received = Timestamp::now();
        let context = Context { py, classes: Classes::of(self.provider), received, depth: 0 };
        let model = match record.and_then(|(read, operation)| Some((read.payload()?, operation))) {
            Some((payload, operation)) if !payload.is_null() => {
                context.value(operation.response, payload)?
            }
            _ => None,
        };
        Ok(model.unwrap_or_else(|| py.None().into_bound(py)))
    }
}

/// An event that this process handles. Dropped without a word, it is tried again.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct ClaimedEvent {
    event: StoredEvent,
    claimed: Mutex<Option<Claimed>>,
}

#[pymethods]
impl ClaimedEvent {
    #[getter]
    fn id(&self) -> &str {
        &self.event.key.id
    }

    #[getter]
    fn event(&self) -> &str {
        &self.event.event
    }

    #[getter]
    fn object(&self) -> &str {
        &self.event.object
    }

    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.event.body.as_bytes())
    }

    /// It was handled; returns when that is written.
    fn done(&self, py: Python<'_>) -> PyResult<()> {
        let _inside = gate::enter(py);
        let Some(claimed) = self.taken().take() else { return Ok(()) };
        runtime::run(py, claimed.done()).map(drop)
    }

    /// Its handling did not succeed, with the name of a class.
    fn failed(&self, py: Python<'_>, error: &str) -> PyResult<()> {
        let _inside = gate::enter(py);
        let Some(claimed) = self.taken().take() else { return Ok(()) };
        runtime::run(py, claimed.failed(error)).map(drop)
    }

    /// Its handling was not begun.
    fn release(&self, py: Python<'_>) -> PyResult<()> {
        let _inside = gate::enter(py);
        let Some(claimed) = self.taken().take() else { return Ok(()) };
        runtime::run(py, claimed.release()).map(drop)
    }
}

impl ClaimedEvent {
    fn new(claimed: Claimed) -> Self {
        Self { event: claimed.event().clone(), claimed: Mutex::new(Some(claimed)) }
    }

    fn taken(&self) -> MutexGuard<'_, Option<Claimed>> {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_understood() -> PyErr {
    PyRuntimeError::new_err(
        "the question is not understood: the native module is of another version",
    )
}

fn ended() -> PyErr {
    PyRuntimeError::new_err("the inbox ended without a reply")
}
