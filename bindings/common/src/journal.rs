//! What both languages ask of a journal, and what they are told: JSON both ways.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::time::Duration;

use payglot_journal::{
    Filter, Intent, IntentKey, Journal, JournalError, ResolveError, Resolved, State,
};
use payglot_runtime::ErrorKind;
use payglot_runtime::client::{CallOptions, Core};
use payglot_runtime::lookup::LookedUp;
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

impl<'a> From<&'a ResolveError> for ErrorFields<'a> {
    fn from(error: &'a ResolveError) -> Self {
        match error {
            ResolveError::Journal(error) => error.into(),
            ResolveError::Call(error) => error.into(),
        }
    }
}

/// What a look-up told of an intent, for every language.
#[derive(Serialize)]
struct Resolution {
    intent: Intent,
    found: &'static str,
    proves_absence: bool,
    /// Seconds until it counts.
    wait: Option<f64>,
    /// Records as JSON text.
    candidates: Vec<String>,
    advice: String,
}

impl From<Resolved> for Resolution {
    fn from(resolved: Resolved) -> Self {
        let Resolved { intent, looked_up, advice, .. } = resolved;
        let (wait, candidates) = (None, Vec::new());
        let told =
            move |found| Self { intent, found, proves_absence: false, wait, candidates, advice };
        match looked_up {
            LookedUp::Found(_) => told("found"),
            LookedUp::NotFound { proves_absence } => Self { proves_absence, ..told("not_found") },
            LookedUp::TooEarly(left) => {
                Self { wait: Some(left.as_secs_f64()), ..told("too_early") }
            }
            LookedUp::Ambiguous(candidates) => Self { candidates, ..told("ambiguous") },
            LookedUp::NotPublished => told("not_published"),
        }
    }
}

/// Looks up what became of the unknown intent of a provider, account, operation and name, with what the look-up asks for, and
/// gives what was told as JSON.
pub async fn resolve_intent(
    journal: &Journal,
    core: &Core,
    key: [String; 4],
    given: BTreeMap<String, String>,
) -> Result<String, ResolveError> {
    let given: Vec<_> = given.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let resolved = journal.resolve(core, &key_of(key), &given, &CallOptions::default()).await?;
    Ok(to_json(&Resolution::from(resolved)))
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
    /// A person approves an intent that a guard holds.
    Approve {
        /// Provider, account, operation and name.
        key: [String; 4],
        /// Who says so.
        by: String,
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
    /// Asks, and gives the reply as JSON.
    pub async fn run(self, journal: &Journal) -> Result<String, JournalError> {
        Ok(match self {
            Self::Opened => to_json(&journal.opened().await?),
            Self::List { state, provider, operation, name } => {
                let state = state.as_deref().map(known_state).transpose()?;
                to_json(&journal.list(Filter { state, provider, operation, name }).await?)
            }
            Self::Get { name } => to_json(&journal.get(&name).await?),
            Self::Log { key } => to_json(&journal.log(&key_of(key)).await?),
            Self::Claim { operation, at_most, lease } => {
                let lease = Duration::try_from_secs_f64(lease)
                    .map_err(|_| JournalError::invalid("lease", "must be a time of 0 or more"))?;
                to_json(&journal.claim_recorded(operation.as_deref(), at_most, lease).await?)
            }
            Self::Succeeded { key, by, because } => {
                to_json(&journal.succeeded(&key_of(key), &by, &because).await?)
            }
            Self::Approve { key, by } => to_json(&journal.approve(&key_of(key), &by).await?),
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
