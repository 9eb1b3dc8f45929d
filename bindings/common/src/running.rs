//! A call on its way, on the thread that asked for it or in the background, and how it is stopped.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// What a call does; it tells by itself how it ends, also where it is dropped.
pub(crate) type Call = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A call that goes on while the language above does something else. Clones are the same call.
#[derive(Clone)]
pub struct Running(Arc<Shared>);

struct Shared {
    runtime: Handle,
    state: Mutex<State>,
}

enum State {
    /// On the thread that asked for it; whether it could go on already.
    Beginning {
        is_woken: bool,
    },
    /// For its beginning, the network or the clock.
    Waiting(Call),
    Spawned(AbortHandle),
    Ended,
}

impl Running {
    /// Begins the call here, and goes no further than it can without waiting; then it is the runtime's.
    pub(crate) fn begin(runtime: &Handle, mut call: Call) -> Self {
        let this = Self::in_state(runtime, State::Beginning { is_woken: false });
        let waker = Waker::from(this.0.clone());
        let poll = {
            let _context = runtime.enter();
            let poll = || call.as_mut().poll(&mut Context::from_waker(&waker));
            // As the runtime does it with its tasks.
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

    /// Leaves a call that waits to the runtime.
    pub(crate) fn go_on(self) {
        self.0.wake();
    }

    /// Stops the call; it does not end.
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

/// Something has happened: from here on the runtime runs the call.
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

    /// Tells of its end.
    struct Ticket(Sender<&'static str>, &'static str);

    impl Drop for Ticket {
        fn drop(&mut self) {
            let _ = self.0.send(self.1);
        }
    }

    fn name_of_thread() -> Option<String> {
        thread::current().name().map(str::to_owned)
    }

    #[test]
    fn it_begins_here_and_goes_on_there() {
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
    fn what_happens_while_it_begins_is_not_missed() {
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
    fn stopped_it_is_dropped_wherever_it_is() {
        let background = Background::start().unwrap();
        let (sender, ends) = channel();
        let waiting = || {
            let ticket = Ticket(sender.clone(), "dropped");
            async move {
                let _ticket = ticket;
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
    fn many_that_begin_together_all_begin() {
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
        let ticket = Ticket(sender, "dropped");
        let _running = background.run(true, async move {
            let _ticket = ticket;
            panic!("of a test");
        });
        assert_eq!(ends.recv_timeout(LONG), Ok("dropped"));
    }
}
