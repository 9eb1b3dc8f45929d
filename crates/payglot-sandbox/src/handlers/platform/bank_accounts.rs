//! Linked bank accounts, and their verification by two small deposits.

use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::{body_user, user, views};
use crate::basics::{Money, money};
use crate::flow::{rates, rules};
use crate::model::{Account, BankAccount, Payment, Status, Task, Verification, is_returning};
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

/// The two deposits, in cents and in order.
const DEPOSITS: [i64; 2] = [7, 15];

pub(super) fn add(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = body_user(tx, call)?;
    let account_type = call.optional("account_type").unwrap_or("PERSONAL_CHECKING").to_owned();
    if account_type.starts_with("PAYWINT_") {
        let msg = "Paywint accounts are opened, not linked";
        return Err(ApiError::field("account_type", "value_error", msg));
    }
    let number = call.optional("account_number").unwrap_or("0000");
    let is_first = tx.store.banks_of(user_id).next().is_none();
    let bank = BankAccount {
        id: tx.random.uuid(),
        user_id,
        nick_name: call.optional_string("nick_name"),
        last_four: rules::last_four(number),
        routing_number: call.optional_string("routing_number"),
        account_type,
        bank_name: call.optional_string("bank_name"),
        holder: call.optional_string("account_holder_name"),
        verification: Verification::NotApplied,
        is_default: false,
        is_returning: is_returning(number),
        created_at: tx.now,
        first_listed_at: None,
    };
    let id = bank.id;
    tx.store.banks.put(id, bank);
    if is_first || call.flag("is_default") {
        make_default(tx, user_id, id);
    }
    tx.schedule(rates::MICRO_DEPOSITS, Task::DeliverDeposits(id));
    read(tx, id)
}

pub(super) fn get(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    read(tx, call.path_id("account_id")?)
}

pub(super) fn list(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let banks = tx.store.banks_of(user_id);
    Ok(Payload::all(banks.map(|bank| views::bank(tx, bank))))
}

/// When the default account is deleted, the newest of the others becomes the default. One of Paywint's accounts
/// must be empty first, with nothing under way from or to it.
pub(super) fn delete(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let bank = own(tx, user_id, call.id("bank_id")?)?;
    if bank.is_paywint() && is_in_use(tx, bank.account()) {
        return Err(ApiError::conflict("The account still holds money, or moves some"));
    }
    tx.store.banks.remove(bank.id);
    let next = tx.store.banks_of(user_id).next().map(|bank| bank.id);
    if let Some(next) = next.filter(|_| bank.is_default) {
        make_default(tx, user_id, next);
    }
    Ok(Payload::none())
}

fn is_in_use(tx: &Transaction<'_>, account: Account) -> bool {
    let moves = |payment: &Payment| {
        payment.status == Status::Processing && [payment.from, payment.to].contains(&account)
    };
    tx.store.ledger.balance(account) > Money::ZERO || tx.store.payments.values().any(moves)
}

/// The names of the body's fields are not published, so an account is found under any name, and the amounts
/// are all numbers there are.
pub(super) fn verify(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let id = call.body.values().filter_map(Value::as_str).find_map(|text| text.parse().ok());
    let Some(id) = id else {
        return Err(ApiError::field("bank_id", "missing", "Field required"));
    };
    let bank = own(tx, user_id, id)?;
    let mut amounts = Vec::new();
    for value in call.body.values() {
        collect_amounts(value, &mut amounts);
    }
    amounts.sort_unstable();
    match bank.verification {
        Verification::Verified => {
            return Err(ApiError::conflict("The account is verified already"));
        }
        Verification::NotApplied => {
            return Err(ApiError::bad_request("The micro-deposits have not arrived yet"));
        }
        Verification::Applied if amounts != DEPOSITS.map(|cents| Decimal::new(cents, 2)) => {
            return Err(ApiError::bad_request("The amounts are not those of the micro-deposits"));
        }
        Verification::Applied => {}
    }
    if let Some(bank) = tx.store.banks.get_mut(id) {
        bank.verification = Verification::Verified;
    }
    read(tx, id)
}

fn collect_amounts(value: &Value, amounts: &mut Vec<Decimal>) {
    match value {
        Value::Number(number) => amounts.extend(money::parse(&number.to_string())),
        Value::String(text) => amounts.extend(money::parse(text)),
        Value::Array(items) => items.iter().for_each(|item| collect_amounts(item, amounts)),
        _ => {}
    }
}

fn read(tx: &Transaction<'_>, id: Uuid) -> Result<Payload, ApiError> {
    let bank = tx.store.banks.get(id).ok_or_else(not_found)?;
    Ok(Payload::one(&views::bank(tx, bank)))
}

/// An account, which must be the user's.
pub(super) fn own(tx: &Transaction<'_>, user_id: Uuid, id: Uuid) -> Result<BankAccount, ApiError> {
    let bank = tx.store.banks.get(id).filter(|bank| bank.user_id == user_id);
    bank.cloned().ok_or_else(not_found)
}

/// An account of the user, by default the default one, which must be verified.
pub(super) fn usable(
    tx: &Transaction<'_>,
    user_id: Uuid,
    id: Option<Uuid>,
) -> Result<BankAccount, ApiError> {
    let default = || tx.store.banks_of(user_id).find(|bank| bank.is_default).map(|bank| bank.id);
    let bank = own(tx, user_id, id.or_else(default).ok_or_else(not_found)?)?;
    if bank.is_verified() {
        Ok(bank)
    } else {
        Err(ApiError::bad_request("The bank account is not verified"))
    }
}

fn not_found() -> ApiError {
    ApiError::not_found("Bank account")
}

fn make_default(tx: &mut Transaction<'_>, user_id: Uuid, id: Uuid) {
    let banks: Vec<_> = tx.store.banks_of(user_id).map(|bank| bank.id).collect();
    for bank in banks {
        if let Some(bank) = tx.store.banks.get_mut(bank) {
            bank.is_default = bank.id == id;
        }
    }
}
