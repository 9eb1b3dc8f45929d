//! A call that goes on while the language above does something else.
//!
//! One that is alone begins on the thread that asks for it: its request leaves before another thread has to wake up, and
//! the runtime takes over when something happens on the network. One among many is the runtime's from the
//! beginning: the thread of an interpreter has more to do than to sign and to send.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// What a call does; it tells by itself how it ends, also where it is dropped.
type Call = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A call that has begun. Clones are the same call.
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
    /// For the network or for the clock.
    Waiting(Call),
    Spawned(AbortHandle),
    Ended,
}

impl Running {
    /// Begins a call: one that is alone here, up to where it waits, and others by the runtime.
    pub fn start(
        runtime: &Handle,
        is_alone: bool,
        call: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        if is_alone { Self::begin(runtime, Box::pin(call)) } else { Self::spawn(runtime, call) }
    }

    fn spawn(runtime: &Handle, call: impl Future<Output = ()> + Send + 'static) -> Self {
        let task = runtime.spawn(call).abort_handle();
        Self::in_state(runtime, State::Spawned(task))
    }

    fn begin(runtime: &Handle, mut call: Call) -> Self {
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
    use crate::background;

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
        let runtime = background::start().unwrap();
        let (sender, threads) = channel();
        let here = name_of_thread();
        let running = Running::start(&runtime, true, async move {
            sender.send(name_of_thread()).unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
            sender.send(name_of_thread()).unwrap();
        });
        assert_eq!(threads.try_recv().unwrap(), here);
        assert_eq!(threads.recv_timeout(LONG).unwrap().as_deref(), Some("payglot"));
        running.stop();
        Running::start(&runtime, false, async {}).stop();
    }

    #[test]
    fn what_happens_while_it_begins_is_not_missed() {
        let runtime = background::start().unwrap();
        let (sender, ends) = channel();
        let mut polls = 0;
        let _running = Running::start(&runtime, true, async move {
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
        let runtime = background::start().unwrap();
        let (sender, ends) = channel();
        let waiting = |how: fn(&Handle, Call) -> Running| {
            let ticket = Ticket(sender.clone(), "dropped");
            let call = async move {
                let _ticket = ticket;
                pending::<()>().await;
            };
            how(&runtime, Box::pin(call)).stop();
            assert_eq!(ends.recv_timeout(LONG), Ok("dropped"));
        };
        waiting(|runtime, call| Running::start(runtime, true, call));
        waiting(|runtime, call| Running::start(runtime, false, call));
        waiting(|runtime, mut call| {
            let mut is_first = true;
            let call = poll_fn(move |context| {
                if std::mem::take(&mut is_first) {
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                call.as_mut().poll(context)
            });
            Running::start(runtime, true, call)
        });
    }

    #[test]
    fn a_panic_ends_the_call_alone() {
        let runtime = background::start().unwrap();
        let (sender, ends) = channel();
        let ticket = Ticket(sender, "dropped");
        let _running = Running::start(&runtime, true, async move {
            let _ticket = ticket;
            panic!("of a test");
        });
        assert_eq!(ends.recv_timeout(LONG), Ok("dropped"));
    }
}
