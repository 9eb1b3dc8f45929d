//! Decides the checks of people and businesses, and adds payee cards, which no operation adds.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{ApiResult, Handlers, handler, parse};
use crate::app::App;
use crate::basics::raw;
use crate::flow::{events, outside};
use crate::handlers::platform;
use crate::model::{Decision, PayeeCard};
use crate::operation::ApiError;

pub(super) fn handlers() -> Handlers {
    vec![
        ("kyc", handler(kyc)),
        ("forget_kyc", handler(delete_kyc)),
        ("kyb", handler(kyb)),
        ("forget_kyb", handler(delete_kyb)),
        ("add_payee_card", handler(add_payee_card)),
    ]
}

/// The decision about a person or a business.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcome {
    status: Decision,
}

async fn kyc(State(app): State<Arc<App>>, Path(user_id): Path<Uuid>, body: Bytes) -> ApiResult {
    let Outcome { status } = parse(&body)?;
    app.transact(|tx| {
        outside::decide_person(tx, user_id, status)?;
        Ok(Json(json!({ "user_id": user_id, "kyc_status": status })))
    })
}

async fn kyb(State(app): State<Arc<App>>, Path(user_id): Path<Uuid>, body: Bytes) -> ApiResult {
    let Outcome { status } = parse(&body)?;
    app.transact(|tx| {
        outside::decide_business(tx, user_id, status)?;
        Ok(Json(json!({ "user_id": user_id, "status": status })))
    })
}

/// Removes a user's KYC record.
async fn delete_kyc(State(app): State<Arc<App>>, Path(user_id): Path<Uuid>) -> ApiResult {
    app.transact(|tx| {
        let kyc = tx.store.kyc.remove(user_id);
        kyc.ok_or_else(|| ApiError::not_found("KYC record"))?;
        events::person(tx, user_id, "deleted");
        Ok(Json(json!({ "user_id": user_id })))
    })
}

/// Removes a user's KYB record.
async fn delete_kyb(State(app): State<Arc<App>>, Path(user_id): Path<Uuid>) -> ApiResult {
    app.transact(|tx| {
        let kyb = tx.store.kyb.remove(user_id);
        kyb.ok_or_else(|| ApiError::not_found("KYB record"))?;
        events::business(tx, user_id, "deleted");
        Ok(Json(json!({ "user_id": user_id })))
    })
}

/// A card of a payee: of its number only the last four digits are taken.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPayeeCard {
    #[serde(default = "last_four")]
    last_four: String,
    /// `MM/YYYY`.
    #[serde(default = "expiry")]
    expiry: String,
    #[serde(default)]
    nick_name: Option<String>,
}

fn last_four() -> String {
    "1111".to_owned()
}

fn expiry() -> String {
    "12/2099".to_owned()
}

/// Upstream adds cards of payees on a page whose address is not published.
async fn add_payee_card(
    State(app): State<Arc<App>>,
    Path(payee_id): Path<Uuid>,
    body: Bytes,
) -> Result<Json<Box<RawValue>>, ApiError> {
    let card: NewPayeeCard = if body.is_empty() { parse(b"{}") } else { parse(&body) }?;
    if card.last_four.len() != 4 || !card.last_four.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ApiError::field("last_four", "value_error", "Input should be four digits"));
    }
    app.transact(|tx| {
        if !tx.store.payees.has(payee_id) {
            return Err(ApiError::not_found("Payee"));
        }
        let card = PayeeCard {
            id: tx.random.uuid(),
            payee_id,
            nick_name: card.nick_name,
            last_four: card.last_four,
            expiry: card.expiry,
        };
        let read = raw(&platform::card_as_read(&card));
        tx.store.payee_cards.put(card.id, card);
        Ok(Json(read))
    })
}
