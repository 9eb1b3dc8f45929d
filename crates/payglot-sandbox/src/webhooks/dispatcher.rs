//! Tells endpoints what is due: one request at a time to each, in order, and to several at once.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::post::{client, post};
use super::{Attempt, Endpoint, Outgoing, attempted};
use crate::app::{App, Scene};
use crate::state::Unsaved;

/// How long to wait before trying again what could not be saved.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

/// A request that is due: all that making it takes.
struct Letter {
    id: Uuid,
    endpoint: Endpoint,
    body: String,
}

/// Runs as long as the sandbox.
pub(crate) async fn run(app: Arc<App>) {
    let mut http = None;
    let mut busy = HashSet::new();
    let mut under_way = JoinSet::new();
    loop {
        let round = app.change(|scene| {
            let (letters, next) = due(scene, &busy);
            // Whoever makes something due earlier from now on pokes the clock.
            app.courier_awaits(next);
            Ok::<_, Unsaved>((letters, next))
        });
        let Ok((letters, next)) = round else {
            tokio::time::sleep(AFTER_TROUBLE).await;
            continue;
        };
        for letter in letters {
            // Only who delivers needs certificates and a pool of connections.
            let Some(http) = http.get_or_insert_with(client).clone() else {
                tracing::error!("webhooks cannot be delivered: TLS could not be set up");
                return;
            };
            busy.insert(letter.endpoint.id);
            let now = app.clock.now();
            under_way.spawn(async move {
                let attempt = post(&http, &letter.endpoint, letter.body, now).await;
                (letter.id, letter.endpoint.id, attempt)
            });
        }
        tokio::select! {
            Some(done) = under_way.join_next() => {
                if let Ok((letter, endpoint, attempt)) = done {
                    record(&app, letter, attempt).await;
                    busy.remove(&endpoint);
                }
            }
            () = app.clock.wait_until(next) => {}
        }
    }
}

/// The first request to each endpoint that is neither held nor busy, and when there will be something to do
/// again.
fn due(scene: &mut Scene<'_>, busy: &HashSet<Uuid>) -> (Vec<Letter>, Timestamp) {
    let mut letters = Vec::new();
    let mut next = scene.store.next_job.unwrap_or(scene.now);
    for endpoint in scene.endpoints {
        if endpoint.held || busy.contains(&endpoint.id) {
            continue;
        }
        let outgoing = scene.store.outgoing.iter();
        let own = outgoing.filter(|(_, outgoing)| outgoing.endpoint == endpoint.id);
        let first = own.min_by_key(|(_, Outgoing { due, rank, .. })| (*due, *rank));
        let Some((id, Outgoing { due, event, .. })) = first else { continue };
        if *due > scene.now {
            next = next.min(*due);
        } else if let Some(event) = scene.store.events.get(*event) {
            let (endpoint, body) = (endpoint.clone(), event.body.clone());
            letters.push(Letter { id, endpoint, body });
        }
    }
    (letters, next)
}

async fn record(app: &App, letter: Uuid, attempt: Attempt) {
    let saved = app.change(|scene| {
        attempted(scene, letter, attempt);
        Ok::<_, Unsaved>(())
    });
    if saved.is_err() {
        tokio::time::sleep(AFTER_TROUBLE).await;
    }
}
