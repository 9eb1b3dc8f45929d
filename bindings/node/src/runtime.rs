//! The tokio runtime that runs every call of the process.
//!
//! It belongs to the process and not to a Node environment, so worker threads share it and may come and go.
//! It is never shut down: at exit its thread ends with the process.

use std::sync::{Mutex, OnceLock, PoisonError};

use payglot_bindings::Background;

static RUNTIME: OnceLock<Background> = OnceLock::new();

/// The runtime, started by the first call.
pub fn background() -> std::io::Result<&'static Background> {
    static STARTING: Mutex<()> = Mutex::new(());
    if let Some(background) = RUNTIME.get() {
        return Ok(background);
    }
    let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(background) = RUNTIME.get() {
        return Ok(background);
    }
    let background = Background::start()?;
    Ok(RUNTIME.get_or_init(|| background))
}
