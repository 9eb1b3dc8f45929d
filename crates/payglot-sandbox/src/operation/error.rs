//! Errors that operations respond with: FastAPI's shape, or the one that a provider documents.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use payglot::schema::Provider;
use serde_json::{Value, json};

use super::Problem;
use crate::state::SaveError;

/// Why a request was refused, beside its response: for the log.
#[derive(Clone)]
pub(crate) struct Reason(pub String);

/// A response that is an error: a status and FastAPI's `detail`.
pub(crate) struct ApiError {
    status: StatusCode,
    detail: Value,
    allow: Option<String>,
    /// Seconds after which to try again.
    retry_after: Option<u32>,
    /// Whether the provider documents `error` and `message` instead of FastAPI's shape, and 400 instead of 422.
    plain: bool,
}

impl ApiError {
    fn new(status: StatusCode, detail: impl Into<Value>) -> Self {
        Self { status, detail: detail.into(), allow: None, retry_after: None, plain: false }
    }

    /// In the shape that the provider documents.
    pub fn of(self, provider: &Provider) -> Self {
        Self { plain: provider.envelope.is_none(), ..self }
    }

    /// A fault that was asked for.
    pub fn on_demand(status: StatusCode, retry_after: Option<u32>) -> Self {
        Self { retry_after, ..Self::new(status, "payglot sandbox: a fault on demand") }
    }

    /// The request cannot be served in the current state.
    pub fn bad_request(reason: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, reason)
    }

    /// The request conflicts with the current state.
    pub fn conflict(reason: &str) -> Self {
        Self::new(StatusCode::CONFLICT, reason)
    }

    /// A field of the body breaks a rule that is not in the document; `kind` is pydantic's name for it.
    pub fn field(name: &str, kind: &'static str, msg: &str) -> Self {
        Self::invalid(&[Problem::of_body(name, kind, msg)])
    }

    pub fn unauthorized(reason: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, reason)
    }

    pub fn foreign_origin() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Another site's page cannot use the sandbox")
    }

    pub fn foreign_host() -> Self {
        let reason =
            "The sandbox serves host names of this machine only: --allow-host NAME adds one";
        Self::new(StatusCode::FORBIDDEN, reason)
    }

    pub fn from_webhook() -> Self {
        Self::new(StatusCode::FORBIDDEN, "A delivery of a webhook cannot change the sandbox")
    }

    /// A change by the interface for tests without the token.
    pub fn no_token() -> Self {
        let reason = "A change needs the token that the sandbox prints when it starts: \
                      Authorization: Bearer $PAYGLOT_SANDBOX_TOKEN";
        Self::new(StatusCode::UNAUTHORIZED, reason)
    }

    /// A form of the page without the token.
    pub fn old_page() -> Self {
        let reason = "The page was loaded before the sandbox started: load it again";
        Self::new(StatusCode::FORBIDDEN, reason)
    }

    pub fn late() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "The request body did not arrive in time")
    }

    /// The message without its JSON, for the page.
    pub fn text(&self) -> String {
        let plain = plain(&self.detail);
        plain.get("message").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    pub fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    pub fn method_not_allowed(allow: Option<String>) -> Self {
        Self { allow, ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed") }
    }

    /// `what` is for example `Card`.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} not found"))
    }

    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "The request body is too large")
    }

    pub fn invalid(problems: &[Problem]) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, json!(problems))
    }

    /// The operation has no handler.
    pub fn not_served(provider: &str, operation: &str) -> Self {
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

impl From<SaveError> for ApiError {
    fn from(_: SaveError) -> Self {
        let detail = "payglot sandbox: the state cannot be saved, so nothing was changed";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let reason = Reason(self.text());
        let (status, body) = match self.status {
            status if !self.plain => (status, json!({ "detail": self.detail })),
            StatusCode::UNPROCESSABLE_ENTITY => (StatusCode::BAD_REQUEST, plain(&self.detail)),
            status => (status, plain(&self.detail)),
        };
        let mut response = (status, Json(body)).into_response();
        if let Some(allow) = self.allow.and_then(|methods| HeaderValue::try_from(methods).ok()) {
            response.headers_mut().insert(header::ALLOW, allow);
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(reason);
        response
    }
}

/// The detail as one message, under the names that Linora's document has.
fn plain(detail: &Value) -> Value {
    let message = |problem: &Value| {
        let location = problem["loc"].as_array().into_iter().flatten();
        let location: Vec<_> = location
            .map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned))
            .collect();
        format!("{}: {}", location.join("."), problem["msg"].as_str().unwrap_or_default())
    };
    match detail {
        Value::Array(problems) => {
            let messages: Vec<_> = problems.iter().map(message).collect();
            json!({ "error": "Invalid request parameters", "message": messages.join("; ") })
        }
        other => json!({ "error": other, "message": other }),
    }
}
