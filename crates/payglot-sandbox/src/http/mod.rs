//! Everything that a sandbox serves over HTTP: the providers' operations, hosted pages, the page for a person, the
//! interface for tests and the documents.
//!
//! May use [`crate::app`] and everything below it. The interfaces must not know each other.

mod admin;
mod documents;
mod hosted;
mod html;
mod operations;
mod page;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::basics::Error;
use crate::operation::ApiError;

/// The routes of all interfaces.
pub(crate) fn router(app: Arc<App>) -> Result<Router, Error> {
    let own = admin::router()?.merge(page::router(Arc::clone(&app))?);
    let own = own.layer(middleware::from_fn(same_origin));
    let router = hosted::router(Arc::clone(&app))?
        .fallback(operations::serve_request)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), operations::log_request))
        .merge(own)
        .merge(documents::router(admin::DOCUMENT))
        .method_not_allowed_fallback(|| async { ApiError::method_not_allowed(None) })
        .with_state(app);
    Ok(router)
}

/// Refuses changes that pages of other sites ask for.
async fn same_origin(request: Request, next: Next) -> Response {
    if !request.method().is_safe() && is_foreign(request.headers()) {
        return ApiError::foreign_origin().into_response();
    }
    next.run(request).await
}

/// Whether a browser names another site as the one that the request comes from.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN).map(|origin| origin.split_once("://").map(|(_, host)| host));
    origin.is_some_and(|host| host != text(header::HOST))
}
