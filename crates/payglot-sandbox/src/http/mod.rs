//! The way of a request: route, authentication, validation, handler, envelope, log.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};

use crate::answer::{Refusal, answer};
use crate::app::App;
use crate::auth::{Check, Received};
use crate::connection::Cut;
use crate::faults::{self, Kind};
use crate::log::{Entry, without_card_numbers};
use crate::routes::{Found, PathValues, Route};
use crate::{admin, documents, hosted, idempotency, page, validate};

/// Largest body taken, in bytes.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// What the log learns from a request's handling.
#[derive(Clone, Default)]
struct Trace {
    route: Option<(&'static str, &'static str)>,
    auth: Check,
    fault: Option<Kind>,
}

/// Everything a sandbox serves.
pub(crate) fn router(app: Arc<App>) -> Router {
    let own = admin::router().merge(page::router()).layer(middleware::from_fn(same_origin));
    hosted::router()
        .fallback(operation)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), record))
        .merge(own)
        .merge(documents::router())
        .method_not_allowed_fallback(|| async { Refusal::method_not_allowed(None) })
        .with_state(app)
}

/// Keeps pages of other sites from changing the sandbox.
async fn same_origin(request: Request, next: Next) -> Response {
    if !request.method().is_safe() && is_foreign(request.headers()) {
        return Refusal::foreign_origin().into_response();
    }
    next.run(request).await
}

/// Whether a browser names another site as the one that the request comes from.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN).map(|origin| origin.split_once("://").map(|(_, host)| host));
    origin.is_some_and(|host| host != text(header::HOST))
}

/// Serves the operations of the providers.
async fn operation(
    State(app): State<Arc<App>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return Refusal::too_large().into_response();
    };
    match app.routes.find(parts.method.as_str(), parts.uri.path()) {
        Found::Nothing => Refusal::no_such_path().into_response(),
        Found::OtherMethods(allow) => Refusal::method_not_allowed(Some(allow)).into_response(),
        Found::Operation(route, path) => {
            let auth = app.gate.check(route.provider, &received(&parts, &body));
            let provider = route.provider;
            let refused = |refusal: Refusal| refusal.of(provider).into_response();
            let fault = if auth.refusal().is_none() { app.faults.next(route) } else { None };
            let serve = || match auth.refusal() {
                Some(reason) => refused(Refusal::unauthorized(reason)),
                None => serve(&app, route, path, &parts, &body).unwrap_or_else(refused),
            };
            let mut response = match &fault {
                Some(fault) => faults::around(fault, provider, &cut, serve).await,
                None => serve(),
            };
            let fault = fault.map(|fault| fault.kind);
            let route = Some((route.provider.name, route.operation.name));
            response.extensions_mut().insert(Trace { route, auth, fault });
            response
        }
    }
}

fn received<'a>(parts: &'a Parts, body: &'a Bytes) -> Received<'a> {
    Received {
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
) -> Result<Response, Refusal> {
    let handler = route.handler.ok_or_else(|| Refusal::not_served(route))?;
    let call = validate::request(route.operation, path, parts, body)
        .map_err(|problems| Refusal::invalid(&problems))?;
    if app.gate.strict {
        let problems = validate::undeclared(route.provider, route.operation, parts, body);
        if !problems.is_empty() {
            return Err(Refusal::invalid(&problems));
        }
    }
    let answer = app.change(|scene| {
        idempotency::once(scene, route.operation, &parts.headers, body, |scene| {
            let payload = handler(scene, &call)?;
            Ok(answer(route, payload, scene.now))
        })
    })?;
    Ok(Json(answer).into_response())
}

/// Logs a request once it is answered.
async fn record(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().to_string();
    let path = logged_path(request.uri().path());
    let mut response = next.run(request).await;
    let trace = response.extensions_mut().remove::<Trace>().unwrap_or_default();
    let entry = Entry {
        id: 0,
        at: app.clock.now(),
        method,
        path,
        provider: trace.route.map(|(provider, _)| provider),
        operation: trace.route.map(|(_, operation)| operation),
        status: response.status().as_u16(),
        auth: trace.auth,
        fault: trace.fault,
        duration_us: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
    };
    tracing::info!(
        operation = entry.operation,
        status = entry.status,
        auth = entry.auth.result(),
        reason = entry.auth.refusal(),
        "{} {}",
        entry.method,
        entry.path,
    );
    app.log.add(entry);
    response
}

/// The path without what must not be in a log: the token of a hosted page, and card numbers.
fn logged_path(path: &str) -> String {
    hosted::logged(path).unwrap_or_else(|| without_card_numbers(path))
}
