//! The thread that runs calls while the language above does something else.
//!
//! There is only one: a call waits for the network nearly all of its time, and computes less than an interpreter does with
//! its response; more threads would only pass work back and forth. It ends with the process, whatever is in flight.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::Notify;

use crate::running::{Call, Running};

/// Setting the timer that ends first makes the runtime wake its own thread, which is a system call. With a tick that
/// always ends sooner, the timeout of a call is never the first.
const TICK: Duration = Duration::from_secs(10);

/// The thread, and the calls that it has to begin. Clones are the same thread.
#[derive(Clone)]
pub struct Background {
    runtime: Handle,
    queue: Arc<Queue>,
}

/// Calls that have not begun. The first wakes the thread, which takes all of them: waking it is a system call.
#[derive(Default)]
struct Queue {
    calls: Mutex<Vec<Running>>,
    is_woken: AtomicBool,
    wake: Notify,
}

impl Background {
    /// Starts the thread.
    pub fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let this = Self { runtime: runtime.handle().clone(), queue: Arc::default() };
        runtime.spawn(this.queue.clone().begin_all());
        let thread = std::thread::Builder::new().name("payglot".to_owned());
        thread.spawn(move || runtime.block_on(tick()))?;
        Ok(this)
    }

    /// Begins a call that completes by itself, also where it is dropped.
    ///
    /// One that is alone is polled on this thread first: its request is sent before another thread has to wake up. One
    /// among many is left to the background: the thread of an interpreter has other things to do than sign and send.
    pub fn run(&self, is_alone: bool, call: impl Future<Output = ()> + Send + 'static) -> Running {
        let call: Call = Box::pin(call);
        if is_alone {
            return Running::begin(&self.runtime, call);
        }
        let running = Running::later(&self.runtime, call);
        self.queue.push(running.clone());
        running
    }
}

impl Queue {
    fn push(&self, call: Running) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        if !self.is_woken.swap(true, Ordering::AcqRel) {
            self.wake.notify_one();
        }
    }

    async fn begin_all(self: Arc<Self>) {
        loop {
            self.wake.notified().await;
            self.is_woken.store(false, Ordering::Release);
            let calls =
                std::mem::take(&mut *self.calls.lock().unwrap_or_else(PoisonError::into_inner));
            for call in calls {
                call.spawn();
            }
        }
    }
}

async fn tick() {
    loop {
        tokio::time::sleep(TICK).await;
    }
}
