//! Users and their wallets.

use serde_json::Value;

use super::user;
use crate::basics::{JsonObject, object, raw};
use crate::flow::wallets;
use crate::model::LinoraUser;
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

/// No field of the body is published: all that is sent becomes the user's metadata.
pub(super) fn create(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let metadata = raw(&Value::Object(call.body.clone()));
    let user = LinoraUser { id: tx.random.uuid(), created_at: tx.now, metadata };
    tx.store.linora_users.put(user.id, user.clone());
    wallets::of(tx, user.id);
    Ok(Payload::one(&as_read(&user)))
}

pub(super) fn get(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let id = user(tx, call)?;
    let user = tx.store.linora_users.get(id);
    user.map(|user| Payload::one(&as_read(user))).ok_or_else(|| ApiError::not_found("User"))
}

pub(super) fn get_wallet(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let id = user(tx, call)?;
    let wallet = wallets::of(tx, id);
    Ok(Payload::one(&object! {
        "userId": id,
        "balance": tx.store.ledger.balance(wallet.available()),
        "currency": "USD",
    }))
}

fn as_read(user: &LinoraUser) -> JsonObject {
    object! { "userId": user.id, "createdAt": user.created_at, "metadata": user.metadata }
}
