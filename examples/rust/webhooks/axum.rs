//! Receives webhooks with axum. Run it with `PORT` and `PAYGLOT_WEBHOOK_SECRET` set.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use payglot::ErrorKind;
use payglot::paywint_platform::webhooks::{Data, construct_event};
use payglot::webhooks::{ReplayGuard, Scheme};

struct Receiver {
    secret: String,
    scheme: Scheme,
    /// Remembers within this process. With several, keep the ids in a table with a unique key.
    guard: ReplayGuard,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let receiver = Receiver {
        secret: std::env::var("PAYGLOT_WEBHOOK_SECRET")?,
        scheme: Scheme::default(),
        guard: ReplayGuard::new(100_000),
    };
    let app = Router::new().route("/webhooks", post(receive)).with_state(Arc::new(receiver));
    let address = ("127.0.0.1", std::env::var("PORT")?.parse()?);
    axum::serve(tokio::net::TcpListener::bind(address).await?, app).await?;
    Ok(())
}

/// `Bytes` is the raw body; `Json` would have parsed it.
async fn receive(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let event = match construct_event(&body, &headers, &receiver.secret, &receiver.scheme) {
        Ok(event) => event,
        Err(error) if error.kind() == ErrorKind::WebhookVerification => {
            return (StatusCode::BAD_REQUEST, error.to_string());
        }
        Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    };
    if receiver.guard.is_new(&event.id) {
        match &event.data {
            Data::PaymentSuccess(payment) => {
                println!(
                    "paid: {:?} {:?} {:?}",
                    payment.payment_id, payment.amount, payment.currency
                );
            }
            _ => println!("not handled: {}", event.event),
        }
    }
    (StatusCode::OK, "received".to_owned())
}
