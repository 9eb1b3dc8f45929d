//! Serves one operation of a provider: route, authentication, fault, validation, handler, envelope, log.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::guard::unread;
use super::hosted;
use crate::app::connection::Cut;
use crate::app::log::{Entry, bounded, request_id};
use crate::app::steps::AfterStep;
use crate::app::{App, faults};
use crate::auth::{Check, ReceivedRequest};
use crate::basics::without_card_numbers;
use crate::operation::{
    ApiError, Found, PathValues, Reason, Route, idempotency, response_body, validate,
};

/// Largest body taken, in bytes.
const MAX_BODY: usize = 2 * 1024 * 1024;
/// Longest name of a caller in the log, in characters.
const LONGEST_CALLER: usize = 120;
/// Where the sandbox's own interfaces are, whose requests are not in the log, nor is the way to them from `/`.
const OWN: &str = "/_sandbox";

/// Names the request in its response, as vendors do.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The entry of the log that the request has.
#[derive(Clone, Copy)]
struct LogId(u64);

/// Serves the operations of the providers.
pub(super) async fn serve_request(
    State(app): State<Arc<App>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = match axum::body::to_bytes(body, MAX_BODY).await {
        Ok(body) => body,
        Err(error) => return unread(&error).into_response(),
    };
    match app.routes.find(parts.method.as_str(), parts.uri.path()) {
        Found::Nothing => ApiError::no_such_path().into_response(),
        Found::OtherMethods(allow) => ApiError::method_not_allowed(Some(allow)).into_response(),
        Found::Operation(route, path) => {
            let auth = app.verifier.verify(
                route.provider,
                route.operation.security,
                &received(&parts, &body),
            );
            let provider = route.provider;
            let failed = |error: ApiError| error.of(provider).into_response();
            let fault = if auth.reason().is_none() { app.faults.next(route) } else { None };
            let serve = || match auth.reason() {
                Some(reason) => failed(ApiError::unauthorized(reason)),
                None => serve(&app, route, path, &parts, &body).unwrap_or_else(failed),
            };
            // Before it is served: a request that waits stands in the log too.
            if let Some(LogId(id)) = parts.extensions.get() {
                app.log.update(*id, |entry| {
                    entry.provider = Some(route.provider.name);
                    entry.operation = Some(route.operation.name);
                    entry.auth = auth.map(bounded);
                    entry.fault = fault.as_ref().map(|fault| fault.kind);
                });
            }
            let is_watched = auth.reason().is_none();
            if is_watched && app.watched.arrived(route).await == AfterStep::Lose {
                cut.reset();
                return ApiError::on_demand(StatusCode::SERVICE_UNAVAILABLE, None).into_response();
            }
            let response = match &fault {
                Some(fault) => faults::around(fault, provider, &cut, serve).await,
                None => serve(),
            };
            if is_watched { app.watched.committed(route, response).await } else { response }
        }
    }
}

fn received<'a>(parts: &'a Parts, body: &'a Bytes) -> ReceivedRequest<'a> {
    ReceivedRequest {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query(),
        headers: &parts.headers,
        body,
    }
}

/// Serves an authentic request.
fn serve(
    app: &App,
    route: &Route,
    path: PathValues,
    parts: &Parts,
    body: &Bytes,
) -> Result<Response, ApiError> {
    let handler = route
        .handler
        .ok_or_else(|| ApiError::not_served(route.provider.name, route.operation.name))?;
    let call = validate::request(route.operation, path, parts, body)
        .map_err(|problems| ApiError::invalid(&problems))?;
    if app.verifier.strict {
        let problems = validate::undeclared(route.provider, route.operation, parts, body);
        if !problems.is_empty() {
            return Err(ApiError::invalid(&problems));
        }
    }
    let body = app.transact(|tx| {
        idempotency::once(tx, route.operation, &parts.headers, body, |tx| {
            let payload = handler(tx, &call)?;
            let envelope = route.provider.envelope.as_ref();
            Ok(response_body(route.operation.wrap, envelope, payload, tx.now))
        })
    })?;
    Ok(Json(body).into_response())
}

/// Logs a request when it arrives, and completes its entry once there is a response.
pub(super) async fn log_request(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if path == "/" || path.starts_with(OWN) {
        return next.run(request).await;
    }
    let started = Instant::now();
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let caller: String = agent.unwrap_or_default().chars().take(LONGEST_CALLER).collect();
    let id = app.log.add(Entry {
        id: 0,
        at: app.clock.now(),
        method: bounded(request.method().as_str()),
        path: logged_path(request.uri().path()),
        provider: None,
        operation: None,
        status: None,
        auth: Check::default(),
        reason: None,
        caller: without_card_numbers(&caller),
        fault: None,
        duration_us: None,
    });
    request.extensions_mut().insert(LogId(id));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::try_from(request_id(id)) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status().as_u16();
    let reason = response.extensions().get::<Reason>();
    let reason = reason.map(|Reason(text)| bounded(&without_card_numbers(text)));
    app.log.update(id, |entry| {
        entry.status = Some(status);
        entry.reason = reason;
        entry.duration_us = Some(u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX));
        tracing::info!(
            operation = entry.operation,
            status,
            auth = entry.auth.result(),
            reason = entry.auth.reason(),
            "{} {}",
            entry.method,
            entry.path,
        );
    });
    response
}

/// The path without what must not be in a log: the token of a hosted page, and card numbers.
fn logged_path(path: &str) -> String {
    hosted::logged(path).unwrap_or_else(|| bounded(&without_card_numbers(path)))
}
