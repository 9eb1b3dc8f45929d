//! What happens outside of the APIs because a test or a person says so: money arrives, links are paid, checks are decided.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{cards, events, payments, rates, wallets};
use crate::basics::Money;
use crate::model::{Account, BankAccount, Decision, Kyb, Kyc, Payment};
use crate::operation::ApiError;
use crate::state::Transaction;

/// Funds the wallet of a user of any API, or one of Paywint's bank accounts, at once, and gives its balance.
pub(crate) fn fund(tx: &mut Transaction<'_>, id: Uuid, amount: Money) -> Result<Money, ApiError> {
    let account = account(tx, id).ok_or_else(|| ApiError::not_found("Wallet"))?;
    let ledger = &mut tx.store.ledger;
    ledger
        .transfer(tx.now, Account::OUTSIDE, account, amount)
        .map_err(|_| ApiError::bug("amount"))?;
    Ok(ledger.balance(account))
}

fn account(tx: &mut Transaction<'_>, id: Uuid) -> Option<Account> {
    if tx.store.users.has(id) || tx.store.linora_users.has(id) {
        return Some(wallets::of(tx, id).available());
    }
    tx.store.banks.get(id).filter(|bank| bank.is_paywint()).map(BankAccount::account)
}

/// Pays what a payment link asks for, as its page does.
pub(crate) fn pay(tx: &mut Transaction<'_>, id: Uuid, payer: &str) -> Result<Payment, ApiError> {
    is_there(tx, id)?;
    payments::pay(tx, id, payer, rates::INSTANT, None)
        .ok_or_else(|| ApiError::conflict("The payment waits for no payer"))
}

/// Rejects a payment that is open or under way; its money goes back.
pub(crate) fn reject(
    tx: &mut Transaction<'_>,
    id: Uuid,
    reason: &str,
) -> Result<Payment, ApiError> {
    is_there(tx, id)?;
    payments::reject(tx, id, reason)
        .ok_or_else(|| ApiError::conflict("The payment is neither open nor under way"))
}

/// Returns the money of a successful payment.
pub(crate) fn refund(tx: &mut Transaction<'_>, id: Uuid) -> Result<Payment, ApiError> {
    is_there(tx, id)?;
    payments::refund(tx, id)
        .ok_or_else(|| ApiError::conflict("The payment did not go well, or its money is spent"))
}

/// Ends the time in which a payment link can be paid.
pub(crate) fn expire(tx: &mut Transaction<'_>, id: Uuid) -> Result<(), ApiError> {
    let payment = tx.store.payments.get(id).ok_or_else(|| ApiError::not_found("Payment"))?;
    if !payment.status.is_open() {
        return Err(ApiError::conflict("The payment waits for no payer"));
    }
    payments::expire(tx, id);
    Ok(())
}

fn is_there(tx: &Transaction<'_>, payment: Uuid) -> Result<(), ApiError> {
    let is_there = tx.store.payments.has(payment);
    is_there.then_some(()).ok_or_else(|| ApiError::not_found("Payment"))
}

/// Decides the check of a person, who needs no record before.
pub(crate) fn decide_person(
    tx: &mut Transaction<'_>,
    user: Uuid,
    status: Decision,
) -> Result<(), ApiError> {
    let fields = BTreeMap::from([("first_name".to_owned(), user_name(tx, user)?)]);
    let changed = tx.store.kyc.get(user).map(|kyc| Kyc { status, ..kyc.clone() });
    tx.store.kyc.put(user, changed.unwrap_or(Kyc { status, fields }));
    events::person_decided(tx, user, status);
    Ok(())
}

/// Decides the check of a business, which needs no record before.
pub(crate) fn decide_business(
    tx: &mut Transaction<'_>,
    user: Uuid,
    status: Decision,
) -> Result<(), ApiError> {
    let what = match status {
        Decision::Approved => Some("approved"),
        Decision::Rejected => Some("rejected"),
        Decision::Pending => None,
        Decision::Failed => {
            let msg = "Input should be pending, approved or rejected";
            return Err(ApiError::field("status", "value_error", msg));
        }
    };
    let fields = BTreeMap::from([("business_name".to_owned(), user_name(tx, user)?)]);
    let changed = tx.store.kyb.get(user).map(|kyb| Kyb { status, ..kyb.clone() });
    tx.store.kyb.put(user, changed.unwrap_or(Kyb { status, fields }));
    if let Some(what) = what {
        events::business(tx, user, what);
    }
    Ok(())
}

/// Approves a Paywint card before its minute is over.
pub(crate) fn approve_card(tx: &mut Transaction<'_>, request: Uuid) -> Result<(), ApiError> {
    let card = tx.store.issued_cards.get(request);
    let card = card.ok_or_else(|| ApiError::not_found("Card request"))?;
    if card.card.is_some() {
        return Err(ApiError::conflict("The card is approved already"));
    }
    cards::approve(tx, request);
    Ok(())
}

fn user_name(tx: &Transaction<'_>, user: Uuid) -> Result<String, ApiError> {
    let user = tx.store.users.get(user);
    user.map(|user| user.name.clone()).ok_or_else(|| ApiError::not_found("User"))
}
