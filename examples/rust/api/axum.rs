//! An API with axum whose routes give payglot's models.
//!
//! Needs `PORT`, and `payglot sandbox`: it prints the other environment variables that this reads.

use std::env::var;
use std::error::Error;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use payglot::paywint_platform::{Client, types};
use payglot::{Decimal, ErrorKind};
use serde::Deserialize;

/// What a caller sends for a payment link.
#[derive(Deserialize)]
struct PaymentLink {
    user_id: String,
    #[serde(with = "rust_decimal::serde::str")]
    amount: Decimal,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = Router::new()
        .route("/wallets/{user_id}", get(read_wallet))
        .route("/payment-links", post(make_payment_link))
        .with_state(Client::from_env()?);
    let address = ("127.0.0.1", var("PORT")?.parse()?);
    axum::serve(tokio::net::TcpListener::bind(address).await?, app).await?;
    Ok(())
}

async fn read_wallet(
    State(client): State<Client>,
    Path(user_id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(Json(client.wallets().get(&user_id).await?))
}

async fn make_payment_link(
    State(client): State<Client>,
    Json(link): Json<PaymentLink>,
) -> Result<impl IntoResponse, ApiError> {
    let body = types::PlatformPaymentLinkCreate::builder().amount(link.amount).build()?;
    let made = client.payments().create_link(&link.user_id, &body).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Says whether it may have happened all the same: only where it has not, a caller may try again.
struct ApiError(payglot::Error);

impl From<payglot::Error> for ApiError {
    fn from(error: payglot::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = match self.0.kind() {
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::InvalidRequest => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::BAD_GATEWAY,
        };
        let (error, may_have_happened) = (self.0.to_string(), self.0.may_have_happened());
        let body = serde_json::json!({ "error": error, "may_have_happened": may_have_happened });
        (status, Json(body)).into_response()
    }
}
