//! A call from its description to its outcome; nothing here touches Python until the outcome is read.

use jiff::Timestamp;
use payglot::runtime::client::{CallOptions, Core, is_list};
use payglot::runtime::request::PreparedRequest;
use payglot::schema::{Operation, Replay, Type};
use payglot::{Error, Response};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::classes::Classes;
use crate::errors;
use crate::output::{Context, plain_json};

/// What to send.
pub enum Work {
    /// A call of the provider's document.
    Operation { operation: &'static Operation, args: PreparedRequest },
    /// Any other call.
    Request {
        method: String,
        path: String,
        query: Vec<(String, String)>,
        body: Option<String>,
        replay: Replay,
    },
}

/// What came of it, and when.
pub struct Outcome {
    pub result: Result<Response, Error>,
    pub received: Timestamp,
}

impl Work {
    /// Sends it.
    pub async fn run(self, core: Core, options: CallOptions) -> Outcome {
        let result = match &self {
            Self::Operation { operation, args } => core.call(operation, args, &options).await,
            Self::Request { method, path, query, body, replay } => {
                core.request(method, path, query, body.clone(), *replay, &options).await
            }
        };
        Outcome { result, received: Timestamp::now() }
    }

    /// How to read what comes of it.
    pub fn reading(&self, classes: &'static Classes) -> Reading {
        let operation = match self {
            Self::Operation { operation, .. } => Some(*operation),
            Self::Request { .. } => None,
        };
        Reading { operation, classes }
    }
}

/// How an answer becomes a Python value.
#[derive(Clone, Copy)]
pub struct Reading {
    operation: Option<&'static Operation>,
    classes: &'static Classes,
}

impl Reading {
    /// The name for messages.
    pub fn name(self) -> &'static str {
        self.operation.map_or("request", |operation| operation.name)
    }

    /// The payload as Python values: a model, a list of models, plain JSON, or `None` where it is null.
    pub fn payload<'py>(
        self,
        py: Python<'py>,
        answer: &Response,
        received: Timestamp,
    ) -> PyResult<Bound<'py, PyAny>> {
        let payload = answer.payload().filter(|payload| !payload.is_null());
        let Some(operation) = self.operation else {
            return payload.map_or_else(
                || Ok(py.None().into_bound(py)),
                |payload| plain_json(py, payload.json()),
            );
        };
        let context = Context { py, classes: self.classes, received, depth: 0 };
        let value = match (is_list(operation), payload) {
            (true, None) => Some(PyList::empty(py).into_any()),
            (false, None) => Some(py.None().into_bound(py)),
            (true, Some(payload)) => match payload.as_items() {
                Some(items) => Some(context.list(operation.response, &items)?.into_any()),
                None => None,
            },
            (false, Some(payload)) if matches!(operation.response, Type::Any) => {
                Some(plain_json(py, payload.json())?)
            }
            (false, Some(payload)) => context.value(operation.response, payload)?,
        };
        value.ok_or_else(|| misshapen(py, operation, answer))
    }
}

/// The vendor did answer, but not with what the document says.
fn misshapen(py: Python<'_>, operation: &Operation, answer: &Response) -> PyErr {
    let status = answer.status();
    let message = format!(
        "the vendor answered {status}, but the answer was not understood: it has another shape"
    );
    errors::exception(py, "ResponseFormatError", operation.name, &message, |fields| {
        fields.set_item("status", status)?;
        fields.set_item("body", answer.text())
    })
}
