//! The page behind a payment link, where somebody pays by card.

use axum::http::StatusCode;
use uuid::Uuid;

use super::form::{FIELDS, Typed};
use super::pages::{Form, Notice, Pages};
use super::test_cards::{self, Outcome};
use super::{Done, Page, Undone, done};
use crate::app::Scene;
use crate::flow::payments;
use crate::model::Payment;

pub(super) fn empty_form(pages: &Pages, scene: &mut Scene<'_>, payment_id: Uuid) -> Page {
    payments::opened(scene, payment_id);
    let payment = open_payment(scene, payment_id)?;
    Ok(pages.form(StatusCode::OK, &form(&payment), &Typed::empty(), &[]))
}

/// A declined card leaves the payment open, so that the payer can try another.
pub(super) fn pay(pages: &Pages, scene: &mut Scene<'_>, payment_id: Uuid, typed: &Typed) -> Done {
    let payment = open_payment(scene, payment_id).map_err(Undone::Notice)?;
    let again = |complaints: &[_]| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Undone::Form(Box::new(pages.form(status, &form(&payment), typed, complaints)))
    };
    let entered = typed.check(scene.now).map_err(|complaints| again(&complaints))?;
    if matches!(test_cards::outcome(&entered.number), Outcome::Declined) {
        let text = "The card was declined. Use another one.".to_owned();
        return Err(again(&[("card_number", text)]));
    }
    let details = entered.details;
    let payer = format!("{} {}", details.first_name, details.last_name);
    payments::pay(scene, payment_id, payer.trim())
        .ok_or_else(|| Undone::Notice(payment_is_closed()))?;
    Ok(done("Paid", &format!("{} USD were paid.", payment.amount)))
}

fn open_payment(scene: &Scene<'_>, id: Uuid) -> Result<Payment, Notice> {
    let payment = scene.store.payments.get(id).filter(|payment| payment.status.is_open());
    payment.cloned().ok_or_else(payment_is_closed)
}

fn form(payment: &Payment) -> Form {
    let to = payment.payee_name.as_deref().unwrap_or("the merchant");
    let about = payment.description.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
    Form {
        title: "Pay",
        lead: format!("{} USD to {to}{about}", payment.amount),
        failure: "Nothing was paid",
        note: "No real money moves.",
        fields: &FIELDS,
        buttons: &[("pay", "Pay")],
        with_test_cards: true,
    }
}

fn payment_is_closed() -> Notice {
    Notice {
        status: StatusCode::GONE,
        title: "This payment is closed",
        text: "It was paid or has expired. Ask for a new link.".to_owned(),
    }
}
