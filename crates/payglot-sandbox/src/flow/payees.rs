//! Payees and their addresses, which both of Paywint's APIs have.

use uuid::Uuid;

use crate::basics::{JsonObject, object};
use crate::flow::contacts;
use crate::model::{Address, Payee};
use crate::operation::{ApiError, Call};
use crate::state::Transaction;

/// The payee in the body, who must be this user's.
pub(crate) fn named(tx: &Transaction<'_>, owner: Uuid, call: &Call) -> Result<Payee, ApiError> {
    own(tx, owner, call.id("payee_id")?)
}

/// A payee, who must be this user's.
pub(crate) fn own(tx: &Transaction<'_>, owner: Uuid, id: Uuid) -> Result<Payee, ApiError> {
    let payee = tx.store.payees.get(id).filter(|payee| payee.owner == owner);
    payee.cloned().ok_or_else(|| ApiError::not_found("Payee"))
}

/// Adds the payee in the body.
pub(crate) fn create(
    tx: &mut Transaction<'_>,
    owner: Uuid,
    call: &Call,
) -> Result<Payee, ApiError> {
    let contact = contacts::read(call)?;
    let payee = Payee {
        id: tx.random.uuid(),
        owner,
        name: call.text("name")?,
        contact,
        created_at: tx.now,
    };
    tx.store.payees.put(payee.id, payee.clone());
    Ok(payee)
}

/// The payee as both APIs show it.
pub(crate) fn as_read(payee: &Payee) -> JsonObject {
    object! {
        "payee_id": payee.id,
        "name": payee.name,
        "email": payee.contact.email,
        "phone_country_code": payee.contact.phone_country_code,
        "phone": payee.contact.phone,
        "created_at": payee.created_at,
    }
}

/// The address in the body, which must be this payee's.
pub(crate) fn named_address(
    tx: &Transaction<'_>,
    payee: &Payee,
    call: &Call,
    field: &str,
) -> Result<Address, ApiError> {
    let address = tx.store.addresses.get(call.id(field)?);
    let address = address.filter(|address| address.payee_id == payee.id);
    address.cloned().ok_or_else(|| ApiError::not_found("Address"))
}

/// The new address in the body.
pub(crate) fn new_address(
    tx: &mut Transaction<'_>,
    payee: &Payee,
    call: &Call,
) -> Result<Address, ApiError> {
    Ok(Address {
        id: tx.random.uuid(),
        payee_id: payee.id,
        first_name: call.text("first_name")?,
        last_name: call.optional_string("last_name"),
        line_1: call.text("address_line_1")?,
        line_2: call.optional_string("address_line_2"),
        company: call.optional_string("company_name"),
        city: call.text("city")?,
        state: call.text("state")?,
        zipcode: call.text("zipcode")?,
        country: call.text("country")?,
        is_default: false,
        created_at: tx.now,
        updated_at: None,
    })
}

/// Updates the fields that are in the body. Null clears an optional field and does not change a required one.
pub(crate) fn change_address(address: &mut Address, call: &Call) {
    let changes = [
        ("first_name", &mut address.first_name),
        ("address_line_1", &mut address.line_1),
        ("city", &mut address.city),
        ("state", &mut address.state),
        ("zipcode", &mut address.zipcode),
        ("country", &mut address.country),
    ];
    for (name, value) in changes {
        if let Some(text) = call.optional_string(name) {
            *value = text;
        }
    }
    let optional = [
        ("last_name", &mut address.last_name),
        ("address_line_2", &mut address.line_2),
        ("company_name", &mut address.company),
    ];
    for (name, value) in optional {
        if call.body.contains_key(name) {
            *value = call.optional_string(name);
        }
    }
}

/// First and last name in one.
pub(crate) fn full_name(address: &Address) -> String {
    match &address.last_name {
        Some(last) => format!("{} {last}", address.first_name),
        None => address.first_name.clone(),
    }
}
