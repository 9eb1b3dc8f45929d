//! The tokio runtime that runs every call of the process.
//!
//! It belongs to the process and not to a Node environment, so worker threads share it and may come and go.
//! It is never shut down: at exit its thread ends with the process.

use std::sync::{Mutex, OnceLock, PoisonError};

use payglot::runtime::start_background;
use tokio::runtime::Handle;

static RUNTIME: OnceLock<Handle> = OnceLock::new();

/// The runtime, started by the first call.
pub fn handle() -> std::io::Result<&'static Handle> {
    static STARTING: Mutex<()> = Mutex::new(());
    if let Some(handle) = RUNTIME.get() {
        return Ok(handle);
    }
    let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = RUNTIME.get() {
        return Ok(handle);
    }
    let handle = start_background()?;
    Ok(RUNTIME.get_or_init(|| handle))
}
