//! Events that a provider delivers.

use serde::Serialize;

use super::{EventObject, Type};

/// An event that a provider delivers to a user's server.
#[derive(Debug, Serialize)]
pub struct Event {
    /// Position in [`Provider::events`].
    pub index: usize,
    /// `payment.success`
    pub name: String,
    /// `PaymentSuccess`
    pub pascal: String,
    /// `PaymentSuccessEvent`: a name that no model has.
    pub class: String,
    /// First sentence.
    pub summary: String,
    /// Further text; may be empty.
    pub description: String,
    /// What the event is about.
    pub data: Type,
    /// Whether its time is a text.
    pub time_is_text: bool,
    /// Which object it tells something of, where that is known.
    pub object: Option<EventObject>,
    /// Where it stands in the document, as a JSONPath.
    #[serde(skip)]
    pub location: String,
    /// Data as it could be delivered, as JSON text.
    pub sample: String,
    /// Upstream page; may be empty.
    pub docs: String,
    /// What upstream does not confirm; may be empty.
    pub unconfirmed: String,
}
