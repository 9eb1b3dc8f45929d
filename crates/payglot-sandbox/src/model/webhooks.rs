//! Events, and how their delivery to each endpoint is going.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Api;

/// How the user agent of every delivery begins.
pub(crate) const WEBHOOK_AGENT: &str = "payglot-sandbox/";

/// Something that happened.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    pub api: Api,
    pub name: String,
    /// The sandbox's time.
    pub at: Timestamp,
    /// The bytes of the body; every attempt sends the same.
    pub body: String,
    pub deliveries: Vec<Delivery>,
}

/// The delivery of an event to one endpoint.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub endpoint: Uuid,
    pub state: DeliveryState,
    pub attempts: Vec<Attempt>,
}

/// The state of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryState {
    /// There is another attempt to make.
    Waiting,
    Delivered,
    /// The last attempt failed. Upstream sends an email at this point.
    GivenUp,
}

/// One request to an endpoint and its outcome.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// The sandbox's time.
    pub at: Timestamp,
    /// The status of the response, if there was one.
    pub status: Option<u16>,
    /// Why there was no response.
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
    /// Among requests that are due at the same time the lowest rank goes first.
    pub rank: i64,
    /// How many more attempts follow if this one fails.
    pub pauses_left: usize,
}
