//! Calls in flight for one Node environment.
//!
//! JavaScript numbers its calls. A call runs on the process's runtime and ends with a number, whether it
//! succeeded, and a text. Ended calls go on a queue that the environment's thread empties in one go: it is
//! woken by the first of them alone. An environment that is gone (a worker that ended) takes its calls with it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::Status;
use napi::bindgen_prelude::{Either, FnArgs, Function, Latin1String};
use napi::threadsafe_function::{
    ThreadsafeFunction, ThreadsafeFunctionCallMode, UnknownReturnValue,
};
use napi_derive::napi;
use payglot::ErrorKind;
use payglot::runtime::Core;
use payglot::schema::Operation;
use tokio::task::AbortHandle;

use crate::client::Client;
use crate::request::{self, Refused};
use crate::{answer, failure, runtime};

/// V8 keeps text without other than ASCII letters at one byte each, and takes it over faster.
type Text = Either<Latin1String, String>;
/// Numbers of calls, whether each succeeded, and their answers or errors as JSON.
type Ended = FnArgs<(Vec<u32>, Vec<bool>, Vec<Text>)>;
/// Not called with an error, and no reason for the event loop to stay: `lib/calls.cjs` sees to that.
type Wake = ThreadsafeFunction<(), UnknownReturnValue, Ended, Status, false, true>;

/// The calls of one environment.
#[napi]
pub struct Calls {
    state: Arc<Mutex<State>>,
    wake: Arc<Wake>,
}

#[derive(Default)]
struct State {
    running: HashMap<u32, AbortHandle>,
    ended: Vec<(u32, bool, Text)>,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The environment ends: what is in flight stops, as nobody will hear of it.
impl Drop for Calls {
    fn drop(&mut self) {
        let running = std::mem::take(&mut lock(&self.state).running);
        for call in running.values() {
            call.abort();
        }
    }
}

#[napi]
impl Calls {
    /// `settle` is called with the numbers of ended calls, whether each succeeded, and their texts.
    #[napi(constructor)]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn new(settle: Function<'_, Ended, UnknownReturnValue>) -> napi::Result<Self> {
        let state = Arc::new(Mutex::new(State::default()));
        let queue = state.clone();
        let wake = settle
            .build_threadsafe_function::<()>()
            .callee_handled::<false>()
            .weak::<true>()
            .build_callback(move |_| {
                let ended = std::mem::take(&mut lock(&queue).ended);
                let mut lists = (Vec::new(), Vec::new(), Vec::new());
                for (id, ok, text) in ended {
                    lists.0.push(id);
                    lists.1.push(ok);
                    lists.2.push(text);
                }
                Ok(Ended::from(lists))
            })?;
        Ok(Self { state, wake: Arc::new(wake) })
    }

    /// Starts a call of an operation. With `whole`, its text is everything about the answer instead of the
    /// payload; `page` is the page to ask for, or 0.
    #[napi]
    pub fn start(
        &self,
        client: &Client,
        id: u32,
        operation: u32,
        whole: bool,
        page: u32,
        request: String,
    ) {
        let core = client.core.clone();
        let operation = core.provider().operations.get(operation as usize);
        self.spawn(id, async move {
            let Some(operation) = operation else {
                return Err(failure::to_json_of(
                    ErrorKind::InvalidRequest,
                    "",
                    "there is no such operation",
                ));
            };
            call(&core, operation, whole, page, &request).await
        });
    }

    /// Starts a call outside the document.
    #[napi]
    pub fn request(&self, client: &Client, id: u32, whole: bool, request: String) {
        let core = client.core.clone();
        self.spawn(id, async move { other_call(&core, whole, &request).await });
    }

    /// Stops a call; it does not settle.
    #[napi]
    pub fn cancel(&self, id: u32) {
        let call = lock(&self.state).running.remove(&id);
        if let Some(call) = call {
            call.abort();
        }
    }

    fn spawn(&self, id: u32, call: impl Future<Output = Result<String, String>> + Send + 'static) {
        let ticket =
            Ticket { id, state: self.state.clone(), wake: self.wake.clone(), is_settled: false };
        let runtime = match runtime::handle() {
            Ok(runtime) => runtime,
            Err(error) => {
                let message = format!("the runtime could not be started: {error}");
                return ticket.settle(Err(failure::to_json_of(
                    ErrorKind::ApiConnection,
                    "",
                    &message,
                )));
            }
        };
        // Held until the call is listed, so that one that ends at once cannot be listed after its end.
        let mut state = lock(&self.state);
        let task = runtime.spawn(async move { ticket.settle(call.await) });
        state.running.insert(id, task.abort_handle());
    }
}

/// Sees to it that a call settles, even where it ends in a way that nobody planned.
struct Ticket {
    id: u32,
    state: Arc<Mutex<State>>,
    wake: Arc<Wake>,
    is_settled: bool,
}

impl Ticket {
    fn settle(mut self, result: Result<String, String>) {
        self.end(result);
    }

    fn end(&mut self, result: Result<String, String>) {
        self.is_settled = true;
        let (ok, text) = match result {
            Ok(text) => (true, text),
            Err(text) => (false, text),
        };
        let text = if text.is_ascii() { Either::A(text.into()) } else { Either::B(text) };
        let is_first = {
            let mut state = lock(&self.state);
            state.running.remove(&self.id);
            state.ended.push((self.id, ok, text));
            state.ended.len() == 1
        };
        // An environment that is closing has nobody to tell.
        if is_first {
            self.wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // A cancelled call has been forgotten by JavaScript, which ignores this message.
        if !self.is_settled {
            let message = "the call ended without an answer; whether it took effect is not known";
            self.end(Err(failure::to_json_of(ErrorKind::OutcomeUnknown, "", message)));
        }
    }
}

async fn call(
    core: &Core,
    operation: &'static Operation,
    whole: bool,
    page: u32,
    request: &str,
) -> Result<String, String> {
    let checked = request::check(core, operation, request, page)
        .map_err(|refused| refusal(refused, operation.name))?;
    let answer = core
        .call(operation, &checked.args, &checked.options)
        .await
        .map_err(|error| failure::to_json(&error))?;
    let mut out = String::with_capacity(answer.text().len() + 128);
    answer::value(&mut out, &answer, operation, checked.page).map_err(|answer::OtherShape| {
        failure::to_json_of_answer(operation.name, answer.status(), answer.text())
    })?;
    Ok(if whole { answer::whole(&answer, &out) } else { out })
}

async fn other_call(core: &Core, whole: bool, request: &str) -> Result<String, String> {
    let other = request::check_other(request).map_err(|refused| refusal(refused, "request"))?;
    let answer = core
        .request(&other.method, &other.path, &other.query, other.body, other.replay, &other.options)
        .await
        .map_err(|error| failure::to_json(&error))?;
    let mut out = String::with_capacity(answer.text().len() + 128);
    answer::untyped(&mut out, &answer);
    Ok(if whole { answer::whole(&answer, &out) } else { out })
}

fn refusal(refused: Refused, operation: &str) -> String {
    match refused {
        Refused::Core(error) => failure::to_json(&error),
        Refused::Text(kind, message) => failure::to_json_of(kind, operation, message),
    }
}
