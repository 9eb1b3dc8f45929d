//! Payees of the account.

use uuid::Uuid;

use crate::answer::{Payload, Refusal};
use crate::app::Scene;
use crate::call::Call;
use crate::flow::payees;

pub(super) fn create(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let payee = payees::create(scene, scene.identity.developer_id, call)?;
    Ok(Payload::one(&payees::as_read(&payee)))
}

/// Only the name changes.
pub(super) fn update(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let mut payee = payees::named(scene, scene.identity.developer_id, call)?;
    payee.name = call.text("name")?;
    scene.store.payees.put(payee.id, payee.clone());
    Ok(Payload::one(&payees::as_read(&payee)))
}

/// The payee goes with all its addresses; cards that were issued stay.
pub(super) fn delete(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let payee = payees::own(scene, scene.identity.developer_id, call.path_id("payee_id")?)?;
    let addresses: Vec<Uuid> =
        scene.store.addresses_of(payee.id).map(|address| address.id).collect();
    for address in addresses {
        scene.store.addresses.remove(address);
    }
    scene.store.payees.remove(payee.id);
    Ok(Payload::none())
}

pub(super) fn get(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let payee = payees::own(scene, scene.identity.developer_id, call.path_id("payee_id")?)?;
    Ok(Payload::one(&payees::as_read(&payee)))
}

pub(super) fn list(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let owner = scene.identity.developer_id;
    let payees = scene.store.payees.values().filter(|payee| payee.owner == owner);
    Ok(Payload::page(call.page(), payees, payees::as_read))
}
