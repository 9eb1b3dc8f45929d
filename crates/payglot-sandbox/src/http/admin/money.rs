//! Moves money from outside the sandbox: funds wallets, pays payment links, pays shops with cards.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::{Deserialize, Deserializer};
use serde_json::json;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{ApiResult, Handlers, handler, parse};
use crate::app::App;
use crate::basics::{Money, money};
use crate::flow::outside;
use crate::handlers::linora;

pub(super) fn handlers() -> Handlers {
    vec![
        ("fund", handler(fund)),
        ("pay", handler(pay)),
        ("reject", handler(reject)),
        ("refund", handler(refund)),
        ("spend", handler(spend)),
    ]
}

/// An amount as text or as a number.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Amount {
    #[serde(deserialize_with = "amount")]
    amount: Money,
}

fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    money::parse(raw.get().trim_matches('"'))
        .and_then(Money::exact)
        .filter(|amount| *amount > Money::ZERO && *amount <= Money::MOST)
        .ok_or_else(|| {
            serde::de::Error::custom("amount must be above 0, with at most two decimals")
        })
}

/// Funds the wallet of a user of any API, or one of Paywint's bank accounts, at once.
async fn fund(State(app): State<Arc<App>>, Path(id): Path<Uuid>, body: Bytes) -> ApiResult {
    let Amount { amount } = parse(&body)?;
    app.transact(|tx| {
        let balance = outside::fund(tx, id, amount)?;
        Ok(Json(json!({ "id": id, "balance": balance.to_string() })))
    })
}

/// Who pays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payer {
    #[serde(default = "somebody")]
    payer_name: String,
}

fn somebody() -> String {
    "Sandbox Payer".to_owned()
}

/// Pays what a payment link asks for, as its page does.
async fn pay(State(app): State<Arc<App>>, Path(id): Path<Uuid>, body: Bytes) -> ApiResult {
    let payer: Payer = if body.is_empty() { parse(b"{}") } else { parse(&body) }?;
    app.transact(|tx| {
        let payment = outside::pay(tx, id, &payer.payer_name)?;
        Ok(Json(json!({ "payment_id": payment.id, "status": payment.status })))
    })
}

/// Why a payment is rejected.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    #[serde(default = "policy")]
    reason: String,
}

fn policy() -> String {
    "rejected because of a policy".to_owned()
}

/// Rejects a payment that is open or under way; its money goes back.
async fn reject(State(app): State<Arc<App>>, Path(id): Path<Uuid>, body: Bytes) -> ApiResult {
    let Reason { reason } = if body.is_empty() { parse(b"{}") } else { parse(&body) }?;
    app.transact(|tx| {
        let payment = outside::reject(tx, id, &reason)?;
        Ok(Json(json!({ "payment_id": payment.id, "status": payment.status })))
    })
}

/// Returns the money of a successful payment.
async fn refund(State(app): State<Arc<App>>, Path(id): Path<Uuid>) -> ApiResult {
    app.transact(|tx| {
        let payment = outside::refund(tx, id)?;
        Ok(Json(json!({ "payment_id": payment.id, "status": payment.status })))
    })
}

/// Pays a shop with a Linora card; a card that does not cover it is declined.
async fn spend(State(app): State<Arc<App>>, Path(id): Path<Uuid>, body: Bytes) -> ApiResult {
    let Amount { amount } = parse(&body)?;
    app.transact(|tx| {
        let paid = linora::cards::spend(tx, id, amount)?;
        Ok(Json(json!({ "status": if paid { "completed" } else { "declined" } })))
    })
}
