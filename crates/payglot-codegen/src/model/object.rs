//! What an event is about, `x-payglot-object`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The object that an event tells something of: events of one kind and identifier are of one object.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EventObject {
    /// What it is, such as `payment`.
    pub kind: String,
    /// The field of the event's data that identifies it.
    pub id: String,
    /// The field of the event's data with the time of the event; that of the delivery where it is not said.
    pub time: Option<String>,
    /// Where the event stands among events of the same time: a later step is a later event.
    #[serde(default)]
    pub step: u32,
    /// The operation that reads the object by its identifier.
    pub read: Option<String>,
    /// The operation that lists such objects.
    pub list: Option<String>,
    /// Fields of a record of those operations, and the values that say that the event has happened.
    #[serde(default, rename = "where")]
    pub shown: BTreeMap<String, serde_json::Value>,
}
