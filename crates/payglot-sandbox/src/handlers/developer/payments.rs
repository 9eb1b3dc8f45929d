//! Payment links, payment records, the wallet and checkout tokens of the account.

use crate::basics::{JsonObject, object};
use crate::flow::{checkout, contacts, payment_links, wallets};
use crate::model::{Api, Payment, Status};
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

pub(super) fn create_link(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    payment_links::create(tx, Api::Developer, tx.identity.developer_id, call)
}

pub(super) fn get(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let payment = tx.store.payments.get(call.path_id("payment_id")?);
    let payment = payment.filter(|payment| payment.api == Api::Developer);
    payment
        .map(|payment| Payload::one(&as_read(payment)))
        .ok_or_else(|| ApiError::not_found("Payment"))
}

/// What came in, newest first.
pub(super) fn list_received(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let owner = tx.identity.developer_id;
    Ok(page(tx, call, |payment| {
        payment.receiver == Some(owner)
            && matches!(payment.status, Status::Processing | Status::Success)
    }))
}

/// What went out, newest first.
pub(super) fn list_sent(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let owner = tx.identity.developer_id;
    Ok(page(tx, call, |payment| payment.payer == Some(owner)))
}

fn page(tx: &Transaction<'_>, call: &Call, shown: impl Fn(&Payment) -> bool) -> Payload {
    let payments = tx.store.payments.values().rev().filter(|payment| shown(payment));
    Payload::page(call.page(), payments, as_read)
}

pub(super) fn get_wallet(tx: &mut Transaction<'_>, _: &Call) -> Result<Payload, ApiError> {
    let wallet = wallets::of(tx, tx.identity.developer_id);
    Ok(Payload::one(&wallets::as_read(tx, wallet)))
}

/// The payer named in the body need not exist.
pub(super) fn create_checkout_token(
    tx: &mut Transaction<'_>,
    call: &Call,
) -> Result<Payload, ApiError> {
    contacts::read(call)?;
    checkout::token(tx, Api::Developer, None, call)
}

fn as_read(payment: &Payment) -> JsonObject {
    object! {
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
