//! What waits to cross from the runtime's thread to the thread of a Node environment.
//!
//! Ended calls and log lines wait here until the environment takes all of them in one go. It is woken by the
//! first that arrives, and only after the runtime has done what else is ready: thirty-two answers that came
//! together wake JavaScript once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::Status;
use napi::bindgen_prelude::{Either, FnArgs, Function, Latin1String};
use napi::threadsafe_function::{
    ThreadsafeFunction, ThreadsafeFunctionCallMode, UnknownReturnValue,
};
use payglot::ErrorKind;
use payglot_bindings::{Background, Running};
use tokio::runtime::Handle;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber as _;

use crate::failure;
use crate::work::Work;

/// V8 keeps text without other than ASCII letters at one byte each, and takes it over faster.
pub type Text = Either<Latin1String, String>;
/// Calls, each as its number times two, plus one where it succeeded; their answers or errors as JSON; and
/// log lines, each as the number of its logger and JSON.
pub type News = FnArgs<(Vec<u32>, Vec<Text>, Vec<u32>, Vec<String>)>;
/// Not called with an error, and no reason for the event loop to stay: `lib/calls.cjs` sees to that.
type Wake = ThreadsafeFunction<(), UnknownReturnValue, News, Status, false, true>;

/// The calls of one environment, and its news.
#[derive(Clone)]
pub struct Queue {
    state: Arc<Mutex<State>>,
    wake: Arc<Wake>,
}

#[derive(Default)]
struct State {
    /// Begun by the next [`Queue::flush`].
    waiting: Vec<(u32, Work, Option<Dispatch>)>,
    /// Neither ended nor cancelled; nothing to stop until they have begun.
    running: HashMap<u32, Option<Running>>,
    ended: (Vec<u32>, Vec<Text>),
    lines: (Vec<u32>, Vec<String>),
    /// The environment has been woken, and has not come yet.
    is_woken: bool,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Queue {
    /// `hear` is called on the environment's thread with what is new.
    pub fn new(hear: &Function<'_, News, UnknownReturnValue>) -> napi::Result<Self> {
        let state = Arc::new(Mutex::new(State::default()));
        let queue = state.clone();
        let wake = hear
            .build_threadsafe_function::<()>()
            .callee_handled::<false>()
            .weak::<true>()
            .build_callback(move |_| {
                let mut state = lock(&queue);
                state.is_woken = false;
                let (calls, texts) = std::mem::take(&mut state.ended);
                let (loggers, lines) = std::mem::take(&mut state.lines);
                Ok(News::from((calls, texts, loggers, lines)))
            })?;
        Ok(Self { state, wake: Arc::new(wake) })
    }

    /// Keeps a call for the next [`Queue::flush`].
    pub fn add(&self, id: u32, work: Work, log: Option<Dispatch>) {
        let mut state = lock(&self.state);
        state.running.insert(id, None);
        state.waiting.push((id, work, log));
    }

    /// Begins the calls that were added.
    pub fn flush(&self, background: &Background) {
        let (waiting, is_alone) = {
            let mut state = lock(&self.state);
            (std::mem::take(&mut state.waiting), state.running.len() == 1)
        };
        for (id, work, log) in waiting {
            let ticket = Ticket { id, queue: self.clone(), is_settled: false };
            let call = match log {
                None => background.run(is_alone, async move { ticket.settle(work.run().await) }),
                Some(log) => {
                    let run = work.run().with_subscriber(log);
                    background.run(is_alone, async move { ticket.settle(run.await) })
                }
            };
            // One that has ended has left the list, and needs nothing that stops it.
            if let Some(slot) = lock(&self.state).running.get_mut(&id) {
                *slot = Some(call);
            }
        }
    }

    /// Ends the calls that were added: there is nothing to run them.
    pub fn refuse(&self, message: &str) {
        let waiting = std::mem::take(&mut lock(&self.state).waiting);
        for (id, _, _) in waiting {
            self.end(id, Err(failure::to_json_of(ErrorKind::ApiConnection, "", message)));
        }
    }

    /// Stops a call; it does not end.
    pub fn cancel(&self, id: u32) {
        let call = {
            let mut state = lock(&self.state);
            state.waiting.retain(|(waiting, ..)| *waiting != id);
            state.running.remove(&id)
        };
        if let Some(Some(call)) = call {
            call.stop();
        }
    }

    /// Stops everything.
    pub fn close(&self) {
        let running = {
            let mut state = lock(&self.state);
            state.waiting.clear();
            std::mem::take(&mut state.running)
        };
        for call in running.into_values().flatten() {
            call.stop();
        }
    }

    /// Adds a line for a logger.
    pub fn log(&self, logger: u32, line: String) {
        let mut state = lock(&self.state);
        state.lines.0.push(logger);
        state.lines.1.push(line);
        self.tell(state);
    }

    fn end(&self, id: u32, result: Result<String, String>) {
        let (ok, text) = match result {
            Ok(text) => (1, text),
            Err(text) => (0, text),
        };
        let text = if text.is_ascii() { Either::A(text.into()) } else { Either::B(text) };
        let mut state = lock(&self.state);
        if state.running.remove(&id).is_some() {
            state.ended.0.push(id * 2 + ok);
            state.ended.1.push(text);
            self.tell(state);
        }
    }

    /// Wakes the environment, unless somebody has. One that is closing has nobody to tell.
    fn tell(&self, mut state: MutexGuard<'_, State>) {
        if std::mem::replace(&mut state.is_woken, true) {
            return;
        }
        drop(state);
        let wake = self.wake.clone();
        let call = move || wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        match Handle::try_current() {
            // As a task of its own, behind those that are ready: they may have news too.
            Ok(runtime) => drop(runtime.spawn(async move { call() })),
            Err(_) => drop(call()),
        }
    }
}

/// Sees to it that a call settles, even where it ends in a way that nobody planned.
struct Ticket {
    id: u32,
    queue: Queue,
    is_settled: bool,
}

impl Ticket {
    fn settle(mut self, result: Result<String, String>) {
        self.is_settled = true;
        self.queue.end(self.id, result);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.is_settled {
            let message = "the call ended without an answer; whether it took effect is not known";
            let error = failure::to_json_of(ErrorKind::OutcomeUnknown, "", message);
            self.queue.end(self.id, Err(error));
        }
    }
}
