//! A call in flight, on the thread that started it or in the background, and how it is stopped.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// The future of a call; it completes the call by itself, also where it is dropped.
pub(crate) type Call = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A call that runs while the language above does something else. Clones are the same call.
#[derive(Clone)]
pub struct Running(Arc<Shared>);

struct Shared {
    runtime: Handle,
    state: Mutex<State>,
}

enum State {
    /// Polled on the thread that started it; whether its waker was called meanwhile.
    Beginning {
        is_woken: bool,
    },
    /// Not begun, or waits for the network or the clock.
    Waiting(Call),
    Spawned(AbortHandle),
    Ended,
}

impl Running {
    /// Polls the call on this thread once; from where it waits on, the runtime polls it.
    pub(crate) fn begin(runtime: &Handle, mut call: Call) -> Self {
        let this = Self::in_state(runtime, State::Beginning { is_woken: false });
        let waker = Waker::from(this.0.clone());
        let poll = {
            let _context = runtime.enter();
            let poll = || call.as_mut().poll(&mut Context::from_waker(&waker));
            // As the runtime does with its tasks.
            catch_unwind(AssertUnwindSafe(poll)).unwrap_or(Poll::Ready(()))
        };
        let mut state = this.0.lock();
        *state = match (poll, &*state) {
            (Poll::Ready(()), _) => State::Ended,
            (Poll::Pending, State::Beginning { is_woken: true }) => {
                State::Spawned(runtime.spawn(call).abort_handle())
            }
            (Poll::Pending, _) => State::Waiting(call),
        };
        drop(state);
        this
    }

    /// A call that has not begun.
    pub(crate) fn later(runtime: &Handle, call: Call) -> Self {
        Self::in_state(runtime, State::Waiting(call))
    }

    /// Lets the runtime poll a call that waits.
    pub(crate) fn spawn(self) {
        self.0.wake();
    }

    /// Stops the call by dropping its future.
    pub fn stop(&self) {
        let state = std::mem::replace(&mut *self.0.lock(), State::Ended);
        if let State::Spawned(task) = state {
            task.abort();
        }
    }

    fn in_state(runtime: &Handle, state: State) -> Self {
        Self(Arc::new(Shared { runtime: runtime.clone(), state: Mutex::new(state) }))
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When the call is woken, the runtime polls it from there on.
impl Wake for Shared {
    fn wake(self: Arc<Self>) {
        let mut state = self.lock();
        *state = match std::mem::replace(&mut *state, State::Ended) {
            State::Beginning { .. } => State::Beginning { is_woken: true },
            State::Waiting(call) => State::Spawned(self.runtime.spawn(call).abort_handle()),
            other => other,
        };
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};
    use std::sync::mpsc::{Sender, channel};
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::background::Background;

    const LONG: Duration = Duration::from_secs(5);

    /// Sends a message when it is dropped.
    struct OnDrop(Sender<&'static str>, &'static str);

    impl Drop for OnDrop {
        fn drop(&mut self) {
            let _ = self.0.send(self.1);
        }
    }

    fn name_of_thread() -> Option<String> {
        thread::current().name().map(str::to_owned)
    }

    #[test]
    fn a_call_begins_on_this_thread_and_continues_in_the_background() {
        let background = Background::start().unwrap();
        let (sender, threads) = channel();
        let here = name_of_thread();
        let running = background.run(true, async move {
            sender.send(name_of_thread()).unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
            sender.send(name_of_thread()).unwrap();
        });
        assert_eq!(threads.try_recv().unwrap(), here);
        assert_eq!(threads.recv_timeout(LONG).unwrap().as_deref(), Some("payglot"));
        running.stop();
        background.run(false, async {}).stop();
    }

    #[test]
    fn a_wake_up_during_the_first_poll_is_not_missed() {
        let background = Background::start().unwrap();
        let (sender, ends) = channel();
        let mut polls = 0;
        let _running = background.run(true, async move {
            poll_fn(|context| {
                polls += 1;
                context.waker().wake_by_ref();
                if polls < 3 { Poll::Pending } else { Poll::Ready(()) }
            })
            .await;
            sender.send("end").unwrap();
        });
        assert_eq!(ends.recv_timeout(LONG), Ok("end"));
    }

    #[test]
    fn a_call_that_is_stopped_is_dropped_in_every_state() {
        let background = Background::start().unwrap();
        let (sender, ends) = channel();
        let waiting = || {
            let on_drop = OnDrop(sender.clone(), "dropped");
            async move {
                let _on_drop = on_drop;
                pending::<()>().await;
            }
        };
        let woken = || {
            let mut call = Box::pin(waiting());
            let mut is_first = true;
            poll_fn(move |context| {
                if std::mem::take(&mut is_first) {
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                call.as_mut().poll(context)
            })
        };
        for stop in [
            background.run(true, waiting()),
            background.run(false, waiting()),
            background.run(true, woken()),
            background.run(false, woken()),
        ] {
            stop.stop();
            assert_eq!(ends.recv_timeout(LONG), Ok("dropped"));
        }
    }

    #[test]
    fn calls_that_begin_together_all_run() {
        let background = Background::start().unwrap();
        let (sender, ends) = channel();
        for count in 0..1000 {
            let sender = sender.clone();
            drop(background.run(count % 10 == 0, async move {
                tokio::task::yield_now().await;
                sender.send("end").unwrap();
            }));
        }
        assert_eq!((0..1000).filter(|_| ends.recv_timeout(LONG) == Ok("end")).count(), 1000);
    }

    #[test]
    fn a_panic_ends_the_call_alone() {
        let background = Background::start().unwrap();
        let (sender, ends) = channel();
        let on_drop = OnDrop(sender, "dropped");
        let _running = background.run(true, async move {
            let _on_drop = on_drop;
            panic!("of a test");
        });
        assert_eq!(ends.recv_timeout(LONG), Ok("dropped"));
    }
}
