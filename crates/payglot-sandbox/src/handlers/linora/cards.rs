//! Virtual cards, always funded from the user's wallet.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};
use uuid::Uuid;

use super::user;
use crate::basics::{JsonObject, Money, later, object};
use crate::flow::wallets;
use crate::model::{Account, CardActivity, LinoraCard, Otp};
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

/// Limits of a card's balance, in cents.
const LEAST: i64 = 500;
const MOST: i64 = 50_000;
/// Share of the first amount that issuing costs: two per cent.
const ISSUANCE_BASIS_POINTS: i64 = 200;
/// What every load costs, in cents.
const SERVICE_FEE: i64 = 50;
/// How long a password works.
const OTP_LIFETIME: SignedDuration = SignedDuration::from_mins(5);

pub(super) fn create(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let amount = call.money("initialBalance")?;
    if amount < Money::cents(LEAST) || amount > Money::cents(MOST) {
        return Err(ApiError::bad_request("initialBalance must be from 5 to 500"));
    }
    let id = tx.random.uuid();
    let expires = tx.now.to_zoned(TimeZone::UTC).date().saturating_add(3.years());
    let card = LinoraCard {
        id,
        user_id,
        name: call.text("cardName")?,
        number: card_number(&tx.random.digits(9)),
        expiry: expires.strftime("%m/%Y").to_string(),
        cvv: tx.random.digits(3),
        issuance_fee: amount.basis_points(ISSUANCE_BASIS_POINTS),
        service_fee: Money::cents(SERVICE_FEE),
        otp: None,
    };
    load(tx, &card, amount, card.issuance_fee + card.service_fee, "load")?;
    let read = with_terms(as_read(tx, &card), &card, card.issuance_fee);
    tx.store.linora_cards.put(id, card);
    Ok(Payload::one(&read))
}

pub(super) fn list(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let cards = tx.store.linora_cards.values().filter(|card| card.user_id == user_id);
    Ok(Payload::all(cards.map(|card| as_read(tx, card))))
}

pub(super) fn get(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let card = card(tx, call)?;
    let read = with_terms(as_read(tx, &card), &card, card.issuance_fee)
        .with("number", &card.number)
        .with("expiryDate", &card.expiry)
        .with("cvv", &card.cvv);
    Ok(Payload::one(&read))
}

pub(super) fn top_up(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let card = card(tx, call)?;
    let amount = call.money("amount")?;
    if tx.store.ledger.balance(card.account()) + amount > Money::cents(MOST) {
        return Err(ApiError::bad_request("The card's balance cannot be above 500"));
    }
    load(tx, &card, amount, card.service_fee, "topup")?;
    let read = with_terms(as_read(tx, &card), &card, Money::ZERO).with("amount", &amount);
    Ok(Payload::one(&read))
}

/// Newest first.
pub(super) fn list_transactions(
    tx: &mut Transaction<'_>,
    call: &Call,
) -> Result<Payload, ApiError> {
    let card = card(tx, call)?;
    let activity = tx.store.card_activity.values().rev();
    let own = activity.filter(|activity| activity.card_id == card.id);
    Ok(Payload::all(own.map(|activity| {
        object! {
            "transactionId": activity.id,
            "amount": activity.amount,
            "timestamp": activity.at,
            "status": activity.status,
            "type": activity.kind,
        }
    })))
}

/// The same password until it expires, then another.
pub(super) fn get_otp(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let mut card = card(tx, call)?;
    let otp = match card.otp.take() {
        Some(otp) if otp.expires_at > tx.now => otp,
        _ => {
            let expires_at = later(tx.now, OTP_LIFETIME);
            Otp { code: tx.random.digits(6), expires_at }
        }
    };
    let read = object! { "otp": otp.code, "expiresAt": otp.expires_at, "cardId": card.id };
    card.otp = Some(otp);
    tx.store.linora_cards.put(card.id, card);
    Ok(Payload::one(&read))
}

/// Pays a shop with a card; a declined payment changes no balance. Returns whether it was paid.
pub(crate) fn spend(tx: &mut Transaction<'_>, id: Uuid, amount: Money) -> Result<bool, ApiError> {
    let card = tx.store.linora_cards.get(id).cloned();
    let card = card.ok_or_else(|| ApiError::not_found("Card"))?;
    let (from, to) = (card.account(), Account::OUTSIDE);
    let paid = tx.store.ledger.transfer(tx.now, from, to, amount).is_ok();
    note(tx, id, amount, "payment", if paid { "completed" } else { "declined" });
    Ok(paid)
}

fn card(tx: &Transaction<'_>, call: &Call) -> Result<LinoraCard, ApiError> {
    let card = tx.store.linora_cards.get(call.path_text_id("cardId"));
    card.cloned().ok_or_else(|| ApiError::not_found("Card"))
}

/// Moves money from the wallet to the card, fees on top, or changes nothing.
fn load(
    tx: &mut Transaction<'_>,
    card: &LinoraCard,
    amount: Money,
    fees: Money,
    kind: &str,
) -> Result<(), ApiError> {
    let wallet = wallets::of(tx, card.user_id).available();
    let ledger = &mut tx.store.ledger;
    if !ledger.covers(wallet, amount + fees) {
        return Err(insufficient());
    }
    for (to, amount) in [(card.account(), amount), (Account::FEES, fees)] {
        ledger.transfer(tx.now, wallet, to, amount).map_err(|_| insufficient())?;
    }
    note(tx, card.id, amount, kind, "completed");
    Ok(())
}

fn insufficient() -> ApiError {
    ApiError::conflict("Insufficient balance")
}

fn note(tx: &mut Transaction<'_>, card_id: Uuid, amount: Money, kind: &str, status: &str) {
    let activity = CardActivity {
        id: tx.random.uuid(),
        card_id,
        amount,
        at: tx.now,
        status: status.to_owned(),
        kind: kind.to_owned(),
    };
    tx.store.card_activity.put(activity.id, activity);
}

/// A card whose money is spent is inactive.
fn as_read(tx: &Transaction<'_>, card: &LinoraCard) -> JsonObject {
    let balance = tx.store.ledger.balance(card.account());
    object! {
        "cardId": card.id,
        "cardName": card.name,
        "balance": balance,
        "status": if balance > Money::ZERO { "active" } else { "inactive" },
    }
}

fn with_terms(read: JsonObject, card: &LinoraCard, issuance_fee: Money) -> JsonObject {
    read.with("issuanceFee", &issuance_fee)
        .with("serviceFee", &card.service_fee)
        .with("minBalance", &Money::cents(LEAST))
        .with("maxBalance", &Money::cents(MOST))
}

/// A number of a range that no bank has, with its check digit.
fn card_number(digits: &str) -> String {
    let number = format!("400000{digits}");
    let sum: u32 = number
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(position, digit)| match position % 2 {
            0 => digit * 2 / 10 + digit * 2 % 10,
            _ => digit,
        })
        .sum();
    format!("{number}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_have_their_check_digit() {
        assert_eq!(card_number("000000000"), "4000000000000002");
        assert_eq!(card_number("000000995"), "4000000000009953");
    }
}
