//! Paywint's own bank accounts: opened by users with an approved identity; their balances are in the ledger.

use jiff::SignedDuration;
use uuid::Uuid;

use super::{bank_accounts, cards, needed, user, views};
use crate::basics::{Money, later, object};
use crate::flow::{payments, rates, wallets};
use crate::model::{Account, Api, BankAccount, Decision, Kind, Status, Verification};
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

const SAVINGS: &str = "PAYWINT_SAVINGS";
const BUSINESS: &str = "PAYWINT_BUSINESS";
/// How many accounts a user may have.
const MOST: usize = 5;
/// How long the first listing of transactions works in the background.
const SYNC: SignedDuration = SignedDuration::from_secs(60);

pub(super) fn open(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let nick_name = call.text("bank_nick_name")?;
    let account_type = call.optional("account_type").unwrap_or(SAVINGS);
    let known = tx.store.kyc.get(user_id).map(|kyc| kyc.status);
    if known != Some(Decision::Approved) {
        return Err(ApiError::bad_request("The user's KYC is not approved"));
    }
    let business = tx.store.kyb.get(user_id).map(|kyb| kyb.status);
    if account_type == BUSINESS && business != Some(Decision::Approved) {
        return Err(ApiError::bad_request("The user's KYB is not approved"));
    }
    let others = || tx.store.banks_of(user_id).filter(|bank| bank.is_paywint());
    if others().any(|bank| bank.nick_name.as_deref() == Some(nick_name.as_str())) {
        return Err(ApiError::conflict("The user has an account with this nickname"));
    }
    if others().count() >= MOST {
        return Err(ApiError::bad_request("The user cannot have more accounts"));
    }
    let bank = BankAccount {
        id: tx.random.uuid(),
        user_id,
        nick_name: Some(nick_name.clone()),
        last_four: tx.random.digits(4),
        routing_number: Some("011000015".to_owned()),
        account_type: account_type.to_owned(),
        bank_name: Some("Paywint".to_owned()),
        holder: tx.store.users.get(user_id).map(|user| user.name.clone()),
        verification: Verification::Verified,
        is_default: false,
        is_returning: false,
        created_at: tx.now,
        first_listed_at: None,
    };
    let opened = object! {
        "bank_nick_name": nick_name,
        "status": "initiated",
        "id": tx.random.uuid(),
        "pw_bank_id": bank.id,
        "created_at": bank.created_at,
    };
    tx.store.banks.put(bank.id, bank);
    Ok(Payload::one(&opened))
}

/// The first listing begins a synchronization and shows nothing; a minute later there is everything.
pub(super) fn list_transactions(
    tx: &mut Transaction<'_>,
    call: &Call,
) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let bank = own(tx, user_id, call.id("pw_bank_id")?)?;
    let now = tx.now;
    if bank.first_listed_at.is_none()
        && let Some(bank) = tx.store.banks.get_mut(bank.id)
    {
        bank.first_listed_at = Some(now);
    }
    let synced = bank.first_listed_at.is_some_and(|first| later(first, SYNC) <= now);
    let transactions = tx.store.bank_transactions.values().rev();
    let shown = transactions.filter(|transaction| synced && transaction.bank_id == bank.id);
    Ok(Payload::page(call.page(), shown, views::bank_transaction))
}

pub(super) fn transfer(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let amount = call.money("amount")?;
    let from = own(tx, user_id, call.id("from_bank_id")?)?;
    let destination = call.text("destination")?;
    let mut decline_reason = None;
    let mut will_fail = None;
    let (mut card_id, mut to_bank_id) = (None, None);
    let to = match destination.as_str() {
        "CARD" => {
            let id = call.optional_id("card_id").ok_or_else(|| needed("card_id"))?;
            let card = cards::own(tx, user_id, id)?;
            decline_reason = cards::withdrawal_decline_reason(&card);
            card_id = Some(id);
            Account::OUTSIDE
        }
        "ACH" => {
            let id = call.optional_id("to_bank_id").ok_or_else(|| needed("to_bank_id"))?;
            let bank = bank_accounts::usable(tx, user_id, Some(id))?;
            will_fail = bank.return_reason();
            to_bank_id = Some(id);
            bank.account()
        }
        _ => wallets::of(tx, user_id).available(),
    };
    let legs = (from.account(), to);
    let mut payment = payments::new(tx, Api::Platform, Kind::Withdrawal, amount, legs);
    payment.payer = Some(user_id);
    payment.payment_method = Some("PW_BANK".to_owned());
    payment.receiving_method = Some(destination.clone());
    payment.delivery_fee = rates::delivery_fee(&destination);
    payment.description = call.optional_string("memo");
    payment.bank_id = Some(from.id);
    payment.card_id = card_id;
    payment.will_fail = will_fail;
    let payment = payments::begin(tx, payment, rates::duration(&destination), decline_reason);
    let failed = payment.status == Status::Failed;
    Ok(Payload::one(&object! {
        "withdrawal_id": tx.random.uuid(),
        "from_bank_id": from.id,
        "user_id": user_id,
        "to_bank_id": to_bank_id,
        "card_id": card_id,
        "withdrawal_payment_id": payment.id,
        "amount": amount,
        "amount_credited": if failed { Money::ZERO } else { amount },
        "processing_fees": payment.fees(),
        "memo": payment.description,
        "failed_reason": payment.failure_reason,
    }))
}

/// One of Paywint's accounts, which must be the user's.
pub(super) fn own(tx: &Transaction<'_>, user_id: Uuid, id: Uuid) -> Result<BankAccount, ApiError> {
    let bank = bank_accounts::own(tx, user_id, id).ok().filter(BankAccount::is_paywint);
    bank.ok_or_else(|| ApiError::not_found("Paywint bank account"))
}
