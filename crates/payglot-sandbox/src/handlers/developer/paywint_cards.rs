//! Paywint cards: paid by the wallet when asked for, approved a little later, loaded again at will.

use uuid::Uuid;

use crate::basics::{JsonObject, Money, object};
use crate::flow::{payees, payments, rates, wallets};
use crate::model::{Account, Api, IssuedCard, Kind, Payee, Payment, Status, Task};
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

/// The first number of a request, as in the documents' examples.
const FIRST_NUMBER: u64 = 10001;
const NICK_NAME: &str = "My Paywint Card";

/// The smallest amount is in the tables.
pub(super) fn issue(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let owner = tx.identity.developer_id;
    let amount = call.money("amount")?;
    let payee = payees::named(tx, owner, call)?;
    let mut addresses = tx.store.addresses_of(payee.id);
    let address = addresses.find(|address| address.is_default).cloned();
    drop(addresses);
    let address =
        address.ok_or_else(|| ApiError::bad_request("The payee has no default address"))?;
    let request_id = tx.random.uuid();
    let payment = load(tx, Account(request_id), amount, (payee.id, &payee.name), None)?;
    let card = IssuedCard {
        request_id,
        owner,
        payee_id: payee.id,
        payment_id: payment.id,
        number: FIRST_NUMBER.saturating_add(tx.store.issued_cards.len() as u64),
        nick_name: call.optional("card_nick_name").unwrap_or(NICK_NAME).to_owned(),
        amount,
        card: None,
        first_name: address.first_name,
        last_name: address.last_name.unwrap_or_default(),
        address_line: address.line_1,
        city: address.city,
        state: address.state,
        zip: address.zipcode,
        country: address.country,
        created_at: tx.now,
    };
    let mut read = start_of_read(&card);
    read.set("payment_id", &card.payment_id);
    read.set("reference_id", &card.number);
    end_of_read(&mut read, &card);
    tx.store.issued_cards.put(request_id, card);
    tx.schedule(rates::CARD_ISSUE, Task::ApproveCard(request_id));
    Ok(Payload::one(&read))
}

pub(super) fn list(tx: &mut Transaction<'_>, _: &Call) -> Result<Payload, ApiError> {
    let owner = tx.identity.developer_id;
    let cards = tx.store.issued_cards.values().filter(|card| card.owner == owner);
    Ok(Payload::all(cards.map(as_read)))
}

pub(super) fn get(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let card = tx.store.issued_cards.get(call.path_id("request_id")?);
    card.map(|card| Payload::one(&as_read(card))).ok_or_else(|| ApiError::not_found("Card request"))
}

pub(super) fn reload(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let amount = call.money("amount")?;
    let id = call.id("payee_card_id")?;
    let is_it = |card: &&IssuedCard| card.card.as_ref().is_some_and(|(card, _)| *card == id);
    let card = tx.store.issued_cards.values().find(is_it).cloned();
    let card = card.ok_or_else(|| ApiError::not_found("Card"))?;
    let name = tx.store.payees.get(card.payee_id).map(|payee: &Payee| payee.name.clone());
    let payee = (card.payee_id, name.as_deref().unwrap_or_default());
    let memo = call.optional("memo");
    let payment = load(tx, card.account(), amount, payee, memo)?;
    Ok(Payload::one(&object! {
        "transaction_id": payment.id,
        "amount": amount,
        "description": memo,
        "status": payment.status,
    }))
}

/// Moves money from the account's wallet to a card, or responds with an error.
fn load(
    tx: &mut Transaction<'_>,
    card: Account,
    amount: Money,
    (payee_id, payee_name): (Uuid, &str),
    memo: Option<&str>,
) -> Result<Payment, ApiError> {
    let owner = tx.identity.developer_id;
    let wallet = wallets::of(tx, owner);
    let legs = (wallet.available(), card);
    let mut payment = payments::new(tx, Api::Developer, Kind::Card, amount, legs);
    payment.payer = Some(owner);
    payment.payer_name = tx.store.users.get(owner).map(|user| user.name.clone());
    payment.payee_id = Some(payee_id);
    payment.payee_name = Some(payee_name.to_owned());
    payment.description = memo.map(str::to_owned);
    payment.payment_method = Some("WALLET".to_owned());
    payment.receiving_method = Some("CARD".to_owned());
    let payment = payments::begin(tx, payment, rates::INSTANT, None);
    match payment.status {
        Status::Failed => Err(ApiError::bad_request("Insufficient wallet balance")),
        _ => Ok(payment),
    }
}

fn as_read(card: &IssuedCard) -> JsonObject {
    let mut read = start_of_read(card);
    read.set("payee_card_id", &card.card.as_ref().map(|(id, _)| id));
    let last_four = card.card.as_ref().map(|(_, last_four)| format!("**{last_four}"));
    read.set("card_number", &last_four);
    end_of_read(&mut read, card);
    read
}

/// The first fields of both views of a request.
fn start_of_read(card: &IssuedCard) -> JsonObject {
    object! {
        "request_id": card.request_id,
        "payee_id": card.payee_id,
        "card_nick_name": card.nick_name,
        "amount": card.amount,
        "status": if card.card.is_some() { "approved" } else { "pending" },
    }
}

/// The last fields of both views of a request.
fn end_of_read(read: &mut JsonObject, card: &IssuedCard) {
    read.set("first_name", &card.first_name);
    read.set("last_name", &card.last_name);
    read.set("address_line", &card.address_line);
    read.set("city", &card.city);
    read.set("state", &card.state);
    read.set("zip", &card.zip);
    read.set("country", &card.country);
    read.set("created_at", &card.created_at);
}
