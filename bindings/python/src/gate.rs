//! The gate in front of native code that may run Python code; it closes when the interpreter exits.
//!
//! Up to Python 3.13 the interpreter ends a thread that wants its lock after it has begun to finalize by unwinding the
//! thread, and Rust frames among those that are unwound abort the process. [`Python::detach`] sees to it: such a thread
//! waits there for ever. But all Python code gives the lock away now and then and takes it again: a method of a caller's
//! mapping, an import, a finalizer that the garbage collector runs. So no thread may be inside when finalizing begins.
//! What is registered with `atexit` is called before that: it closes the gate, and waits for those who are inside.

#![allow(clippy::disallowed_methods)] // here is where `detach` is called

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use pyo3::intern;
use pyo3::marker::Ungil;
use pyo3::prelude::*;
use pyo3::types::PyCFunction;

/// How long the exit waits for those who are inside, and how long a thread that comes later waits for the end. No longer:
/// what else is registered with `atexit` may wait for that thread.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the exit looks whether they have left.
const LOOK: Duration = Duration::from_millis(1);

/// How many are inside. One that comes first counts itself and then looks at the gate, and the exit does so the other way
/// round: one of them sees the other.
static INSIDE: AtomicIsize = AtomicIsize::new(0);
static IS_CLOSED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether this thread passes a closed gate: it is the one that exits, or has waited.
    static PASSES: Cell<bool> = const { Cell::new(false) };
}

/// A thread that is inside, for as long as it is kept.
#[must_use]
pub struct Inside(());

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Enters; waits first where the gate is closed.
pub fn enter(py: Python<'_>) -> Inside {
    count_in(py);
    Inside(())
}

/// Enters unless the gate is closed, for a thread that is not Python's.
pub fn enter_unless_closed() -> Option<Inside> {
    INSIDE.fetch_add(1, Ordering::SeqCst);
    let inside = Inside(());
    (!IS_CLOSED.load(Ordering::SeqCst)).then_some(inside)
}

/// Steps outside, without holding up other Python threads, and enters again. For those who are inside.
pub fn detach<T: Ungil>(py: Python<'_>, work: impl Ungil + FnOnce() -> T) -> T {
    INSIDE.fetch_sub(1, Ordering::SeqCst);
    let done = py.detach(work);
    count_in(py);
    done
}

fn count_in(py: Python<'_>) {
    INSIDE.fetch_add(1, Ordering::SeqCst);
    if IS_CLOSED.load(Ordering::SeqCst) {
        wait_outside(py);
    }
}

#[cold]
fn wait_outside(py: Python<'_>) {
    if !PASSES.replace(true) {
        INSIDE.fetch_sub(1, Ordering::SeqCst);
        py.detach(|| sleep(PATIENCE));
        INSIDE.fetch_add(1, Ordering::SeqCst);
    }
}

/// Closes the gate when the interpreter exits. Whatever is registered with `atexit` later is called before that.
pub fn watch(py: Python<'_>) -> PyResult<()> {
    let close = PyCFunction::new_closure(py, None, None, |arguments, _| close(arguments.py()))?;
    py.import(intern!(py, "atexit"))?.call_method1(intern!(py, "register"), (close,)).map(drop)
}

fn close(py: Python<'_>) {
    PASSES.set(true);
    IS_CLOSED.store(true, Ordering::SeqCst);
    py.detach(|| {
        let end = Instant::now() + PATIENCE;
        while INSIDE.load(Ordering::SeqCst) > 0 && Instant::now() < end {
            sleep(LOOK);
        }
    });
}

/// Opens it in the child of a fork, which has no thread but the one that forked.
pub fn open() {
    INSIDE.store(0, Ordering::SeqCst);
    IS_CLOSED.store(false, Ordering::SeqCst);
}
