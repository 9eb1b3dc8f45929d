//! The thread that runs calls while the language above does something else.
//!
//! It is only one: a call waits for the network nearly all of its time, and what it computes is less than what an
//! interpreter does with its answer; more threads would hand work back and forth. It ends with the process, whatever
//! is still in flight.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::Notify;

use crate::running::{Call, Running};

/// A timer that ends sooner than all others makes the runtime's thread wake itself, at the price of a call of
/// the system. With a tick that is always near, the timeout of a call is not the next timer.
const TICK: Duration = Duration::from_secs(10);

/// The thread and what it is to begin. Clones are the same thread.
#[derive(Clone)]
pub struct Background {
    runtime: Handle,
    inbox: Arc<Inbox>,
}

/// Calls that have not begun. The thread is woken by the first, and takes all: to wake it costs a call of the system.
#[derive(Default)]
struct Inbox {
    calls: Mutex<Vec<Running>>,
    is_told: AtomicBool,
    news: Notify,
}

impl Background {
    /// Starts the thread.
    pub fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let this = Self { runtime: runtime.handle().clone(), inbox: Arc::default() };
        runtime.spawn(this.inbox.clone().begin_all());
        let thread = std::thread::Builder::new().name("payglot".to_owned());
        thread.spawn(move || runtime.block_on(tick()))?;
        Ok(this)
    }

    /// Begins a call that tells by itself how it ends, also where it is dropped.
    ///
    /// One that is alone begins on this thread, up to where it waits: its request leaves before another thread has to
    /// wake up. One among many is left to the background: the thread of an interpreter has more to do than to
    /// sign and to send.
    pub fn run(&self, is_alone: bool, call: impl Future<Output = ()> + Send + 'static) -> Running {
        let call: Call = Box::pin(call);
        if is_alone {
            return Running::begin(&self.runtime, call);
        }
        let running = Running::later(&self.runtime, call);
        self.inbox.put(running.clone());
        running
    }
}

impl Inbox {
    fn put(&self, call: Running) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        if !self.is_told.swap(true, Ordering::AcqRel) {
            self.news.notify_one();
        }
    }

    async fn begin_all(self: Arc<Self>) {
        loop {
            self.news.notified().await;
            self.is_told.store(false, Ordering::Release);
            let calls =
                std::mem::take(&mut *self.calls.lock().unwrap_or_else(PoisonError::into_inner));
            for call in calls {
                call.go_on();
            }
        }
    }
}

async fn tick() {
    loop {
        tokio::time::sleep(TICK).await;
    }
}
