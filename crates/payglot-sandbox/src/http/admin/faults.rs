//! Adds, lists and removes faults.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{ApiResult, parse};
use crate::app::App;
use crate::app::faults::Fault;
use crate::operation::ApiError;

pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/_sandbox/api/faults", get(list).post(add).delete(clear))
        .route("/_sandbox/api/faults/{id}", delete(remove))
}

async fn list(State(app): State<Arc<App>>) -> Json<Value> {
    Json(json!({ "faults": app.faults.all() }))
}

async fn add(State(app): State<Arc<App>>, body: Bytes) -> ApiResult {
    let fault: Fault = parse(&body)?;
    fault.check()?;
    app.faults.add(fault);
    Ok(list(State(app)).await)
}

async fn clear(State(app): State<Arc<App>>) -> Json<Value> {
    app.faults.clear();
    list(State(app)).await
}

async fn remove(State(app): State<Arc<App>>, Path(id): Path<u64>) -> ApiResult {
    if app.faults.remove(id) {
        Ok(list(State(app)).await)
    } else {
        Err(ApiError::not_found("Fault"))
    }
}
