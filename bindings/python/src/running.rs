//! A call that is on its way.

use pyo3::prelude::*;
use pyo3::types::PyTuple;
use tokio::task::AbortHandle;

use crate::log::Log;
use crate::runtime;
use crate::work::Reading;

/// A call that runs on the threads of the runtime.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct Running {
    abort: AbortHandle,
    operation: &'static str,
    log: Option<Log>,
}

impl Running {
    /// Starts it; with `is_heard`, what the core says is kept.
    pub fn start(
        reading: Reading,
        is_heard: bool,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> PyResult<Self> {
        let runtime = runtime::handle()?;
        let log = Log::new(is_heard);
        let task = match &log {
            None => runtime.spawn(work),
            Some(log) => runtime.spawn(log.keep(work)),
        };
        Ok(Self { abort: task.abort_handle(), operation: reading.name(), log })
    }

    /// What stops it.
    pub fn abort(&self) -> AbortHandle {
        self.abort.clone()
    }
}

#[pymethods]
impl Running {
    /// Stop it; a call that has ended stays as it is.
    pub fn stop(&self) {
        // First the news, then the deed: the call's own last words would be another line.
        if let Some(log) = &self.log {
            log.stop(self.operation);
        }
        self.abort.abort();
    }

    /// What the core has said about it since this was asked last.
    pub fn lines<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        self.log.as_ref().map_or_else(|| Ok(Vec::new()), |log| log.take(py))
    }
}
