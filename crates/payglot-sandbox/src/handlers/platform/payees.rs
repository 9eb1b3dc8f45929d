//! Payees of a user and their mailing addresses.

use super::{user, views};
use crate::flow::payees;
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

/// How many addresses a payee may have: upstream's pages say both 5 and 20.
const MOST_ADDRESSES: usize = 5;

pub(super) fn create(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let owner = user(tx, call)?;
    let payee = payees::create(tx, owner, call)?;
    Ok(Payload::one(&payees::as_read(&payee)))
}

pub(super) fn create_address(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let owner = user(tx, call)?;
    let payee = payees::named(tx, owner, call)?;
    if tx.store.addresses_of(payee.id).count() >= MOST_ADDRESSES {
        return Err(ApiError::bad_request("The payee cannot have more addresses"));
    }
    let address = payees::new_address(tx, &payee, call)?;
    tx.store.addresses.put(address.id, address.clone());
    Ok(Payload::one(&views::address(&address)))
}

pub(super) fn list_addresses(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let owner = user(tx, call)?;
    let payee = payees::named(tx, owner, call)?;
    Ok(Payload::all(tx.store.addresses_of(payee.id).map(views::address)))
}

pub(super) fn update_address(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let owner = user(tx, call)?;
    let payee = payees::named(tx, owner, call)?;
    let mut address = payees::named_address(tx, &payee, call, "address_id")?;
    payees::change_address(&mut address, call);
    if let Some(name) = call.optional("name") {
        let (first, last) = match name.trim().rsplit_once(char::is_whitespace) {
            Some((first, last)) => (first.trim_end(), Some(last.to_owned())),
            None => (name, None),
        };
        first.clone_into(&mut address.first_name);
        address.last_name = last;
    }
    address.updated_at = Some(tx.now);
    tx.store.addresses.put(address.id, address.clone());
    Ok(Payload::one(&views::address(&address)))
}

pub(super) fn delete_address(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let owner = user(tx, call)?;
    let payee = payees::named(tx, owner, call)?;
    let address = payees::named_address(tx, &payee, call, "address_id")?;
    tx.store.addresses.remove(address.id);
    Ok(Payload::none())
}
