//! Hooks of a client: what goes out and what comes back, told to whoever measures it. Never a body, a query or a header.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Method;

use super::attempt::AttemptResult;
use super::{CallContext, Core, Inner};
use crate::error::request_id;

/// An attempt that begins.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RequestEvent {
    /// Name of the operation; `request` for a call outside the document.
    pub operation: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Number of the attempt, from 1.
    pub attempt: u32,
}

/// An attempt that ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ResponseEvent {
    /// Name of the operation; `request` for a call outside the document.
    pub operation: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Number of the attempt, from 1.
    pub attempt: u32,
    /// HTTP status; `None` where no whole response came.
    pub status: Option<u16>,
    /// Time from the begin of the attempt.
    pub duration: Duration,
    /// Identifier of the request, where the response has one.
    pub request_id: Option<String>,
}

/// A hook. It runs on the thread of the call, which waits for it; one that panics changes nothing for the call.
pub type Hook<Event> = Arc<dyn Fn(&Event) + Send + Sync>;

/// The hooks of a client.
#[derive(Clone, Default)]
pub struct Hooks {
    /// Told of each attempt before it is sent.
    pub on_request: Option<Hook<RequestEvent>>,
    /// Told of each attempt when it has ended.
    pub on_response: Option<Hook<ResponseEvent>>,
}

impl Hooks {
    /// As a client keeps them: nothing where there is none, so that calls ask once.
    pub(super) fn shared(self) -> Option<Arc<Self>> {
        (self.on_request.is_some() || self.on_response.is_some()).then(|| Arc::new(self))
    }

    pub(super) fn request(&self, context: CallContext, method: &Method, attempt: u32) {
        if let Some(hook) = &self.on_request {
            let (operation, method) = (context.operation, method.clone());
            run(hook, &RequestEvent { operation, method, attempt });
        }
    }

    pub(super) fn response(
        &self,
        context: CallContext,
        method: &Method,
        attempt: u32,
        started: Instant,
        result: &AttemptResult,
    ) {
        if let Some(hook) = &self.on_response {
            let response = result.as_ref().ok();
            let event = ResponseEvent {
                operation: context.operation,
                method: method.clone(),
                attempt,
                status: response.map(|response| response.status),
                duration: started.elapsed(),
                request_id: response.and_then(|response| request_id(&response.headers)),
            };
            run(hook, &event);
        }
    }
}

fn run<Event>(hook: &Hook<Event>, event: &Event) {
    if catch_unwind(AssertUnwindSafe(|| hook(event))).is_err() {
        tracing::warn!(target: "payglot", "a hook panicked");
    }
}

impl Core {
    /// The same client with these hooks instead of its own; it shares connections, credentials and journal with this one.
    #[must_use]
    pub fn with_hooks(&self, hooks: Hooks) -> Self {
        let Inner { hosts, settings } = &*self.0;
        let mut settings = settings.clone();
        settings.hooks = hooks.shared();
        Self(Arc::new(Inner { hosts: hosts.clone(), settings }))
    }
}
