//! A request outside the provider's document.

use payglot_runtime::client::{CallContext, CallOptions, Core};
use payglot_runtime::schema::Replay;
use payglot_runtime::{Error, Response};

/// What to send, as the user described it.
#[derive(Debug)]
pub struct RawRequest {
    /// HTTP method.
    pub method: String,
    /// Path from the base URL on, beginning with `/`.
    pub path: String,
    /// Query parameters.
    pub query: Vec<(String, String)>,
    /// Body as JSON text.
    pub body: Option<String>,
    /// Whether it may be sent again.
    pub replay: Replay,
}

impl RawRequest {
    /// What errors say about it.
    pub fn context(&self) -> CallContext {
        CallContext::raw(self.replay)
    }

    /// Sends it.
    pub async fn send(self, core: &Core, options: &CallOptions) -> Result<Response, Error> {
        let Self { method, path, query, body, replay } = self;
        core.request(&method, &path, &query, body, replay, options).await
    }
}
