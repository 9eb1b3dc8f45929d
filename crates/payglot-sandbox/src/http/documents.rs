//! The OpenAPI documents of what is served, for tools that test against one.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;
use crate::generated::DOCUMENTS;
use crate::operation::ApiError;

/// The providers' documents, and that of the interface for tests.
pub(super) fn router(interface: &'static str) -> Router<Arc<App>> {
    Router::new()
        .route("/_sandbox/openapi/{file}", get(document))
        .route("/_sandbox/openapi/sandbox.json", get(move || async move { json(interface) }))
}

async fn document(Path(file): Path<String>) -> Response {
    let provider = file.strip_suffix(".json").unwrap_or_default();
    match DOCUMENTS.iter().find(|(name, _)| *name == provider) {
        Some((_, text)) => json(text),
        None => ApiError::not_found("Document").into_response(),
    }
}

fn json(text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}
