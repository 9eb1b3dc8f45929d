//! What payments cost and how long they take: the sandbox's choice within what the documents say.

use jiff::SignedDuration;

use crate::basics::Money;

/// Wallets, Paywint's accounts and the instant bank networks.
pub(crate) const INSTANT: SignedDuration = SignedDuration::ZERO;
/// Cards: between one day and two.
pub(crate) const CARD: SignedDuration = SignedDuration::from_hours(36);
/// Bank transfers: between three days and four.
pub(crate) const ACH: SignedDuration = SignedDuration::from_hours(84);
/// Two small deposits on a new bank account: between one day and two.
pub(crate) const MICRO_DEPOSITS: SignedDuration = SignedDuration::from_hours(36);
/// The check of a business.
pub(crate) const BUSINESS_CHECK: SignedDuration = SignedDuration::from_hours(24);
/// Issuing a Paywint card.
pub(crate) const CARD_ISSUE: SignedDuration = SignedDuration::from_secs(60);

/// How long a payment by this method takes.
pub(crate) fn duration(method: &str) -> SignedDuration {
    match method {
        "CARD" => CARD,
        "ACH" => ACH,
        _ => INSTANT,
    }
}

/// The fee for taking the money.
pub(crate) fn processing_fee(payment_method: &str, amount: Money) -> Money {
    match payment_method {
        "CARD" => amount.basis_points(290),
        _ => Money::ZERO,
    }
}

/// The fee for delivering the money.
pub(crate) fn delivery_fee(receiving_method: &str) -> Money {
    Money::cents(match receiving_method {
        "ACH" => 50,
        "CARD" | "RTP" | "FEDNOW" => 100,
        _ => 0,
    })
}

/// The fee for mailing a check, and how long the mail takes.
pub(crate) fn mail(mail_type: &str) -> (Money, SignedDuration) {
    let (cents, days) = match mail_type {
        "USPS_CERTIFIED" => (800, 4),
        "TWO_DAY" => (1500, 2),
        "OVERNIGHT" => (2500, 1),
        _ => (150, 5),
    };
    (Money::cents(cents), SignedDuration::from_hours(24 * days))
}
