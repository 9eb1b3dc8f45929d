//! Receives webhooks with axum. Run it with `PORT`, `INBOX` (a file, or a `PostgreSQL` URL), `PAYMENTS_FILE` (a file) and
//! `PAYGLOT_WEBHOOK_SECRET` set.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use payglot::journal::{Inbox, Journal};
use payglot::paywint_platform::webhooks::{Data, Event};

/// Writes a payment to the file. Where this fails it is tried again, and after a crash it may be called twice.
fn write(payments_file: &PathBuf, event: &Event) -> std::io::Result<()> {
    let Data::PaymentSuccess(payment) = &event.data else { return Ok(()) };
    let mut payments_file = OpenOptions::new().append(true).create(true).open(payments_file)?;
    let (amount, currency) = (payment.amount.unwrap_or_default(), payment.currency.as_deref());
    writeln!(
        payments_file,
        "paid: {} {amount} {}",
        payment.payment_id.as_deref().unwrap_or_default(),
        currency.unwrap_or_default()
    )
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let journal = Journal::open(&std::env::var("INBOX")?)?;
    let payments_file: PathBuf =
        std::env::var_os("PAYMENTS_FILE").ok_or("PAYMENTS_FILE is not set")?.into();
    let inbox = Inbox::<Data>::new(&journal, &std::env::var("PAYGLOT_WEBHOOK_SECRET")?)?;
    let inbox = inbox.on("payment.success", move |event| {
        let payments_file = payments_file.clone();
        async move { write(&payments_file, &event) }
    })?;
    let inbox = Arc::new(inbox);
    // In this process; a program of its own can do it as well.
    let worker = inbox.clone();
    tokio::spawn(async move { worker.work(4, std::future::pending()).await });
    let app = Router::new().route("/webhooks", post(receive)).with_state(inbox);
    let address = ("127.0.0.1", std::env::var("PORT")?.parse()?);
    axum::serve(tokio::net::TcpListener::bind(address).await?, app).await?;
    Ok(())
}

/// `Bytes` is the raw body; `Json` would have parsed it.
async fn receive(
    State(inbox): State<Arc<Inbox<Data>>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let receipt = inbox.receive(&body, &headers).await;
    StatusCode::from_u16(receipt.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
