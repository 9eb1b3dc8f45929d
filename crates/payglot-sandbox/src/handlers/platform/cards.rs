//! The user's own cards. They are added and completed on hosted pages alone; the API only makes the links.

use uuid::Uuid;

use super::user;
use crate::basics::{JsonObject, object};
use crate::flow::links;
use crate::model::{Card, Decision, Flag, Purpose};
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

pub(super) fn create_add_link(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    Ok(secure_link(tx, Purpose::AddCard { user_id }))
}

pub(super) fn create_update_link(
    tx: &mut Transaction<'_>,
    call: &Call,
) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let card_id = own(tx, user_id, call.id("card_id")?)?.id;
    Ok(secure_link(tx, Purpose::UpdateCard { card_id }))
}

pub(super) fn get(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let card = tx.store.cards.get(call.path_id("card_id")?);
    card.map(|card| Payload::one(&as_read(card))).ok_or_else(card_not_found)
}

pub(super) fn list(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    Ok(Payload::all(tx.store.cards_of(user_id).map(as_read)))
}

pub(super) fn delete(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let card_id = own(tx, user_id, call.id("card_id")?)?.id;
    tx.store.cards.remove(card_id);
    Ok(Payload::none())
}

/// A card, which must be the user's.
pub(super) fn own(tx: &Transaction<'_>, user_id: Uuid, id: Uuid) -> Result<Card, ApiError> {
    let card = tx.store.cards.get(id).filter(|card| card.user_id == user_id);
    card.cloned().ok_or_else(card_not_found)
}

fn card_not_found() -> ApiError {
    ApiError::not_found("Card")
}

/// Why the card cannot pay.
pub(super) fn payment_decline_reason(tx: &Transaction<'_>, card: &Card) -> Option<&'static str> {
    let has = |flag| card.flags.contains(&flag);
    let known = tx.store.kyc.get(card.user_id).map(|kyc| kyc.status);
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
pub(super) fn withdrawal_decline_reason(card: &Card) -> Option<&'static str> {
    let incomplete =
        card.flags.contains(&Flag::Images) || card.flags.contains(&Flag::WithdrawalConfirm);
    incomplete.then_some("The card has to be completed first")
}

fn secure_link(tx: &mut Transaction<'_>, purpose: Purpose) -> Payload {
    Payload::one(&object! { "secure_link": links::open(tx, purpose) })
}

/// The card as the API shows it: every field of the documented model.
fn as_read(card: &Card) -> JsonObject {
    let details = &card.details;
    let has = |flag| card.flags.contains(&flag);
    object! {
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
