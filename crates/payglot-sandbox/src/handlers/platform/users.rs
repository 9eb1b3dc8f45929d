//! Users of the platform.

use super::views;
use crate::flow::{contacts, wallets};
use crate::model::{Api, User};
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

pub(super) fn create(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let contact = contacts::read(call)?;
    if contacts::user(tx, &contact).is_some() {
        return Err(ApiError::conflict("A user with this email or phone exists"));
    }
    let user = User {
        id: tx.random.uuid(),
        api: Api::Platform,
        name: call.text("name")?,
        contact,
        created_at: tx.now,
    };
    tx.store.users.put(user.id, user.clone());
    wallets::of(tx, user.id);
    Ok(Payload::one(&views::user(&user)))
}

pub(super) fn list(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let users = tx.store.users.values().filter(|user| user.api == Api::Platform);
    Ok(Payload::page(call.page(), users, views::user))
}
