//! One tokio runtime per process, and waiting on it from a Python thread.
//!
//! Threads do not survive a fork: a child that reuses its parent's runtime waits for ever. So the runtime
//! remembers the process that made it, and a child makes its own at its first call.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::runtime::{Builder, Handle, Runtime};

/// How often a waiting thread looks for signals, such as the one behind Ctrl-C.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);
/// Calls wait on the network nearly all the time; two threads keep hundreds of them moving.
const WORKERS: usize = 2;

struct Process {
    id: u32,
    runtime: Runtime,
}

// Locked only while attached to the interpreter and never across a call into it: whoever forks is attached, so
// that no other thread can hold the lock in that moment.
static PROCESS: Mutex<Option<Process>> = Mutex::new(None);

/// The runtime of this process.
pub fn handle() -> PyResult<Handle> {
    let id = std::process::id();
    let mut slot = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(process) = slot.as_ref().filter(|process| process.id == id) {
        return Ok(process.runtime.handle().clone());
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_name("payglot")
        .enable_all()
        .build()
        .map_err(|error| {
            PyRuntimeError::new_err(format!("payglot could not start its threads: {error}"))
        })?;
    let handle = runtime.handle().clone();
    let parents = slot.replace(Process { id, runtime });
    // Dropping it would wait for the parent's threads, which this process does not have.
    std::mem::forget(parents);
    Ok(handle)
}

/// Waits without holding up other Python threads. `None` when the sender is gone.
///
/// Fails with what a signal handler raised, `KeyboardInterrupt` for Ctrl-C.
pub fn wait<T: Send>(py: Python<'_>, mut receiver: Receiver<T>) -> PyResult<Option<T>> {
    loop {
        let result;
        (receiver, result) = py.detach(move || {
            let result = receiver.recv_timeout(SIGNAL_CHECK);
            (receiver, result)
        });
        match result {
            Ok(value) => return Ok(Some(value)),
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
        }
    }
}
