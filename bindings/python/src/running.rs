//! A call in flight.

use payglot::runtime::client::{CallContext, CallFate};
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::classes;
use crate::errors::note_given_up;
use crate::gate;
use crate::log::CallLog;
use crate::process;
use crate::runtime;

/// What stops a call.
#[derive(Clone)]
pub struct Stop {
    call: payglot_bindings::Running,
    process: u32,
}

impl Stop {
    /// Stops it, except in the child of a fork: the call belongs to the parent, and its connection with it.
    pub fn stop(&self) {
        if self.process == process::current() {
            self.call.stop();
        }
    }
}

/// A call that runs while Python does something else.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct Running {
    stop: Stop,
    context: CallContext,
    fate: Option<CallFate>,
    log: Option<CallLog>,
}

impl Running {
    /// Starts it; with `is_logged`, its log records are kept. One that is alone begins on this thread, without holding up
    /// other Python threads.
    pub fn start(
        py: Python<'_>,
        (context, fate): (CallContext, Option<CallFate>),
        is_logged: bool,
        is_alone: bool,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> PyResult<Self> {
        let background = runtime::background()?;
        let log = is_logged.then(CallLog::default);
        let call = match &log {
            None if is_alone => gate::detach(py, || background.run(true, work)),
            None => background.run(false, work),
            Some(log) => {
                let work = log.record(work);
                gate::detach(py, || background.run(is_alone, work))
            }
        };
        let stop = Stop { call, process: process::current() };
        Ok(Self { stop, context, fate, log })
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
        // Logged first: a call that is stopped may log its own end, which is not kept after this.
        if let Some(log) = &self.log {
            log.stop(self.context.operation);
        }
        self.stop.stop();
    }

    /// Stop it because of an exception, which gets a note where the call may have taken effect. An error of payglot is
    /// how a call ended by itself.
    pub fn give_up(&self, py: Python<'_>, error: &Bound<'_, PyBaseException>) -> PyResult<()> {
        let _inside = gate::enter(py);
        if !error.is_instance(&classes::error(py, "PayglotError")?)? {
            self.stop();
            note_given_up(py, error, self.context, self.fate.as_ref());
        }
        Ok(())
    }

    /// Take the log records of the call that have not been taken yet.
    pub fn log_records<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let _inside = gate::enter(py);
        self.log.as_ref().map_or_else(|| Ok(Vec::new()), |log| log.take(py))
    }
}
