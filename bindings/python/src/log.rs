//! Log records of calls, on their way to Python's `logging`.
//!
//! Records gather beside a call that is logged, and Python emits them on the thread that takes its outcome
//! (`_log.py`): the threads of the runtime never wait for the interpreter, and no logger runs below Rust.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

use payglot_bindings::{LogRecord, subscribe};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde_json::Value;
use tokio::task::futures::TaskLocalFuture;
use tracing::instrument::{WithDispatch, WithSubscriber as _};
use tracing::{Dispatch, Level};

use crate::process;

type Records = Arc<Mutex<Vec<LogRecord>>>;

tokio::task_local! {
    static RECORDS: Records;
}

/// The log records of one call.
#[derive(Clone, Default)]
pub struct CallLog(Records);

impl CallLog {
    /// The future, with its log records kept here.
    pub fn record<F: Future>(&self, work: F) -> TaskLocalFuture<Records, WithDispatch<F>> {
        RECORDS.scope(self.0.clone(), work.with_subscriber(subscriber()))
    }

    /// Ends with a record that the call was stopped, unless it has ended.
    pub fn stop(&self, operation: &'static str) {
        push(&self.0, LogRecord::stopped(operation));
    }

    /// Takes the records so far: level, seconds since 1970, message and fields of each.
    pub fn take<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let records = std::mem::take(&mut *lock(&self.0));
        records.into_iter().map(|record| to_python(py, record)).collect()
    }
}

/// Nothing follows the end of a call: one that was stopped may log more while it is dropped.
fn push(records: &Records, record: LogRecord) {
    let mut records = lock(records);
    if !records.last().is_some_and(LogRecord::is_end) {
        records.push(record);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One subscriber for all calls of a process. The child of a fork makes its own: a thread of its parent may have
/// held a lock inside.
fn subscriber() -> Dispatch {
    // Locked only while attached to the interpreter, as every thread that forks is.
    static SUBSCRIBER: Mutex<Option<(u32, Dispatch)>> = Mutex::new(None);
    let this = process::current();
    let mut slot = lock(&SUBSCRIBER);
    if let Some((_, subscriber)) = slot.as_ref().filter(|(owner, _)| *owner == this) {
        return subscriber.clone();
    }
    let subscriber = subscribe(|record| {
        // Outside a call there is nowhere to keep it.
        let _ = RECORDS.try_with(|records| push(records, record));
    });
    std::mem::forget(slot.replace((this, subscriber.clone())));
    subscriber
}

fn to_python(py: Python<'_>, record: LogRecord) -> PyResult<Bound<'_, PyTuple>> {
    // The numbers of the `logging` module.
    let level = match record.level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        Level::DEBUG => 10,
        Level::TRACE => 5,
    };
    let at = record.at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let fields = PyDict::new(py);
    for (name, value) in record.fields {
        let name = name.replace('.', "_");
        match value {
            Value::Number(number) if number.is_u64() => fields.set_item(name, number.as_u64())?,
            Value::Number(number) => fields.set_item(name, number.as_f64())?,
            Value::String(text) => fields.set_item(name, text)?,
            other => fields.set_item(name, other.to_string())?,
        }
    }
    (level, at, record.message, fields).into_pyobject(py)
}
