//! What every request passes: the host it asks for, the site it comes from, and the time that it may take to arrive.
//! And what every response says to browsers.

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

use crate::app::App;
use crate::app::connection::Cut;
use crate::model::{HOSTED_PREFIX, WEBHOOK_AGENT};
use crate::operation::ApiError;

const POLICY: HeaderName = header::CONTENT_SECURITY_POLICY;
/// Largest form of the page, in bytes.
const MAX_FORM: usize = 64 * 1024;

/// Passes on what is for this sandbox, with a body that must arrive in time.
pub(super) async fn every_request(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let connection = request.extensions().get::<ConnectInfo<Cut>>();
    let _serving = connection.map(|ConnectInfo(cut)| cut.serving());
    let refused = refused(&app, &request);
    let mut response = match refused {
        Some(error) => {
            tracing::warn!("refused a request: {}", error.text());
            error.into_response()
        }
        None => {
            next.run(request.map(|body| in_time(body, Instant::now() + app.read_timeout))).await
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(POLICY) {
        headers.insert(POLICY, HeaderValue::from_static("frame-ancestors 'none'"));
    }
    response
}

fn refused(app: &App, request: &Request) -> Option<ApiError> {
    let headers = request.headers();
    let hosts = headers.get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or_default());
    let mut hosts = hosts.chain(request.uri().authority().map(Authority::as_str)).peekable();
    if hosts.peek().is_none() || !hosts.all(|host| app.access.is_own(host)) {
        return Some(ApiError::foreign_host());
    }
    (is_cross_site(headers) && !is_link_to_hosted_page(request)).then(ApiError::foreign_origin)
}

fn is_cross_site(headers: &HeaderMap) -> bool {
    headers.get_all("sec-fetch-site").iter().any(|site| site == "cross-site")
}

/// Shops link to hosted pages: a person who follows such a link comes from another site.
fn is_link_to_hosted_page(request: &Request) -> bool {
    let says =
        |name: &str, value: &str| request.headers().get(name).is_some_and(|text| text == value);
    request.method() == Method::GET
        && request.uri().path().starts_with(HOSTED_PREFIX)
        && says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document")
}

/// The body, which fails where it has not arrived by then.
fn in_time(body: Body, until: Instant) -> Body {
    let chunks = stream::unfold(Some(body.into_data_stream()), move |chunks| async move {
        let mut chunks = chunks?;
        match timeout_at(until, chunks.next()).await {
            Ok(Some(chunk)) => Some((chunk.map_err(io::Error::other), Some(chunks))),
            Ok(None) => None,
            Err(_) => Some((Err(io::ErrorKind::TimedOut.into()), None)),
        }
    });
    Body::from_stream(chunks)
}

/// Whether a body failed because it did not arrive in time.
pub(super) fn is_late(error: &axum::Error) -> bool {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        if error
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
        {
            return true;
        }
        source = error.source();
    }
    false
}

/// Refuses changes that pages of other sites, or deliveries of webhooks, ask the sandbox's own interfaces for: an endpoint
/// that makes the sandbox deliver again would never end.
pub(super) async fn own_interface(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let agent = headers.get(header::USER_AGENT);
    let is_delivery =
        agent.is_some_and(|agent| agent.as_bytes().starts_with(WEBHOOK_AGENT.as_bytes()));
    if !request.method().is_safe() {
        if is_foreign(headers) {
            return ApiError::foreign_origin().into_response();
        }
        if is_delivery {
            return ApiError::from_webhook().into_response();
        }
    }
    next.run(request).await
}

/// Whether a browser names another site as the one that the request comes from.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN).map(|origin| origin.split_once("://").map(|(_, host)| host));
    origin.is_some_and(|host| host != text(header::HOST))
}

/// Refuses changes by the interface for tests without the token.
pub(super) async fn with_token(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let given = request.headers().get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if request.method().is_safe() || given.is_some_and(|given| app.access.is_token(given)) {
        return next.run(request).await;
    }
    let error = ApiError::no_token().into_response();
    ([(header::WWW_AUTHENTICATE, "Bearer")], error).into_response()
}

/// The body of a form of the page, where it holds the token.
pub(super) async fn form_with_token(app: &App, request: Request) -> Result<Request, ApiError> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, MAX_FORM).await.map_err(|error| unread(&error))?;
    let is_ours = |body: &Bytes| {
        let mut fields = form_urlencoded::parse(body);
        fields.any(|(name, value)| name == "token" && app.access.is_token(value.as_bytes()))
    };
    if is_ours(&body) {
        Ok(Request::from_parts(parts, Body::from(body)))
    } else {
        Err(ApiError::old_page())
    }
}

/// Why a body could not be read.
pub(super) fn unread(error: &axum::Error) -> ApiError {
    if is_late(error) { ApiError::late() } else { ApiError::too_large() }
}
