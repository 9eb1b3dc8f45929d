//! An axum service with an outbox: an order that it has accepted is paid once, whenever it is killed.
//!
//! `POST /orders` writes the order and the intent to pay it in one transaction, and a worker pays what is recorded. What may
//! have been paid when it was killed is not paid again: a person looks it up. Any number of these services may share a
//! database; `tests/outbox.rs` shows that in the crash lab.
//!
//! Run it with `PORT`, `PAYEE_ID` and `DATABASE_URL` (PostgreSQL) set. Needs `payglot sandbox`: it prints the other environment
//! variables that this reads.

use std::env::var;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use payglot::Decimal;
use payglot::journal::{self, Journal};
use payglot::paywint_platform::{Client, types};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

/// Refuses what could never be paid. `state` is what the journal last said of the payment.
const TABLE: &str = "
    BEGIN;
    -- Services that start at once make it one after the other.
    SELECT pg_advisory_xact_lock(1);
    CREATE TABLE IF NOT EXISTS orders (
        number text PRIMARY KEY CHECK (number ~ '^[0-9A-Za-z-]{1,20}$'),
        amount numeric NOT NULL CHECK (amount > 0 AND scale(amount) <= 2),
        state text NOT NULL DEFAULT 'recorded'
    );
    CREATE INDEX IF NOT EXISTS orders_open ON orders (number) WHERE state <> 'succeeded';
    COMMIT";

const OPERATION: &str = "payments.create";

/// How long an order waits for another service when one has died that had taken it.
const LEASE: Duration = Duration::from_secs(5);

/// How long the worker rests between two payments.
const PAUSE: Duration = Duration::from_millis(50);

#[derive(Deserialize)]
struct Order {
    number: String,
    #[serde(with = "rust_decimal::serde::str")]
    amount: Decimal,
}

struct Service {
    /// One connection is enough here; a busy service has a pool.
    database: Mutex<tokio_postgres::Client>,
    journal: Journal,
    client: Client,
    platform_id: String,
    user_id: String,
    payee_id: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = var("DATABASE_URL")?;
    let (database, connection) = tokio_postgres::connect(&url, NoTls).await?;
    let connection = tokio::spawn(connection);
    database.batch_execute(TABLE).await?;
    // Its tables and `payglot_record` are made now, beside the orders.
    let journal = Journal::at(&url)?;
    journal.opened().await?;
    let service = Arc::new(Service {
        database: Mutex::new(database),
        client: Client::builder().journal(&journal).build()?,
        journal,
        platform_id: var("PAYWINT_PLATFORM_ID")?,
        user_id: var("SANDBOX_USER_ID")?,
        payee_id: var("PAYEE_ID")?,
    });
    let app = Router::new()
        .route("/orders", post(accept))
        .route("/orders/{number}", get(state))
        .with_state(Arc::clone(&service));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", var("PORT")?.parse()?)).await?;
    println!("http://{}", listener.local_addr()?);
    // Whatever ends first ends all: whoever starts the service again connects anew, and nothing is lost.
    tokio::select! {
        served = axum::serve(listener, app).into_future() => served?,
        ended = connection => ended??,
        () = work(&service) => {}
    }
    Ok(())
}

/// Takes an order. The same one again is welcome, so that a caller may ask until it is told.
async fn accept(
    State(service): State<Arc<Service>>,
    Json(order): Json<Order>,
) -> Result<StatusCode, StatusCode> {
    service.write(&order).await.map_err(failed)
}

/// The state of an order: `recorded`, `sending`, `succeeded`, `refused`, `unknown` or `released`.
async fn state(
    State(service): State<Arc<Service>>,
    Path(number): Path<String>,
) -> Result<String, StatusCode> {
    let sql = "SELECT state FROM orders WHERE number = $1";
    let row = service.database.lock().await.query_opt(sql, &[&number]).await.map_err(failed)?;
    row.ok_or(StatusCode::NOT_FOUND)?.try_get(0).map_err(failed)
}

/// Pays for as long as the service runs.
async fn work(service: &Service) {
    loop {
        if let Err(error) = service.pay_next().await {
            eprintln!("tried again: {error}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Service {
    /// Writes an order and the intent to pay it: both or neither.
    async fn write(&self, order: &Order) -> Result<StatusCode, tokio_postgres::Error> {
        let Order { number, amount } = order;
        let mut database = self.database.lock().await;
        let transaction = database.transaction().await?;
        let insert = "INSERT INTO orders (number, amount) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        if transaction.execute(insert, &[number, amount]).await? == 0 {
            let sql = "SELECT amount FROM orders WHERE number = $1";
            let known: Decimal = transaction.query_one(sql, &[number]).await?.try_get(0)?;
            return Ok(if known == *amount { StatusCode::OK } else { StatusCode::CONFLICT });
        }
        let record = "SELECT payglot_record('paywint-platform', $1, $2, $3)";
        let name = format!("order {number}");
        transaction.execute(record, &[&self.platform_id, &OPERATION, &name]).await?;
        transaction.commit().await?;
        Ok(StatusCode::CREATED)
    }

    /// Pays the next order, and marks those of which the journal knows more.
    async fn pay_next(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        // One at a time: the next may go to another service.
        for intent in self.journal.claim_recorded(Some(OPERATION), 1, LEASE).await? {
            self.pay(&intent.key.name).await?;
        }
        self.mark().await
    }

    async fn pay(&self, name: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
        let number = name.strip_prefix("order ").ok_or_else(|| format!("{name} is no order"))?;
        let sql = "SELECT amount FROM orders WHERE number = $1";
        let row = self.database.lock().await.query_one(sql, &[&number]).await?;
        let body = types::PlatformPaymentCreate::builder()
            .user_id(self.user_id.clone())
            .payee_id(self.payee_id.clone())
            .amount(row.try_get::<_, Decimal>(0)?)
            .payment_method(types::PaymentMethodType::Wallet)
            .receiving_method(types::ReceivingMethodType::Wallet)
            .invoice_no(number)
            .build()?;
        // The journal keeps what became of it, also where this service dies before it can mark the order.
        if let Err(error) = self.client.payments().create(&body).intent(name).await {
            eprintln!("{name}: {error}");
        }
        Ok(())
    }

    /// Marks orders by the journal, and says which a person has to look up.
    async fn mark(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        // Asking makes unknown what was being sent by a service that has died.
        self.journal.unknown().await?;
        let sql = "
            UPDATE orders SET state = intent.state FROM payglot_intent AS intent
            WHERE orders.state <> 'succeeded' AND orders.state <> intent.state
                AND provider = 'paywint-platform' AND account = $1 AND operation = $2 AND name = 'order ' || number
            RETURNING number, orders.state";
        let given: [&(dyn tokio_postgres::types::ToSql + Sync); 2] =
            [&self.platform_id, &OPERATION];
        let changed = self.database.lock().await.query(sql, &given).await?;
        for row in changed {
            let (number, state): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
            if state == journal::State::Unknown.name() {
                eprintln!(
                    "order {number}: nobody knows; look it up, then `payglot journal resolve` or `release`"
                );
            }
        }
        Ok(())
    }
}

/// What a caller is told when the database says no.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
fn failed(error: tokio_postgres::Error) -> StatusCode {
    if error.code() == Some(&SqlState::CHECK_VIOLATION) {
        return StatusCode::BAD_REQUEST;
    }
    eprintln!("{error}");
    StatusCode::SERVICE_UNAVAILABLE
}
