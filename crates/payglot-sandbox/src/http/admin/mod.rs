//! The JSON interface for tests under `/_sandbox/api/`.

mod faults;
mod money;
mod people;
mod state;
mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use payglot::schema::{Field, Limits, Schema, Type};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::app::App;
use crate::basics::PROVIDERS;
use crate::operation::{ApiError, validate};
use crate::state::SaveError;

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/_sandbox/api/info", get(info))
        .route("/_sandbox/api/requests", get(requests))
        .route("/_sandbox/api/clock/advance", post(advance))
        .merge(state::router())
        .merge(money::router())
        .merge(people::router())
        .merge(faults::router())
        .merge(webhooks::router())
}

async fn info(State(app): State<Arc<App>>) -> Json<Value> {
    let providers = PROVIDERS.map(|provider| {
        let operations = provider.operations.iter().map(|operation| {
            json!({
                "name": operation.name,
                "method": operation.method,
                "path": operation.path,
                "served": app.routes.is_served(provider.name, operation.name),
            })
        });
        let operations: Vec<_> = operations.collect();
        json!({ "name": provider.name, "title": provider.title, "operations": operations })
    });
    Json(json!({
        "base_url": app.base_url,
        "user_id": app.identity.user_id,
        "developer_id": app.identity.developer_id,
        "now": app.clock.now(),
        "providers": providers,
    }))
}

async fn requests(State(app): State<Arc<App>>) -> Json<Value> {
    Json(json!({ "requests": app.log.entries() }))
}

/// What `clock/advance` takes: at most a hundred years.
static ADVANCE: Schema = Schema {
    index: 0,
    name: "ClockAdvance",
    fields: &[Field {
        wire: "seconds",
        name: "seconds",
        aliases: &[],
        ty: Type::Integer,
        required: true,
        nullable: false,
        sensitive: false,
        limits: Limits { minimum: Some("0"), maximum: Some("3155760000"), ..Limits::NONE },
    }],
    open: false,
};

async fn advance(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    match validate::body(&ADVANCE, &headers, &body) {
        Ok(body) => {
            // As a float, because `60.0` is a whole number too.
            let seconds = body.get("seconds").and_then(Value::as_f64).unwrap_or_default();
            app.clock.advance(Duration::try_from_secs_f64(seconds).unwrap_or_default());
            if let Err(error) = app.transact(|_| Ok::<_, SaveError>(())) {
                return ApiError::from(error).into_response();
            }
            let clock =
                json!({ "now": app.clock.now(), "offset_seconds": app.clock.offset_seconds() });
            Json(clock).into_response()
        }
        Err(problems) => ApiError::invalid(&problems).into_response(),
    }
}

/// The outcome of an operation of this interface.
type ApiResult = Result<Json<Value>, ApiError>;

/// Reads a body. The error may quote a value, which is fine here: bodies of this interface hold no secrets.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::field("", "value_error", &error.to_string()))
}
