//! The webhooks page: endpoints, and a timeline of events, of what each is about and of the attempts to deliver it.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ahead, time};
use crate::flow::webhooks::{NextAttempts, next_attempts};
use crate::model::{Api, Delivery, Endpoint, Event};
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
    let deliveries = event.deliveries.iter().map(|delivery| {
        let next = due.get(&(id, delivery.endpoint));
        self::delivery(tx, event.at, next.copied(), delivery)
    });
    let at = time(event.at);
    json!({
        "id": id,
        "name": event.name,
        "provider": event.api.provider(),
        "object": object(tx, event),
        "clock": at.split_once(' ').map_or("", |(_, clock)| clock),
        "time": at,
        "body": event.body,
        "deliveries": deliveries.collect::<Vec<_>>(),
    })
}

/// What the event is about, as far as the sandbox still has it, and where the objects page has it.
fn object(tx: &Transaction<'_>, event: &Event) -> Option<Value> {
    let body: Value = serde_json::from_str(&event.body).ok()?;
    let id = |field: &str| body.get("data")?.get(field)?.as_str()?.parse::<Uuid>().ok();
    let payment = id("payment_id").and_then(|id| tx.store.payments.get(id));
    let card = id("card_id").and_then(|id| tx.store.cards.get(id));
    let user = id("user_id").and_then(|id| tx.store.users.get(id));
    let (kind, id, name) = match (payment, card, user) {
        (Some(payment), ..) => ("payments", payment.id, format!("payment {}", payment.number)),
        (_, Some(card), _) => ("cards", card.id, format!("card {}", card.details.last_four)),
        (.., Some(user)) => ("users", user.id, user.name.clone()),
        _ => return None,
    };
    Some(json!({ "href": format!("/_sandbox/objects#{kind}-{id}"), "name": name }))
}

fn delivery(
    tx: &Transaction<'_>,
    event_at: Timestamp,
    next: Option<Timestamp>,
    delivery: &Delivery,
) -> Value {
    let endpoint = tx.endpoints.iter().find(|endpoint| endpoint.id == delivery.endpoint);
    let after = |at: Timestamp| match (at - event_at).get_seconds() {
        ..1 => "at once".to_owned(),
        seconds => format!("after {}", ahead(seconds)),
    };
    let attempts = delivery.attempts.iter().map(|attempt| {
        let outcome = attempt.status.map_or_else(
            || attempt.problem.clone().unwrap_or_default(),
            |status| format!("status {status}"),
        );
        json!({
            "time": time(attempt.at),
            "after": after(attempt.at),
            "good": attempt.is_confirmed(),
            "outcome": outcome,
            "milliseconds": attempt.duration_ms,
        })
    });
    json!({
        "url": endpoint.map(Endpoint::shown_url),
        "state": delivery.state,
        "next": next.map(|at| json!({ "time": time(at), "after": after(at) })),
        "attempts": attempts.collect::<Vec<_>>(),
    })
}
