//! Payees of a user and their mailing addresses.

use super::{user, views};
use crate::answer::{Payload, Refusal};
use crate::app::Scene;
use crate::call::Call;
use crate::flow::payees;

/// How many addresses a payee may have: upstream's pages say both 5 and 20.
const MOST_ADDRESSES: usize = 5;

pub(super) fn create(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let owner = user(scene, call)?;
    let payee = payees::create(scene, owner, call)?;
    Ok(Payload::one(&payees::as_read(&payee)))
}

pub(super) fn create_address(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let owner = user(scene, call)?;
    let payee = payees::named(scene, owner, call)?;
    if scene.store.addresses_of(payee.id).count() >= MOST_ADDRESSES {
        return Err(Refusal::bad_request("The payee cannot have more addresses"));
    }
    let address = payees::new_address(scene, &payee, call)?;
    scene.store.addresses.put(address.id, address.clone());
    Ok(Payload::one(&views::address(&address)))
}

pub(super) fn list_addresses(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let owner = user(scene, call)?;
    let payee = payees::named(scene, owner, call)?;
    Ok(Payload::all(scene.store.addresses_of(payee.id).map(views::address)))
}

pub(super) fn update_address(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let owner = user(scene, call)?;
    let payee = payees::named(scene, owner, call)?;
    let mut address = payees::named_address(scene, &payee, call, "address_id")?;
    payees::change_address(&mut address, call);
    if let Some(name) = call.optional("name") {
        let (first, last) = match name.trim().rsplit_once(char::is_whitespace) {
            Some((first, last)) => (first.trim_end(), Some(last.to_owned())),
            None => (name, None),
        };
        first.clone_into(&mut address.first_name);
        address.last_name = last;
    }
    address.updated_at = Some(scene.now);
    scene.store.addresses.put(address.id, address.clone());
    Ok(Payload::one(&views::address(&address)))
}

pub(super) fn delete_address(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let owner = user(scene, call)?;
    let payee = payees::named(scene, owner, call)?;
    let address = payees::named_address(scene, &payee, call, "address_id")?;
    scene.store.addresses.remove(address.id);
    Ok(Payload::none())
}
