//! Users and their wallets.

use serde_json::Value;

use super::user;
use crate::answer::{Payload, Refusal};
use crate::app::Scene;
use crate::call::Call;
use crate::flow::wallets;
use crate::model::LinoraUser;
use crate::record::{Record, raw, record};

/// No field of the body is published: all that is sent becomes the user's metadata.
pub(super) fn create(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let metadata = raw(&Value::Object(call.body.clone()));
    let user = LinoraUser { id: scene.random.uuid(), created_at: scene.now, metadata };
    scene.store.linora_users.put(user.id, user.clone());
    wallets::of(scene, user.id);
    Ok(Payload::one(&as_read(&user)))
}

pub(super) fn get(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let id = user(scene, call)?;
    let user = scene.store.linora_users.get(id);
    user.map(|user| Payload::one(&as_read(user))).ok_or_else(|| Refusal::not_found("User"))
}

pub(super) fn get_wallet(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let id = user(scene, call)?;
    let wallet = wallets::of(scene, id);
    Ok(Payload::one(&record! {
        "userId": id,
        "balance": scene.store.ledger.balance(wallet.available()),
        "currency": "USD",
    }))
}

fn as_read(user: &LinoraUser) -> Record {
    record! { "userId": user.id, "createdAt": user.created_at, "metadata": user.metadata }
}
