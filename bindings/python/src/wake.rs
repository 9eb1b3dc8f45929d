//! Waking an event loop from a thread of the runtime.
//!
//! Most loops watch a socket, and one byte wakes them without the interpreter. The others (those of Windows)
//! must be called, and calling Python is dangerous for a thread that is not Python's own: one that waits for the
//! interpreter's lock while the interpreter shuts down is killed, and takes the process with it. So these threads
//! hold the shutdown lock meanwhile, and the interpreter's exit takes it first.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyWeakrefReference};

use crate::process;
use crate::wake_socket::Writer;

/// How a loop is woken.
pub enum Wake {
    Socket(Writer),
    Call(Call),
}

impl Wake {
    /// Wakes the loop. One that is gone has no call that waits.
    pub fn wake(&self) {
        match self {
            Self::Socket(writer) => writer.wake(),
            Self::Call(call) => call.wake(),
        }
    }
}

/// A loop and its callback. The loop only weakly: a call must not keep it alive.
pub struct Call {
    event_loop: Py<PyWeakrefReference>,
    callback: Py<PyAny>,
    shutdown: ShutdownLock,
}

impl Call {
    pub fn new(event_loop: &Bound<'_, PyAny>, callback: Py<PyAny>) -> PyResult<Self> {
        let shutdown = shutdown_lock(event_loop.py())?;
        Ok(Self { event_loop: PyWeakrefReference::new(event_loop)?.unbind(), callback, shutdown })
    }

    fn wake(&self) {
        let is_shut_down = self.shutdown.read().unwrap_or_else(PoisonError::into_inner);
        if !*is_shut_down {
            Python::try_attach(|py| {
                if let Some(event_loop) = self.event_loop.bind(py).upgrade() {
                    // An error where the loop is closed.
                    let name = intern!(py, "call_soon_threadsafe");
                    drop(event_loop.call_method1(name, (&self.callback,)));
                }
            });
        }
    }
}

/// Whether the interpreter shuts down. Held for reading while a thread is in Python, written at the exit.
type ShutdownLock = Arc<RwLock<bool>>;

/// The lock of this process, written at the interpreter's exit; the child of a fork has its own.
fn shutdown_lock(py: Python<'_>) -> PyResult<ShutdownLock> {
    static LOCK: Mutex<Option<(u32, ShutdownLock)>> = Mutex::new(None);
    let this = process::current();
    let mut slot = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, lock)) = slot.as_ref().filter(|(owner, _)| *owner == this) {
        return Ok(lock.clone());
    }
    let lock = ShutdownLock::default();
    let at_exit = lock.clone();
    let shut_down = PyCFunction::new_closure(py, None, None, move |arguments, _| {
        // A parent's threads do not exist in its child, and so release nothing.
        if process::current() == this {
            arguments.py().detach(|| {
                *at_exit.write().unwrap_or_else(PoisonError::into_inner) = true;
            });
        }
    })?;
    py.import("atexit")?.call_method1("register", (shut_down,))?;
    *slot = Some((this, lock.clone()));
    Ok(lock)
}
