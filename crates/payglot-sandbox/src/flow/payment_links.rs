//! Payment links: a payment that waits, and the page where somebody outside pays it.

use uuid::Uuid;

use crate::basics::object;
use crate::flow::{links, payments, wallets};
use crate::model::{Account, Api, Kind, Purpose};
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

/// A payment that waits for its payer, and the page where that happens; the same in both APIs.
pub(crate) fn create(
    tx: &mut Transaction<'_>,
    api: Api,
    user_id: Uuid,
    call: &Call,
) -> Result<Payload, ApiError> {
    let amount = call.money("amount")?;
    let wallet = wallets::of(tx, user_id);
    let legs = (Account::OUTSIDE, wallet.available());
    let mut payment = payments::new(tx, api, Kind::Link, amount, legs);
    payment.payee_name = tx.store.users.get(user_id).map(|user| user.name.clone());
    payment.receiver = Some(user_id);
    payment.description = call.optional_string("description");
    payment.invoice_no = call.optional_string("invoice_number");
    payment.receiving_method = Some("WALLET".to_owned());
    let id = payment.id;
    payments::await_payer(tx, payment);
    let link = links::open(tx, Purpose::Pay { payment_id: id });
    Ok(Payload::one(&object! { "payment_id": id, "payment_link": link }))
}
