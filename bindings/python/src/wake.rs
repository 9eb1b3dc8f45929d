//! Waking an event loop from a thread of the runtime.
//!
//! Most loops watch a socket, and one byte wakes them without the interpreter. The others (those of Windows)
//! must be called, and calling Python is dangerous for a thread that is not Python's own: one that waits for the
//! interpreter's lock while the interpreter goes away is killed, and takes the process with it. So these threads
//! pass a gate, and the interpreter's exit closes it first.

use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyWeakrefReference};

use crate::process;

/// How a loop is woken.
pub enum Wake {
    Socket(UnixStream),
    Call(Call),
}

impl Wake {
    /// Wakes the loop. One that is gone has nobody who waits.
    pub fn wake(&self) {
        match self {
            Self::Socket(socket) => drop((&*socket).write(&[1])),
            Self::Call(call) => call.wake(),
        }
    }
}

/// A loop and what it shall call. The loop only weakly: a call must not keep it alive.
pub struct Call {
    event_loop: Py<PyWeakrefReference>,
    callback: Py<PyAny>,
    gate: Gate,
}

impl Call {
    pub fn new(event_loop: &Bound<'_, PyAny>, callback: Py<PyAny>) -> PyResult<Self> {
        let gate = gate(event_loop.py())?;
        Ok(Self { event_loop: PyWeakrefReference::new(event_loop)?.unbind(), callback, gate })
    }

    fn wake(&self) {
        let is_closed = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        if !*is_closed {
            Python::try_attach(|py| {
                if let Some(event_loop) = self.event_loop.bind(py).upgrade() {
                    // Refused by a loop that is closed.
                    let name = intern!(py, "call_soon_threadsafe");
                    drop(event_loop.call_method1(name, (&self.callback,)));
                }
            });
        }
    }
}

/// Whether the interpreter is on its way out. Read while a thread is in Python, written at the exit.
type Gate = Arc<RwLock<bool>>;

/// The gate of this process, closed at the interpreter's exit; the child of a fork has its own.
fn gate(py: Python<'_>) -> PyResult<Gate> {
    static GATE: Mutex<Option<(u32, Gate)>> = Mutex::new(None);
    let this = process::current();
    let mut slot = GATE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, gate)) = slot.as_ref().filter(|(owner, _)| *owner == this) {
        return Ok(gate.clone());
    }
    let gate = Gate::default();
    let closing = gate.clone();
    let close = PyCFunction::new_closure(py, None, None, move |arguments, _| {
        // A parent's threads are not here to leave.
        if process::current() == this {
            arguments.py().detach(|| {
                *closing.write().unwrap_or_else(PoisonError::into_inner) = true;
            });
        }
    })?;
    py.import("atexit")?.call_method1("register", (close,))?;
    *slot = Some((this, gate.clone()));
    Ok(gate)
}
