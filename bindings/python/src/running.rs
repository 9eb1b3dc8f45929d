//! A call that is on its way.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::log::Log;
use crate::process;
use crate::runtime;
use crate::work::Reading;

/// What stops a call.
#[derive(Clone)]
pub struct Stop {
    call: payglot_bindings::Running,
    process: u32,
}

impl Stop {
    /// Stops it, except in the child of a fork: the call, its connection with it, is the parent's.
    pub fn stop(&self) {
        if self.process == process::current() {
            self.call.stop();
        }
    }
}

/// A call that goes on while Python does something else.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct Running {
    stop: Stop,
    operation: &'static str,
    log: Option<Log>,
}

impl Running {
    /// Starts it; with `is_heard`, what the core says is kept. Where it is alone it begins on this thread, which does not
    /// hold up other Python threads meanwhile.
    pub fn start(
        py: Python<'_>,
        reading: Reading,
        is_heard: bool,
        is_alone: bool,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> PyResult<Self> {
        let background = runtime::background()?;
        let log = Log::new(is_heard);
        let call = match &log {
            None if is_alone => py.detach(|| background.run(true, work)),
            None => background.run(false, work),
            Some(log) => {
                let work = log.keep(work);
                py.detach(|| background.run(is_alone, work))
            }
        };
        let stop = Stop { call, process: process::current() };
        Ok(Self { stop, operation: reading.name(), log })
    }

    /// What stops it.
    pub fn stopping(&self) -> Stop {
        self.stop.clone()
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
        self.stop.stop();
    }

    /// What the core has said about it since this was asked last.
    pub fn lines<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        self.log.as_ref().map_or_else(|| Ok(Vec::new()), |log| log.take(py))
    }
}
