//! A typed call before it is awaited: set its options, then `.await` it.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{CallOptions, Core};
use crate::error::Error;
use crate::json::{Document, FloatMoney, RawJson, ResponseValue, Value, write_text};
use crate::request::{PathParam, PreparedRequest, ToValue, prepare};
use crate::response::Response;
use crate::schema::Operation;

/// A call that has been described but not sent. Awaiting it sends it.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<'a, T> {
    pub(super) call: Described<'a>,
    payload: PhantomData<fn() -> T>,
}

/// What a call is made of, whatever its response becomes.
pub(super) struct Described<'a> {
    pub core: &'a Core,
    pub operation: &'static Operation,
    pub request: Result<PreparedRequest, Error>,
    pub options: CallOptions,
}

impl<'a> Described<'a> {
    pub fn new(
        core: &'a Core,
        operation: &'static Operation,
        path: &[&dyn PathParam],
        params: &[&dyn ToValue],
    ) -> Self {
        let path: Vec<Cow<'_, str>> = path.iter().map(|param| param.path_text()).collect();
        let params = fields(params);
        let request = prepare(operation, &path, &params, FloatMoney::Refuse);
        Self { core, operation, request, options: CallOptions::default() }
    }
}

/// The payload of a response together with what came around it.
#[derive(Debug, Clone)]
pub struct WithResponse<T> {
    /// The payload.
    pub value: T,
    /// Status, headers, message and raw text.
    pub response: Response,
}

impl<'a, T: Payload> Call<'a, T> {
    #[doc(hidden)]
    pub fn new(
        core: &'a Core,
        operation: &'static Operation,
        path: &[&dyn PathParam],
        params: &[&dyn ToValue],
    ) -> Self {
        Self { call: Described::new(core, operation, path, params), payload: PhantomData }
    }

    /// Time for this call with all its attempts.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.call.options.timeout = Some(timeout);
        self
    }

    /// How many times this call may be tried again where that is safe.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.call.options.max_retries = Some(retries);
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.call.options.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a query parameter that the document does not know.
    pub fn extra_query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.call.options.extra_query.push((name.into(), value.into()));
        self
    }

    /// Sends this `Idempotency-Key` instead of a fresh one.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.call.options.idempotency_key = Some(key.into());
        self
    }

    /// Names what the call means to do, 1 to 255 printable characters: the client's journal then sees to it that it is done
    /// at most once, whatever crashes.
    pub fn intent(mut self, intent: impl Into<String>) -> Self {
        self.call.options.intent = Some(intent.into());
        self
    }

    /// Whether a record that says that it failed is a [`PaymentFailed`](crate::ErrorKind::PaymentFailed) error instead.
    pub fn raise_on_failed(mut self, raise: bool) -> Self {
        self.call.options.raise_on_failed = Some(raise);
        self
    }

    /// Sends the call and gives status, headers and raw text beside the payload.
    pub async fn with_response(self) -> Result<WithResponse<T>, Error> {
        let Described { core, operation, request, options } = self.call;
        received(core, operation, &request?, &options).await
    }
}

/// A call's payload beside its response.
async fn received<T: Payload>(
    core: &Core,
    operation: &'static Operation,
    request: &PreparedRequest,
    options: &CallOptions,
) -> Result<WithResponse<T>, Error> {
    let response = core.call(operation, request, options).await?;
    let value = T::of(&response).ok_or_else(|| other_shape(operation, &response))?;
    Ok(WithResponse { value, response })
}

impl<'a, T: Payload + 'a> IntoFuture for Call<'a, T> {
    type Output = Result<T, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        let Described { core, operation, request, options } = self.call;
        match request {
            // It takes only references further: whatever it hands on would have two places in the future.
            Ok(request) => {
                Box::pin(
                    async move { Ok(received(core, operation, &request, &options).await?.value) },
                )
            }
            Err(error) => Box::pin(async move { Err(error) }),
        }
    }
}

/// What a call returns: a record, which may be optional, a list, text, bytes, or what one of several successes has.
pub trait Payload: Sized {
    /// Reads it from a response; `None` when the response has another shape altogether.
    fn of(response: &Response) -> Option<Self>;
}

impl<T: ResponseValue> Payload for Option<T> {
    fn of(response: &Response) -> Option<Self> {
        if response.has_other_body() {
            return Some(instead(response));
        }
        match response.payload().filter(|payload| !payload.is_null()) {
            None => Some(None),
            Some(payload) => T::from_response(payload).map(Some),
        }
    }
}

/// The record of an operation of which every success has one.
#[doc(hidden)]
pub fn certain_payload<T: ResponseValue>(response: &Response) -> Option<T> {
    if response.has_other_body() {
        return instead(response);
    }
    response.payload().and_then(T::from_response)
}

impl<T: ResponseValue> Payload for Vec<T> {
    fn of(response: &Response) -> Option<Self> {
        match response.payload().filter(|payload| !payload.is_null()) {
            None => Some(Self::new()),
            Some(payload) => Self::from_response(payload),
        }
    }
}

/// The whole body of an operation that returns text.
impl Payload for String {
    fn of(response: &Response) -> Option<Self> {
        Some(response.text().to_owned())
    }
}

/// The whole body of an operation that returns bytes.
impl Payload for Bytes {
    fn of(response: &Response) -> Option<Self> {
        Some(response.bytes().cloned().unwrap_or_default())
    }
}

/// A record of what came instead of what the document says; none where it cannot be one. The response has it as it came.
#[cold]
fn instead<T: ResponseValue>(response: &Response) -> Option<T> {
    if let Some(text) = response.plain_text() {
        let mut json = String::new();
        write_text(&mut json, text);
        let document = Arc::new(Document::new(json));
        return RawJson::root(&document).and_then(T::from_response);
    }
    response.payload().filter(|payload| !payload.is_null()).and_then(T::from_response)
}

/// Whether an operation's payload is a list, for callers that do not know its type.
pub fn is_list(operation: &Operation) -> bool {
    crate::response::is_list(operation)
}

/// The error where a response's payload is not of the operation's type.
pub fn other_shape(operation: &'static Operation, response: &Response) -> Error {
    response.clone().not_understood(operation, "has another shape")
}

/// The fields of a call's models as one list.
pub(crate) fn fields<'p>(params: &[&'p dyn ToValue]) -> Vec<(Cow<'p, str>, Value<'p>)> {
    let objects = params.iter().filter_map(|params| params.to_value());
    objects
        .flat_map(|params| if let Value::Object(fields) = params { fields } else { Vec::new() })
        .collect()
}
