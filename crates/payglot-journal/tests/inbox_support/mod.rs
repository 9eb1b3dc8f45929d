//! A vendor's events to test with, and deliveries of them.

// Each file of tests uses a part of it.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use payglot_journal::{Claimed, EventQueue, QueueOptions};
use payglot_runtime::json::RawJson;
use payglot_runtime::schema::{
    DeliveryField, EventObject, Field, Schema, Type, WebhookEvent, Webhooks,
};
use payglot_runtime::webhooks::{Delivery, EventData, Scheme};

use crate::support::TestStore;

pub const SECRET: &[u8] = b"whsec_of_tests";

static DATA: Schema = Schema {
    index: 0,
    name: "Payment",
    fields: &[
        Field::new("payment_id", "payment_id", Type::Text),
        Field::new("status", "status", Type::Text),
        Field::new("card", "card", Type::Text).sensitive(),
    ],
    open: true,
    outcome: None,
    certain: 0,
};

const fn event(index: usize, name: &'static str, object: &'static EventObject) -> WebhookEvent {
    WebhookEvent {
        index,
        name,
        summary: "",
        data: Type::Object(&DATA),
        object: Some(object),
        sample: "{}",
        docs: "",
        unconfirmed: "",
    }
}

const fn object(step: u32) -> EventObject {
    EventObject {
        kind: "payment",
        id: "payment_id",
        time: None,
        step,
        read: None,
        list: None,
        shown: &[],
    }
}

/// What a vendor delivers.
pub static WEBHOOKS: Webhooks = Webhooks {
    provider: "vendor",
    event: Some(DeliveryField::Body(&["event"])),
    id: Some(DeliveryField::Body(&["id"])),
    data: &["data"],
    time: Some(DeliveryField::Body(&["time"])),
    time_is_text: false,
    events: &[
        event(0, "payment.processing", &const { object(1) }),
        event(1, "payment.success", &const { object(2) }),
    ],
};

/// The identifier of a payment.
#[derive(Debug, Clone)]
pub struct Payment(pub String);

impl EventData for Payment {
    const WEBHOOKS: &'static Webhooks = &WEBHOOKS;

    fn read(_: Option<&WebhookEvent>, data: Option<RawJson<'_>>) -> Self {
        let id = data.and_then(|data| data.get("payment_id")?.as_text());
        Self(id.unwrap_or_default().into_owned())
    }
}

/// A queue with a connection of its own, as another process has it.
pub fn queue(store: &TestStore) -> EventQueue {
    EventQueue::new(&store.open(), &WEBHOOKS, SECRET, QueueOptions::default()).unwrap()
}

/// A genuine delivery.
pub fn delivery(
    id: &str,
    event: &str,
    payment: &str,
    time: i64,
) -> (Vec<u8>, Vec<(String, String)>) {
    let body = format!(
        r#"{{"event":"{event}","id":"{id}","data":{{"payment_id":"{payment}","status":"x"}},"time":{time}}}"#
    );
    let delivery = Delivery::signed(body.into_bytes(), SECRET, &Scheme::default());
    (delivery.body, delivery.headers)
}

/// Delivers an event that is new.
pub async fn receive(queue: &EventQueue, id: &str, event: &str, payment: &str, time: i64) {
    let (body, headers) = delivery(id, event, payment, time);
    let receipt = queue.receive(&body, headers).await;
    assert_eq!((receipt.status, receipt.is_new), (200, true), "{:?}", receipt.error);
}

/// What is due now.
pub async fn claim(queue: &EventQueue, at_most: u32) -> Vec<Claimed> {
    queue.claim(None, at_most, Duration::ZERO).await.unwrap()
}

/// Sets a time of events behind the inbox's back, in seconds since 1970.
pub fn set(store: &TestStore, column: &str, seconds: i64, which: &str) {
    let value = if store.is_file() {
        (seconds * 1_000_000).to_string()
    } else {
        format!("to_timestamp({seconds})")
    };
    store.change(&format!("UPDATE payglot_event SET {column} = {value} WHERE {which}"));
}
