//! Calls in flight for one Node environment.
//!
//! JavaScript numbers its calls. A call runs on the process's runtime and ends with a number, whether it
//! succeeded, and a text. An environment that is gone (a worker that ended) takes its calls with it.

use napi::bindgen_prelude::Function;
use napi::threadsafe_function::UnknownReturnValue;
use napi_derive::napi;

use crate::client::Client;
use crate::queue::{News, Queue};
use crate::runtime;
use crate::work::{Task, Work};

/// The calls of one environment.
#[napi]
pub struct Calls {
    pub(crate) queue: Queue,
}

/// The environment ends: what is in flight stops, as nobody will hear of it.
impl Drop for Calls {
    fn drop(&mut self) {
        self.queue.close();
    }
}

#[napi]
impl Calls {
    /// `hear` is called with the calls that ended and with lines for loggers; see [`News`].
    #[napi(constructor)]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn new(hear: Function<'_, News, UnknownReturnValue>) -> napi::Result<Self> {
        Ok(Self { queue: Queue::new(&hear)? })
    }

    /// Adds a call of an operation to those that `flush` begins. With `whole`, its text is everything about
    /// the answer instead of the payload; `page` is the page to ask for, or 0.
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
        let task = Task::Operation { index: operation, page };
        self.add(client, id, Work { core: client.core.clone(), task, whole, request });
    }

    /// Adds a call outside the document to those that `flush` begins.
    #[napi]
    pub fn request(&self, client: &Client, id: u32, whole: bool, request: String) {
        self.add(client, id, Work { core: client.core.clone(), task: Task::Path, whole, request });
    }

    /// Begins the calls that were added.
    #[napi]
    pub fn flush(&self) {
        match runtime::background() {
            Ok(background) => self.queue.flush(background),
            Err(error) => {
                self.queue.refuse(&format!("the runtime could not be started: {error}"));
            }
        }
    }

    /// Stops a call; it does not settle.
    #[napi]
    pub fn cancel(&self, id: u32) {
        self.queue.cancel(id);
    }

    fn add(&self, client: &Client, id: u32, work: Work) {
        self.queue.add(id, work, client.log.clone());
    }
}
