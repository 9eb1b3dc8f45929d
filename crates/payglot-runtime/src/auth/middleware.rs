//! Authentication as a middleware of `reqwest_middleware`, for programs that have a `reqwest::Client` of their own.

use std::sync::Arc;

use http::Extensions;
use reqwest_middleware::reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use super::Authenticator;

/// A middleware of `reqwest_middleware` that authenticates each request, over the bytes that leave.
///
/// It belongs last in a stack: after retries, so that each attempt is signed by itself, and after all that changes a
/// request. Build the `reqwest::Client` with `redirect::Policy::none()`: reqwest would take credentials in headers of
/// the vendor's own along to any host.
///
/// A signature covers the whole body, so the body must be in memory. For a stream the middleware gives an
/// [`Error`](crate::Error) of the kind [`InvalidRequest`](crate::ErrorKind::InvalidRequest), and sends nothing; so it does
/// for `http://` to another machine, unless [`Authenticator::allow_insecure_http`] allows it.
#[derive(Debug, Clone)]
pub struct AuthMiddleware(Arc<Authenticator>);

impl AuthMiddleware {
    /// A middleware that authenticates with these keys.
    pub fn new(authenticator: impl Into<Arc<Authenticator>>) -> Self {
        Self(authenticator.into())
    }
}

#[async_trait::async_trait]
impl Middleware for AuthMiddleware {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        self.0.authenticate_reqwest(&mut request).map_err(reqwest_middleware::Error::middleware)?;
        next.run(request, extensions).await
    }
}
