//! The webhook dispatcher: it sends the deliveries that are due, one request at a time to each endpoint, in order,
//! and to several endpoints at once.
//!
//! May use [`crate::app`] and the queue in [`crate::flow`]. Must not know who caused an event.

mod post;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;
use uuid::Uuid;

use self::post::{client, post};
use crate::app::App;
use crate::app::steps::Phase;
use crate::flow::webhooks::attempted;
use crate::model::{Attempt, Endpoint, Outgoing};
use crate::state::{SaveError, Transaction};

/// How long to wait before the next try when the state could not be saved.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// A delivery that is due, with all that sending it takes.
struct Delivery {
    id: Uuid,
    endpoint: Endpoint,
    /// Name of the event.
    event: String,
    body: String,
}

/// Sends deliveries as long as the sandbox runs.
pub(crate) async fn run_dispatcher(app: Arc<App>) {
    let mut http = None;
    let mut busy = HashSet::new();
    let mut running = JoinSet::new();
    loop {
        let round = app.transact(|tx| {
            let (deliveries, next) = due(tx, &busy);
            // A transaction that schedules something earlier than this wakes the clock.
            app.set_dispatcher_wakes_at(next);
            Ok::<_, SaveError>((deliveries, next))
        });
        let Ok((deliveries, next)) = round else {
            tokio::time::sleep(RETRY_PAUSE).await;
            continue;
        };
        for delivery in deliveries {
            // Certificates are loaded with the first delivery: most sandboxes have no endpoint.
            let Some(http) = http.get_or_insert_with(client).clone() else {
                tracing::error!("webhooks cannot be delivered: TLS could not be set up");
                return;
            };
            busy.insert(delivery.endpoint.id);
            let now = app.clock.now();
            let watched = app.watched.clone();
            running.spawn(async move {
                watched.delivery(&delivery.event, Phase::Delivering, false).await;
                let attempt = post(&http, &delivery.endpoint, delivery.body, now).await;
                watched.delivery(&delivery.event, Phase::Delivered, attempt.is_confirmed()).await;
                (delivery.id, delivery.endpoint.id, attempt)
            });
        }
        tokio::select! {
            Some(done) = running.join_next() => {
                if let Ok((delivery, endpoint, attempt)) = done {
                    record(&app, delivery, attempt).await;
                    busy.remove(&endpoint);
                }
            }
            () = app.clock.wait_until(next) => {}
        }
    }
}

/// The next delivery to each endpoint that is neither held nor busy, and when the next one will be due.
fn due(tx: &mut Transaction<'_>, busy: &HashSet<Uuid>) -> (Vec<Delivery>, Timestamp) {
    let mut deliveries = Vec::new();
    let mut next = tx.store.next_job.unwrap_or(tx.now);
    for endpoint in tx.endpoints.iter() {
        if endpoint.held || busy.contains(&endpoint.id) {
            continue;
        }
        let outgoing = tx.store.outgoing.iter();
        let own = outgoing.filter(|(_, outgoing)| outgoing.endpoint == endpoint.id);
        let first = own.min_by_key(|(_, Outgoing { due, rank, .. })| (*due, *rank));
        let Some((id, Outgoing { due, event, .. })) = first else { continue };
        if *due > tx.now {
            next = next.min(*due);
        } else if let Some(event) = tx.store.events.get(*event) {
            let (endpoint, body) = (endpoint.clone(), event.body.clone());
            deliveries.push(Delivery { id, endpoint, event: event.name.clone(), body });
        }
    }
    (deliveries, next)
}

async fn record(app: &App, delivery: Uuid, attempt: Attempt) {
    let saved = app.transact(|tx| {
        attempted(tx, delivery, attempt);
        Ok::<_, SaveError>(())
    });
    if saved.is_err() {
        tokio::time::sleep(RETRY_PAUSE).await;
    }
}
