//! The body of a successful response: a payload in the provider's envelope.

use axum::http::StatusCode;
use jiff::Timestamp;
use payglot::schema::{Envelope, Wrap};
use serde::Serialize;
use serde_json::value::RawValue;

use super::Page;
use crate::basics::{JsonObject, raw};

const MESSAGE: &str = "Success";
/// Fields of Paywint's envelopes that no client needs to know, and the tables therefore leave out.
const STATUS_CODE: &str = "status_code";
const GENERATED: &str = "queryGeneratedTime";

/// The result of a handler.
pub(crate) enum Payload {
    One(Box<RawValue>),
    Many {
        records: Vec<JsonObject>,
        /// Over all pages.
        total: usize,
    },
}

impl Payload {
    pub fn one(value: &impl Serialize) -> Self {
        Self::One(raw(value))
    }

    /// No data.
    pub fn none() -> Self {
        Self::one(&())
    }

    /// All records.
    pub fn all(records: impl Iterator<Item = JsonObject>) -> Self {
        let records: Vec<_> = records.collect();
        Self::Many { total: records.len(), records }
    }

    /// One page of what is there.
    pub fn page<T>(
        page: Page,
        items: impl Iterator<Item = T>,
        view: impl Fn(T) -> JsonObject,
    ) -> Self {
        let items: Vec<_> = items.collect();
        let total = items.len();
        let records = items.into_iter().skip(page.skip).take(page.size).map(view).collect();
        Self::Many { records, total }
    }

    fn total(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many { total, .. } => *total,
        }
    }

    fn into_json(self) -> Box<RawValue> {
        match self {
            Self::One(value) => value,
            Self::Many { records, .. } => raw(&records),
        }
    }
}

/// The body of the response to a call that succeeded.
pub(crate) fn response_body(
    wrap: Wrap,
    envelope: Option<&Envelope>,
    payload: Payload,
    now: Timestamp,
) -> Box<RawValue> {
    match (wrap, envelope) {
        // The sandbox's own providers have no list within a body but that of the envelope.
        (Wrap::Bare | Wrap::At(_), _) | (_, None) => payload.into_json(),
        (Wrap::Data, Some(envelope)) => raw(&single(envelope, payload, now)),
        (Wrap::Records, Some(envelope)) => raw(&list(envelope, payload, now)),
    }
}

fn single(envelope: &Envelope, payload: Payload, now: Timestamp) -> JsonObject {
    JsonObject::default()
        .with(envelope.success, &true)
        .with(envelope.message, &MESSAGE)
        .with(envelope.data, &payload.into_json())
        .with(GENERATED, &now.as_second())
}

fn list(envelope: &Envelope, payload: Payload, now: Timestamp) -> JsonObject {
    JsonObject::default()
        .with(envelope.success, &true)
        .with(STATUS_CODE, &StatusCode::OK.as_u16())
        .with(envelope.message, &MESSAGE)
        .with(envelope.total, &payload.total())
        .with(envelope.records, &payload.into_json())
        .with(GENERATED, &now.as_second())
}
