//! Payments to payees over every method, payments received, payment links and checkout tokens.

use uuid::Uuid;

use super::{body_user, cards, needed, pw_bank_accounts, user, views};
use crate::flow::{checkout, contacts, payees, payment_links, payments, rates, wallets};
use crate::model::{Account, Api, Kind, Payee, Payment, RETURNED, Status};
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

/// Where the money comes from.
struct Source {
    account: Account,
    card_id: Option<Uuid>,
    bank_id: Option<Uuid>,
    decline_reason: Option<&'static str>,
}

/// Where the money goes to.
struct Target {
    account: Account,
    /// The user of the platform who gets it, where one does.
    receiver: Option<Uuid>,
    card_id: Option<Uuid>,
    bank_id: Option<Uuid>,
    decline_reason: Option<&'static str>,
    will_fail: bool,
}

pub(super) fn create(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = body_user(tx, call)?;
    let amount = call.money("amount")?;
    let payee = payees::named(tx, user_id, call)?;
    let (method, receiving) = (call.text("payment_method")?, call.text("receiving_method")?);
    let source = source(tx, user_id, &method, call)?;
    let target = target(tx, &payee, &receiving, call)?;
    let legs = (source.account, target.account);
    let payment = Payment {
        payer: Some(user_id),
        payer_name: tx.store.users.get(user_id).map(|user| user.name.clone()),
        payee_id: Some(payee.id),
        payee_name: Some(payee.name),
        receiver: target.receiver,
        processing_fee: rates::processing_fee(&method, amount),
        delivery_fee: rates::delivery_fee(&receiving),
        invoice_no: call.optional_string("invoice_no"),
        description: call.optional_string("description"),
        card_id: source.card_id,
        bank_id: source.bank_id,
        payee_card_id: target.card_id,
        payee_bank_id: target.bank_id,
        will_fail: target.will_fail.then(|| RETURNED.to_owned()),
        payment_method: Some(method.clone()),
        receiving_method: Some(receiving.clone()),
        ..payments::new(tx, Api::Platform, Kind::Payee, amount, legs)
    };
    let duration = rates::duration(&method).max(rates::duration(&receiving));
    let decline_reason = source.decline_reason.or(target.decline_reason);
    let payment = payments::begin(tx, payment, duration, decline_reason);
    Ok(Payload::one(&views::payment(&payment)))
}

fn source(
    tx: &mut Transaction<'_>,
    user_id: Uuid,
    method: &str,
    call: &Call,
) -> Result<Source, ApiError> {
    let wallet = wallets::of(tx, user_id);
    let source =
        Source { account: wallet.available(), card_id: None, bank_id: None, decline_reason: None };
    Ok(match method {
        "CARD" => {
            let id = call.optional_id("card_id").ok_or_else(|| needed("card_id"))?;
            let card = cards::own(tx, user_id, id)?;
            let decline_reason = cards::payment_decline_reason(tx, &card);
            Source { account: Account::OUTSIDE, card_id: Some(id), decline_reason, ..source }
        }
        "PW_BANK" => {
            let id = call.optional_id("bank_id").ok_or_else(|| needed("bank_id"))?;
            let bank = pw_bank_accounts::own(tx, user_id, id)?;
            Source { account: bank.account(), bank_id: Some(id), ..source }
        }
        _ => source,
    })
}

/// Wallets and Paywint accounts are those of the platform's user with the payee's contact; a payee who is
/// nobody here is paid outside.
fn target(
    tx: &mut Transaction<'_>,
    payee: &Payee,
    receiving: &str,
    call: &Call,
) -> Result<Target, ApiError> {
    let receiver = contacts::user(tx, &payee.contact).map(|user| user.id);
    let outside = Target {
        account: Account::OUTSIDE,
        receiver: None,
        card_id: None,
        bank_id: None,
        decline_reason: None,
        will_fail: false,
    };
    Ok(match receiving {
        "WALLET" => match receiver {
            Some(user) => {
                let account = wallets::of(tx, user).available();
                Target { account, receiver, ..outside }
            }
            None => outside,
        },
        "PW_BANK" => {
            let bank =
                receiver.and_then(|user| tx.store.banks_of(user).find(|bank| bank.is_paywint()));
            match bank {
                Some(bank) => Target { account: bank.account(), receiver, ..outside },
                None => {
                    Target { decline_reason: Some("The payee has no Paywint account"), ..outside }
                }
            }
        }
        "CARD" => {
            let id = call.optional_id("payee_card_id").ok_or_else(|| needed("payee_card_id"))?;
            let card = tx.store.payee_cards.get(id).filter(|card| card.payee_id == payee.id);
            card.ok_or_else(|| ApiError::not_found("Payee card"))?;
            Target { card_id: Some(id), ..outside }
        }
        _ => {
            let id = call.optional_id("payee_bank_id").ok_or_else(|| needed("payee_bank_id"))?;
            let bank = tx.store.payee_banks.get(id).filter(|bank| bank.payee_id == payee.id);
            let bank = bank.ok_or_else(|| ApiError::not_found("Payee bank account"))?;
            Target { bank_id: Some(id), will_fail: bank.is_returning, ..outside }
        }
    })
}

pub(super) fn get(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let payment = tx.store.payments.get(call.path_id("payment_id")?);
    let payment = payment.filter(|payment| payment.api == Api::Platform);
    payment
        .map(|payment| Payload::one(&views::payment(payment)))
        .ok_or_else(|| ApiError::not_found("Payment"))
}

/// What came in or is on its way, newest first.
pub(super) fn list_received(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let payments = tx.store.payments.values().rev();
    let received = payments.filter(|payment| {
        payment.receiver == Some(user_id)
            && matches!(payment.status, Status::Processing | Status::Success)
    });
    Ok(Payload::page(call.page(), received, views::payment))
}

pub(super) fn create_link(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    payment_links::create(tx, Api::Platform, user_id, call)
}

pub(super) fn create_checkout_token(
    tx: &mut Transaction<'_>,
    call: &Call,
) -> Result<Payload, ApiError> {
    let user_id = body_user(tx, call)?;
    checkout::token(tx, Api::Platform, Some(user_id), call)
}
