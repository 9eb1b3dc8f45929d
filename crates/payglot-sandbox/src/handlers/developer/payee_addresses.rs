//! Addresses of payees, at most one of them the default.

use uuid::Uuid;

use crate::basics::{JsonObject, object};
use crate::flow::payees;
use crate::model::{Address, Payee};
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

pub(super) fn create(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let payee = named_payee(tx, call)?;
    let address = payees::new_address(tx, &payee, call)?;
    let id = address.id;
    tx.store.addresses.put(id, address);
    if call.flag("is_default") {
        make_default(tx, payee.id, id);
    }
    read(tx, id)
}

/// `is_default: false` changes nothing.
pub(super) fn update(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let payee = named_payee(tx, call)?;
    let mut address = payees::named_address(tx, &payee, call, "address_id")?;
    let id = address.id;
    let last_name = address.last_name.take();
    payees::change_address(&mut address, call);
    address.last_name = address.last_name.or(last_name);
    address.updated_at = Some(tx.now);
    tx.store.addresses.put(id, address);
    if call.flag("is_default") {
        make_default(tx, payee.id, id);
    }
    read(tx, id)
}

pub(super) fn set_default(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let payee = named_payee(tx, call)?;
    let address = payees::named_address(tx, &payee, call, "address_id")?;
    make_default(tx, payee.id, address.id);
    Ok(Payload::none())
}

/// When the default is deleted and others remain, the body must name the new default.
pub(super) fn delete(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let payee = named_payee(tx, call)?;
    let address = payees::named_address(tx, &payee, call, "address_id")?;
    if address.is_default && tx.store.addresses_of(payee.id).nth(1).is_some() {
        let field = "new_default_address_id";
        if call.optional_id(field).is_none() {
            return Err(ApiError::bad_request("Name the new_default_address_id"));
        }
        let successor = payees::named_address(tx, &payee, call, field)?;
        if successor.id == address.id {
            return Err(ApiError::bad_request("The new default is the address to remove"));
        }
        make_default(tx, payee.id, successor.id);
    }
    tx.store.addresses.remove(address.id);
    Ok(Payload::none())
}

pub(super) fn list(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let payee = payees::own(tx, tx.identity.developer_id, call.path_id("payee_id")?)?;
    Ok(Payload::all(tx.store.addresses_of(payee.id).map(as_read)))
}

pub(super) fn get(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let id = call.path_id("address_id")?;
    let address = tx.store.addresses.get(id).ok_or_else(|| ApiError::not_found("Address"))?;
    payees::own(tx, tx.identity.developer_id, address.payee_id)
        .map_err(|_| ApiError::not_found("Address"))?;
    read(tx, id)
}

fn named_payee(tx: &Transaction<'_>, call: &Call) -> Result<Payee, ApiError> {
    payees::named(tx, tx.identity.developer_id, call)
}

fn make_default(tx: &mut Transaction<'_>, payee_id: Uuid, id: Uuid) {
    let all: Vec<_> = tx.store.addresses_of(payee_id).map(|address| address.id).collect();
    for address in all {
        if let Some(address) = tx.store.addresses.get_mut(address) {
            address.is_default = address.id == id;
        }
    }
}

fn read(tx: &Transaction<'_>, id: Uuid) -> Result<Payload, ApiError> {
    let address = tx.store.addresses.get(id);
    address
        .map(|address| Payload::one(&as_read(address)))
        .ok_or_else(|| ApiError::not_found("Address"))
}

/// Upstream spells the first name `fist_name`.
fn as_read(address: &Address) -> JsonObject {
    object! {
        "address_id": address.id,
        "fist_name": address.first_name,
        "last_name": address.last_name.clone().unwrap_or_default(),
        "address_line_1": address.line_1,
        "address_line_2": address.line_2,
        "company_name": address.company,
        "city": address.city,
        "state": address.state,
        "zipcode": address.zipcode,
        "country": address.country,
        "is_default": address.is_default,
        "created_at": address.created_at,
        "updated_at": address.updated_at,
    }
}
