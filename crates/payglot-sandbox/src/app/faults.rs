//! Faults on demand: what a network, a gateway or a busy vendor does to a call.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use payglot::schema::Provider;
use serde::{Deserialize, Serialize};

use crate::app::connection::Cut;
use crate::basics::PROVIDERS;
use crate::operation::{ApiError, Route};

/// Longest delay taken, in milliseconds.
const MOST_DELAY: u64 = 600_000;
/// Most faults that wait at once.
const MOST_FAULTS: usize = 1000;
/// Any operation, or any of a provider.
const ANY: &str = "*";
/// Lets the first half of a truncated body leave before the connection ends.
const BETWEEN_HALVES: Duration = Duration::from_millis(20);

/// What happens to the next calls of an operation that pass authentication.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Its id, which [`Faults::add`] assigns.
    #[serde(skip_deserializing)]
    pub id: u64,
    /// `provider/resource.method`, `provider/*` or `*`.
    pub operation: String,
    pub kind: Kind,
    /// How many calls it happens to; null for all until it is removed.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// The status of `status`.
    #[serde(default)]
    pub status: Option<u16>,
    /// Seconds for the `Retry-After` of `status`.
    #[serde(default)]
    pub retry_after: Option<u32>,
    /// Milliseconds of `delay` and `delay_after_commit`.
    #[serde(default)]
    pub delay_ms: Option<u64>,
}

// Serde's default for a missing field is a function of the field's type.
#[expect(clippy::unnecessary_wraps, reason = "the field's type is an option")]
fn once() -> Option<u32> {
    Some(1)
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The connection is reset; nothing was done.
    ResetBefore,
    /// The connection is reset, but everything was done.
    ResetAfterCommit,
    /// The connection is closed without a response; nothing was done.
    Refuse,
    /// The call waits, then succeeds. Who hangs up meanwhile has done nothing.
    Delay,
    /// Everything is done at once, but the response is late. Who hangs up meanwhile has done it all.
    DelayAfterCommit,
    /// Everything was done, but only half of the response's body arrives.
    Truncate,
    /// Another status; nothing was done.
    Status,
}

impl Fault {
    /// Fails if a setting is wrong.
    pub fn check(&self) -> Result<(), ApiError> {
        if !is_known(&self.operation) {
            let msg = "Input should be provider/resource.method, provider/* or *";
            return Err(ApiError::field("operation", "value_error", msg));
        }
        let has_status = self.status.is_some_and(|status| (200..=599).contains(&status));
        if self.kind == Kind::Status && !has_status {
            let msg = "A fault of kind status needs a status from 200 to 599";
            return Err(ApiError::field("status", "value_error", msg));
        }
        let is_delay = matches!(self.kind, Kind::Delay | Kind::DelayAfterCommit);
        if is_delay && self.delay_ms.is_none_or(|delay| delay > MOST_DELAY) {
            let msg = "A fault of kind delay or delay_after_commit needs delay_ms, at most 600000";
            return Err(ApiError::field("delay_ms", "value_error", msg));
        }
        if self.times == Some(0) {
            let msg = "Input should be greater than or equal to 1";
            return Err(ApiError::field("times", "greater_than_equal", msg));
        }
        Ok(())
    }

    fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms.unwrap_or_default())
    }

    fn is_for(&self, route: &Route) -> bool {
        self.operation == ANY
            || self.operation.split_once('/').is_some_and(|(provider, operation)| {
                provider == route.provider.name
                    && (operation == ANY || operation == route.operation.name)
            })
    }
}

fn is_known(operation: &str) -> bool {
    let serves = |table: &Provider, name: &str| {
        name == ANY || table.operations.iter().any(|operation| operation.name == name)
    };
    operation == ANY
        || operation.split_once('/').is_some_and(|(provider, name)| {
            PROVIDERS.iter().any(|table| table.name == provider && serves(table, name))
        })
}

/// The faults that are still to happen, in the order they were asked for.
#[derive(Default)]
pub(crate) struct Faults {
    waiting: Mutex<Vec<Fault>>,
    count: AtomicU64,
}

impl Faults {
    /// Adds a fault, and returns it with its id. Fails where too many are waiting.
    pub fn add(&self, mut fault: Fault) -> Result<Fault, ApiError> {
        let mut faults = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if faults.len() >= MOST_FAULTS {
            let reason =
                "There are 1000 faults that are still to happen: remove some, or use times";
            return Err(ApiError::conflict(reason));
        }
        fault.id = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        faults.push(fault.clone());
        Ok(fault)
    }

    /// Removes a fault. Whether it was there.
    pub fn remove(&self, id: u64) -> bool {
        let mut faults = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let before = faults.len();
        faults.retain(|fault| fault.id != id);
        faults.len() < before
    }

    pub fn all(&self) -> Vec<Fault> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn clear(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The fault of the next call, which counts as one of its times.
    pub fn next(&self, route: &Route) -> Option<Fault> {
        let mut faults = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let position = faults.iter().position(|fault| fault.is_for(route))?;
        let fault = faults.get_mut(position)?;
        let happening = fault.clone();
        if let Some(times) = &mut fault.times {
            *times -= 1;
            if *times == 0 {
                faults.remove(position);
            }
        }
        Some(happening)
    }
}

/// Serves a call with a fault.
pub(crate) async fn around(
    fault: &Fault,
    provider: &Provider,
    cut: &Cut,
    serve: impl FnOnce() -> Response,
) -> Response {
    let unprocessed =
        |status, retry_after| ApiError::on_demand(status, retry_after).of(provider).into_response();
    match fault.kind {
        Kind::ResetBefore => {
            cut.reset();
            unprocessed(StatusCode::SERVICE_UNAVAILABLE, None)
        }
        Kind::Refuse => {
            cut.close();
            unprocessed(StatusCode::SERVICE_UNAVAILABLE, None)
        }
        Kind::ResetAfterCommit => {
            let response = serve();
            cut.reset();
            response
        }
        Kind::Delay => {
            tokio::time::sleep(fault.delay()).await;
            serve()
        }
        Kind::DelayAfterCommit => {
            let response = serve();
            tokio::time::sleep(fault.delay()).await;
            response
        }
        Kind::Truncate => truncated(serve()).await,
        Kind::Status => {
            let status = fault.status.and_then(|status| StatusCode::from_u16(status).ok());
            unprocessed(status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE), fault.retry_after)
        }
    }
}

/// Announces the whole body and sends half of it.
async fn truncated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let half = body.slice(..body.len() / 2);
    let chunks = stream::unfold(Some(half), |half: Option<Bytes>| async {
        if half.is_none() {
            tokio::time::sleep(BETWEEN_HALVES).await;
        }
        let aborted = || io::Error::from(io::ErrorKind::ConnectionAborted);
        Some((half.ok_or_else(aborted), None))
    });
    Response::from_parts(parts, Body::from_stream(chunks))
}
