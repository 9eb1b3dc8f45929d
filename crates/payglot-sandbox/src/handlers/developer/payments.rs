//! Payment links, payment records, the wallet and checkout tokens of the account.

use crate::answer::{Payload, Refusal};
use crate::app::Scene;
use crate::call::Call;
use crate::flow::{checkout, contacts, payment_links, wallets};
use crate::model::{Api, Payment, Status};
use crate::record::{Record, record};

pub(super) fn create_link(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    payment_links::create(scene, Api::Developer, scene.identity.developer_id, call)
}

pub(super) fn get(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let payment = scene.store.payments.get(call.path_id("payment_id")?);
    let payment = payment.filter(|payment| payment.api == Api::Developer);
    payment
        .map(|payment| Payload::one(&as_read(payment)))
        .ok_or_else(|| Refusal::not_found("Payment"))
}

/// What came in, newest first.
pub(super) fn list_received(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let owner = scene.identity.developer_id;
    Ok(page(scene, call, |payment| {
        payment.receiver == Some(owner)
            && matches!(payment.status, Status::Processing | Status::Success)
    }))
}

/// What went out, newest first.
pub(super) fn list_sent(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let owner = scene.identity.developer_id;
    Ok(page(scene, call, |payment| payment.payer == Some(owner)))
}

fn page(scene: &Scene<'_>, call: &Call, shown: impl Fn(&Payment) -> bool) -> Payload {
    let payments = scene.store.payments.values().rev().filter(|payment| shown(payment));
    Payload::page(call.page(), payments, as_read)
}

pub(super) fn get_wallet(scene: &mut Scene<'_>, _: &Call) -> Result<Payload, Refusal> {
    let wallet = wallets::of(scene, scene.identity.developer_id);
    Ok(Payload::one(&wallets::as_read(scene, wallet)))
}

/// The payer named in the body need not exist.
pub(super) fn create_checkout_token(
    scene: &mut Scene<'_>,
    call: &Call,
) -> Result<Payload, Refusal> {
    contacts::read(call)?;
    checkout::token(scene, Api::Developer, None, call)
}

fn as_read(payment: &Payment) -> Record {
    record! {
        "payment_id": payment.id,
        "payer_id": payment.payer,
        "payer_name": payment.payer_name,
        "payee_id": payment.payee_id,
        "payee_name": payment.payee_name,
        "amount": payment.amount,
        "currency": "USD",
        "description": payment.description,
        "payment_method": payment.payment_method,
        "receiving_method": payment.receiving_method,
        "created_at": payment.created_at,
        "payment_date": payment.paid_at,
        "status": payment.status,
        "failure_reason": payment.failure_reason,
    }
}
