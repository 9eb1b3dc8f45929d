//! The tokio runtime that runs every call of the process.
//!
//! It belongs to the process and not to a Node environment, so worker threads share it and may come and go.
//! It is never shut down: at exit its threads end with the process, whatever is still in flight.

use std::sync::{Mutex, OnceLock, PoisonError};

use tokio::runtime::{Builder, Handle, Runtime};

/// Most threads; JavaScript runs beside them, so more would only hand work back and forth.
const MAX_THREADS: usize = 4;

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// The runtime, started by the first call.
pub fn handle() -> std::io::Result<&'static Handle> {
    static STARTING: Mutex<()> = Mutex::new(());
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime.handle());
    }
    let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime.handle());
    }
    let threads =
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(MAX_THREADS);
    let runtime = Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_name("payglot")
        .enable_all()
        .build()?;
    Ok(RUNTIME.get_or_init(|| runtime).handle())
}
