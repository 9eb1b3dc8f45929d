//! Authentication as a middleware of `reqwest_middleware`, for programs that have a `reqwest::Client` of their own.

use std::sync::Arc;

use http::{Extensions, Uri};
use reqwest_middleware::reqwest::{Request, Response, Url};
use reqwest_middleware::{Middleware, Next, Result};

use super::{Authenticator, streaming_body};
use crate::error::Error;

/// A middleware of `reqwest_middleware` that authenticates each request, over the bytes that leave.
///
/// It belongs last in a stack: after retries, so that each attempt is signed by itself, and after all that changes a
/// request. Build the `reqwest::Client` with `redirect::Policy::none()`: reqwest would take credentials in headers of
/// the vendor's own along to any host.
///
/// A signature covers the whole body, so the body must be in memory. For a stream the middleware gives an [`Error`] of
/// the kind [`InvalidRequest`](crate::ErrorKind::InvalidRequest), and sends nothing.
#[derive(Debug, Clone)]
pub struct AuthMiddleware(Arc<Authenticator>);

impl AuthMiddleware {
    /// A middleware that authenticates with these keys.
    pub fn new(authenticator: impl Into<Arc<Authenticator>>) -> Self {
        Self(authenticator.into())
    }

    fn authenticate(&self, request: &mut Request) -> std::result::Result<(), Error> {
        let body = match request.body() {
            Some(body) => body.as_bytes().ok_or_else(streaming_body)?,
            None => &[],
        };
        let unusable = || Error::invalid_request("url", "cannot be sent as it is");
        // As reqwest itself does it, so that path and query are those of the wire.
        let uri: Uri = request.url().as_str().parse().map_err(|_| unusable())?;
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.method = request.method().clone();
        parts.uri = uri.clone();
        parts.headers = request.headers().clone();
        self.0.authenticate(&mut parts, body);
        if parts.uri != uri {
            *request.url_mut() = Url::parse(&parts.uri.to_string()).map_err(|_| unusable())?;
        }
        *request.headers_mut() = parts.headers;
        Ok(())
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
        self.authenticate(&mut request).map_err(reqwest_middleware::Error::middleware)?;
        next.run(request, extensions).await
    }
}
