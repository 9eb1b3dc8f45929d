//! Events, and how their delivery to each endpoint is going.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Api;

/// Something that happened.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    pub api: Api,
    pub name: String,
    /// The sandbox's time.
    pub at: Timestamp,
    /// Exactly what is sent, every time.
    pub body: String,
    pub deliveries: Vec<Delivery>,
}

/// How it goes with telling one endpoint.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub endpoint: Uuid,
    pub state: DeliveryState,
    pub attempts: Vec<Attempt>,
}

/// How far a delivery got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryState {
    /// An attempt is still to come.
    Waiting,
    Delivered,
    /// The last attempt failed; upstream writes an email now.
    GivenUp,
}

/// One request to an endpoint, and what came of it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// The sandbox's time.
    pub at: Timestamp,
    /// What the endpoint answered, where it did.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub problem: Option<String>,
    pub duration_ms: u64,
}

impl Attempt {
    pub fn is_confirmed(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// A request to an endpoint that is still to be made.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Outgoing {
    pub event: Uuid,
    pub endpoint: Uuid,
    pub due: Timestamp,
    /// Of those due at one time the lowest goes first.
    pub rank: i64,
    /// How many more may follow where this one fails.
    pub pauses_left: usize,
}
