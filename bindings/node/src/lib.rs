//! The native part of the `payglot` npm package: the runtime's calls for one Node environment.
//!
//! Everything that crosses the border is a number, a boolean or one text. Requests arrive as JSON that
//! `lib/` wrote, responses leave as JSON that V8 parses, errors leave as JSON that `lib/error-mapping.cjs` turns into
//! an `Error` of the right class. Nothing here knows a provider, an operation or a model by name.

pub mod auth;
pub mod batch;
// Public, as what Node calls has no caller here.
pub mod calls;
mod certain;
pub mod client;
mod credentials;
mod forms;
pub mod inbox;
pub mod journal;
mod queue;
mod request;
mod response;
mod runtime;
mod streams;
mod table;
mod transcode;
pub mod webhooks;
mod work;

use napi_derive::napi;
use payglot::EmptyBody;

/// Version of the native part; `lib/native.cjs` compares it with the package's.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The `X-Signature` of the Paywint Platform API; `empty_body` is `hash` or `omit`.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn sign(
    secret: &[u8],
    method: String,
    path: String,
    query: String,
    body: &[u8],
    empty_body: String,
) -> Option<String> {
    let empty_body = EmptyBody::from_name(&empty_body)?;
    let providers = payglot::providers::ALL;
    payglot_bindings::sign(providers, secret, &method, &path, &query, body, empty_body)
}
