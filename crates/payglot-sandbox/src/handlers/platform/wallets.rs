//! Wallets: money comes from linked bank accounts and goes to them or to cards.

use super::{bank_accounts, cards, needed, user, views};
use crate::basics::{Money, object};
use crate::flow::{payments, rates, wallets};
use crate::model::{Account, Api, Kind, Payment, Status};
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

pub(super) fn get(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let wallet = wallets::of(tx, user_id);
    Ok(Payload::one(&wallets::as_read(tx, wallet)))
}

/// From the account named, or from the default one where the body says null.
pub(super) fn fund(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let amount = call.money("amount")?;
    let bank = bank_accounts::usable(tx, user_id, call.optional_id("bank_id"))?;
    let is_earlier =
        |payment: &Payment| payment.kind == Kind::Funding && payment.payer == Some(user_id);
    let is_first = !tx.store.payments.values().any(is_earlier);
    let wallet = wallets::of(tx, user_id);
    let legs = (bank.account(), wallet.available());
    let mut payment = payments::new(tx, Api::Platform, Kind::Funding, amount, legs);
    payment.transit = wallet.incoming();
    payment.payer = Some(user_id);
    payment.bank_id = Some(bank.id);
    payment.payment_method = Some(bank.method().to_owned());
    payment.receiving_method = Some("WALLET".to_owned());
    payment.will_fail = bank.return_reason();
    let payment = payments::begin(tx, payment, rates::duration(bank.method()), None);
    Ok(Payload::one(&object! {
        "is_first_payment": is_first,
        "payment": views::payment(&payment),
    }))
}

/// To a bank account or a card; the fee comes on top.
pub(super) fn withdraw(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let amount = call.money("amount")?;
    let method = call.text("transfer_method")?;
    let wallet = wallets::of(tx, user_id);
    let draft = |tx: &mut Transaction<'_>, to, receiving: &str| {
        let legs = (wallet.available(), to);
        let mut payment = payments::new(tx, Api::Platform, Kind::Withdrawal, amount, legs);
        payment.payer = Some(user_id);
        payment.payment_method = Some("WALLET".to_owned());
        payment.receiving_method = Some(receiving.to_owned());
        payment.delivery_fee = rates::delivery_fee(receiving);
        payment.description = call.optional_string("memo");
        payment
    };
    let payment = if method == "card_withdrawal" {
        let id = call.optional_id("card_id").ok_or_else(|| needed("card_id"))?;
        let card = cards::own(tx, user_id, id)?;
        let mut payment = draft(tx, Account::OUTSIDE, "CARD");
        payment.card_id = Some(id);
        payments::begin(tx, payment, rates::CARD, cards::withdrawal_decline_reason(&card))
    } else {
        let id = call.optional_id("bank_id").ok_or_else(|| needed("bank_id"))?;
        let bank = bank_accounts::usable(tx, user_id, Some(id))?;
        let mut payment = draft(tx, bank.account(), bank.method());
        payment.bank_id = Some(id);
        payment.will_fail = bank.return_reason();
        payments::begin(tx, payment, rates::duration(bank.method()), None)
    };
    let failed = payment.status == Status::Failed;
    Ok(Payload::one(&object! {
        "user_id": user_id,
        "bank_account_id": payment.bank_id,
        "card_id": payment.card_id,
        "transfer_method": method,
        "withdrawal_payment_id": payment.id,
        "amount": amount,
        "amount_credited": if failed { Money::ZERO } else { amount },
        "processing_fees": payment.fees(),
        "memo": payment.description,
        "status": views::withdrawal_status(&payment),
        "failed_reason": payment.failure_reason,
    }))
}
