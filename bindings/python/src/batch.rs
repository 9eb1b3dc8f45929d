//! What `payglot._batch` asks of a batch: rows in, plain values out. Its questions and replies are those of `bindings/common`.

use payglot::runtime::json::FloatMoney;
use payglot_bindings::{BatchHandle, ErrorFields, InvalidRequest};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::client::Core;
use crate::errors;
use crate::gate;
use crate::hidden::reveal;
use crate::input::params;
use crate::journal::plain;
use crate::runtime;

/// A batch of a client.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct BatchCore(BatchHandle);

#[pymethods]
impl BatchCore {
    #[new]
    fn new(
        py: Python<'_>,
        client: &Core,
        rows: &Bound<'_, PyAny>,
        settings: &str,
    ) -> PyResult<Self> {
        let _inside = gate::enter(py);
        let rows = reveal(rows).cast_into::<PyList>()?;
        let rows = rows.iter().map(|row| {
            let fields = row.cast_into::<PyDict>();
            let fields = fields.map_err(|_| InvalidRequest::new("rows", "must be mappings"))?;
            params(&fields)
        });
        let rows = rows.map(|row| row.map_err(|invalid| invalid.message()));
        let client = client.background_client(py)?;
        let batch = BatchHandle::new(&client, settings, rows.collect(), FloatMoney::Refuse);
        batch.map(Self).map_err(|error| errors::exception(py, &ErrorFields::from(&error)))
    }

    /// What a run would do, in plain types.
    fn check<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(py);
        // A balance is read over connections of the background.
        let batch = self.0.clone();
        plain(py, runtime::run_in_background(py, async move { batch.check().await })?)
    }

    /// What has become of each row so far, in plain types.
    fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(py);
        plain(py, runtime::run(py, self.0.status())?)
    }

    /// Start a run in the background.
    fn start(&self, py: Python<'_>) -> PyResult<()> {
        let _inside = gate::enter(py);
        self.0.start(&runtime::background()?);
        Ok(())
    }

    /// How far the run is, in plain types: `progress`, or the `report` when it has ended.
    fn look<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(py);
        plain(py, runtime::run(py, self.0.look())?)
    }

    /// End the run when the calls that are being made have ended.
    fn stop(&self) {
        self.0.stop();
    }
}
