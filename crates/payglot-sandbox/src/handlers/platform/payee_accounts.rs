//! Bank accounts and cards of payees.

use uuid::Uuid;

use super::user;
use crate::basics::{JsonObject, object};
use crate::flow::{payees, rules};
use crate::model::{PayeeBank, PayeeCard, is_returning};
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

pub(super) fn add_bank(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let owner = user(tx, call)?;
    let payee = payees::named(tx, owner, call)?;
    let (account, routing) = (call.text("account_number")?, call.text("routing_number")?);
    let bank = PayeeBank {
        id: tx.random.uuid(),
        payee_id: payee.id,
        holder: call.text("account_holder_name")?,
        account_type: call.text("account_type")?,
        nick_name: call.text("bank_nick_name")?,
        masked_account: rules::masked(&account, 2),
        masked_routing: rules::masked(&routing, 3),
        is_returning: is_returning(&account),
    };
    tx.store.payee_banks.put(bank.id, bank.clone());
    Ok(Payload::one(&bank_as_read(&bank)))
}

pub(super) fn get_bank(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let owner = user(tx, call)?;
    let bank = tx.store.payee_banks.get(call.id("bank_id")?);
    let bank = bank.filter(|bank| payees::own(tx, owner, bank.payee_id).is_ok());
    bank.map(|bank| Payload::one(&bank_as_read(bank)))
        .ok_or_else(|| ApiError::not_found("Payee bank account"))
}

pub(super) fn get_card(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let owner = user(tx, call)?;
    let card = own_card(tx, owner, call.id("card_id")?)?;
    Ok(Payload::one(&card_as_read(&card)))
}

pub(super) fn list_cards(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let owner = user(tx, call)?;
    let payee = payees::named(tx, owner, call)?;
    let cards = tx.store.payee_cards.values().filter(|card| card.payee_id == payee.id);
    Ok(Payload::all(cards.map(card_as_read)))
}

pub(super) fn delete_card(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let owner = user(tx, call)?;
    let card = own_card(tx, owner, call.id("card_id")?)?;
    tx.store.payee_cards.remove(card.id);
    Ok(Payload::none())
}

fn own_card(tx: &Transaction<'_>, owner: Uuid, id: Uuid) -> Result<PayeeCard, ApiError> {
    let card = tx.store.payee_cards.get(id);
    let card = card.filter(|card| payees::own(tx, owner, card.payee_id).is_ok());
    card.cloned().ok_or_else(|| ApiError::not_found("Payee card"))
}

fn bank_as_read(bank: &PayeeBank) -> JsonObject {
    object! {
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
pub(crate) fn card_as_read(card: &PayeeCard) -> JsonObject {
    object! {
        "payee_id": card.payee_id,
        "card_id": card.id,
        "card_nick_name": card.nick_name,
        "card_number": card.last_four,
        "card_exp": card.expiry,
    }
}
