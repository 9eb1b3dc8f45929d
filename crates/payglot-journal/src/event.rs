//! What the inbox remembers of an event that was delivered.

use std::fmt;

use jiff::Timestamp;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::intent::Owner;

/// Tells an event apart from all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey {
    /// Name of the provider, such as `paywint-platform`.
    pub provider: String,
    /// Which of several accounts at the provider it was delivered for; empty where there is one.
    pub account: String,
    /// The vendor's identifier of the event.
    pub id: String,
}

/// How far an event has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventState {
    /// Stored; it will be handled.
    Waiting,
    /// A worker is handling it, or died without anyone noticing yet.
    Handling,
    /// Its handler has succeeded.
    Handled,
    /// Not handled: a later event of its object was handled before it came.
    Stale,
    /// Given up after too many attempts; a person looks at it.
    Dead,
}

impl EventState {
    /// All of them, in the order of an event's life.
    pub const ALL: [Self; 5] =
        [Self::Waiting, Self::Handling, Self::Handled, Self::Stale, Self::Dead];

    /// Its name, as it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Handling => "handling",
            Self::Handled => "handled",
            Self::Stale => "stale",
            Self::Dead => "dead",
        }
    }

    /// The state of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl fmt::Display for EventState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An event as it is remembered.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredEvent {
    /// Which event it is.
    pub key: EventKey,
    /// Its name, such as `payment.success`.
    pub event: String,
    /// What it tells something of, such as `payment 7b1d9c34`; of an event without such, `event` and its own id.
    pub object: String,
    /// When it arose, by the vendor's clock; when it was stored, where the delivery does not say.
    pub occurred_at: Timestamp,
    /// Where it stands among events of the same time.
    pub step: u32,
    /// When it was stored.
    pub received_at: Timestamp,
    /// How far it has come.
    pub state: EventState,
    /// How many times its handling was begun.
    pub attempts: u32,
    /// It is not handled before.
    pub next_at: Timestamp,
    /// Why its handling did not succeed: the name of an error's class, never its text.
    pub last_error: Option<String>,
    /// The delivery as JSON, less its sensitive fields and those that the document does not know.
    pub body: String,
    /// When it last changed.
    pub updated_at: Timestamp,
    pub(crate) owner: Owner,
}

/// As other languages and the command line have it: one row.
impl Serialize for StoredEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let EventKey { provider, account, id } = &self.key;
        let mut row = serializer.serialize_struct("StoredEvent", 12)?;
        row.serialize_field("provider", provider)?;
        row.serialize_field("account", account)?;
        row.serialize_field("id", id)?;
        row.serialize_field("event", &self.event)?;
        row.serialize_field("object", &self.object)?;
        row.serialize_field("state", self.state.name())?;
        row.serialize_field("attempts", &self.attempts)?;
        row.serialize_field("last_error", &self.last_error)?;
        row.serialize_field("occurred_at", &self.occurred_at)?;
        row.serialize_field("received_at", &self.received_at)?;
        row.serialize_field("next_at", &self.next_at)?;
        row.serialize_field("updated_at", &self.updated_at)?;
        row.end()
    }
}

/// Shows no payload.
impl fmt::Debug for StoredEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredEvent")
            .field("key", &self.key)
            .field("event", &self.event)
            .field("object", &self.object)
            .field("state", &self.state)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// Which events to list. What is `None` is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// In this state.
    pub state: Option<EventState>,
    /// Of this provider.
    pub provider: Option<String>,
    /// Of this account.
    pub account: Option<String>,
    /// Of this name.
    pub event: Option<String>,
    /// Of this object, as [`StoredEvent::object`] has it.
    pub object: Option<String>,
    /// With this identifier.
    pub id: Option<String>,
}
