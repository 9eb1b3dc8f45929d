//! What both languages ask of a journal, and what they are told: JSON both ways.

use std::error::Error as _;

use payglot_journal::{Filter, Intent, IntentKey, Journal, JournalError, LogEntry, State};
use payglot_runtime::ErrorKind;
use serde::{Deserialize, Serialize};

use crate::error_fields::ErrorFields;

/// A location that is none is like an option that is none: the journal cannot be made.
impl<'a> From<&'a JournalError> for ErrorFields<'a> {
    fn from(error: &'a JournalError) -> Self {
        let kind = match error.argument() {
            None => ErrorKind::Journal,
            Some("location") => ErrorKind::Configuration,
            Some(_) => ErrorKind::InvalidRequest,
        };
        let argument = error.argument().filter(|_| kind == ErrorKind::InvalidRequest);
        let causes = error.source().map(ToString::to_string).into_iter().collect();
        Self { argument, causes, ..Self::new(kind, "", error.to_string()) }
    }
}

/// A question about intents, or what a person says of one.
#[derive(Deserialize)]
#[serde(tag = "ask", rename_all = "camelCase", deny_unknown_fields)]
pub enum JournalRequest {
    /// Whether it can be opened.
    Opened,
    /// The intents of a filter.
    List {
        /// In this state.
        state: Option<String>,
        /// Of this provider.
        provider: Option<String>,
        /// Of this operation.
        operation: Option<String>,
        /// Of this name.
        name: Option<String>,
    },
    /// The intent of a name, or null.
    Get {
        /// The name.
        name: String,
    },
    /// All that happened to an intent.
    Log {
        /// Provider, account, operation and name.
        key: [String; 4],
    },
    /// A person says that an unknown intent was done.
    Succeeded {
        /// Provider, account, operation and name.
        key: [String; 4],
        /// Who says so.
        by: String,
        /// Why.
        because: String,
    },
    /// A person says that an unknown intent was not done.
    Release {
        /// Provider, account, operation and name.
        key: [String; 4],
        /// Who says so.
        by: String,
        /// Why.
        because: String,
    },
}

impl JournalRequest {
    /// Asks, and gives the answer as JSON.
    pub async fn run(self, journal: &Journal) -> Result<String, JournalError> {
        Ok(match self {
            Self::Opened => to_json(&journal.opened().await?),
            Self::List { state, provider, operation, name } => {
                let state = state.as_deref().map(known_state).transpose()?;
                let found = journal.list(Filter { state, provider, operation, name }).await?;
                to_json(&found.iter().map(IntentJson::from).collect::<Vec<_>>())
            }
            Self::Get { name } => {
                to_json(&journal.get(&name).await?.as_ref().map(IntentJson::from))
            }
            Self::Log { key } => {
                let log = journal.log(&key_of(key)).await?;
                to_json(&log.iter().map(LogEntryJson::from).collect::<Vec<_>>())
            }
            Self::Succeeded { key, by, because } => {
                to_json(&IntentJson::from(&journal.succeeded(&key_of(key), &by, &because).await?))
            }
            Self::Release { key, by, because } => {
                to_json(&IntentJson::from(&journal.release(&key_of(key), &by, &because).await?))
            }
        })
    }
}

/// An intent as it is shown.
#[derive(Serialize)]
struct IntentJson<'a> {
    provider: &'a str,
    account: &'a str,
    operation: &'a str,
    name: &'a str,
    state: &'static str,
    attempts: u32,
    status: Option<u16>,
    request_id: Option<&'a str>,
    /// As text: digits of amounts are exact.
    response_text: Option<&'a str>,
    created_at: String,
    updated_at: String,
}

impl<'a> From<&'a Intent> for IntentJson<'a> {
    fn from(intent: &'a Intent) -> Self {
        let IntentKey { provider, account, operation, name } = &intent.key;
        Self {
            provider,
            account,
            operation,
            name,
            state: intent.state.name(),
            attempts: intent.attempts,
            status: intent.status,
            request_id: intent.request_id.as_deref(),
            response_text: intent.response.as_deref(),
            created_at: intent.created_at.to_string(),
            updated_at: intent.updated_at.to_string(),
        }
    }
}

/// A change as it is shown.
#[derive(Serialize)]
struct LogEntryJson<'a> {
    at: String,
    state: &'static str,
    by: &'a str,
    because: &'a str,
    attempt: u32,
    status: Option<u16>,
    request_id: Option<&'a str>,
}

impl<'a> From<&'a LogEntry> for LogEntryJson<'a> {
    fn from(entry: &'a LogEntry) -> Self {
        let LogEntry { at, state, by, because, attempt, status, request_id, .. } = entry;
        Self {
            at: at.to_string(),
            state: state.name(),
            by,
            because,
            attempt: *attempt,
            status: *status,
            request_id: request_id.as_deref(),
        }
    }
}

fn to_json(value: &impl Serialize) -> String {
    // Writing these types cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

fn known_state(name: &str) -> Result<State, JournalError> {
    State::from_name(name).ok_or_else(|| {
        let known = State::ALL.map(State::name).join(", ");
        JournalError::invalid("state", format!("must be one of {known}"))
    })
}

fn key_of([provider, account, operation, name]: [String; 4]) -> IntentKey {
    IntentKey { provider, account, operation, name }
}
