//! Bank accounts and cards of payees.

use uuid::Uuid;

use super::user;
use crate::answer::{Payload, Refusal};
use crate::app::Scene;
use crate::call::Call;
use crate::flow::{payees, rules};
use crate::model::{PayeeBank, PayeeCard, is_returning};
use crate::record::{Record, record};

pub(super) fn add_bank(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let owner = user(scene, call)?;
    let payee = payees::named(scene, owner, call)?;
    let (account, routing) = (call.text("account_number")?, call.text("routing_number")?);
    let bank = PayeeBank {
        id: scene.random.uuid(),
        payee_id: payee.id,
        holder: call.text("account_holder_name")?,
        account_type: call.text("account_type")?,
        nick_name: call.text("bank_nick_name")?,
        masked_account: rules::masked(&account, 2),
        masked_routing: rules::masked(&routing, 3),
        is_returning: is_returning(&account),
    };
    scene.store.payee_banks.put(bank.id, bank.clone());
    Ok(Payload::one(&bank_as_read(&bank)))
}

pub(super) fn get_bank(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let owner = user(scene, call)?;
    let bank = scene.store.payee_banks.get(call.id("bank_id")?);
    let bank = bank.filter(|bank| payees::own(scene, owner, bank.payee_id).is_ok());
    bank.map(|bank| Payload::one(&bank_as_read(bank)))
        .ok_or_else(|| Refusal::not_found("Payee bank account"))
}

pub(super) fn get_card(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let owner = user(scene, call)?;
    let card = own_card(scene, owner, call.id("card_id")?)?;
    Ok(Payload::one(&card_as_read(&card)))
}

pub(super) fn list_cards(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let owner = user(scene, call)?;
    let payee = payees::named(scene, owner, call)?;
    let cards = scene.store.payee_cards.values().filter(|card| card.payee_id == payee.id);
    Ok(Payload::all(cards.map(card_as_read)))
}

pub(super) fn delete_card(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let owner = user(scene, call)?;
    let card = own_card(scene, owner, call.id("card_id")?)?;
    scene.store.payee_cards.remove(card.id);
    Ok(Payload::none())
}

fn own_card(scene: &Scene<'_>, owner: Uuid, id: Uuid) -> Result<PayeeCard, Refusal> {
    let card = scene.store.payee_cards.get(id);
    let card = card.filter(|card| payees::own(scene, owner, card.payee_id).is_ok());
    card.cloned().ok_or_else(|| Refusal::not_found("Payee card"))
}

fn bank_as_read(bank: &PayeeBank) -> Record {
    record! {
        "payee_id": bank.payee_id,
        "bank_id": bank.id,
        "account_holder_name": bank.holder,
        "account_type": bank.account_type,
        "bank_nick_name": bank.nick_name,
        "account_number": bank.masked_account,
        "routing_number": bank.masked_routing,
    }
}

/// The card as the API, and the interface that adds one, show it.
pub(crate) fn card_as_read(card: &PayeeCard) -> Record {
    record! {
        "payee_id": card.payee_id,
        "card_id": card.id,
        "card_nick_name": card.nick_name,
        "card_number": card.last_four,
        "card_exp": card.expiry,
    }
}
