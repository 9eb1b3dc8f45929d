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

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route("/_sandbox/openapi/{file}", get(document))
}

async fn document(Path(file): Path<String>) -> Response {
    let provider = file.strip_suffix(".json").unwrap_or_default();
    match DOCUMENTS.iter().find(|(name, _)| *name == provider) {
        Some((_, text)) => ([(header::CONTENT_TYPE, "application/json")], *text).into_response(),
        None => ApiError::not_found("Document").into_response(),
    }
}
