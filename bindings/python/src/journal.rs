//! What `payglot.Journal` asks: JSON in, plain values out. Its questions and replies are those of `bindings/common`.

use std::collections::BTreeMap;

use payglot_bindings::{ErrorFields, JournalRequest, ReconcileRequest, resolve_intent};
use payglot_journal::Journal;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::client::Core;
use crate::errors;
use crate::gate;
use crate::hidden::reveal;
use crate::output::plain_json;
use crate::runtime;

/// An open journal.
#[pyclass(frozen, module = "payglot._payglot", weakref)]
pub struct JournalCore(pub Journal);

#[allow(clippy::needless_pass_by_value)] // for `map_err`
fn not_understood(_: serde_json::Error) -> PyErr {
    PyRuntimeError::new_err(
        "the question is not understood: the native module is of another version",
    )
}

#[pymethods]
impl JournalCore {
    #[new]
    fn new(py: Python<'_>, location: &Bound<'_, PyAny>) -> PyResult<Self> {
        let _inside = gate::enter(py);
        let location: String = reveal(location).extract()?;
        // Waits for a disk or a server.
        let opened = gate::detach(py, || Journal::open(&location));
        opened.map(Self).map_err(|error| errors::exception(py, &ErrorFields::from(&error)))
    }

    /// The reply to a question of `JournalRequest`, in plain types.
    fn ask<'py>(&self, py: Python<'py>, question: &str) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(py);
        let request: JournalRequest = serde_json::from_str(question).map_err(not_understood)?;
        plain(py, runtime::run(py, request.run(&self.0))?)
    }

    /// What a look-up told of the unknown intent of a provider, account, operation and name, given what it asks for, in plain types.
    fn resolve<'py>(
        &self,
        py: Python<'py>,
        client: &Core,
        key: [String; 4],
        given: BTreeMap<String, String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(py);
        let client = client.client(py)?;
        plain(py, runtime::run(py, resolve_intent(&self.0, &client, key, given))?)
    }

    /// What does not agree between the journal, the vendor's lists and the ledger of a `ReconcileRequest`, in plain types.
    fn reconcile<'py>(
        &self,
        py: Python<'py>,
        client: &Core,
        question: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(py);
        let request: ReconcileRequest = serde_json::from_str(question).map_err(not_understood)?;
        let client = client.client(py)?;
        plain(py, runtime::run(py, request.run(&self.0, &client))?)
    }

    /// Writes what is left and closes the connection; it is open again with the next call.
    fn close(&self, py: Python<'_>) {
        let _inside = gate::enter(py);
        gate::detach(py, || self.0.close());
    }

    /// Closes a file until the fork is over.
    fn before_fork(&self, py: Python<'_>) {
        let _inside = gate::enter(py);
        gate::detach(py, || self.0.before_fork());
    }

    /// The fork is over; only for the parent.
    fn after_fork_in_parent(&self) {
        self.0.after_fork_in_parent();
    }
}

/// A reply in plain types, or the exception that it is.
pub fn plain<E>(py: Python<'_>, reply: Option<Result<String, E>>) -> PyResult<Bound<'_, PyAny>>
where
    for<'e> ErrorFields<'e>: From<&'e E>,
{
    match reply {
        Some(Ok(reply)) => plain_json(py, &reply),
        Some(Err(error)) => Err(errors::exception(py, &ErrorFields::from(&error))),
        None => Err(PyRuntimeError::new_err("the journal ended without a reply")),
    }
}
