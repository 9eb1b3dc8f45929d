//! What the Python and the Node binding share: calls in the background and how they complete, the options of clients, the
//! fields of errors, the journal, batches, the inbox, requests outside the document, webhook schemes, streams of events, log records,
//! and authentication for other HTTP clients.
//!
//! May use the runtime. Knows neither interpreter and no provider.

mod auth;
mod background;
mod batch;
mod client_options;
mod completions;
mod error_fields;
mod guard;
mod hooks;
mod inbox;
mod journal;
mod log;
mod raw_request;
mod reconcile;
mod running;
mod sign;
mod streams;
mod webhooks;

pub use auth::{Authenticated, RequestAuthenticator};
pub use background::Background;
pub use batch::{BatchFields, BatchHandle};
pub use client_options::{ClientOptions, GivenCredential, credentials_of};
pub use completions::{CompletionGuard, Completions, wake_soon};
pub use error_fields::{BindingError, ErrorFields, InvalidRequest};
pub use guard::{GuardOptions, guarded};
pub use hooks::{AttemptEnd, AttemptEvent, with_hook};
pub use inbox::{InboxOptions, InboxRequest, catch_up};
pub use journal::{JournalRequest, resolve_intent};
pub use log::{LogRecord, subscribe};
pub use raw_request::RawRequest;
pub use reconcile::ReconcileRequest;
pub use running::Running;
pub use sign::sign;
pub use streams::EventSource;
pub use webhooks::{SchemeOptions, duration_from_secs, time_from_secs};
