//! Receives webhooks with axum. Run it with `PORT`, `PAYMENTS_FILE` (a file) and `PAYGLOT_WEBHOOK_SECRET` set.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use payglot::ErrorKind;
use payglot::paywint_platform::webhooks::{Data, construct_event};
use payglot::webhooks::{Event, ReplayGuard, Scheme};

struct Receiver {
    secret: String,
    payments_file: PathBuf,
    scheme: Scheme,
    /// Remembers within this process. With several, keep the ids in a table with a unique key.
    guard: ReplayGuard,
}

impl Receiver {
    /// Writes a payment to the file.
    fn write(&self, event: &Event<Data>) -> std::io::Result<()> {
        let Data::PaymentSuccess(payment) = &event.data else {
            println!("not handled: {}", event.event);
            return Ok(());
        };
        let mut payments_file =
            OpenOptions::new().append(true).create(true).open(&self.payments_file)?;
        let (amount, currency) = (payment.amount.unwrap_or_default(), payment.currency.as_deref());
        writeln!(
            payments_file,
            "paid: {} {amount} {}",
            payment.payment_id.as_deref().unwrap_or_default(),
            currency.unwrap_or_default()
        )
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let receiver = Receiver {
        secret: std::env::var("PAYGLOT_WEBHOOK_SECRET")?,
        payments_file: std::env::var_os("PAYMENTS_FILE").ok_or("PAYMENTS_FILE is not set")?.into(),
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
    let handling = match receiver.guard.handling(&event.id) {
        Ok(Some(handling)) => handling,
        Ok(None) => return (StatusCode::OK, "handled before".to_owned()),
        Err(error) => return (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    };
    // Where this fails, `handling` is dropped, and the event comes again.
    if let Err(error) = receiver.write(&event) {
        return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    }
    handling.done();
    (StatusCode::OK, "received".to_owned())
}
