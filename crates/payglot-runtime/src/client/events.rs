//! Server-sent events: a call that gives them one by one while they come. Nothing is resumed by itself: what came after
//! the last event, only the vendor knows.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use super::call::Described;
use super::streamed::StreamedResponse;
use super::{CallOptions, Core};
use crate::error::{Error, request_id};
use crate::json::ResponseValue;
use crate::request::{PathParam, PreparedRequest, ToValue};
use crate::response::{Event, EventParser, ServerEvent, TooLong};
use crate::schema::Operation;

/// Events as they come, without the types of the document.
pub struct ServerEvents {
    response: StreamedResponse,
    parser: EventParser,
    ready: VecDeque<ServerEvent>,
    has_ended: bool,
    /// Why it ended, until that is given.
    error: Option<Error>,
    /// The body so far, where it is no stream of events.
    whole: Option<Vec<u8>>,
}

impl Core {
    /// Makes a call of the provider's document whose response is server-sent events. The time for the call counts until the
    /// response begins, and then between any two pieces of it. A success that is no stream of events is one event, with the
    /// whole body as its data.
    pub async fn open_events(
        &self,
        operation: &'static Operation,
        request: &PreparedRequest,
        options: &CallOptions,
    ) -> Result<ServerEvents, Error> {
        let response = self.open(operation, request, options).await?;
        let whole = (!is_event_stream(&response.headers)).then(Vec::new);
        let parser = EventParser::new(self.0.settings.max_response_bytes);
        Ok(ServerEvents {
            response,
            parser,
            ready: VecDeque::new(),
            has_ended: false,
            error: None,
            whole,
        })
    }
}

impl ServerEvents {
    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.response.status
    }

    /// Headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        &self.response.headers
    }

    /// The next event; none after the last and after an error.
    pub async fn next(&mut self) -> Option<Result<ServerEvent, Error>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(Ok(event));
            }
            if self.has_ended {
                // What was complete before is given first.
                return self.error.take().map(Err);
            }
            let read = match self.response.next().await {
                Ok(None) => {
                    self.has_ended = true;
                    let whole = self.whole.take().filter(|whole| !whole.is_empty());
                    self.ready.extend(whole.map(ServerEvent::of_body));
                    continue;
                }
                Ok(Some(bytes)) => self.push(&bytes).map_err(|TooLong| {
                    let problem = "has an event that is larger than `max_response_bytes` allows";
                    self.response.unusable(problem, None)
                }),
                Err(error) => Err(error),
            };
            if let Err(error) = read {
                self.error = Some(error);
                self.has_ended = true;
            }
        }
    }
}

impl ServerEvents {
    fn push(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        let Some(whole) = &mut self.whole else { return self.parser.push(bytes, &mut self.ready) };
        if whole.len() + bytes.len() > self.parser.limit() {
            return Err(TooLong);
        }
        whole.extend_from_slice(bytes);
        Ok(())
    }
}

/// Whether a body is a stream of events. What does not say what it is, is taken for what was asked for.
fn is_event_stream(headers: &HeaderMap) -> bool {
    const EVENTS: &[u8] = b"text/event-stream";
    headers.get(CONTENT_TYPE).is_none_or(|kind| {
        let start = kind.as_bytes().get(..EVENTS.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(EVENTS))
    })
}

/// A call for events that has been described but not sent. Awaiting it sends it, and gives the stream of its events.
#[must_use = "a call does nothing until it is awaited"]
pub struct EventCall<'a, T> {
    call: Described<'a>,
    data: PhantomData<fn() -> T>,
}

impl<'a, T: ResponseValue + Send + 'static> EventCall<'a, T> {
    #[doc(hidden)]
    pub fn new(
        core: &'a Core,
        operation: &'static Operation,
        path: &[&dyn PathParam],
        params: &[&dyn ToValue],
    ) -> Self {
        Self { call: Described::new(core, operation, path, params), data: PhantomData }
    }

    /// Time until the response begins, and between any two pieces of it.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.call.options.timeout = Some(timeout);
        self
    }

    /// How many times this call may be tried again where that is safe, until its response begins.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.call.options.max_retries = Some(retries);
        self
    }

    /// Adds a header, such as `Last-Event-ID`.
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
}

impl<'a, T: ResponseValue + Send + 'static> IntoFuture for EventCall<'a, T> {
    type Output = Result<EventStream<T>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        let Described { core, operation, request, options } = self.call;
        Box::pin(async move {
            let events = core.open_events(operation, &request?, &options).await?;
            let (status, headers) = (events.status(), events.headers().clone());
            let state = State::Idle(Box::new(events));
            Ok(EventStream { operation, status, headers, state, data: PhantomData })
        })
    }
}

/// Events of a call, one after the other; ends after an error. Dropping it closes the response.
#[must_use = "a stream does nothing until it is polled"]
pub struct EventStream<T> {
    operation: &'static Operation,
    status: u16,
    headers: HeaderMap,
    state: State,
    data: PhantomData<fn() -> T>,
}

type NextEvent = (Box<ServerEvents>, Option<Result<ServerEvent, Error>>);

enum State {
    Idle(Box<ServerEvents>),
    Waiting(Pin<Box<dyn Future<Output = NextEvent> + Send>>),
    Ended,
}

impl<T: ResponseValue> EventStream<T> {
    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The response's request id, where it carries one.
    pub fn request_id(&self) -> Option<String> {
        request_id(&self.headers)
    }

    /// The next event, for those who use no crate for streams; none after the last.
    pub async fn next(&mut self) -> Option<Result<Event<T>, Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T> Unpin for EventStream<T> {}

impl<T: ResponseValue> Stream for EventStream<T> {
    type Item = Result<Event<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let mut waiting = match std::mem::replace(&mut this.state, State::Ended) {
            State::Ended => return Poll::Ready(None),
            State::Waiting(waiting) => waiting,
            State::Idle(mut events) => Box::pin(async move {
                let next = events.next().await;
                (events, next)
            }),
        };
        let Poll::Ready((events, next)) = waiting.as_mut().poll(context) else {
            this.state = State::Waiting(waiting);
            return Poll::Pending;
        };
        if matches!(next, Some(Ok(_))) {
            this.state = State::Idle(events);
        }
        let operation = this.operation;
        Poll::Ready(next.map(|event| event.map(|event| Event::read(event, operation))))
    }
}

/// Shows no event.
impl<T> std::fmt::Debug for EventStream<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStream").field("status", &self.status).finish_non_exhaustive()
    }
}
