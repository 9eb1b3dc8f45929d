//! Adds, lists and removes faults.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::{ApiResult, Handlers, handler, parse};
use crate::app::App;
use crate::app::faults::Fault;
use crate::operation::ApiError;

pub(super) fn handlers() -> Handlers {
    vec![
        ("faults", handler(list)),
        ("add_fault", handler(add)),
        ("clear_faults", handler(clear)),
        ("remove_fault", handler(remove)),
    ]
}

async fn list(State(app): State<Arc<App>>) -> Json<Value> {
    Json(json!({ "faults": app.faults.all() }))
}

async fn add(State(app): State<Arc<App>>, body: Bytes) -> Result<Json<Fault>, ApiError> {
    let fault: Fault = parse(&body)?;
    fault.check()?;
    Ok(Json(app.faults.add(fault)?))
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
