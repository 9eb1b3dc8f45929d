//! Which process this is, for what the child of a fork must not use.
//!
//! Every call asks, and `getpid` would be a system call. Python's fork hook counts instead.

use std::sync::atomic::{AtomicU32, Ordering};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict};

use crate::gate;

/// Number of forks between the process that imported the module and this one; it differs from that of every ancestor and
/// descendant.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// Tells this process from its parents and from its children.
pub fn current() -> u32 {
    FORKS.load(Ordering::Relaxed)
}

/// Counts the forks from now on.
pub fn watch(py: Python<'_>) -> PyResult<()> {
    let os = py.import(intern!(py, "os"))?;
    // Windows has no fork.
    let Some(register) = os.getattr_opt(intern!(py, "register_at_fork"))? else { return Ok(()) };
    let count = PyCFunction::new_closure(py, None, None, |_, _| {
        FORKS.fetch_add(1, Ordering::Relaxed);
        gate::open();
    })?;
    let hooks = PyDict::new(py);
    hooks.set_item(intern!(py, "after_in_child"), count)?;
    register.call((), Some(&hooks)).map(drop)
}
