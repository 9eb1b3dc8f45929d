//! One tokio runtime per process, and waiting on it from a Python thread.
//!
//! Threads do not survive a fork: a child that reuses its parent's runtime waits for ever. So the runtime
//! remembers the process that made it, and a child makes its own at its first call.
//!
//! One thread is all it has. A call waits for the network nearly all of its time, and what it computes is less
//! than what Python does with its answer; more threads would hand work back and forth. At exit it ends with the
//! process, whatever is still in flight.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::runtime::{Builder, Handle};

/// How often a waiting thread looks for signals, such as the one behind Ctrl-C.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);
/// A timer that ends sooner than all others makes the runtime's thread wake itself, at the price of a call of
/// the system. With a tick that is always near, the timeout of a call is not the next timer.
const TICK: Duration = Duration::from_secs(10);

struct Process {
    id: u32,
    runtime: Handle,
}

// Locked only while attached to the interpreter and never across a call into it: whoever forks is attached, so
// that no other thread can hold the lock in that moment.
static PROCESS: Mutex<Option<Process>> = Mutex::new(None);

/// The runtime of this process.
pub fn handle() -> PyResult<Handle> {
    let id = std::process::id();
    let mut slot = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(process) = slot.as_ref().filter(|process| process.id == id) {
        return Ok(process.runtime.clone());
    }
    let runtime = start().map_err(|error| {
        PyRuntimeError::new_err(format!("payglot could not start its thread: {error}"))
    })?;
    let parents = slot.replace(Process { id, runtime: runtime.clone() });
    // What it holds belongs to a thread that this process does not have.
    std::mem::forget(parents);
    Ok(runtime)
}

fn start() -> std::io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let thread = std::thread::Builder::new().name("payglot".to_owned());
    thread.spawn(move || runtime.block_on(tick()))?;
    Ok(handle)
}

async fn tick() {
    loop {
        tokio::time::sleep(TICK).await;
    }
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
