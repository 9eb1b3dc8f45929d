//! The two tokio runtimes of a process, and waiting on them from a Python thread.
//!
//! A synchronous call runs on the thread that waits for it: switching threads would be most of what a call costs.
//! Awaited calls and prefetched pages run on a thread in the background. A connection belongs to the runtime that made
//! it, so each runtime has its own.
//!
//! Threads do not survive a fork: a child that reused its parent's runtimes would wait for ever. So they are kept with
//! the process that made them, and a child makes its own at its first call.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use payglot_bindings::Background;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

use crate::gate;
use crate::process;

/// How often a waiting thread checks for signals, such as the one behind Ctrl-C.
const SIGNAL_CHECK: Duration = Duration::from_millis(50);

/// A value for each process: the child of a fork makes a new one.
// Locked only while attached to the interpreter and never across a call into it: a thread that forks is attached, so
// no other thread can hold the lock at that moment.
struct OfProcess<T>(Mutex<Option<(u32, T)>>);

impl<T: Clone> OfProcess<T> {
    const fn new() -> Self {
        Self(Mutex::new(None))
    }

    fn get(&self, make: impl FnOnce() -> io::Result<T>) -> PyResult<T> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = own(slot.as_ref()) {
            return Ok(value);
        }
        let value = make().map_err(|error| {
            PyRuntimeError::new_err(format!("payglot could not start its runtime: {error}"))
        })?;
        // The parent's value belongs to threads that this process does not have.
        std::mem::forget(slot.replace((process::current(), value.clone())));
        Ok(value)
    }

    fn made(&self) -> Option<T> {
        own(self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref())
    }
}

/// What this process made.
fn own<T: Clone>(slot: Option<&(u32, T)>) -> Option<T> {
    let (_, value) = slot.filter(|(owner, _)| *owner == process::current())?;
    Some(value.clone())
}

/// The thread in the background.
pub fn background() -> PyResult<Background> {
    static BACKGROUND: OfProcess<Background> = OfProcess::new();
    BACKGROUND.get(Background::start)
}

/// The runtime of the threads that wait: one of them drives it, for all.
static DRIVEN: OfProcess<Arc<Runtime>> = OfProcess::new();

/// Runs a call on this thread, without holding up other Python threads. `None` when it ended without an outcome.
///
/// Fails with what a signal handler raised, `KeyboardInterrupt` for Ctrl-C; the call stops then.
pub fn run<F: Future<Output: Send> + Send>(py: Python<'_>, call: F) -> PyResult<Option<F::Output>> {
    let runtime =
        DRIVEN.get(|| Builder::new_current_thread().enable_all().build().map(Arc::new))?;
    let result = {
        let mut call = pin!(async {
            // The runtime was not polled since the last call: first see which connections are closed.
            yield_now().await;
            call.await
        });
        loop {
            let turn = gate::detach(py, || {
                let turn = async { tokio::time::timeout(SIGNAL_CHECK, &mut call).await };
                catch_unwind(AssertUnwindSafe(|| runtime.block_on(turn)))
            });
            match turn {
                Ok(Ok(value)) => break Ok(Some(value)),
                Ok(Err(_)) => {
                    if let Err(raised) = py.check_signals() {
                        break Err(raised);
                    }
                }
                Err(_) => break Ok(None),
            }
        }
    };
    if !matches!(result, Ok(Some(_))) {
        settle(py);
    }
    result
}

/// Does work in the background, and waits for it like [`wait`].
pub fn run_in_background<T: Send + 'static>(
    py: Python<'_>,
    work: impl Future<Output = T> + Send + 'static,
) -> PyResult<Option<T>> {
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    let running = background()?.run(false, async move {
        // Nobody waits any more where a signal's handler raised.
        drop(sender.send(work.await));
    });
    drop(running);
    wait(py, receiver)
}

/// Closes connections that are not needed any more: those of a call that was stopped, or of a client that is gone.
pub fn settle(py: Python<'_>) {
    if let Some(runtime) = DRIVEN.made() {
        gate::detach(py, || {
            runtime.block_on(async {
                // One turn to see what has happened on the network, one for the connections to act on it.
                yield_now().await;
                yield_now().await;
            });
        });
    }
}

/// Waits without holding up other Python threads. `None` when the sender is gone.
///
/// Fails with what a signal handler raised, `KeyboardInterrupt` for Ctrl-C.
pub fn wait<T: Send>(py: Python<'_>, mut receiver: Receiver<T>) -> PyResult<Option<T>> {
    loop {
        let result;
        (receiver, result) = gate::detach(py, move || {
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
