//! Calls in flight for one Node environment.
//!
//! JavaScript numbers its calls. A call runs on the process's runtime and completes with its number, whether it
//! succeeded, and a text. An environment that is gone (a worker that ended) takes its calls with it.

use napi::bindgen_prelude::{Either, Function, Uint8Array};
use napi::threadsafe_function::UnknownReturnValue;
use napi_derive::napi;
use payglot::Credential;
use payglot_bindings::{EventSource, credentials_of};

use crate::client::Client;
use crate::credentials::Readings;
use crate::queue::{Batch, Cancelled, Queue};
use crate::request::raw_request;
use crate::runtime;
use crate::streams::{Streamed, Streams};
use crate::work::{Task, Work};

/// The calls of one environment.
#[napi]
pub struct Calls {
    pub(crate) queue: Queue,
    streams: Streams,
    readings: Readings,
}

impl Calls {
    /// Makes credentials of the functions with numbers.
    pub(crate) fn functions(&self) -> impl Fn(u32) -> Credential + use<> {
        let (readings, queue) = (self.readings.clone(), self.queue.clone());
        move |function| readings.credential(&queue, function)
    }
}

/// The environment ends: what is in flight stops, as nobody waits for it any more.
impl Drop for Calls {
    fn drop(&mut self) {
        self.queue.close();
    }
}

#[napi]
impl Calls {
    /// `on_completions` is called with the calls that have completed and with log records; see [`Batch`].
    #[napi(constructor)]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn new(on_completions: Function<'_, Batch, UnknownReturnValue>) -> napi::Result<Self> {
        Ok(Self {
            queue: Queue::new(&on_completions)?,
            streams: <_>::default(),
            readings: <_>::default(),
        })
    }

    /// Adds a call of an operation to those that `flush` begins. With `is_raw`, its text is the whole response instead of
    /// the payload; `walk` is the page to ask for, as the page before it said, or empty.
    #[napi]
    pub fn start(
        &self,
        client: &Client,
        id: u32,
        operation: u32,
        is_raw: bool,
        walk: String,
        request: String,
    ) {
        let task = match client.core().provider().operations.get(operation as usize) {
            Some(operation) => {
                Task::Operation { operation, is_raw, walk, request, files: Vec::new() }
            }
            None => Task::UnknownOperation,
        };
        self.add(client, id, task);
    }

    /// Like `start`, with the contents of the files that the request describes, in their order.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn start_with_files(
        &self,
        client: &Client,
        id: u32,
        operation: u32,
        is_raw: bool,
        request: String,
        contents: Vec<Uint8Array>,
    ) {
        let task = match client.core().provider().operations.get(operation as usize) {
            Some(operation) => {
                let files = copied(&contents);
                Task::Operation { operation, is_raw, walk: String::new(), request, files }
            }
            None => Task::UnknownOperation,
        };
        self.add(client, id, task);
    }

    /// Adds a call outside the document to those that `flush` begins. Its text is the whole response.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn request(&self, client: &Client, id: u32, request: String) {
        self.add(client, id, Task::RawRequest(raw_request(&request).map(Box::new)));
    }

    /// Adds a call of an operation whose events `next_event` asks for, under a number that JavaScript chose. Its text is the
    /// head of the response. `contents` are of the files that the request describes.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn open_events(
        &self,
        client: &Client,
        id: u32,
        operation: u32,
        stream: u32,
        request: String,
        contents: Vec<Uint8Array>,
    ) {
        let task = match client.core().provider().operations.get(operation as usize) {
            Some(operation) => {
                let events = EventSource::new(operation);
                self.streams.add(stream, events.clone());
                let request = (request, copied(&contents));
                Task::Streamed(Box::new(Streamed::Open { events, request }))
            }
            None => Task::UnknownOperation,
        };
        self.add(client, id, task);
    }

    /// Adds the wait for the next event of a stream. Its text is the event, or null after the last.
    #[napi]
    pub fn next_event(&self, client: &Client, id: u32, stream: u32) {
        let task = match self.streams.get(stream) {
            Some(events) => Task::Streamed(Box::new(Streamed::Next { events })),
            None => Task::UnknownOperation,
        };
        self.add(client, id, task);
    }

    /// Closes a stream.
    #[napi]
    pub fn close_events(&self, stream: u32) {
        self.streams.close(stream);
    }

    /// Adds a call of an operation whose response is written to a file. Its text is the number of bytes. `contents` are of the
    /// files that the request describes.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn download(
        &self,
        client: &Client,
        id: u32,
        operation: u32,
        path: String,
        request: String,
        contents: Vec<Uint8Array>,
    ) {
        let task = match client.core().provider().operations.get(operation as usize) {
            Some(operation) => {
                let (path, request) = (path.into(), (request, copied(&contents)));
                Task::Streamed(Box::new(Streamed::File { operation, request, path }))
            }
            None => Task::UnknownOperation,
        };
        self.add(client, id, task);
    }

    /// Adds reading the credentials of a client again, with those that are JSON in their slots.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn rotate(&self, client: &Client, id: u32, credentials: String) {
        let given = credentials_of(&credentials, &self.functions());
        self.add(client, id, Task::Rotate(given));
    }

    /// The value of a credential that was asked for, or the name of the error's class.
    #[napi]
    pub fn credential(&self, reading: u32, value: Option<String>, problem: Option<String>) {
        self.readings.reply(reading, value.ok_or_else(|| problem.unwrap_or_default()));
    }

    /// Begins the calls that were added.
    #[napi]
    pub fn flush(&self) {
        match runtime::background() {
            Ok(background) => self.queue.flush(background),
            Err(error) => {
                self.queue.reject(&format!("the runtime could not be started: {error}"));
            }
        }
    }

    /// Stops a call, which then does not complete. False where it has completed already; an error as JSON where it may
    /// have taken effect.
    #[napi]
    pub fn cancel(&self, id: u32) -> Either<bool, String> {
        match self.queue.cancel(id) {
            Cancelled::Completed => Either::A(false),
            Cancelled::NotSent => Either::A(true),
            Cancelled::MayHaveHappened(error) => Either::B(error),
        }
    }

    fn add(&self, client: &Client, id: u32, task: Task) {
        self.queue.add(id, Work::new(client.core().clone(), task), client.log.clone());
    }
}

/// Copies: JavaScript may change what it has.
fn copied(contents: &[Uint8Array]) -> Vec<Vec<u8>> {
    contents.iter().map(|bytes| bytes.to_vec()).collect()
}
