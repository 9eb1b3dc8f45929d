//! Payments to payees over every method, payments received, payment links and checkout tokens.

use uuid::Uuid;

use super::{body_user, cards, needed, pw_bank_accounts, user, views};
use crate::answer::{Payload, Refusal};
use crate::app::Scene;
use crate::call::Call;
use crate::flow::{checkout, contacts, payees, payment_links, payments, rates, wallets};
use crate::ledger::Account;
use crate::model::{Api, Kind, Payee, Payment, RETURNED, Status};

/// Where the money comes from.
struct Source {
    account: Account,
    card_id: Option<Uuid>,
    bank_id: Option<Uuid>,
    against: Option<&'static str>,
}

/// Where the money goes to.
struct Target {
    account: Account,
    /// The user of the platform who gets it, where one does.
    receiver: Option<Uuid>,
    card_id: Option<Uuid>,
    bank_id: Option<Uuid>,
    against: Option<&'static str>,
    will_fail: bool,
}

pub(super) fn create(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let user_id = body_user(scene, call)?;
    let amount = call.money("amount")?;
    let payee = payees::named(scene, user_id, call)?;
    let (method, receiving) = (call.text("payment_method")?, call.text("receiving_method")?);
    let source = source(scene, user_id, &method, call)?;
    let target = target(scene, &payee, &receiving, call)?;
    let legs = (source.account, target.account);
    let payment = Payment {
        payer: Some(user_id),
        payer_name: scene.store.users.get(user_id).map(|user| user.name.clone()),
        payee_id: Some(payee.id),
        payee_name: Some(payee.name),
        receiver: target.receiver,
        processing_fee: rates::processing_fee(&method, amount),
        delivery_fee: rates::delivery_fee(&receiving),
        invoice_no: call.kept("invoice_no"),
        description: call.kept("description"),
        card_id: source.card_id,
        bank_id: source.bank_id,
        payee_card_id: target.card_id,
        payee_bank_id: target.bank_id,
        will_fail: target.will_fail.then(|| RETURNED.to_owned()),
        payment_method: Some(method.clone()),
        receiving_method: Some(receiving.clone()),
        ..payments::draft(scene, Api::Platform, Kind::Payee, amount, legs)
    };
    let duration = rates::duration(&method).max(rates::duration(&receiving));
    let against = source.against.or(target.against);
    let payment = payments::begin(scene, payment, duration, against);
    Ok(Payload::one(&views::payment(&payment)))
}

fn source(
    scene: &mut Scene<'_>,
    user_id: Uuid,
    method: &str,
    call: &Call,
) -> Result<Source, Refusal> {
    let wallet = wallets::of(scene, user_id);
    let source =
        Source { account: wallet.available(), card_id: None, bank_id: None, against: None };
    Ok(match method {
        "CARD" => {
            let id = call.optional_id("card_id").ok_or_else(|| needed("card_id"))?;
            let card = cards::own(scene, user_id, id)?;
            let against = cards::against_payment(scene, &card);
            Source { account: Account::OUTSIDE, card_id: Some(id), against, ..source }
        }
        "PW_BANK" => {
            let id = call.optional_id("bank_id").ok_or_else(|| needed("bank_id"))?;
            let bank = pw_bank_accounts::own(scene, user_id, id)?;
            Source { account: bank.account(), bank_id: Some(id), ..source }
        }
        _ => source,
    })
}

/// Wallets and Paywint accounts are those of the platform's user with the payee's contact; a payee who is
/// nobody here is paid outside.
fn target(
    scene: &mut Scene<'_>,
    payee: &Payee,
    receiving: &str,
    call: &Call,
) -> Result<Target, Refusal> {
    let receiver = contacts::user(scene, &payee.contact).map(|user| user.id);
    let outside = Target {
        account: Account::OUTSIDE,
        receiver: None,
        card_id: None,
        bank_id: None,
        against: None,
        will_fail: false,
    };
    Ok(match receiving {
        "WALLET" => match receiver {
            Some(user) => {
                let account = wallets::of(scene, user).available();
                Target { account, receiver, ..outside }
            }
            None => outside,
        },
        "PW_BANK" => {
            let bank =
                receiver.and_then(|user| scene.store.banks_of(user).find(|bank| bank.is_paywint()));
            match bank {
                Some(bank) => Target { account: bank.account(), receiver, ..outside },
                None => Target { against: Some("The payee has no Paywint account"), ..outside },
            }
        }
        "CARD" => {
            let id = call.optional_id("payee_card_id").ok_or_else(|| needed("payee_card_id"))?;
            let card = scene.store.payee_cards.get(id).filter(|card| card.payee_id == payee.id);
            card.ok_or_else(|| Refusal::not_found("Payee card"))?;
            Target { card_id: Some(id), ..outside }
        }
        _ => {
            let id = call.optional_id("payee_bank_id").ok_or_else(|| needed("payee_bank_id"))?;
            let bank = scene.store.payee_banks.get(id).filter(|bank| bank.payee_id == payee.id);
            let bank = bank.ok_or_else(|| Refusal::not_found("Payee bank account"))?;
            Target { bank_id: Some(id), will_fail: bank.is_returning, ..outside }
        }
    })
}

pub(super) fn get(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let payment = scene.store.payments.get(call.path_id("payment_id")?);
    let payment = payment.filter(|payment| payment.api == Api::Platform);
    payment
        .map(|payment| Payload::one(&views::payment(payment)))
        .ok_or_else(|| Refusal::not_found("Payment"))
}

/// What came in or is on its way, newest first.
pub(super) fn list_received(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let user_id = user(scene, call)?;
    let payments = scene.store.payments.values().rev();
    let received = payments.filter(|payment| {
        payment.receiver == Some(user_id)
            && matches!(payment.status, Status::Processing | Status::Success)
    });
    Ok(Payload::page(call.page(), received, views::payment))
}

pub(super) fn create_link(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let user_id = user(scene, call)?;
    payment_links::create(scene, Api::Platform, user_id, call)
}

pub(super) fn create_checkout_token(
    scene: &mut Scene<'_>,
    call: &Call,
) -> Result<Payload, Refusal> {
    let user_id = body_user(scene, call)?;
    checkout::token(scene, Api::Platform, Some(user_id), call)
}
