//! What a person does on the page: forms that come back to their view.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Form, Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use serde::Deserialize;
use uuid::Uuid;

use super::{Asked, Console, Tab, acts, show};
use crate::app::faults::{Fault, Kind};
use crate::flow::webhooks;
use crate::http::guard::form_with_token;
use crate::model::Webhook;
use crate::operation::ApiError;

/// The sentence to show after an action, by the key in the query.
pub(super) static DONE: [(&str, &str); 16] = [
    ("fault-added", "The fault will happen to the next calls."),
    ("fault-removed", "The fault was taken away."),
    ("advanced", "The clock was advanced, and what was due has happened."),
    ("reset", "The sandbox is back at its start."),
    ("endpoint-added", "The endpoint is registered."),
    ("endpoint-removed", "The endpoint is forgotten."),
    ("held", "Deliveries to the endpoint wait."),
    ("released", "What was waiting goes out."),
    ("reversed", "What was waiting goes out, the newest first."),
    ("resent", "The event goes out once more."),
    ("funded", "The money is there."),
    ("paid", "The payment is made."),
    ("approved", "Approved."),
    ("rejected", "Rejected."),
    ("refunded", "The money went back."),
    ("expired", "The payment has expired."),
];

/// Seconds that a person may advance at once: a hundred years.
const MOST_SECONDS: u64 = 3_155_760_000;

pub(super) fn router(console: &Arc<Console>) -> Router<Arc<Console>> {
    Router::new()
        .route("/_sandbox/actions/faults", post(add_fault))
        .route("/_sandbox/actions/faults/{id}/remove", post(remove_fault))
        .route("/_sandbox/actions/advance", post(advance))
        .route("/_sandbox/actions/reset", post(reset))
        .route("/_sandbox/actions/endpoints", post(add_endpoint))
        .route("/_sandbox/actions/endpoints/{id}/{what}", post(change_endpoint))
        .route("/_sandbox/actions/events/{id}/resend", post(resend))
        .route("/_sandbox/actions/objects/{what}/{id}", post(acts::perform))
        .layer(middleware::from_fn_with_state(Arc::clone(console), with_token))
}

/// Does nothing for forms that did not come with the page of this sandbox.
async fn with_token(State(console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    match form_with_token(&console.app, request).await {
        Ok(request) => next.run(request).await,
        Err(error) => {
            let mut response = show(&console, Tab::Requests, &Asked::default(), Some(error));
            *response.status_mut() = StatusCode::FORBIDDEN;
            response
        }
    }
}

/// Redirects to the view with a sentence, or shows the view with the error.
pub(super) fn back(
    console: &Console,
    tab: Tab,
    outcome: Result<&'static str, ApiError>,
) -> Response {
    match outcome {
        Ok(done) => Redirect::to(&format!("{}?done={done}", tab.path())).into_response(),
        Err(error) => show(console, tab, &Asked::default(), Some(error)),
    }
}

/// The fields of a fault as a form sends them: text, empty where nothing was entered.
#[derive(Deserialize)]
struct FaultForm {
    operation: String,
    kind: Kind,
    #[serde(default)]
    times: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    retry_after: String,
    #[serde(default)]
    delay_ms: String,
}

async fn add_fault(State(console): State<Arc<Console>>, Form(form): Form<FaultForm>) -> Response {
    let fault = || -> Result<Fault, ApiError> {
        // A form sends the fields of other kinds too.
        let has_status = form.kind == Kind::Status;
        let is_late = matches!(form.kind, Kind::Delay | Kind::DelayAfterCommit);
        let fault = Fault {
            id: 0,
            operation: form.operation.trim().to_owned(),
            kind: form.kind,
            times: number("times", &form.times)?,
            status: if has_status { number("status", &form.status)? } else { None },
            retry_after: if has_status { number("retry_after", &form.retry_after)? } else { None },
            delay_ms: if is_late { number("delay_ms", &form.delay_ms)? } else { None },
        };
        fault.check()?;
        Ok(fault)
    };
    let outcome = fault().and_then(|fault| console.app.faults.add(fault)).map(|_| "fault-added");
    back(&console, Tab::Faults, outcome)
}

/// A number that may be left out.
fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<Option<T>, ApiError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse().map(Some);
    number.map_err(|_| ApiError::field(name, "int_parsing", "Input should be a whole number"))
}

async fn remove_fault(State(console): State<Arc<Console>>, Path(id): Path<u64>) -> Response {
    // A fault that is not there has happened in the meantime.
    console.app.faults.remove(id);
    back(&console, Tab::Faults, Ok("fault-removed"))
}

/// A time span as a form sends it.
#[derive(Deserialize)]
struct Advance {
    amount: String,
    /// In seconds.
    unit: u64,
}

async fn advance(State(console): State<Arc<Console>>, Form(form): Form<Advance>) -> Response {
    let seconds = number::<u64>("amount", &form.amount).and_then(|amount| {
        let seconds = amount.unwrap_or_default().saturating_mul(form.unit);
        let in_range = (1..=MOST_SECONDS).contains(&seconds);
        let msg = "Input should be from 1 second to 100 years";
        in_range.then_some(seconds).ok_or_else(|| ApiError::field("amount", "value_error", msg))
    });
    let outcome = seconds.and_then(|seconds| {
        console.app.advance(Duration::from_secs(seconds)).map_err(ApiError::from)?;
        Ok("advanced")
    });
    back(&console, Tab::Clock, outcome)
}

/// What cannot be undone needs a ticked box, or the dialog of the page's script.
#[derive(Deserialize)]
pub(super) struct Sure {
    #[serde(default)]
    sure: String,
}

impl Sure {
    pub fn check(&self) -> Result<(), ApiError> {
        let error = || ApiError::field("sure", "value_error", "Tick the box: it cannot be undone");
        if self.sure == "yes" { Ok(()) } else { Err(error()) }
    }
}

async fn reset(State(console): State<Arc<Console>>, Form(form): Form<Sure>) -> Response {
    let reset = || console.app.reset().map(|()| "reset").map_err(ApiError::from);
    let outcome = form.check().and_then(|()| reset());
    back(&console, Tab::Clock, outcome)
}

/// An endpoint as a form sends it.
#[derive(Deserialize)]
struct EndpointForm {
    url: String,
    #[serde(default)]
    secret: String,
    #[serde(default)]
    provider: String,
    #[serde(default)]
    copies: String,
}

async fn add_endpoint(
    State(console): State<Arc<Console>>,
    Form(form): Form<EndpointForm>,
) -> Response {
    let add = || -> Result<&'static str, ApiError> {
        let mut webhook = Webhook::new(form.url.trim());
        webhook = if form.secret.is_empty() { webhook } else { webhook.secret(form.secret) };
        webhook = if form.provider.is_empty() { webhook } else { webhook.provider(form.provider) };
        webhook = webhook.copies(number("copies", &form.copies)?.unwrap_or(1));
        if let Some((field, problem)) = webhook.problem() {
            return Err(ApiError::field(field, "value_error", problem));
        }
        console.app.add_endpoint(webhook)?;
        Ok("endpoint-added")
    };
    let outcome = add();
    back(&console, Tab::Webhooks, outcome)
}

async fn change_endpoint(
    State(console): State<Arc<Console>>,
    Path((id, what)): Path<(Uuid, String)>,
    Form(form): Form<Sure>,
) -> Response {
    let change = || -> Result<&'static str, ApiError> {
        match what.as_str() {
            "remove" => {
                form.check()?;
                console.app.remove_endpoint(id).map(|_| "endpoint-removed").map_err(ApiError::from)
            }
            "hold" => console.app.hold_endpoint(id).map(|_| "held").map_err(ApiError::from),
            "release" | "reverse" => {
                let reversed = what == "reverse";
                console.app.release_endpoint(id, reversed)?;
                Ok(if reversed { "reversed" } else { "released" })
            }
            _ => Err(ApiError::no_such_path()),
        }
    };
    let outcome = change();
    back(&console, Tab::Webhooks, outcome)
}

async fn resend(State(console): State<Arc<Console>>, Path(id): Path<Uuid>) -> Response {
    let outcome = console.app.transact(|tx| webhooks::resend(tx, id).map(|_| "resent"));
    back(&console, Tab::Webhooks, outcome)
}
