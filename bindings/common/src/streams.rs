//! Server-sent events for languages that ask for one at a time, each of them as JSON.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::HeaderMap;
use payglot_runtime::client::{CallOptions, Core, ServerEvents};
use payglot_runtime::json::{write_name, write_text};
use payglot_runtime::request::PreparedRequest;
use payglot_runtime::response::ServerEvent;
use payglot_runtime::schema::Operation;
use payglot_runtime::{Error, Response};
use tokio::sync::Mutex;

/// The events of one call. Clones are the same stream.
#[derive(Clone)]
pub struct EventSource(Arc<Shared>);

struct Shared {
    operation: &'static Operation,
    /// None before it is open, and after its end.
    events: Mutex<Option<ServerEvents>>,
    is_closed: AtomicBool,
}

impl EventSource {
    /// The events of a call that is still to be made.
    pub fn new(operation: &'static Operation) -> Self {
        let (events, is_closed) = (Mutex::new(None), AtomicBool::new(false));
        Self(Arc::new(Shared { operation, events, is_closed }))
    }

    /// The operation whose events they are.
    pub fn operation(&self) -> &'static Operation {
        self.0.operation
    }

    /// Makes the call; gives the head of its response.
    pub async fn open(
        &self,
        core: &Core,
        request: &PreparedRequest,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let events = core.open_events(self.0.operation, request, options).await?;
        let head = Response::of_json(events.status(), events.headers().clone(), "null");
        if !self.0.is_closed.load(Ordering::Acquire) {
            *self.0.events.lock().await = Some(events);
        }
        Ok(head)
    }

    /// The next event, as `{"event":"…","id":"…","data":"…","retry":…}`; null after the last.
    pub async fn next(&self) -> Result<Response, Error> {
        let mut slot = self.0.events.lock().await;
        let Some(events) = slot.as_mut() else { return Ok(json(200, "null")) };
        let status = events.status();
        let next = events.next().await;
        if self.0.is_closed.load(Ordering::Acquire) || !matches!(next, Some(Ok(_))) {
            *slot = None;
        }
        match next {
            None => Ok(json(status, "null")),
            Some(event) => Ok(json(status, &written(&event?))),
        }
    }

    /// Ends it: the response is closed, at once where nobody waits for an event, else when that one is there or its call is
    /// stopped.
    pub fn close(&self) {
        self.0.is_closed.store(true, Ordering::Release);
        if let Ok(mut events) = self.0.events.try_lock() {
            *events = None;
        }
    }
}

fn json(status: u16, text: &str) -> Response {
    Response::of_json(status, HeaderMap::new(), text)
}

fn written(event: &ServerEvent) -> String {
    let mut out = String::with_capacity(event.data.len() + 64);
    out.push('{');
    for (name, text) in [("event", &event.event), ("id", &event.id), ("data", &event.data)] {
        write_name(&mut out, name);
        write_text(&mut out, text);
    }
    write_name(&mut out, "retry");
    match event.retry {
        Some(retry) => out.push_str(&retry.to_string()),
        None => out.push_str("null"),
    }
    out.push('}');
    out
}
