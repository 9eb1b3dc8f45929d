//! The tokio runtime that runs every call of the process.
//!
//! It belongs to the process and not to a Node environment, so worker threads share it and may come and go.
//! It is never shut down: at exit its thread ends with the process, whatever is still in flight.
//!
//! One thread is all it has. A call waits for the network nearly all of its time, and what it computes is
//! less than what JavaScript does with its answer; more threads would hand work back and forth.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Handle};

/// A timer that ends sooner than all others makes the runtime's thread wake itself, at the price of a call of
/// the system. With a tick that is always near, the timeout of a call is not the next timer.
const TICK: Duration = Duration::from_secs(10);

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
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("payglot".to_owned())
        .spawn(move || runtime.block_on(tick()))?;
    Ok(RUNTIME.get_or_init(|| handle))
}

async fn tick() {
    loop {
        tokio::time::sleep(TICK).await;
    }
}
