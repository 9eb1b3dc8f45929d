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
use crate::flow::{payments, rates, wallets};
use crate::handlers::linora;
use crate::model::{Account, BankAccount};
use crate::operation::ApiError;
use crate::state::Transaction;

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
        let account = account(tx, id).ok_or_else(|| ApiError::not_found("Wallet"))?;
        let ledger = &mut tx.store.ledger;
        ledger
            .transfer(tx.now, Account::OUTSIDE, account, amount)
            .map_err(|_| ApiError::bug("amount"))?;
        Ok(Json(json!({ "id": id, "balance": ledger.balance(account).to_string() })))
    })
}

fn account(tx: &mut Transaction<'_>, id: Uuid) -> Option<Account> {
    if tx.store.users.has(id) || tx.store.linora_users.has(id) {
        return Some(wallets::of(tx, id).available());
    }
    tx.store.banks.get(id).filter(|bank| bank.is_paywint()).map(BankAccount::account)
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
        let payment = tx.store.payments.get(id);
        payment.ok_or_else(|| ApiError::not_found("Payment"))?;
        let payment = payments::pay(tx, id, &payer.payer_name, rates::INSTANT, None)
            .ok_or_else(|| ApiError::conflict("The payment waits for no payer"))?;
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
        let payment = tx.store.payments.get(id);
        payment.ok_or_else(|| ApiError::not_found("Payment"))?;
        let payment = payments::reject(tx, id, &reason)
            .ok_or_else(|| ApiError::conflict("The payment is neither open nor under way"))?;
        Ok(Json(json!({ "payment_id": payment.id, "status": payment.status })))
    })
}

/// Returns the money of a successful payment.
async fn refund(State(app): State<Arc<App>>, Path(id): Path<Uuid>) -> ApiResult {
    app.transact(|tx| {
        let payment = tx.store.payments.get(id);
        payment.ok_or_else(|| ApiError::not_found("Payment"))?;
        let payment = payments::refund(tx, id).ok_or_else(|| {
            ApiError::conflict("The payment did not go well, or its money is spent")
        })?;
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
