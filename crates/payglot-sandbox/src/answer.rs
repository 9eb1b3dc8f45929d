//! Answers: payloads in the provider's envelope, and refusals in FastAPI's shape.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use payglot::schema::{Envelope, Wrap};
use serde_json::{Map, Value, json};

use crate::routes::Route;
use crate::validate::Problem;

const MESSAGE: &str = "Success";
/// Fields of Paywint's envelopes that no client needs to know, and the tables therefore leave out.
const STATUS_CODE: &str = "status_code";
const GENERATED: &str = "queryGeneratedTime";

/// What a handler found or made.
pub(crate) enum Payload {
    One(Value),
    Many {
        records: Vec<Value>,
        /// Over all pages.
        total: usize,
    },
}

impl Payload {
    /// All records there are.
    pub fn all(records: Vec<Value>) -> Self {
        let total = records.len();
        Self::Many { records, total }
    }

    fn into_value(self) -> Value {
        match self {
            Self::One(value) => value,
            Self::Many { records, .. } => Value::Array(records),
        }
    }

    fn total(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many { total, .. } => *total,
        }
    }
}

/// The answer to a call that went well.
pub(crate) fn answer(route: &Route, payload: Payload, now: Timestamp) -> Response {
    let body = match (route.operation.wrap, &route.provider.envelope) {
        (Wrap::Bare, _) | (_, None) => payload.into_value(),
        (Wrap::Data, Some(envelope)) => single(envelope, payload, now),
        (Wrap::Records, Some(envelope)) => list(envelope, payload, now),
    };
    Json(body).into_response()
}

fn single(envelope: &Envelope, payload: Payload, now: Timestamp) -> Value {
    object([
        (envelope.success, json!(true)),
        (envelope.message, json!(MESSAGE)),
        (envelope.data, payload.into_value()),
        (GENERATED, json!(now.as_second())),
    ])
}

fn list(envelope: &Envelope, payload: Payload, now: Timestamp) -> Value {
    object([
        (envelope.success, json!(true)),
        (STATUS_CODE, json!(StatusCode::OK.as_u16())),
        (envelope.message, json!(MESSAGE)),
        (envelope.total, json!(payload.total())),
        (envelope.records, payload.into_value()),
        (GENERATED, json!(now.as_second())),
    ])
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>(),
    )
}

/// Why a request gets no payload: a status and FastAPI's `detail`.
pub(crate) struct Refusal {
    status: StatusCode,
    detail: Value,
    allow: Option<String>,
}

impl Refusal {
    fn new(status: StatusCode, detail: impl Into<Value>) -> Self {
        Self { status, detail: detail.into(), allow: None }
    }

    pub fn unauthorized(reason: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, reason)
    }

    pub fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    pub fn method_not_allowed(allow: Option<String>) -> Self {
        Self { allow, ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed") }
    }

    /// `what` in words, for example `Card`.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} not found"))
    }

    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large")
    }

    pub fn invalid(problems: &[Problem]) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, json!(problems))
    }

    pub fn not_served(route: &Route) -> Self {
        let (operation, provider) = (route.operation.name, route.provider.name);
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            format!("payglot sandbox: {operation} ({provider}) is not served yet"),
        )
    }

    /// A handler and its operation's table disagree.
    pub fn bug(field: &str) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("payglot sandbox: the operation has no usable {field}"),
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(json!({ "detail": self.detail }))).into_response();
        if let Some(allow) = self.allow.and_then(|methods| HeaderValue::try_from(methods).ok()) {
            response.headers_mut().insert(header::ALLOW, allow);
        }
        response
    }
}
