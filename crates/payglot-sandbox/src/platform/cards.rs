//! The user's own cards. They are added and completed on hosted pages alone; the API only makes the links.

use serde_json::{Value, json};
use uuid::Uuid;

use super::user;
use crate::answer::{Payload, Refusal};
use crate::app::Scene;
use crate::call::Call;
use crate::card::{Card, Flag};
use crate::hosted;
use crate::store::{Link, Task};

pub(super) fn create_add_link(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let user_id = user(scene, call)?;
    Ok(secure_link(scene, user_id, Task::AddCard))
}

pub(super) fn create_update_link(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let user_id = user(scene, call)?;
    let card_id = own_card(scene, user_id, call)?;
    Ok(secure_link(scene, user_id, Task::UpdateCard { card_id }))
}

pub(super) fn get(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let card = scene.store.card(call.path_id("card_id")?);
    card.map(|card| Payload::One(as_read(card))).ok_or_else(card_not_found)
}

pub(super) fn list(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let user_id = user(scene, call)?;
    Ok(Payload::all(scene.store.cards_of(user_id).map(as_read).collect()))
}

pub(super) fn delete(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let user_id = user(scene, call)?;
    let card_id = own_card(scene, user_id, call)?;
    scene.store.remove_card(card_id);
    Ok(Payload::One(Value::Null))
}

/// The card in the body, which must be the user's.
fn own_card(scene: &Scene<'_>, user_id: Uuid, call: &Call) -> Result<Uuid, Refusal> {
    let card = scene.store.card(call.id("card_id")?).filter(|card| card.user_id == user_id);
    card.map(|card| card.id).ok_or_else(card_not_found)
}

fn card_not_found() -> Refusal {
    Refusal::not_found("Card")
}

fn secure_link(scene: &mut Scene<'_>, user_id: Uuid, task: Task) -> Payload {
    let token = scene.random.token();
    let url = format!("{}{}{token}", scene.base_url, hosted::PREFIX);
    scene.store.add_link(token, Link::new(user_id, task, scene.now));
    Payload::One(json!({ "secure_link": url }))
}

/// The card as the API shows it: every field of the documented model.
fn as_read(card: &Card) -> Value {
    let details = &card.details;
    let mut read = json!({
        "user_id": card.user_id,
        "card_id": card.id,
        "card_number": details.last_four,
        "card_exp": details.expiry,
        "card_nick_name": format!("{} {}", details.brand, details.last_four),
        "card_type": "CREDIT",
        "first_name": details.first_name,
        "last_name": details.last_name,
        "address": details.address,
        "city": details.city,
        "state": details.state,
        "zip": details.postal_code,
        "country": details.country,
        "is_blocked": false,
    });
    let flags = [
        Flag::Images,
        Flag::WithdrawalConfirm,
        Flag::PaymentConfirm,
        Flag::Compliance,
        Flag::Limited,
    ];
    if let Some(fields) = read.as_object_mut() {
        fields
            .extend(flags.map(|flag| (flag.wire().to_owned(), json!(card.flags.contains(&flag)))));
    }
    read
}
