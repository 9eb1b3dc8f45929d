//! Finished calls on their way to an asyncio event loop.
//!
//! The threads of the runtime never wait for the interpreter's lock: they put the outcome of a call on a queue and
//! wake the loop when it has not been woken already. The loop then takes all outcomes in one go.
//!
//! No Python code runs below this code: when the interpreter exits it ends the threads that run Python code by unwinding
//! them, and Rust frames in between abort the process. So futures are made and settled by Python (`_loops.py`).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use payglot_bindings::{CompletionGuard, Completions, wake_soon};
use pyo3::PyTraverseError;
use pyo3::gc::PyVisit;
use pyo3::prelude::*;

use crate::gate;
use crate::response::{ResultKind, finish};
use crate::running::Stop;
use crate::wake::{Call, Wake};
use crate::wake_socket::{self, Reader};
use crate::work::{Outcome, ResponseDecoder};

/// The half that the runtime's threads see.
struct Shared {
    /// Numbers of calls and their outcomes; `None` is a call that was lost.
    completions: Completions<Vec<(u64, Option<Outcome>)>>,
    wake: Wake,
}

/// A call that somebody awaits.
struct Awaited {
    future: Py<PyAny>,
    stop: Stop,
    decoder: ResponseDecoder,
    kind: ResultKind,
}

/// A future, what it ends with, and whether that is an exception.
type Settled<'py> = (Py<PyAny>, Bound<'py, PyAny>, bool);

/// The finished calls of one event loop.
#[pyclass(frozen, weakref, module = "payglot._payglot")]
pub struct Queue {
    shared: Arc<Shared>,
    awaited: Mutex<HashMap<u64, Awaited>>,
    next: AtomicU64,
    socket: Option<Reader>,
    process: u32,
}

impl Queue {
    fn waking(wake: Wake, socket: Option<Reader>) -> Self {
        Self {
            shared: Arc::new(Shared { completions: Completions::default(), wake }),
            awaited: Mutex::new(HashMap::new()),
            next: AtomicU64::new(0),
            socket,
            process: std::process::id(),
        }
    }

    /// A number for a new call, and the guard that completes it.
    pub fn new_call(
        &self,
    ) -> (u64, CompletionGuard<Outcome, impl FnOnce(Option<Outcome>) + use<>>) {
        let call = self.next.fetch_add(1, Ordering::Relaxed);
        let shared = self.shared.clone();
        let complete = move |outcome| {
            if shared.completions.add(|completions| completions.push((call, outcome))) {
                wake_soon(move || shared.wake.wake());
            }
        };
        (call, CompletionGuard::new(complete))
    }

    /// Whether no call is awaited.
    pub fn is_idle(&self) -> bool {
        locked(&self.awaited).is_empty()
    }

    /// Remembers who awaits the call with this number. Its outcome is taken by the loop's own thread, which is
    /// the one that calls this: it cannot come first.
    pub fn expect(
        &self,
        call: u64,
        future: Py<PyAny>,
        stop: Stop,
        decoder: ResponseDecoder,
        kind: ResultKind,
    ) {
        locked(&self.awaited).insert(call, Awaited { future, stop, decoder, kind });
    }
}

/// Stops the calls of a loop that is gone.
impl Drop for Queue {
    fn drop(&mut self) {
        // A future that is gone tells its loop where nobody has seen its exception.
        let _inside = Python::try_attach(gate::enter);
        for (_, awaited) in locked(&self.awaited).drain() {
            awaited.stop.stop();
        }
    }
}

#[pymethods]
impl Queue {
    /// A queue that makes its socket readable when a call has finished.
    #[new]
    fn new() -> PyResult<Self> {
        let (reader, writer) = wake_socket::pair()?;
        Ok(Self::waking(Wake::Socket(writer), Some(reader)))
    }

    /// A queue that calls `call_soon_threadsafe` of the loop with the callback when a call has finished.
    #[staticmethod]
    fn calling(event_loop: &Bound<'_, PyAny>, callback: Py<PyAny>) -> PyResult<Self> {
        Ok(Self::waking(Wake::Call(Call::new(event_loop, callback)?), None))
    }

    /// The socket to watch.
    fn fileno(&self) -> Option<i32> {
        self.socket.as_ref().map(Reader::fileno)
    }

    /// The process that made it.
    #[getter]
    fn process(&self) -> u32 {
        self.process
    }

    /// Take what has finished: futures, what they end with, and whether that is an exception.
    fn take<'py>(&self, py: Python<'py>) -> Vec<Settled<'py>> {
        let _inside = gate::enter(py);
        if let Some(socket) = &self.socket {
            socket.clear();
        }
        let finished = self.shared.completions.take();
        let mut settled = Vec::with_capacity(finished.len());
        for (call, outcome) in finished {
            let Some(awaited) = locked(&self.awaited).remove(&call) else { continue };
            settled.push(match finish(py, outcome, awaited.decoder, awaited.kind) {
                Ok(value) => (awaited.future, value, false),
                Err(error) => {
                    (awaited.future, error.into_value(py).into_bound(py).into_any(), true)
                }
            });
        }
        settled
    }

    // A future, its loop, the loop's watch on the socket and this queue form a reference cycle.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Ok(awaited) = self.awaited.try_lock() {
            for call in awaited.values() {
                visit.call(&call.future)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        let _inside = Python::try_attach(gate::enter);
        let awaited = std::mem::take(&mut *locked(&self.awaited));
        for call in awaited.values() {
            call.stop.stop();
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
