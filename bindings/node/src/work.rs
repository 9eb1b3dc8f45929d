//! One call, from the JSON that asks for it to the JSON that JavaScript gets.

use payglot::runtime::client::{CallContext, CallFate, CallOptions, Core, apart, other_shape};
use payglot::runtime::paging::fetch;
use payglot::schema::{Operation, Replay};
use payglot::{Credential, ErrorKind};
use payglot_bindings::{BindingError, ErrorFields, InvalidRequest, RawRequest};

use crate::request;
use crate::response::{self, OtherShape};
use crate::streams::Streamed;

/// What to call.
pub enum Task {
    /// An operation of the provider.
    Operation {
        /// The operation.
        operation: &'static Operation,
        /// Whether to give the whole response instead of the payload alone.
        is_raw: bool,
        /// The page to ask for, as the page before it said; empty for the one in the arguments.
        walk: String,
        /// Arguments and options as JSON.
        request: String,
        /// The contents of the files that the request describes.
        files: Vec<Vec<u8>>,
    },
    /// A request outside the document, or why there is none.
    RawRequest(Result<Box<(RawRequest, CallOptions)>, InvalidRequest>),
    /// A call that is read while it comes.
    Streamed(Box<Streamed>),
    /// No call: credentials are read again, with these in their slots.
    Rotate(Vec<(String, Credential)>),
    /// `lib/` and this crate are of two versions.
    UnknownOperation,
}

/// What a call came to.
pub struct Success {
    /// What JavaScript reads, as JSON.
    pub text: String,
    /// Identifier of the request, for results that do not hold it.
    pub request_id: Option<String>,
}

impl From<String> for Success {
    fn from(text: String) -> Self {
        Self { text, request_id: None }
    }
}

/// A call that has not begun.
pub struct Work {
    /// The client that makes it.
    pub core: Core,
    /// What to call.
    pub task: Task,
    /// Of a call that must not be repeated: told what becomes of it when it is cancelled.
    pub fate: Option<CallFate>,
}

impl Work {
    /// A call of this client.
    pub fn new(core: Core, task: Task) -> Self {
        let mut work = Self { core, task, fate: None };
        work.fate = work.context().fate();
        work
    }

    /// What errors say about the call.
    pub fn context(&self) -> CallContext {
        match &self.task {
            Task::Operation { operation, .. } => CallContext::of(operation),
            Task::RawRequest(Ok(raw)) => raw.0.context(),
            Task::Streamed(streamed) => CallContext::of(streamed.operation()),
            // None is ever sent.
            Task::RawRequest(Err(_)) | Task::Rotate(_) | Task::UnknownOperation => {
                CallContext::raw(Replay::Read)
            }
        }
    }

    /// Makes the call, which is told of its fate. Errors are JSON.
    pub fn run(self) -> impl Future<Output = Result<Success, String>> {
        let fate = self.fate.clone();
        CallFate::watch(fate.as_ref(), self.call())
    }

    async fn call(self) -> Result<Success, String> {
        let Self { core, task, fate } = self;
        match task {
            Task::Operation { operation, is_raw, walk, request, files } => {
                call(&core, operation, is_raw, &walk, (&request, files), fate).await
            }
            Task::RawRequest(Ok(raw)) => {
                let (request, options) = *raw;
                let options = CallOptions { fate, ..options };
                let response = request.send(&core, &options).await;
                let response = response.map_err(|error| ErrorFields::from(&error).to_json())?;
                let size = response.text().len();
                let write = move || {
                    let mut data = String::with_capacity(response.text().len() + 128);
                    response::untyped(&mut data, &response);
                    response::whole(&response, &data)
                };
                Ok(apart(size, write).await.into())
            }
            Task::Streamed(streamed) => streamed.run(&core, fate).await.map(Success::from),
            Task::Rotate(given) => {
                let named = given.iter().map(|(name, value)| (name.as_str(), value.clone()));
                let rotated = core.rotate_to(named).await;
                rotated.map_err(|error| ErrorFields::from(&error).to_json())?;
                Ok("null".to_owned().into())
            }
            Task::RawRequest(Err(error)) => Err(error.fields("request").to_json()),
            Task::UnknownOperation => {
                let message = "there is no such operation";
                Err(ErrorFields::new(ErrorKind::InvalidRequest, "", message).to_json())
            }
        }
    }
}

async fn call(
    core: &Core,
    operation: &'static Operation,
    is_raw: bool,
    walk: &str,
    (request, files): (&str, Vec<Vec<u8>>),
    fate: Option<CallFate>,
) -> Result<Success, String> {
    let to_json = |error: BindingError| error.fields(operation.name).to_json();
    let checked = request::check(core, operation, (request, files), walk).map_err(to_json)?;
    let request::Checked { request, options, page } = checked;
    let options = CallOptions { fate, ..options };
    let response = match &page {
        None => core.call(operation, &request, &options).await.map(|response| (response, None)),
        Some(page) => {
            let page = fetch(core, operation, &request, &options, page).await;
            page.map(|(response, turn)| (response, Some(turn)))
        }
    };
    let (response, turn) = response.map_err(|error| {
        let record = response::failed_record(&error, operation);
        ErrorFields { record, ..ErrorFields::from(&error) }.to_json()
    })?;
    let size = response.text().len();
    let request_id = response.request_id();
    let write = move || {
        let mut data = String::with_capacity(size + 128);
        let page = page.as_ref().zip(turn.as_ref());
        response::value(&mut data, &response, operation, page).map_err(|OtherShape| {
            ErrorFields::from(&other_shape(operation, &response)).to_json()
        })?;
        Ok::<_, String>(if is_raw { response::whole(&response, &data) } else { data })
    };
    let text = apart(size, write).await?;
    Ok(Success { text, request_id })
}
