//! Paywint cards: paid by the wallet when asked for, approved a little later, loaded again at will.

use uuid::Uuid;

use crate::answer::{Payload, Refusal};
use crate::app::Scene;
use crate::call::Call;
use crate::due::{self, Task};
use crate::flow::{payees, payments, rates, wallets};
use crate::ledger::Account;
use crate::model::{Api, IssuedCard, Kind, Payee, Payment, Status};
use crate::money::Money;
use crate::record::{Record, record};

/// The first number of a request, as in the documents' examples.
const FIRST_NUMBER: u64 = 10001;
const NICK_NAME: &str = "My Paywint Card";

/// The smallest amount is in the tables.
pub(super) fn issue(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let owner = scene.identity.developer_id;
    let amount = call.money("amount")?;
    let payee = payees::named(scene, owner, call)?;
    let mut addresses = scene.store.addresses_of(payee.id);
    let address = addresses.find(|address| address.is_default).cloned();
    drop(addresses);
    let address =
        address.ok_or_else(|| Refusal::bad_request("The payee has no default address"))?;
    let request_id = scene.random.uuid();
    let payment = load(scene, Account(request_id), amount, (payee.id, &payee.name), None)?;
    let card = IssuedCard {
        request_id,
        owner,
        payee_id: payee.id,
        payment_id: payment.id,
        number: FIRST_NUMBER.saturating_add(scene.store.issued_cards.len() as u64),
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
        created_at: scene.now,
    };
    let mut read = start_of_read(&card);
    read.set("payment_id", &card.payment_id);
    read.set("reference_id", &card.number);
    end_of_read(&mut read, &card);
    scene.store.issued_cards.put(request_id, card);
    due::schedule(scene, rates::CARD_ISSUE, Task::ApproveCard(request_id));
    Ok(Payload::one(&read))
}

pub(super) fn list(scene: &mut Scene<'_>, _: &Call) -> Result<Payload, Refusal> {
    let owner = scene.identity.developer_id;
    let cards = scene.store.issued_cards.values().filter(|card| card.owner == owner);
    Ok(Payload::all(cards.map(as_read)))
}

pub(super) fn get(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let card = scene.store.issued_cards.get(call.path_id("request_id")?);
    card.map(|card| Payload::one(&as_read(card))).ok_or_else(|| Refusal::not_found("Card request"))
}

pub(super) fn reload(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let amount = call.money("amount")?;
    let id = call.id("payee_card_id")?;
    let is_it = |card: &&IssuedCard| card.card.as_ref().is_some_and(|(card, _)| *card == id);
    let card = scene.store.issued_cards.values().find(is_it).cloned();
    let card = card.ok_or_else(|| Refusal::not_found("Card"))?;
    let name = scene.store.payees.get(card.payee_id).map(|payee: &Payee| payee.name.clone());
    let payee = (card.payee_id, name.as_deref().unwrap_or_default());
    let memo = call.optional("memo");
    let payment = load(scene, card.account(), amount, payee, memo)?;
    Ok(Payload::one(&record! {
        "transaction_id": payment.id,
        "amount": amount,
        "description": memo,
        "status": payment.status,
    }))
}

/// Moves money from the account's wallet to a card, or refuses.
fn load(
    scene: &mut Scene<'_>,
    card: Account,
    amount: Money,
    (payee_id, payee_name): (Uuid, &str),
    memo: Option<&str>,
) -> Result<Payment, Refusal> {
    let owner = scene.identity.developer_id;
    let wallet = wallets::of(scene, owner);
    let legs = (wallet.available(), card);
    let mut payment = payments::draft(scene, Api::Developer, Kind::Card, amount, legs);
    payment.payer = Some(owner);
    payment.payer_name = scene.store.users.get(owner).map(|user| user.name.clone());
    payment.payee_id = Some(payee_id);
    payment.payee_name = Some(payee_name.to_owned());
    payment.description = memo.map(str::to_owned);
    payment.payment_method = Some("WALLET".to_owned());
    payment.receiving_method = Some("CARD".to_owned());
    let payment = payments::begin(scene, payment, rates::INSTANT, None);
    match payment.status {
        Status::Failed => Err(Refusal::bad_request("Insufficient wallet balance")),
        _ => Ok(payment),
    }
}

fn as_read(card: &IssuedCard) -> Record {
    let mut read = start_of_read(card);
    read.set("payee_card_id", &card.card.as_ref().map(|(id, _)| id));
    let last_four = card.card.as_ref().map(|(_, last_four)| format!("**{last_four}"));
    read.set("card_number", &last_four);
    end_of_read(&mut read, card);
    read
}

/// What both ways to show a request begin with.
fn start_of_read(card: &IssuedCard) -> Record {
    record! {
        "request_id": card.request_id,
        "payee_id": card.payee_id,
        "card_nick_name": card.nick_name,
        "amount": card.amount,
        "status": if card.card.is_some() { "approved" } else { "pending" },
    }
}

/// What both ways to show a request end with.
fn end_of_read(read: &mut Record, card: &IssuedCard) {
    read.set("first_name", &card.first_name);
    read.set("last_name", &card.last_name);
    read.set("address_line", &card.address_line);
    read.set("city", &card.city);
    read.set("state", &card.state);
    read.set("zip", &card.zip);
    read.set("country", &card.country);
    read.set("created_at", &card.created_at);
}
