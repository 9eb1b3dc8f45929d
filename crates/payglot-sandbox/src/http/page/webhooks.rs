//! The webhooks page: endpoints, events and their deliveries.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::time;
use crate::flow::webhooks::{NextAttempts, next_attempts};
use crate::model::{Api, Attempt, Delivery, Endpoint, Event};
use crate::state::Transaction;

/// How many events are shown.
const MOST: usize = 50;

pub(super) fn view(tx: &Transaction<'_>) -> Value {
    let endpoints: Vec<_> = tx.endpoints.iter().map(Endpoint::shown).collect();
    let events = tx.store.events.iter().rev().take(MOST);
    let due = next_attempts(tx.store);
    let events: Vec<_> = events.map(|(id, event)| shown(tx, &due, id, event)).collect();
    let providers = [Api::Platform, Api::Developer].map(Api::provider);
    json!({
        "endpoints": endpoints,
        "events": events,
        "count": tx.store.events.len(),
        "providers": providers,
    })
}

fn shown(tx: &Transaction<'_>, due: &NextAttempts, id: Uuid, event: &Event) -> Value {
    let deliveries = event.deliveries.iter();
    let deliveries =
        deliveries.map(|delivery| self::delivery(tx, due.get(&(id, delivery.endpoint)), delivery));
    json!({
        "id": id,
        "name": event.name,
        "provider": event.api.provider(),
        "time": time(event.at),
        "body": event.body,
        "deliveries": deliveries.collect::<Vec<_>>(),
    })
}

fn delivery(tx: &Transaction<'_>, next: Option<&Timestamp>, delivery: &Delivery) -> Value {
    let endpoint = tx.endpoints.iter().find(|endpoint| endpoint.id == delivery.endpoint);
    json!({
        "url": endpoint.map(Endpoint::shown_url),
        "state": delivery.state,
        "next": next.copied().map(time),
        "attempts": delivery.attempts.iter().map(attempt).collect::<Vec<_>>(),
    })
}

fn attempt(attempt: &Attempt) -> Value {
    json!({
        "time": time(attempt.at),
        "good": attempt.is_confirmed(),
        "outcome": attempt.status.map_or_else(
            || attempt.problem.clone().unwrap_or_default(),
            |status| format!("status {status}"),
        ),
        "milliseconds": attempt.duration_ms,
    })
}
