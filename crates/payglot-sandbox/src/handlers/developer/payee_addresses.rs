//! Addresses of payees, at most one of them the default.

use uuid::Uuid;

use crate::answer::{Payload, Refusal};
use crate::app::Scene;
use crate::call::Call;
use crate::flow::payees;
use crate::model::{Address, Payee};
use crate::record::{Record, record};

pub(super) fn create(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let payee = named_payee(scene, call)?;
    let address = payees::new_address(scene, &payee, call)?;
    let id = address.id;
    scene.store.addresses.put(id, address);
    if call.flag("is_default") {
        make_default(scene, payee.id, id);
    }
    read(scene, id)
}

/// `is_default: false` changes nothing.
pub(super) fn update(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let payee = named_payee(scene, call)?;
    let mut address = payees::named_address(scene, &payee, call, "address_id")?;
    let id = address.id;
    let last_name = address.last_name.take();
    payees::change_address(&mut address, call);
    address.last_name = address.last_name.or(last_name);
    address.updated_at = Some(scene.now);
    scene.store.addresses.put(id, address);
    if call.flag("is_default") {
        make_default(scene, payee.id, id);
    }
    read(scene, id)
}

pub(super) fn set_default(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let payee = named_payee(scene, call)?;
    let address = payees::named_address(scene, &payee, call, "address_id")?;
    make_default(scene, payee.id, address.id);
    Ok(Payload::none())
}

/// When the default goes and others stay, its successor must be named.
pub(super) fn delete(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let payee = named_payee(scene, call)?;
    let address = payees::named_address(scene, &payee, call, "address_id")?;
    if address.is_default && scene.store.addresses_of(payee.id).nth(1).is_some() {
        let field = "new_default_address_id";
        if call.optional_id(field).is_none() {
            return Err(Refusal::bad_request("Name the new_default_address_id"));
        }
        let successor = payees::named_address(scene, &payee, call, field)?;
        if successor.id == address.id {
            return Err(Refusal::bad_request("The new default is the address to remove"));
        }
        make_default(scene, payee.id, successor.id);
    }
    scene.store.addresses.remove(address.id);
    Ok(Payload::none())
}

pub(super) fn list(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let payee = payees::own(scene, scene.identity.developer_id, call.path_id("payee_id")?)?;
    Ok(Payload::all(scene.store.addresses_of(payee.id).map(as_read)))
}

pub(super) fn get(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let id = call.path_id("address_id")?;
    let address = scene.store.addresses.get(id).ok_or_else(|| Refusal::not_found("Address"))?;
    payees::own(scene, scene.identity.developer_id, address.payee_id)
        .map_err(|_| Refusal::not_found("Address"))?;
    read(scene, id)
}

fn named_payee(scene: &Scene<'_>, call: &Call) -> Result<Payee, Refusal> {
    payees::named(scene, scene.identity.developer_id, call)
}

fn make_default(scene: &mut Scene<'_>, payee_id: Uuid, id: Uuid) {
    let all: Vec<_> = scene.store.addresses_of(payee_id).map(|address| address.id).collect();
    for address in all {
        if let Some(address) = scene.store.addresses.get_mut(address) {
            address.is_default = address.id == id;
        }
    }
}

fn read(scene: &Scene<'_>, id: Uuid) -> Result<Payload, Refusal> {
    let address = scene.store.addresses.get(id);
    address
        .map(|address| Payload::one(&as_read(address)))
        .ok_or_else(|| Refusal::not_found("Address"))
}

/// Upstream spells the first name `fist_name`.
fn as_read(address: &Address) -> Record {
    record! {
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
