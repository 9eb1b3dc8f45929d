//! Users of the platform.

use super::views;
use crate::answer::{Payload, Refusal};
use crate::app::Scene;
use crate::call::Call;
use crate::flow::{contacts, wallets};
use crate::model::{Api, User};

pub(super) fn create(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let contact = contacts::read(call)?;
    if contacts::user(scene, &contact).is_some() {
        return Err(Refusal::conflict("A user with this email or phone exists"));
    }
    let user = User {
        id: scene.random.uuid(),
        api: Api::Platform,
        name: call.text("name")?,
        contact,
        created_at: scene.now,
    };
    scene.store.users.put(user.id, user.clone());
    wallets::of(scene, user.id);
    Ok(Payload::one(&views::user(&user)))
}

pub(super) fn list(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let users = scene.store.users.values().filter(|user| user.api == Api::Platform);
    Ok(Payload::page(call.page(), users, views::user))
}
