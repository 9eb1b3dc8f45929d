//! Payees of the account.

use uuid::Uuid;

use crate::flow::payees;
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

pub(super) fn create(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let payee = payees::create(tx, tx.identity.developer_id, call)?;
    Ok(Payload::one(&payees::as_read(&payee)))
}

/// Only the name changes.
pub(super) fn update(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let mut payee = payees::named(tx, tx.identity.developer_id, call)?;
    payee.name = call.text("name")?;
    tx.store.payees.put(payee.id, payee.clone());
    Ok(Payload::one(&payees::as_read(&payee)))
}

/// The payee goes with all its addresses; cards that were issued stay.
pub(super) fn delete(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let payee = payees::own(tx, tx.identity.developer_id, call.path_id("payee_id")?)?;
    let addresses: Vec<Uuid> = tx.store.addresses_of(payee.id).map(|address| address.id).collect();
    for address in addresses {
        tx.store.addresses.remove(address);
    }
    tx.store.payees.remove(payee.id);
    Ok(Payload::none())
}

pub(super) fn get(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let payee = payees::own(tx, tx.identity.developer_id, call.path_id("payee_id")?)?;
    Ok(Payload::one(&payees::as_read(&payee)))
}

pub(super) fn list(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let owner = tx.identity.developer_id;
    let payees = tx.store.payees.values().filter(|payee| payee.owner == owner);
    Ok(Payload::page(call.page(), payees, payees::as_read))
}
