//! The calls of a Node environment, and what waits to cross from the runtime's thread to the environment's.
//!
//! Completed calls and log records wait here until the environment takes all of them in one go.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::Status;
use napi::bindgen_prelude::{Either, FnArgs, Function, Latin1String};
use napi::threadsafe_function::{
    ThreadsafeFunction, ThreadsafeFunctionCallMode, UnknownReturnValue,
};
use payglot::ErrorKind;
use payglot::runtime::client::{CallContext, CallFate};
use payglot_bindings::{Background, CompletionGuard, Completions, ErrorFields, Running, wake_soon};
use tracing::Dispatch;
use tracing::instrument::WithSubscriber as _;

use crate::work::{Success, Work};

/// V8 keeps text without other than ASCII letters at one byte each, and takes it over faster.
pub type Text = Either<Latin1String, String>;
/// Completed calls, each as its number times two, plus one where it succeeded; their responses or errors as JSON; their request
/// ids; and log records and events for hooks, each as the number of its receiver and JSON.
pub type Batch = FnArgs<(Vec<u32>, Vec<Text>, Vec<Option<String>>, Vec<u32>, Vec<String>)>;
/// Not called with an error, and no reason for the event loop to stay: `lib/calls.cjs` sees to that.
type Wake = ThreadsafeFunction<(), UnknownReturnValue, Batch, Status, false, true>;

/// The calls of one environment. Clones are the same queue.
#[derive(Clone)]
pub struct Queue(Arc<Shared>);

struct Shared {
    calls: Mutex<Calls>,
    completions: Arc<Completions<Completed>>,
    wake: Wake,
}

#[derive(Default)]
struct Calls {
    /// Begun by the next [`Queue::flush`].
    waiting: Vec<(u32, Work, Option<Dispatch>)>,
    /// Neither completed nor cancelled; nothing to stop until they have begun.
    running: HashMap<u32, InFlight>,
}

struct InFlight {
    call: Option<Running>,
    context: CallContext,
    fate: Option<CallFate>,
}

/// What came of stopping a call.
pub enum Cancelled {
    /// It had completed: its result is on its way.
    Completed,
    /// Nothing was sent, or it may be repeated.
    NotSent,
    /// It may have taken effect: the error as JSON.
    MayHaveHappened(String),
}

/// The columns of [`Batch`].
#[derive(Default)]
struct Completed {
    calls: Vec<u32>,
    texts: Vec<Text>,
    request_ids: Vec<Option<String>>,
    loggers: Vec<u32>,
    log_records: Vec<String>,
}

impl Queue {
    /// `on_completions` is called on the environment's thread with what has completed.
    pub fn new(on_completions: &Function<'_, Batch, UnknownReturnValue>) -> napi::Result<Self> {
        let completions = Arc::<Completions<Completed>>::default();
        let taken = completions.clone();
        let wake = on_completions
            .build_threadsafe_function::<()>()
            .callee_handled::<false>()
            .weak::<true>()
            .build_callback(move |_| {
                let Completed { calls, texts, request_ids, loggers, log_records } = taken.take();
                Ok(Batch::from((calls, texts, request_ids, loggers, log_records)))
            })?;
        Ok(Self(Arc::new(Shared { calls: Mutex::default(), completions, wake })))
    }

    /// Keeps a call for the next [`Queue::flush`].
    pub fn add(&self, id: u32, work: Work, log: Option<Dispatch>) {
        let mut calls = self.calls();
        let (context, fate) = (work.context(), work.fate.clone());
        calls.running.insert(id, InFlight { call: None, context, fate });
        calls.waiting.push((id, work, log));
    }

    /// Begins the calls that were added.
    pub fn flush(&self, background: &Background) {
        let (waiting, is_alone) = {
            let mut calls = self.calls();
            (std::mem::take(&mut calls.waiting), calls.running.len() == 1)
        };
        for (id, work, log) in waiting {
            let (queue, context) = (self.clone(), work.context());
            let guard = CompletionGuard::new(move |result| {
                let lost = || Err(ErrorFields::lost(context).to_json());
                queue.complete(id, result.unwrap_or_else(lost));
            });
            let call = match log {
                None => {
                    let run = work.run();
                    background.run(is_alone, async move { guard.complete(run.await) })
                }
                Some(log) => {
                    let run = work.run().with_subscriber(log);
                    background.run(is_alone, async move { guard.complete(run.await) })
                }
            };
            // One that has completed has left the list, and needs nothing that stops it.
            if let Some(in_flight) = self.calls().running.get_mut(&id) {
                in_flight.call = Some(call);
            }
        }
    }

    /// Rejects the calls that were added: there is nothing to run them.
    pub fn reject(&self, message: &str) {
        let waiting = std::mem::take(&mut self.calls().waiting);
        for (id, work, _) in waiting {
            let operation = work.context().operation;
            let error = ErrorFields::new(ErrorKind::ApiConnection, operation, message);
            self.complete(id, Err(error.to_json()));
        }
    }

    /// Stops a call, which then does not complete.
    pub fn cancel(&self, id: u32) -> Cancelled {
        let in_flight = {
            let mut calls = self.calls();
            calls.waiting.retain(|(waiting, ..)| *waiting != id);
            calls.running.remove(&id)
        };
        let Some(InFlight { call, context, fate }) = in_flight else { return Cancelled::Completed };
        // One that has not begun has nothing to stop.
        let Some(call) = call else { return Cancelled::NotSent };
        call.stop();
        match ErrorFields::given_up(context, fate.as_ref()) {
            Some(error) => Cancelled::MayHaveHappened(error.to_json()),
            None => Cancelled::NotSent,
        }
    }

    /// Stops everything.
    pub fn close(&self) {
        let running = {
            let mut calls = self.calls();
            calls.waiting.clear();
            std::mem::take(&mut calls.running)
        };
        for in_flight in running.into_values() {
            if let Some(call) = in_flight.call {
                call.stop();
            }
        }
    }

    /// Adds a log record for a logger, or an event for a hook.
    pub fn log(&self, logger: u32, record: String) {
        self.push(|completed| {
            completed.loggers.push(logger);
            completed.log_records.push(record);
        });
    }

    fn complete(&self, id: u32, result: Result<Success, String>) {
        if self.calls().running.remove(&id).is_none() {
            return;
        }
        let (ok, Success { text, request_id }) = match result {
            Ok(success) => (1, success),
            Err(text) => (0, text.into()),
        };
        let text = if text.is_ascii() { Either::A(text.into()) } else { Either::B(text) };
        self.push(|completed| {
            completed.calls.push(id * 2 + ok);
            completed.texts.push(text);
            completed.request_ids.push(request_id);
        });
    }

    fn push(&self, add: impl FnOnce(&mut Completed)) {
        if self.0.completions.add(add) {
            let shared = self.0.clone();
            wake_soon(move || {
                // An environment that is closing waits for nothing.
                let _ = shared.wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
            });
        }
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.0.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
