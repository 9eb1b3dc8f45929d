//! Registers webhook endpoints, lists events and how their delivery went, sends them again, holds them back.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ApiResult, Handlers, handler, parse};
use crate::app::App;
use crate::flow::webhooks;
use crate::flow::webhooks::NextAttempts;
use crate::model::{Api, Endpoint, Event, Webhook};
use crate::operation::ApiError;

pub(super) fn handlers() -> Handlers {
    vec![
        ("webhook_endpoints", handler(list)),
        ("add_webhook", handler(add)),
        ("remove_webhook", handler(remove)),
        ("hold_webhooks", handler(hold)),
        ("release_webhooks", handler(release)),
        ("webhook_events", handler(events)),
        ("resend_webhook", handler(resend)),
    ]
}

async fn list(State(app): State<Arc<App>>) -> ApiResult {
    app.transact(|tx| {
        let shown: Vec<_> = tx.endpoints.iter().map(Endpoint::shown).collect();
        Ok(Json(json!({ "endpoints": shown })))
    })
}

/// The only response that holds the secret.
async fn add(State(app): State<Arc<App>>, body: Bytes) -> ApiResult {
    let webhook: Webhook = parse(&body)?;
    if let Some((field, problem)) = webhook.problem() {
        return Err(ApiError::field(field, "value_error", problem));
    }
    let endpoint = app.add_endpoint(webhook)?;
    let secret = endpoint.secret.expose();
    Ok(Json(json!({ "id": endpoint.id, "secret": secret, "endpoint": endpoint.shown() })))
}

async fn remove(State(app): State<Arc<App>>, Path(id): Path<Uuid>) -> ApiResult {
    if app.remove_endpoint(id)? { Ok(Json(json!({ "id": id }))) } else { Err(no_endpoint()) }
}

async fn hold(State(app): State<Arc<App>>, Path(id): Path<Uuid>) -> ApiResult {
    let endpoint = app.hold_endpoint(id)?.ok_or_else(no_endpoint)?;
    Ok(Json(endpoint.shown()))
}

/// The order in which held deliveries are sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    #[serde(default)]
    order: Order,
}

#[derive(Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    #[default]
    AsMade,
    Reversed,
}

async fn release(State(app): State<Arc<App>>, Path(id): Path<Uuid>, body: Bytes) -> ApiResult {
    let Release { order } = if body.is_empty() { parse(b"{}") } else { parse(&body) }?;
    let endpoint = app.release_endpoint(id, order == Order::Reversed)?.ok_or_else(no_endpoint)?;
    Ok(Json(endpoint.shown()))
}

/// Newest first.
async fn events(State(app): State<Arc<App>>) -> ApiResult {
    app.transact(|tx| {
        let due = webhooks::next_attempts(tx.store);
        let events = tx.store.events.iter().rev();
        let events: Vec<_> = events.map(|(id, event)| shown(&due, id, event)).collect();
        Ok(Json(json!({ "events": events })))
    })
}

async fn resend(State(app): State<Arc<App>>, Path(id): Path<Uuid>) -> ApiResult {
    app.transact(|tx| {
        let count = webhooks::resend(tx, id)?;
        Ok(Json(json!({ "id": id, "endpoints": count })))
    })
}

fn shown(due: &NextAttempts, id: Uuid, event: &Event) -> Value {
    let deliveries = event.deliveries.iter().map(|delivery| {
        json!({
            "endpoint": delivery.endpoint,
            "state": delivery.state,
            "attempts": delivery.attempts,
            "next_attempt_at": due.get(&(id, delivery.endpoint)),
        })
    });
    json!({
        "id": id,
        "provider": Api::provider(event.api),
        "event": event.name,
        "at": event.at,
        "body": serde_json::from_str::<Value>(&event.body).unwrap_or_default(),
        "deliveries": deliveries.collect::<Vec<_>>(),
    })
}

fn no_endpoint() -> ApiError {
    ApiError::not_found("Endpoint")
}
