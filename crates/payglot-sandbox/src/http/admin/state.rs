//! The state as a whole: reset, snapshot, restore, and whether the ledger balances.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::handler::Handler as _;
use serde_json::json;

use super::{ApiResult, Handlers, handler, parse};
use crate::app::App;
use crate::operation::ApiError;
use crate::state::{RestoreError, Snapshot};

/// Largest snapshot taken, in bytes.
const MAX_SNAPSHOT: usize = 256 * 1024 * 1024;

pub(super) fn handlers() -> Handlers {
    vec![
        ("reset", handler(reset)),
        ("snapshot", handler(snapshot)),
        ("restore", handler(restore.layer(DefaultBodyLimit::max(MAX_SNAPSHOT)))),
        ("ledger", handler(ledger)),
    ]
}

async fn reset(State(app): State<Arc<App>>) -> ApiResult {
    app.reset()?;
    Ok(state(&app))
}

async fn snapshot(State(app): State<Arc<App>>) -> Result<Json<Snapshot>, ApiError> {
    Ok(Json(app.snapshot()?))
}

async fn restore(State(app): State<Arc<App>>, body: Bytes) -> ApiResult {
    let snapshot: Snapshot = parse(&body)?;
    app.restore(&snapshot).map_err(|error| match error {
        RestoreError::Snapshot(reason) => ApiError::field("rows", "value_error", &reason),
        RestoreError::Save(error) => error.into(),
    })?;
    Ok(state(&app))
}

async fn ledger(State(app): State<Arc<App>>) -> ApiResult {
    app.transact(|tx| {
        let ledger = &tx.store.ledger;
        let check = ledger.check();
        Ok(Json(json!({
            "balanced": check.is_ok(),
            "problem": check.err(),
            "accounts": ledger.balances.len(),
            "entries": ledger.entries.len(),
        })))
    })
}

fn state(app: &App) -> Json<serde_json::Value> {
    Json(json!({
        "user_id": app.identity.user_id,
        "developer_id": app.identity.developer_id,
        "now": app.clock.now(),
    }))
}
