//! What a journal remembers of an intent.

use std::fmt;

use jiff::Timestamp;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

/// Tells an intent apart from all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentKey {
    /// Name of the provider, such as `paywint-platform`.
    pub provider: String,
    /// The credentials that are no secrets, such as a platform's id; empty where all are secrets.
    pub account: String,
    /// Name of the operation, such as `payments.create`.
    pub operation: String,
    /// The caller's name for what it means to do.
    pub name: String,
}

/// How far an intent has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Not sent: it may be.
    Recorded,
    /// An owner is sending it, or died without anyone noticing yet.
    Sending,
    /// The vendor did it. It is never sent again.
    Succeeded,
    /// The vendor clearly refused it: it did not happen, and may be tried again.
    Refused,
    /// Sent, and nobody knows what became of it. It is not sent again until a person or a look-up says what happened.
    Unknown,
    /// A person said that it did not happen: it may be sent again.
    Released,
}

impl State {
    /// All of them, in the order of an intent's life.
    pub const ALL: [Self; 6] = [
        Self::Recorded,
        Self::Sending,
        Self::Succeeded,
        Self::Refused,
        Self::Unknown,
        Self::Released,
    ];

    /// Its name, as it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Sending => "sending",
            Self::Succeeded => "succeeded",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::Released => "released",
        }
    }

    /// The state of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// An intent as it is remembered. Shows no argument, and of a response nothing that is sensitive.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Intent {
    /// Which intent it is.
    pub key: IntentKey,
    /// How far it has come.
    pub state: State,
    /// How many times it was sent or tried.
    pub attempts: u32,
    /// HTTP status of the last response.
    pub status: Option<u16>,
    /// Identifier of the last request, where the vendor sends one.
    pub request_id: Option<String>,
    /// The payload of the response as JSON, less its sensitive fields.
    pub response: Option<String>,
    /// When it was first recorded.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) owner: Owner,
    /// What a look-up of what became of it compares.
    pub(crate) lookup: Option<String>,
}

impl Intent {
    /// Its short reference, fifteen characters: what the call carried to the vendor, where its client was told to `tag` and
    /// the caller left the operation's field for it free.
    pub fn reference(&self) -> String {
        let IntentKey { provider, account, operation, name } = &self.key;
        payglot_runtime::journal::reference(provider, account, operation, name)
    }
}

/// As exports and other languages have it: one row, so that it can be a line of CSV.
impl Serialize for Intent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let IntentKey { provider, account, operation, name } = &self.key;
        let mut row = serializer.serialize_struct("Intent", 12)?;
        row.serialize_field("provider", provider)?;
        row.serialize_field("account", account)?;
        row.serialize_field("operation", operation)?;
        row.serialize_field("name", name)?;
        row.serialize_field("state", &self.state)?;
        row.serialize_field("attempts", &self.attempts)?;
        row.serialize_field("status", &self.status)?;
        row.serialize_field("request_id", &self.request_id)?;
        row.serialize_field("reference", &self.reference())?;
        row.serialize_field("response_text", &self.response)?;
        row.serialize_field("created_at", &self.created_at)?;
        row.serialize_field("updated_at", &self.updated_at)?;
        row.end()
    }
}

/// Shows no response.
impl fmt::Debug for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intent")
            .field("key", &self.key)
            .field("state", &self.state)
            .field("attempts", &self.attempts)
            .field("status", &self.status)
            .field("updated_at", &self.updated_at)
            .finish_non_exhaustive()
    }
}

/// Who sends an intent, or sent it last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Owner {
    /// Made anew for each call.
    pub token: String,
    /// The machine and the process, where they can be told: see [`Process`](crate::owner::Process).
    pub machine: String,
    pub process: String,
    /// From when on nobody waits for it any more.
    pub lease_until: Timestamp,
}

/// One change of an intent, in the append-only log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LogEntry {
    /// When.
    pub at: Timestamp,
    /// The state after it.
    pub state: State,
    /// Who: a process, or the person who said so.
    pub by: String,
    /// Why.
    pub because: String,
    /// Which attempt, counted from one; zero before the first.
    pub attempt: u32,
    /// HTTP status of the response, where there was one.
    pub status: Option<u16>,
    /// Identifier of the request, where the vendor sends one.
    pub request_id: Option<String>,
}

/// Which intents to list. What is `None` is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this state.
    pub state: Option<State>,
    /// Of this provider.
    pub provider: Option<String>,
    /// Of this operation.
    pub operation: Option<String>,
    /// Of this name.
    pub name: Option<String>,
}
