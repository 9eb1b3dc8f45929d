//! The server that is told of what happens, and what it passes on.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use payglot::webhooks::{Event, ReplayGuard, Scheme};
use payglot::{ErrorKind, paywint_developer, paywint_platform};
use tokio::sync::mpsc;

use crate::Result;

/// What a webhook told: a line, and the id of the event.
type Told = (String, String);

type Reply = (StatusCode, String);

/// Takes what is genuine, and handles each event once.
struct Receiver {
    secret: String,
    scheme: Scheme,
    guard: ReplayGuard,
    told: mpsc::UnboundedSender<Told>,
}

/// Serves on a free port; gives its address, and what is told there.
pub async fn listen(secret: &str) -> Result<(String, mpsc::UnboundedReceiver<Told>)> {
    let (told, heard) = mpsc::unbounded_channel();
    let (scheme, guard) = (Scheme::default(), ReplayGuard::new(1000));
    let receiver = Receiver { secret: secret.to_owned(), scheme, guard, told };
    let app = Router::new()
        .route("/platform", post(platform))
        .route("/developer", post(developer))
        .with_state(Arc::new(receiver));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async { axum::serve(listener, app).await });
    Ok((address, heard))
}

/// The next thing told; fails where it does not come in time.
pub async fn next(heard: &mut mpsc::UnboundedReceiver<Told>) -> Result<Told> {
    let told = tokio::time::timeout(Duration::from_secs(10), heard.recv()).await?;
    Ok(told.ok_or("nobody listens")?)
}

async fn platform(State(to): State<Arc<Receiver>>, headers: HeaderMap, body: Bytes) -> Reply {
    use paywint_platform::webhooks::{Data, construct_event};

    let event = match construct_event(&body, &headers, &to.secret, &to.scheme) {
        Ok(event) => event,
        Err(error) => return refuse(&error),
    };
    let says = match &event.data {
        Data::KycApproved(_) => Some("identity approved".to_owned()),
        Data::CardAdded(_) => Some("card added".to_owned()),
        Data::PaymentSuccess(payment) => {
            let currency = payment.currency.as_deref().unwrap_or_default();
            Some(format!("paid: {} {currency}", payment.amount.unwrap_or_default()))
        }
        _ => None,
    };
    take(&to, &event, says)
}

async fn developer(State(to): State<Arc<Receiver>>, headers: HeaderMap, body: Bytes) -> Reply {
    use paywint_developer::webhooks::{Data, construct_event};

    let event = match construct_event(&body, &headers, &to.secret, &to.scheme) {
        Ok(event) => event,
        Err(error) => return refuse(&error),
    };
    let says = match &event.data {
        Data::PaymentSuccess(payment) => {
            Some(format!("card loaded: {} cents", payment.amount_cents.unwrap_or_default()))
        }
        _ => None,
    };
    take(&to, &event, says)
}

/// Passes on what an event says, the first time that it comes.
fn take<D>(to: &Receiver, event: &Event<D>, says: Option<String>) -> Reply {
    let handling = match to.guard.handling(&event.id) {
        Ok(handling) => handling,
        Err(error) => return (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    };
    let line = if handling.is_some() { says } else { Some(format!("{} again", event.event)) };
    if let Some(line) = line {
        let _ = to.told.send((line, event.id.clone()));
    }
    if let Some(handling) = handling {
        handling.done();
    }
    (StatusCode::OK, "received".to_owned())
}

fn refuse(error: &payglot::Error) -> Reply {
    let status = match error.kind() {
        ErrorKind::WebhookVerification => StatusCode::BAD_REQUEST,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, error.to_string())
}
