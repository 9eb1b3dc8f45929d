//! Calls the interface for tests of the sandbox in this process, without a socket.

use std::fmt::Display;

use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{Request, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt as _;

use super::Sandbox;
use crate::basics::Error;

impl Sandbox {
    /// Calls an operation of the interface and reads its response, or one field of it.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        field: Option<&str>,
    ) -> Result<T, Error> {
        let failed = |reason: String| Error::Interface(format!("{method} {path}: {reason}"));
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.base_url().trim_start_matches("http://"))
            .header(AUTHORIZATION, format!("Bearer {}", self.token().expose()))
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(|error| failed(error.to_string()))?;
        let response =
            self.interfaces.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await;
        let body = body.map_err(|error| failed(error.to_string()))?;
        if status != StatusCode::OK {
            let text = String::from_utf8_lossy(&body);
            return Err(failed(format!("the sandbox responded with {status}: {text}")));
        }
        let read = || -> serde_json::Result<T> {
            match field {
                None => serde_json::from_slice(&body),
                Some(field) => {
                    let mut response: Value = serde_json::from_slice(&body)?;
                    let value = response.get_mut(field).map(Value::take);
                    serde_json::from_value(value.unwrap_or_default())
                }
            }
        };
        read().map_err(|error| failed(error.to_string()))
    }

    /// The value of a credential by its environment variable.
    pub(super) fn credential(&self, variable: &str) -> &str {
        self.credentials().by_env(variable).unwrap_or_default()
    }
}

/// A path parameter as it is sent.
pub(super) fn segment(value: &impl Display) -> String {
    utf8_percent_encode(&value.to_string(), NON_ALPHANUMERIC).to_string()
}

/// The required properties of a body with those options that are set.
pub(super) fn with_options(required: Value, options: &impl Serialize) -> Value {
    match (required, serde_json::to_value(options)) {
        (Value::Object(mut body), Ok(Value::Object(options))) => {
            body.extend(options);
            Value::Object(body)
        }
        (required, _) => required,
    }
}
