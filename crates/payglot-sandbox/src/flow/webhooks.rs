//! The webhook queue: events are stored with the deliveries that are still to be made.
//!
//! A request only queues deliveries; the dispatcher makes them, outside of any request.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::basics::{JsonObject, later, object, raw};
use crate::model::{Api, Attempt, Delivery, DeliveryState, Event, Outgoing};
use crate::operation::ApiError;
use crate::state::{Store, Transaction};

/// The pauses between attempts: a minute, then five.
const PAUSES: [SignedDuration; 2] = [SignedDuration::from_mins(1), SignedDuration::from_mins(5)];

/// Most events that are kept; then the oldest go.
const MOST_EVENTS: usize = 10_000;
/// Most attempts of a delivery that are kept; then the oldest go.
const MOST_ATTEMPTS: usize = 100;
/// Most requests of one event that wait when it is sent once more.
const MOST_WAITING: usize = 100;

/// Stores an event and queues a delivery to every endpoint that subscribes to it.
pub(crate) fn emit(tx: &mut Transaction<'_>, api: Api, name: &str, data: &JsonObject) {
    let id = tx.random.uuid();
    let body = object! {
        "event": name,
        "id": id,
        "data": data,
        "eventGeneratedTime": generated(api, tx.now),
    };
    let body = raw(&body).get().to_owned();
    let subscribers: Vec<_> =
        tx.endpoints.iter().filter(|endpoint| endpoint.subscribes_to(api)).cloned().collect();
    let deliveries = subscribers.iter().map(|endpoint| Delivery {
        endpoint: endpoint.id,
        state: DeliveryState::Waiting,
        attempts: Vec::new(),
    });
    let event =
        Event { api, name: name.to_owned(), at: tx.now, body, deliveries: deliveries.collect() };
    make_room(tx.store);
    tx.store.events.put(id, event);
    for endpoint in subscribers {
        send(tx, id, endpoint.id, PAUSES.len());
        for _ in 1..endpoint.copies {
            send(tx, id, endpoint.id, 0);
        }
    }
}

/// Removes the oldest event where there are too many: one that waits for no delivery, if there is one.
fn make_room(store: &mut Store) {
    if store.events.len() < MOST_EVENTS {
        return;
    }
    let is_waiting = |event: &Event| {
        event.deliveries.iter().any(|delivery| delivery.state == DeliveryState::Waiting)
    };
    let settled = store.events.iter().find(|(_, event)| !is_waiting(event));
    let Some((oldest, _)) = settled.or_else(|| store.events.iter().next()) else { return };
    let outgoing = store.outgoing.iter().filter(|(_, outgoing)| outgoing.event == oldest);
    let outgoing: Vec<_> = outgoing.map(|(id, _)| id).collect();
    store.events.remove(oldest);
    for id in outgoing {
        store.outgoing.remove(id);
    }
}

/// Queues a request that is due now, with this many more attempts if it fails.
fn send(tx: &mut Transaction<'_>, event: Uuid, endpoint: Uuid, pauses_left: usize) {
    let outgoing = Outgoing { event, endpoint, due: tx.now, rank: 0, pauses_left };
    let id = tx.random.uuid();
    tx.earliest_due = tx.earliest_due.min(outgoing.due);
    tx.store.outgoing.put(id, outgoing);
}

/// Queues one more request to every endpoint that subscribes to the event, and gives their number. Fails where there is no
/// such event, or where too many of its requests wait.
pub(crate) fn resend(tx: &mut Transaction<'_>, id: Uuid) -> Result<usize, ApiError> {
    let api = tx.store.events.get(id).ok_or_else(|| ApiError::not_found("Event"))?.api;
    if tx.store.outgoing.values().filter(|outgoing| outgoing.event == id).count() >= MOST_WAITING {
        return Err(ApiError::conflict("The event waits for 100 deliveries already"));
    }
    let subscribers: Vec<_> =
        tx.endpoints.iter().filter(|endpoint| endpoint.subscribes_to(api)).collect();
    let subscribers: Vec<_> = subscribers.iter().map(|endpoint| endpoint.id).collect();
    for endpoint in &subscribers {
        if let Some(event) = tx.store.events.get_mut(id)
            && !event.deliveries.iter().any(|delivery| delivery.endpoint == *endpoint)
        {
            let (state, attempts) = (DeliveryState::Waiting, Vec::new());
            event.deliveries.push(Delivery { endpoint: *endpoint, state, attempts });
        }
        send(tx, id, *endpoint, 0);
    }
    Ok(subscribers.len())
}

/// Makes all deliveries that wait for an endpoint due now, in the order of their events or the reverse.
pub(crate) fn release(store: &mut Store, now: Timestamp, endpoint: Uuid, reversed: bool) {
    let waiting = store
        .outgoing
        .iter()
        .filter(|(_, outgoing)| outgoing.endpoint == endpoint && outgoing.due <= now);
    let waiting: Vec<_> = waiting.map(|(id, _)| id).collect();
    for (id, rank) in waiting.into_iter().zip(1..) {
        if let Some(outgoing) = store.outgoing.get_mut(id) {
            outgoing.due = now;
            outgoing.rank = if reversed { -rank } else { rank };
        }
    }
}

/// Records an attempt, and queues the next one if it failed.
pub(crate) fn attempted(tx: &mut Transaction<'_>, outgoing: Uuid, attempt: Attempt) {
    let Some(Outgoing { event, endpoint, due, rank, pauses_left }) =
        tx.store.outgoing.remove(outgoing)
    else {
        return;
    };
    let confirmed = attempt.is_confirmed();
    let pause = PAUSES.len().checked_sub(pauses_left).and_then(|index| PAUSES.get(index));
    let next = pause.filter(|_| !confirmed);
    if let Some(pause) = next {
        let (due, pauses_left) = (later(due, *pause), pauses_left - 1);
        let id = tx.random.uuid();
        tx.earliest_due = tx.earliest_due.min(due);
        tx.store.outgoing.put(id, Outgoing { event, endpoint, due, rank, pauses_left });
    }
    let waits = tx
        .store
        .outgoing
        .values()
        .any(|outgoing| outgoing.event == event && outgoing.endpoint == endpoint);
    let Some(event) = tx.store.events.get_mut(event) else { return };
    let deliveries = &mut event.deliveries;
    if let Some(delivery) = deliveries.iter_mut().find(|delivery| delivery.endpoint == endpoint) {
        delivery.state = match delivery.state {
            DeliveryState::Delivered => DeliveryState::Delivered,
            _ if confirmed => DeliveryState::Delivered,
            _ if waits => DeliveryState::Waiting,
            _ => DeliveryState::GivenUp,
        };
        delivery.attempts.push(attempt);
        let surplus = delivery.attempts.len().saturating_sub(MOST_ATTEMPTS);
        delivery.attempts.drain(..surplus);
    }
}

/// When the next attempt is due, by event and endpoint.
pub(crate) type NextAttempts = HashMap<(Uuid, Uuid), Timestamp>;

/// The next attempts of all deliveries that wait.
pub(crate) fn next_attempts(store: &Store) -> NextAttempts {
    let mut next = NextAttempts::new();
    for outgoing in store.outgoing.values() {
        let due = next.entry((outgoing.event, outgoing.endpoint)).or_insert(outgoing.due);
        *due = outgoing.due.min(*due);
    }
    next
}

/// Removes the deliveries that wait for an endpoint that was removed.
pub(crate) fn forget(store: &mut Store, endpoint: Uuid) {
    let waiting = store.outgoing.iter().filter(|(_, outgoing)| outgoing.endpoint == endpoint);
    let waiting: Vec<_> = waiting.map(|(id, outgoing)| (id, outgoing.event)).collect();
    for (id, event) in waiting {
        store.outgoing.remove(id);
        if let Some(event) = store.events.get_mut(event) {
            event.deliveries.retain(|delivery| {
                delivery.endpoint != endpoint || delivery.state != DeliveryState::Waiting
            });
        }
    }
}

/// The time of an event as each API writes it: Unix seconds, whole or with a fraction.
fn generated(api: Api, at: Timestamp) -> serde_json::Number {
    let whole = serde_json::Number::from(at.as_second());
    match api {
        Api::Platform => whole,
        #[expect(clippy::cast_precision_loss, reason = "microseconds of this century fit")]
        Api::Developer => {
            serde_json::Number::from_f64(at.as_microsecond() as f64 / 1e6).unwrap_or(whole)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issue_12_29_the_oldest_event_that_waits_for_nothing_makes_room() {
        let mut store = Store::default();
        let id = |number: usize| Uuid::from_u128(number as u128);
        for number in 0..MOST_EVENTS {
            make_room(&mut store);
            // The first two still wait, the rest is done.
            let state = if number < 2 { DeliveryState::Waiting } else { DeliveryState::Delivered };
            let delivery = Delivery { endpoint: id(0), state, attempts: Vec::new() };
            let (api, at) = (Api::Platform, Timestamp::UNIX_EPOCH);
            let (name, body, deliveries) = (String::new(), String::new(), vec![delivery]);
            store.events.put(id(number), Event { api, name, at, body, deliveries });
            if number < 2 {
                let (event, endpoint) = (id(number), id(0));
                let outgoing = Outgoing { event, endpoint, due: at, rank: 0, pauses_left: 0 };
                store.outgoing.put(id(number), outgoing);
            }
        }
        assert_eq!(store.events.len(), MOST_EVENTS);
        make_room(&mut store);
        let left = |number| store.events.has(id(number));
        assert_eq!((left(0), left(1), left(2), left(3)), (true, true, false, true));
        assert_eq!(store.outgoing.len(), 2);

        // Where all wait, the oldest goes with what waits for it.
        let waiting: Vec<_> = store.events.iter().map(|(id, _)| id).collect();
        for id in waiting {
            for delivery in
                store.events.get_mut(id).into_iter().flat_map(|event| &mut event.deliveries)
            {
                delivery.state = DeliveryState::Waiting;
            }
        }
        store.events.put(id(MOST_EVENTS), store.events.get(id(3)).unwrap().clone());
        make_room(&mut store);
        assert!(!store.events.has(id(0)) && store.events.has(id(1)));
        assert_eq!(store.outgoing.len(), 1);
    }
}
