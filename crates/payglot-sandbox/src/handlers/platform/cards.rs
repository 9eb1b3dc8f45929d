//! The user's own cards. They are added and completed on hosted pages alone; the API only makes the links.

use uuid::Uuid;

use super::user;
use crate::answer::{Payload, Refusal};
use crate::app::Scene;
use crate::call::Call;
use crate::card::{Card, Flag};
use crate::flow::links;
use crate::model::{Decision, Purpose};
use crate::record::{Record, record};

pub(super) fn create_add_link(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let user_id = user(scene, call)?;
    Ok(secure_link(scene, Purpose::AddCard { user_id }))
}

pub(super) fn create_update_link(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let user_id = user(scene, call)?;
    let card_id = own(scene, user_id, call.id("card_id")?)?.id;
    Ok(secure_link(scene, Purpose::UpdateCard { card_id }))
}

pub(super) fn get(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let card = scene.store.cards.get(call.path_id("card_id")?);
    card.map(|card| Payload::one(&as_read(card))).ok_or_else(card_not_found)
}

pub(super) fn list(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let user_id = user(scene, call)?;
    Ok(Payload::all(scene.store.cards_of(user_id).map(as_read)))
}

pub(super) fn delete(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let user_id = user(scene, call)?;
    let card_id = own(scene, user_id, call.id("card_id")?)?.id;
    scene.store.cards.remove(card_id);
    Ok(Payload::none())
}

/// A card, which must be the user's.
pub(super) fn own(scene: &Scene<'_>, user_id: Uuid, id: Uuid) -> Result<Card, Refusal> {
    let card = scene.store.cards.get(id).filter(|card| card.user_id == user_id);
    card.cloned().ok_or_else(card_not_found)
}

fn card_not_found() -> Refusal {
    Refusal::not_found("Card")
}

/// Why the card cannot pay.
pub(super) fn against_payment(scene: &Scene<'_>, card: &Card) -> Option<&'static str> {
    let has = |flag| card.flags.contains(&flag);
    let known = scene.store.kyc.get(card.user_id).map(|kyc| kyc.status);
    if has(Flag::Images) || has(Flag::PaymentConfirm) {
        Some("The card has to be completed first")
    } else if has(Flag::Limited) {
        Some("The card's daily payment limit is reached")
    } else if has(Flag::Compliance) && known != Some(Decision::Approved) {
        Some("The user's KYC is not approved")
    } else {
        None
    }
}

/// Why the card cannot take a withdrawal.
pub(super) fn against_withdrawal(card: &Card) -> Option<&'static str> {
    let incomplete =
        card.flags.contains(&Flag::Images) || card.flags.contains(&Flag::WithdrawalConfirm);
    incomplete.then_some("The card has to be completed first")
}

fn secure_link(scene: &mut Scene<'_>, purpose: Purpose) -> Payload {
    Payload::one(&record! { "secure_link": links::open(scene, purpose) })
}

/// The card as the API shows it: every field of the documented model.
fn as_read(card: &Card) -> Record {
    let details = &card.details;
    let has = |flag| card.flags.contains(&flag);
    record! {
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
        "card_images_required": has(Flag::Images),
        "withdrawal_confirm_required": has(Flag::WithdrawalConfirm),
        "payment_confirm_required": has(Flag::PaymentConfirm),
        "compliance_check_required": has(Flag::Compliance),
        "is_limited": has(Flag::Limited),
    }
}
