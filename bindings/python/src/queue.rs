//! Finished calls on their way to an asyncio event loop.
//!
//! The threads of the runtime never wait for the interpreter's lock: they put what came of a call on a queue and
//! wake the loop when it is not awake already. The loop then takes everything that has gathered, in one go.
//!
//! No Python code runs below this code: a thread that Python ends while it runs Python code at the
//! interpreter's exit unwinds, and where there is Rust above, the process ends with it. So the futures are made
//! and settled by Python (`_loops.py`).

use std::collections::HashMap;
use std::io::Read as _;
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::PyTraverseError;
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use tokio::runtime::Handle;

use crate::answer::{Wanted, finish};
use crate::running::Stop;
use crate::wake::{Call, Wake};
use crate::work::{Outcome, Reading};

/// The half that the runtime's threads see.
struct Shared {
    finished: Mutex<Vec<(u64, Option<Outcome>)>>,
    /// Whether the loop has been woken and has not looked yet.
    is_awake: AtomicBool,
    wake: Wake,
}

impl Shared {
    fn push(self: &Arc<Self>, call: u64, outcome: Option<Outcome>) {
        locked(&self.finished).push((call, outcome));
        if self.is_awake.swap(true, Ordering::AcqRel) {
            return;
        }
        let shared = self.clone();
        match Handle::try_current() {
            // As a task of its own, behind those that are ready: their calls may have finished too.
            Ok(runtime) => drop(runtime.spawn(async move { shared.wake.wake() })),
            Err(_) => shared.wake.wake(),
        }
    }
}

/// Reports the outcome of one call, also when its task is dropped or panics: no one waits for ever.
pub struct Report {
    shared: Arc<Shared>,
    call: u64,
    outcome: Option<Outcome>,
}

impl Report {
    /// The number of the call.
    pub fn call(&self) -> u64 {
        self.call
    }

    pub fn set(&mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        self.shared.push(self.call, self.outcome.take());
    }
}

/// A call that somebody awaits.
struct Awaited {
    future: Py<PyAny>,
    stop: Stop,
    reading: Reading,
    wanted: Wanted,
}

/// A future, what it ends with, and whether that is an exception.
type Settled<'py> = (Py<PyAny>, Bound<'py, PyAny>, bool);

/// The finished calls of one event loop.
#[pyclass(frozen, weakref, module = "payglot._payglot")]
pub struct Queue {
    shared: Arc<Shared>,
    awaited: Mutex<HashMap<u64, Awaited>>,
    next: AtomicU64,
    socket: Option<UnixStream>,
    process: u32,
}

impl Queue {
    fn waking(wake: Wake, socket: Option<UnixStream>) -> Self {
        Self {
            shared: Arc::new(Shared {
                finished: Mutex::new(Vec::new()),
                is_awake: AtomicBool::new(false),
                wake,
            }),
            awaited: Mutex::new(HashMap::new()),
            next: AtomicU64::new(0),
            socket,
            process: std::process::id(),
        }
    }

    /// A number for a new call, and what its task reports to.
    pub fn report(&self) -> Report {
        let call = self.next.fetch_add(1, Ordering::Relaxed);
        Report { shared: self.shared.clone(), call, outcome: None }
    }

    /// Whether nobody waits for a call.
    pub fn is_idle(&self) -> bool {
        locked(&self.awaited).is_empty()
    }

    /// Remembers who waits for the call with this number. Its outcome is taken by the loop's own thread, which is
    /// the one that calls this: it cannot come first.
    pub fn expect(
        &self,
        call: u64,
        future: Py<PyAny>,
        stop: Stop,
        reading: Reading,
        wanted: Wanted,
    ) {
        locked(&self.awaited).insert(call, Awaited { future, stop, reading, wanted });
    }
}

/// A loop that is gone leaves calls behind that nobody awaits.
impl Drop for Queue {
    fn drop(&mut self) {
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
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        Ok(Self::waking(Wake::Socket(writer), Some(reader)))
    }

    /// A queue that calls `call_soon_threadsafe` of the loop with the callback when a call has finished.
    #[staticmethod]
    fn calling(event_loop: &Bound<'_, PyAny>, callback: Py<PyAny>) -> PyResult<Self> {
        Ok(Self::waking(Wake::Call(Call::new(event_loop, callback)?), None))
    }

    /// The socket to watch.
    fn fileno(&self) -> Option<i32> {
        self.socket.as_ref().map(UnixStream::as_raw_fd)
    }

    /// The process that made it.
    #[getter]
    fn process(&self) -> u32 {
        self.process
    }

    /// Take what has finished: futures, what they end with, and whether that is an exception.
    fn take<'py>(&self, py: Python<'py>) -> Vec<Settled<'py>> {
        if let Some(socket) = &self.socket {
            let mut bytes = [0; 16];
            // There is at most a byte or two; none is fine too.
            drop((&*socket).read(&mut bytes));
        }
        self.shared.is_awake.store(false, Ordering::Release);
        let finished = std::mem::take(&mut *locked(&self.shared.finished));
        let mut settled = Vec::with_capacity(finished.len());
        for (call, outcome) in finished {
            let Some(awaited) = locked(&self.awaited).remove(&call) else { continue };
            settled.push(match finish(py, outcome, awaited.reading, awaited.wanted) {
                Ok(value) => (awaited.future, value, false),
                Err(error) => {
                    (awaited.future, error.into_value(py).into_bound(py).into_any(), true)
                }
            });
        }
        settled
    }

    // A future, its loop, the loop's watch on the socket and this queue make a circle.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Ok(awaited) = self.awaited.try_lock() {
            for call in awaited.values() {
                visit.call(&call.future)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        let awaited = std::mem::take(&mut *locked(&self.awaited));
        for call in awaited.values() {
            call.stop.stop();
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
