//! The state as a whole: reset, snapshot, restore, and whether the ledger balances.

use std::sync::Arc;

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use serde_json::json;

use super::{ApiResult, Handlers, handler, parse};
use crate::app::App;
use crate::http::guard::unread;
use crate::operation::ApiError;
use crate::state::{RestoreError, Snapshot};

/// Largest snapshot taken, in bytes: some hundred thousand payments.
const MAX_SNAPSHOT: usize = 128 * 1024 * 1024;

pub(super) fn handlers() -> Handlers {
    vec![
        ("reset", handler(reset)),
        ("snapshot", handler(snapshot)),
        ("restore", handler(restore)),
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

async fn restore(State(app): State<Arc<App>>, request: Request) -> ApiResult {
    // Before anything is read. Without a declared length it is read up to the limit.
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if length
        .and_then(|length| length.parse().ok())
        .is_some_and(|length: u64| length > MAX_SNAPSHOT as u64)
    {
        return Err(ApiError::too_large());
    }
    let _alone = app.restoring.lock().await;
    let body = to_bytes(request.into_body(), MAX_SNAPSHOT).await.map_err(|error| unread(&error))?;
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
