//! Webhooks: what happened is kept as an event, and every endpoint that wants it is told, up to three times.
//!
//! Requests only note what is to be told; [`courier`] does the telling, outside of any request.

pub(crate) mod courier;
mod endpoint;
mod post;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use endpoint::Endpoint;
pub use endpoint::{Registered, Webhook};

use crate::app::Scene;
use crate::flow::events::generated;
use crate::model::Api;
use crate::record::{Record, raw, record};
use crate::store::{Store, later};

/// How long after an attempt that failed the next one follows: a minute, then five.
const PAUSES: [SignedDuration; 2] = [SignedDuration::from_mins(1), SignedDuration::from_mins(5)];

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
    pub state: State,
    pub attempts: Vec<Attempt>,
}

/// How far a delivery got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
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

/// Keeps an event and notes whom to tell.
pub(crate) fn emit(scene: &mut Scene<'_>, api: Api, name: &str, data: &Record) {
    let id = scene.random.uuid();
    let body = record! {
        "event": name,
        "id": id,
        "data": data,
        "eventGeneratedTime": generated(api, scene.now),
    };
    let body = raw(&body).get().to_owned();
    let wanted: Vec<_> =
        scene.endpoints.iter().filter(|endpoint| endpoint.wants(api)).cloned().collect();
    let deliveries = wanted.iter().map(|endpoint| Delivery {
        endpoint: endpoint.id,
        state: State::Waiting,
        attempts: Vec::new(),
    });
    let event =
        Event { api, name: name.to_owned(), at: scene.now, body, deliveries: deliveries.collect() };
    scene.store.events.put(id, event);
    for endpoint in wanted {
        send(scene, id, endpoint.id, PAUSES.len());
        for _ in 1..endpoint.copies {
            send(scene, id, endpoint.id, 0);
        }
    }
}

/// Notes a request to an endpoint at once, with so many more where it fails.
fn send(scene: &mut Scene<'_>, event: Uuid, endpoint: Uuid, pauses_left: usize) {
    let outgoing = Outgoing { event, endpoint, due: scene.now, rank: 0, pauses_left };
    let id = scene.random.uuid();
    scene.soonest = scene.soonest.min(outgoing.due);
    scene.store.outgoing.put(id, outgoing);
}

/// Tells every endpoint that wants the event once more. `None` where there is no such event.
pub(crate) fn resend(scene: &mut Scene<'_>, id: Uuid) -> Option<usize> {
    let api = scene.store.events.get(id)?.api;
    let wanted: Vec<_> = scene.endpoints.iter().filter(|endpoint| endpoint.wants(api)).collect();
    let wanted: Vec<_> = wanted.iter().map(|endpoint| endpoint.id).collect();
    for endpoint in &wanted {
        if let Some(event) = scene.store.events.get_mut(id)
            && !event.deliveries.iter().any(|delivery| delivery.endpoint == *endpoint)
        {
            let (state, attempts) = (State::Waiting, Vec::new());
            event.deliveries.push(Delivery { endpoint: *endpoint, state, attempts });
        }
        send(scene, id, *endpoint, 0);
    }
    Some(wanted.len())
}

/// Makes everything that waits for an endpoint due now, in the order it was made or the reverse.
pub(crate) fn release(scene: &mut Scene<'_>, endpoint: Uuid, reversed: bool) {
    let waiting = scene
        .store
        .outgoing
        .iter()
        .filter(|(_, outgoing)| outgoing.endpoint == endpoint && outgoing.due <= scene.now);
    let waiting: Vec<_> = waiting.map(|(id, _)| id).collect();
    for (id, rank) in waiting.into_iter().zip(1..) {
        if let Some(outgoing) = scene.store.outgoing.get_mut(id) {
            outgoing.due = scene.now;
            outgoing.rank = if reversed { -rank } else { rank };
        }
    }
}

/// Writes down an attempt, and notes the next one where it failed.
pub(crate) fn attempted(scene: &mut Scene<'_>, outgoing: Uuid, attempt: Attempt) {
    let Some(Outgoing { event, endpoint, due, rank, pauses_left }) =
        scene.store.outgoing.remove(outgoing)
    else {
        return;
    };
    let confirmed = attempt.is_confirmed();
    let pause = PAUSES.len().checked_sub(pauses_left).and_then(|index| PAUSES.get(index));
    let next = pause.filter(|_| !confirmed);
    if let Some(pause) = next {
        let (due, pauses_left) = (later(due, *pause), pauses_left - 1);
        let id = scene.random.uuid();
        scene.soonest = scene.soonest.min(due);
        scene.store.outgoing.put(id, Outgoing { event, endpoint, due, rank, pauses_left });
    }
    let waits = scene
        .store
        .outgoing
        .values()
        .any(|outgoing| outgoing.event == event && outgoing.endpoint == endpoint);
    let Some(event) = scene.store.events.get_mut(event) else { return };
    let deliveries = &mut event.deliveries;
    if let Some(delivery) = deliveries.iter_mut().find(|delivery| delivery.endpoint == endpoint) {
        delivery.state = match delivery.state {
            State::Delivered => State::Delivered,
            _ if confirmed => State::Delivered,
            _ if waits => State::Waiting,
            _ => State::GivenUp,
        };
        delivery.attempts.push(attempt);
    }
}

/// When an event is told an endpoint next.
pub(crate) type NextAttempts = HashMap<(Uuid, Uuid), Timestamp>;

/// Of everything that is still to be told.
pub(crate) fn next_attempts(store: &Store) -> NextAttempts {
    let mut next = NextAttempts::new();
    for outgoing in store.outgoing.values() {
        let due = next.entry((outgoing.event, outgoing.endpoint)).or_insert(outgoing.due);
        *due = outgoing.due.min(*due);
    }
    next
}

/// Drops what waits for an endpoint that is no more.
pub(crate) fn forget(store: &mut Store, endpoint: Uuid) {
    let waiting = store.outgoing.iter().filter(|(_, outgoing)| outgoing.endpoint == endpoint);
    let waiting: Vec<_> = waiting.map(|(id, outgoing)| (id, outgoing.event)).collect();
    for (id, event) in waiting {
        store.outgoing.remove(id);
        if let Some(event) = store.events.get_mut(event) {
            event.deliveries.retain(|delivery| {
                delivery.endpoint != endpoint || delivery.state != State::Waiting
            });
        }
    }
}
