//! The page behind a payment link, where somebody pays by card.

use axum::http::StatusCode;
use uuid::Uuid;

use super::form::{FIELDS, Typed};
use super::pages::{Form, NO_REAL_CARD, Notice, Pages};
use super::test_cards::{self, Outcome};
use super::{Done, Page, Undone, done};
use crate::flow::{payments, rates};
use crate::model::{Payment, Purpose, Status};
use crate::state::Transaction;

pub(super) fn show(
    pages: &Pages,
    tx: &mut Transaction<'_>,
    payment_id: Uuid,
    is_filled: bool,
) -> Page {
    payments::opened(tx, payment_id);
    let payment = open_payment(tx, payment_id)?;
    let typed = if is_filled { Typed::sample(&FIELDS) } else { Typed::empty() };
    Ok(pages.form(StatusCode::OK, &form(&payment), &typed, &[]))
}

/// A declined card makes the attempt fail; the payer may try again, which is another payment.
pub(super) fn pay(
    pages: &Pages,
    tx: &mut Transaction<'_>,
    link_id: Uuid,
    payment_id: Uuid,
    typed: &Typed,
) -> Done {
    let payment = open_payment(tx, payment_id).map_err(Undone::Notice)?;
    let again = |errors: &[_]| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Undone::Form(Box::new(pages.form(status, &form(&payment), typed, errors)))
    };
    let entered = typed.check(tx.now).map_err(|errors| again(&errors))?;
    let payment_id = retried(tx, link_id, payment_id);
    let details = entered.details;
    let payer = format!("{} {}", details.first_name, details.last_name);
    let (duration, decline_reason) = match test_cards::outcome(&entered.number) {
        Outcome::Good(_) => (rates::INSTANT, None),
        Outcome::Slow => (rates::CARD, None),
        Outcome::Declined(reason) => (rates::INSTANT, Some(reason)),
        Outcome::Rejected => {
            payments::reject(tx, payment_id, "rejected because of a policy");
            return Ok(payment_is_rejected());
        }
    };
    payments::pay(tx, payment_id, payer.trim(), duration, decline_reason)
        .ok_or_else(|| Undone::Notice(payment_is_closed()))?;
    match decline_reason {
        Some(reason) => Err(again(&[("card_number", test_cards::declined(reason))])),
        None if duration.is_zero() => {
            Ok(done("Paid", &format!("{} USD were paid.", payment.amount)))
        }
        None => Ok(done("Under way", &format!("{} USD are being paid.", payment.amount))),
    }
}

/// The payment to pay: a new one after a failed attempt, to which the link then leads.
fn retried(tx: &mut Transaction<'_>, link_id: Uuid, payment_id: Uuid) -> Uuid {
    let Some(again) = payments::retry(tx, payment_id) else { return payment_id };
    if let Some(link) = tx.store.links.get_mut(link_id) {
        link.purpose = Purpose::Pay { payment_id: again.id };
    }
    again.id
}

fn open_payment(tx: &Transaction<'_>, id: Uuid) -> Result<Payment, Notice> {
    let can_pay = |payment: &&Payment| payment.status.is_open() || payment.status == Status::Failed;
    let payment = tx.store.payments.get(id).filter(can_pay);
    payment.cloned().ok_or_else(payment_is_closed)
}

fn form(payment: &Payment) -> Form {
    let to = payment.payee_name.as_deref().unwrap_or("the merchant");
    let about = payment.description.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
    Form {
        title: "Pay",
        lead: format!("{} USD to {to}{about}", payment.amount),
        error_title: "Nothing was paid",
        note: "No real money moves.",
        fields: &FIELDS,
        warning: NO_REAL_CARD,
        buttons: vec![("pay", format!("Pay {} USD", payment.amount))],
        test_cards: Some(Outcome::when_paying),
    }
}

fn payment_is_closed() -> Notice {
    Notice {
        status: StatusCode::GONE,
        title: "This payment is closed",
        text: "It was paid or has expired. Ask for a new link.".to_owned(),
    }
}

fn payment_is_rejected() -> Notice {
    Notice {
        status: StatusCode::FORBIDDEN,
        title: "This payment was rejected",
        text: "Nothing was paid. Another card would not help: ask the merchant.".to_owned(),
    }
}
