//! What both languages ask of a journal, and what they are told: JSON both ways.

use std::error::Error as _;
use std::time::Duration;

use payglot_journal::{Filter, IntentKey, Journal, JournalError, State};
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
    /// Records an intent to be sent later: whether it is new.
    Record {
        /// Provider, account, operation and name.
        key: [String; 4],
    },
    /// Takes recorded intents.
    Claim {
        /// Of this operation.
        operation: Option<String>,
        /// Most of them.
        at_most: u32,
        /// Seconds for which no other worker is given them.
        lease: f64,
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
                to_json(&journal.list(Filter { state, provider, operation, name }).await?)
            }
            Self::Get { name } => to_json(&journal.get(&name).await?),
            Self::Log { key } => to_json(&journal.log(&key_of(key)).await?),
            Self::Record { key } => to_json(&journal.record(&key_of(key)).await?),
            Self::Claim { operation, at_most, lease } => {
                let lease = Duration::try_from_secs_f64(lease)
                    .map_err(|_| JournalError::invalid("lease", "must be a time of 0 or more"))?;
                to_json(&journal.claim_recorded(operation.as_deref(), at_most, lease).await?)
            }
            Self::Succeeded { key, by, because } => {
                to_json(&journal.succeeded(&key_of(key), &by, &because).await?)
            }
            Self::Release { key, by, because } => {
                to_json(&journal.release(&key_of(key), &by, &because).await?)
            }
        })
    }
}

fn to_json(value: &impl Serialize) -> String {
    // Writing these types cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

fn known_state(name: &str) -> Result<State, JournalError> {
    let known = || State::ALL.map(State::name).join(", ");
    State::from_name(name)
        .ok_or_else(|| JournalError::invalid("state", format!("must be one of {}", known())))
}

fn key_of([provider, account, operation, name]: [String; 4]) -> IntentKey {
    IntentKey { provider, account, operation, name }
}
