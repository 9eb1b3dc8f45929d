//! Waking an event loop from a thread of the runtime.
//!
//! Most loops watch a socket, and one byte wakes them without the interpreter. The others (those of Windows)
//! must be called, which ends when the interpreter exits: see `gate`.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyWeakrefReference;

use crate::gate;
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
}

impl Call {
    pub fn new(event_loop: &Bound<'_, PyAny>, callback: Py<PyAny>) -> PyResult<Self> {
        Ok(Self { event_loop: PyWeakrefReference::new(event_loop)?.unbind(), callback })
    }

    fn wake(&self) {
        let Some(_inside) = gate::enter_unless_closed() else { return };
        Python::try_attach(|py| {
            if let Some(event_loop) = self.event_loop.bind(py).upgrade() {
                // An error where the loop is closed.
                let name = intern!(py, "call_soon_threadsafe");
                drop(event_loop.call_method1(name, (&self.callback,)));
            }
        });
    }
}
