//! Hooks of the bindings: the events of a client's attempts, as one kind of event for both directions.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use payglot_runtime::client::{Core, Hooks};

/// An attempt as hooks see it.
#[derive(Debug, Clone)]
pub struct AttemptEvent {
    /// Name of the operation.
    pub operation: &'static str,
    /// HTTP method.
    pub method: String,
    /// Number of the attempt, from 1.
    pub attempt: u32,
    /// What it came to; nothing for one that begins.
    pub ended: Option<AttemptEnd>,
}

/// What an attempt came to.
#[derive(Debug, Clone)]
pub struct AttemptEnd {
    /// HTTP status, where a whole response came.
    pub status: Option<u16>,
    /// How long it took.
    pub duration: Duration,
    /// Identifier of the request, where the response has one.
    pub request_id: Option<String>,
}

impl AttemptEvent {
    fn new(
        operation: &'static str,
        method: &Method,
        attempt: u32,
        ended: Option<AttemptEnd>,
    ) -> Self {
        Self { operation, method: method.to_string(), attempt, ended }
    }
}

/// The same client, which hands the events of its attempts to `notify`, on the threads that run its calls.
pub fn with_hook(core: &Core, notify: impl Fn(AttemptEvent) + Send + Sync + 'static) -> Core {
    let on_end = Arc::new(notify);
    let on_begin = on_end.clone();
    core.with_hooks(Hooks {
        on_request: Some(Arc::new(move |event| {
            on_begin(AttemptEvent::new(event.operation, &event.method, event.attempt, None));
        })),
        on_response: Some(Arc::new(move |event| {
            let (status, duration) = (event.status, event.duration);
            let ended = AttemptEnd { status, duration, request_id: event.request_id.clone() };
            on_end(AttemptEvent::new(event.operation, &event.method, event.attempt, Some(ended)));
        })),
    })
}
