//! What both languages ask of an inbox, and what they are told: JSON both ways.

use payglot_journal::{
    CaughtUp, EventFilter, EventQueue, EventState, Journal, JournalError, QueueOptions,
    ResolveError,
};
use payglot_runtime::client::{CallOptions, Core};
use payglot_runtime::schema::Webhooks;
use payglot_runtime::webhooks::{Scheme, Secrets};
use serde::{Deserialize, Serialize};

use crate::error_fields::InvalidRequest;
use crate::webhooks::duration_from_secs;

/// How an inbox is set, beside its scheme. Times are in seconds.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InboxOptions {
    /// Which of several accounts the deliveries are for.
    pub account: String,
    /// Fields of an event's data that are stored although the document does not know them.
    pub keep: Vec<String>,
    /// Attempts until an event is dead.
    pub max_attempts: u32,
    /// The pause after the first attempt.
    pub backoff: f64,
    /// How long an event stays with a worker of which nothing is heard.
    pub lease: f64,
}

impl InboxOptions {
    /// The inbox's queue.
    pub fn queue(
        self,
        journal: &Journal,
        webhooks: &'static Webhooks,
        secret: &(impl Secrets + ?Sized),
        scheme: Scheme,
    ) -> Result<EventQueue, InvalidRequest> {
        let mut options = QueueOptions::default();
        options.account = self.account;
        options.scheme = scheme;
        options.keep = self.keep;
        options.max_attempts = self.max_attempts;
        options.backoff = duration_from_secs("backoff", self.backoff)?;
        options.lease = duration_from_secs("lease", self.lease)?;
        EventQueue::new(journal, webhooks, secret, options).map_err(|error| {
            InvalidRequest::new(error.argument().unwrap_or_default(), error.problem().to_owned())
        })
    }
}

/// A question about the events of an inbox.
#[derive(Deserialize)]
#[serde(tag = "ask", rename_all = "camelCase", deny_unknown_fields)]
pub enum InboxRequest {
    /// The events of a filter.
    List {
        /// In this state.
        state: Option<String>,
        /// Of this name.
        event: Option<String>,
        /// Of this object.
        object: Option<String>,
    },
    /// The event of an identifier, or null.
    Get {
        /// The identifier.
        id: String,
    },
    /// Has a dead event handled again.
    Retry {
        /// The identifier.
        id: String,
    },
}

impl InboxRequest {
    /// Asks, and gives the reply as JSON.
    pub async fn run(self, queue: &EventQueue) -> Result<String, JournalError> {
        Ok(match self {
            Self::List { state, event, object } => {
                let state = state.as_deref().map(known_state).transpose()?;
                let filter = EventFilter { state, event, object, ..EventFilter::default() };
                to_json(&queue.list(filter).await?)
            }
            Self::Get { id } => to_json(&queue.get(&id).await?),
            Self::Retry { id } => to_json(&queue.retry(&id).await?),
        })
    }
}

/// Finds events that were never delivered, of the last `since` seconds, and gives what was found as JSON.
pub async fn catch_up(queue: &EventQueue, core: &Core, since: f64) -> Result<String, ResolveError> {
    let since = std::time::Duration::try_from_secs_f64(since)
        .map_err(|_| JournalError::invalid("since", "must be a time of 0 or more"))?;
    let CaughtUp { stored, not_shown, .. } =
        queue.catch_up(core, since, &CallOptions::default()).await?;
    Ok(to_json(&serde_json::json!({ "stored": stored, "not_shown": not_shown })))
}

fn to_json(value: &impl Serialize) -> String {
    // Writing these types cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

fn known_state(name: &str) -> Result<EventState, JournalError> {
    let known = || EventState::ALL.map(EventState::name).join(", ");
    EventState::from_name(name)
        .ok_or_else(|| JournalError::invalid("state", format!("must be one of {}", known())))
}
