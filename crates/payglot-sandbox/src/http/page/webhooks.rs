//! Webhooks: endpoints, events, and how telling them went.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::time;
use crate::app::Scene;
use crate::model::Api;
use crate::webhooks::{Attempt, Delivery, Endpoint, Event, NextAttempts, next_attempts};

/// How many events are shown.
const MOST: usize = 50;

pub(super) fn view(scene: &Scene<'_>) -> Value {
    let endpoints: Vec<_> = scene.endpoints.iter().map(Endpoint::shown).collect();
    let events = scene.store.events.iter().rev().take(MOST);
    let due = next_attempts(scene.store);
    let events: Vec<_> = events.map(|(id, event)| shown(scene, &due, id, event)).collect();
    let providers = [Api::Platform, Api::Developer].map(Api::provider);
    json!({
        "endpoints": endpoints,
        "events": events,
        "count": scene.store.events.len(),
        "providers": providers,
    })
}

fn shown(scene: &Scene<'_>, due: &NextAttempts, id: Uuid, event: &Event) -> Value {
    let deliveries = event.deliveries.iter();
    let deliveries = deliveries
        .map(|delivery| self::delivery(scene, due.get(&(id, delivery.endpoint)), delivery));
    json!({
        "id": id,
        "name": event.name,
        "provider": event.api.provider(),
        "time": time(event.at),
        "body": event.body,
        "deliveries": deliveries.collect::<Vec<_>>(),
    })
}

fn delivery(scene: &Scene<'_>, next: Option<&Timestamp>, delivery: &Delivery) -> Value {
    let endpoint = scene.endpoints.iter().find(|endpoint| endpoint.id == delivery.endpoint);
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
            |status| format!("answered {status}"),
        ),
        "milliseconds": attempt.duration_ms,
    })
}
