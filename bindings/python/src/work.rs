//! A call from its description to its outcome; nothing here touches Python until the outcome is decoded.

use jiff::Timestamp;
use payglot::runtime::client::{CallContext, CallFate, CallOptions, Core, is_list, other_shape};
use payglot::runtime::paging::{Turn, Walk, fetch};
use payglot::runtime::request::PreparedRequest;
use payglot::schema::{Operation, Replay, ResponseForm, Type};
use payglot::{Error, Response};
use payglot_bindings::RawRequest;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString};

use crate::classes::Classes;
use crate::errors;
use crate::model::Model;
use crate::output::{Context, plain_json};
use crate::streams::{self, Streamed};

/// What to send.
pub enum Work {
    /// A call of the provider's document.
    Operation {
        operation: &'static Operation,
        request: PreparedRequest,
        /// The page that is asked for, where there are pages.
        walk: Option<Walk>,
    },
    /// A page that cannot be asked for, which is told when it is waited for.
    Invalid(&'static Operation, Error),
    /// Any other call.
    RawRequest(RawRequest),
    /// A call that is read while it comes.
    Streamed(Box<Streamed>),
}

/// The result of a call, and when it came.
pub struct Outcome {
    pub result: Result<Response, Error>,
    /// What follows the page, where the response is one.
    pub turn: Option<Turn>,
    pub received: Timestamp,
}

impl Work {
    /// Sends it, also told of its fate where `fate` is there.
    pub fn run(
        self,
        core: Core,
        options: CallOptions,
        fate: Option<&CallFate>,
    ) -> impl Future<Output = Outcome> + Send + use<> {
        let options = CallOptions { fate: fate.cloned(), ..options };
        let call = async move {
            let mut turn = None;
            let result = match self {
                Self::Operation { operation, request, walk: None } => {
                    core.call(operation, &request, &options).await
                }
                Self::Operation { operation, request, walk: Some(walk) } => {
                    let page = fetch(&core, operation, &request, &options, &walk).await;
                    page.map(|(response, of_page)| {
                        turn = Some(of_page);
                        response
                    })
                }
                Self::Invalid(_, error) => Err(error),
                Self::RawRequest(request) => request.send(&core, &options).await,
                Self::Streamed(streamed) => streamed.run(&core, &options).await,
            };
            Outcome { result, turn, received: Timestamp::now() }
        };
        CallFate::watch(fate, call)
    }

    /// What decodes its response.
    pub fn decoder(&self, classes: &'static Classes) -> ResponseDecoder {
        let call = match self {
            Self::Operation { operation, .. } | Self::Invalid(operation, _) => {
                Call::Operation(operation)
            }
            Self::RawRequest(request) => Call::RawRequest(request.replay),
            Self::Streamed(streamed) => streamed.call(),
        };
        ResponseDecoder { call, classes }
    }
}

/// Turns a response into a Python value.
#[derive(Clone, Copy)]
pub struct ResponseDecoder {
    call: Call,
    classes: &'static Classes,
}

/// What a response is of.
#[derive(Clone, Copy)]
pub enum Call {
    Operation(&'static Operation),
    RawRequest(Replay),
    /// One event of its stream.
    Event(&'static Operation),
    /// The number of bytes that were written to a file.
    Count(&'static Operation),
}

impl ResponseDecoder {
    /// What errors say about the call.
    pub fn context(self) -> CallContext {
        match self.call {
            Call::Operation(operation) | Call::Event(operation) | Call::Count(operation) => {
                CallContext::of(operation)
            }
            Call::RawRequest(replay) => CallContext::raw(replay),
        }
    }

    /// The record of an error that says that a payment failed, as a model.
    pub fn failed_record<'py>(
        self,
        py: Python<'py>,
        error: &Error,
        received: Timestamp,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (Some(record), Call::Operation(operation)) = (error.record_json(), self.call) else {
            return Ok(None);
        };
        let context = Context { py, classes: self.classes, received, depth: 0 };
        let ty =
            error.status().map_or(operation.response, |status| operation.response_under(status));
        context.value(ty, record)
    }

    /// The payload as Python values: a model, a list of models, plain JSON, or `None` where it is null.
    pub fn payload<'py>(
        self,
        py: Python<'py>,
        response: &Response,
        turn: Option<&Turn>,
        received: Timestamp,
    ) -> PyResult<Bound<'py, PyAny>> {
        let payload = response.payload().filter(|payload| !payload.is_null());
        if let (Call::Event(operation), Some(event)) = (self.call, payload) {
            let context = Context { py, classes: self.classes, received, depth: 0 };
            return streams::event(context, operation, event);
        }
        let Call::Operation(operation) = self.call else {
            return payload.map_or_else(
                || Ok(py.None().into_bound(py)),
                |payload| plain_json(py, payload.json()),
            );
        };
        let context = Context { py, classes: self.classes, received, depth: 0 };
        if operation.returns.form != ResponseForm::Json || response.has_other_body() {
            return other_form(context, operation, response);
        }
        let ty = operation.response_under(response.status());
        let value = match (is_list(operation), payload) {
            (true, None) => Some(PyList::empty(py).into_any()),
            (false, None) => Some(py.None().into_bound(py)),
            (true, Some(payload)) => match payload.as_items() {
                Some(items) => {
                    let new = items.get(turn.map_or(0, |turn| turn.skip)..).unwrap_or_default();
                    context.list(operation.response, new)?.map(Bound::into_any)
                }
                None => None,
            },
            (false, Some(payload)) if matches!(ty, Type::Any) => {
                Some(plain_json(py, payload.json())?)
            }
            (false, Some(payload)) => context.value(ty, payload)?,
        };
        let value =
            value.ok_or_else(|| errors::from_runtime(py, &other_shape(operation, response)))?;
        if let Ok(model) = value.cast::<Model>()
            && let Some(id) = response.request_id()
        {
            model.get().set_request_id(id);
        }
        Ok(value)
    }
}

/// What is not the operation's JSON: text, bytes, or what came of which the document does not say what it is.
#[cold]
fn other_form<'py>(
    context: Context<'py>,
    operation: &'static Operation,
    response: &Response,
) -> PyResult<Bound<'py, PyAny>> {
    let py = context.py;
    match (operation.returns.form, response.bytes(), response.plain_text()) {
        (ResponseForm::Bytes, bytes, _) => {
            let bytes = bytes.map_or(&[][..], |bytes| bytes);
            return Ok(PyBytes::new(py, bytes).into_any());
        }
        (ResponseForm::Json, Some(bytes), _) => return Ok(PyBytes::new(py, bytes).into_any()),
        (ResponseForm::Json, None, None) => {}
        _ => return Ok(PyString::new(py, response.text()).into_any()),
    }
    let Some(payload) = response.payload() else { return Ok(py.None().into_bound(py)) };
    let declared = match payload.as_items().filter(|_| is_list(operation)) {
        Some(items) => context.list(operation.response, &items)?.map(Bound::into_any),
        None if is_list(operation) || !response.is_as_declared(operation.response) => None,
        None => context.value(operation.response, payload)?,
    };
    declared.map_or_else(|| plain_json(py, payload.json()), Ok)
}
