//! Everything that a sandbox serves over HTTP: the providers' operations, hosted pages, the page for a person, the
//! interface for tests and the documents.
//!
//! May use [`crate::app`] and everything below it. The interfaces must not know each other.

mod admin;
mod documents;
mod guard;
mod hosted;
mod html;
mod operations;
mod page;

use std::sync::Arc;

use axum::Router;
use axum::middleware;

use crate::app::App;
use crate::basics::Error;
use crate::operation::ApiError;

/// The routes of all interfaces.
pub(crate) fn router(app: Arc<App>) -> Result<Router, Error> {
    let with_token = middleware::from_fn_with_state(Arc::clone(&app), guard::with_token);
    let own = admin::router()?.layer(with_token).merge(page::router(Arc::clone(&app))?);
    let own = own.layer(middleware::from_fn(guard::own_interface));
    let router = hosted::router(Arc::clone(&app))?
        .fallback(operations::serve_request)
        .merge(own)
        .merge(documents::router(admin::DOCUMENT))
        .method_not_allowed_fallback(|| async { ApiError::method_not_allowed(None) })
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::every_request))
        // Outermost, so that what the guard refuses is in the log too.
        .layer(middleware::from_fn_with_state(Arc::clone(&app), operations::log_request))
        .with_state(app);
    Ok(router)
}
