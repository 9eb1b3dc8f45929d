//! The JSON interface for tests under `/_sandbox/api/`, which `api.yaml` describes.
//!
//! The paths and methods come from the document; the modules here have a handler for each of its operations.

mod faults;
// Laid out by the generator.
#[rustfmt::skip]
mod generated;
mod money;
mod people;
mod state;
mod webhooks;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use self::generated::OPERATIONS;
use crate::app::App;
use crate::basics::{Error, PROVIDERS};
use crate::operation::ApiError;

pub(super) use self::generated::DOCUMENT;

/// A handler that is still to be given its method and path.
type Unrouted = Box<dyn FnOnce(MethodFilter) -> MethodRouter<Arc<App>>>;
/// Handlers by the id of their operation.
type Handlers = Vec<(&'static str, Unrouted)>;

fn handler<T: 'static>(handler: impl Handler<T, Arc<App>>) -> Unrouted {
    Box::new(move |method| on(method, handler))
}

/// A route for every operation of the document. Fails unless each has one handler, and each handler an operation.
pub(super) fn router() -> Result<Router<Arc<App>>, Error> {
    let own: Handlers = vec![
        ("info", handler(info)),
        ("requests", handler(requests)),
        ("advance", handler(advance)),
    ];
    let all = [
        own,
        state::handlers(),
        money::handlers(),
        people::handlers(),
        faults::handlers(),
        webhooks::handlers(),
    ];
    let mut handlers: BTreeMap<_, _> = all.into_iter().flatten().collect();
    let mut router = Router::new();
    for (id, method, path) in OPERATIONS {
        let handler = handlers.remove(id);
        let method = Method::try_from(*method).ok();
        let method = method.and_then(|method| MethodFilter::try_from(method).ok());
        let (Some(handler), Some(method)) = (handler, method) else {
            return Err(Error::Routes(format!("the operation {id} of api.yaml is not served")));
        };
        router = router.route(path, handler(method));
    }
    match handlers.into_keys().next() {
        Some(id) => Err(Error::Routes(format!("api.yaml has no operation {id}"))),
        None => Ok(router),
    }
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

/// Seconds that a test may advance at once: a hundred years.
const MOST_SECONDS: f64 = 3_155_760_000.0;

/// How far to advance; a float, because `60.0` is a whole number too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: f64,
}

async fn advance(State(app): State<Arc<App>>, body: Bytes) -> ApiResult {
    let Advance { seconds } = parse(&body)?;
    if seconds.fract() != 0.0 || !(0.0..=MOST_SECONDS).contains(&seconds) {
        let msg = "Input should be a whole number from 0 to 3155760000";
        return Err(ApiError::field("seconds", "value_error", msg));
    }
    app.advance(Duration::try_from_secs_f64(seconds).unwrap_or_default())?;
    Ok(Json(json!({ "now": app.clock.now(), "offset_seconds": app.clock.offset_seconds() })))
}

/// The outcome of an operation of this interface.
type ApiResult = Result<Json<Value>, ApiError>;

/// Reads a body. The error may quote a value, which is fine here: bodies of this interface hold no secrets.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::field("", "value_error", &error.to_string()))
}
