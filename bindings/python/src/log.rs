//! What the core says about a call, on its way to Python's `logging`.
//!
//! Lines gather beside a call that somebody listens to, and Python emits them on the thread that takes what came of
//! it (`_log.py`): the threads of the runtime never wait for the interpreter, and no logger runs below Rust.

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

type Lines = Arc<Mutex<Vec<LogRecord>>>;

tokio::task_local! {
    static LINES: Lines;
}

/// The lines of one call; without any where nobody listens.
#[derive(Clone)]
pub struct Log(Lines);

impl Log {
    /// For a call that somebody listens to.
    pub fn new(is_heard: bool) -> Option<Self> {
        is_heard.then(|| Self(Lines::default()))
    }

    /// The future, with what it says kept here.
    pub fn keep<F: Future>(&self, work: F) -> TaskLocalFuture<Lines, WithDispatch<F>> {
        LINES.scope(self.0.clone(), work.with_subscriber(listener()))
    }

    /// Ends with the news that the call was stopped, unless it had ended.
    pub fn stop(&self, operation: &'static str) {
        let mut lines = lock(&self.0);
        if !lines.last().is_some_and(LogRecord::is_end) {
            lines.push(LogRecord::stopped(operation));
        }
    }

    /// Takes what was said so far: level, seconds since 1970, message and fields of each line.
    pub fn take<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let lines = std::mem::take(&mut *lock(&self.0));
        lines.into_iter().map(|line| to_python(py, line)).collect()
    }
}

/// A call that was stopped may say more while it goes.
fn hear(lines: &Lines, line: LogRecord) {
    let mut lines = lock(lines);
    if !lines.last().is_some_and(LogRecord::is_end) {
        lines.push(line);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One subscriber for all calls of a process. The child of a fork makes its own: a thread of its parent may have
/// held a lock inside.
fn listener() -> Dispatch {
    // Locked only while attached to the interpreter, as whoever forks is.
    static LISTENER: Mutex<Option<(u32, Dispatch)>> = Mutex::new(None);
    let this = process::current();
    let mut slot = lock(&LISTENER);
    if let Some((_, listener)) = slot.as_ref().filter(|(owner, _)| *owner == this) {
        return listener.clone();
    }
    let listener = subscribe(|line| {
        // Outside a call nobody asked.
        let _ = LINES.try_with(|lines| hear(lines, line));
    });
    std::mem::forget(slot.replace((this, listener.clone())));
    listener
}

fn to_python(py: Python<'_>, line: LogRecord) -> PyResult<Bound<'_, PyTuple>> {
    // The numbers of the `logging` module.
    let level = match line.level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        Level::DEBUG => 10,
        Level::TRACE => 5,
    };
    let at = line.at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let fields = PyDict::new(py);
    for (name, value) in line.fields {
        let name = name.replace('.', "_");
        match value {
            Value::Number(number) if number.is_u64() => fields.set_item(name, number.as_u64())?,
            Value::Number(number) => fields.set_item(name, number.as_f64())?,
            Value::String(text) => fields.set_item(name, text)?,
            other => fields.set_item(name, other.to_string())?,
        }
    }
    (level, at, line.message, fields).into_pyobject(py)
}
