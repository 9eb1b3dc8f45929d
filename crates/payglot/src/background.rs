//! The thread that runs calls while the language above does something else.
//!
//! It is only one: a call waits for the network nearly all of its time, and what it computes is less than what an
//! interpreter does with its answer; more threads would hand work back and forth. It ends with the process, whatever
//! is still in flight.

use std::io;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};

/// A timer that ends sooner than all others makes the runtime's thread wake itself, at the price of a call of
/// the system. With a tick that is always near, the timeout of a call is not the next timer.
const TICK: Duration = Duration::from_secs(10);

/// Starts one.
pub fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let thread = std::thread::Builder::new().name("payglot".to_owned());
    thread.spawn(move || runtime.block_on(tick()))?;
    Ok(handle)
}

async fn tick() {
    loop {
        tokio::time::sleep(TICK).await;
    }
}
