//! Payment links: a payment that waits, and the page where somebody outside pays it.

use uuid::Uuid;

use crate::answer::{Payload, Refusal};
use crate::app::Scene;
use crate::call::Call;
use crate::flow::{links, payments, wallets};
use crate::ledger::Account;
use crate::model::{Api, Kind, Purpose};
use crate::record::record;

/// A payment that waits for its payer, and the page where that happens; the same in both APIs.
pub(crate) fn create(
    scene: &mut Scene<'_>,
    api: Api,
    user_id: Uuid,
    call: &Call,
) -> Result<Payload, Refusal> {
    let amount = call.money("amount")?;
    let wallet = wallets::of(scene, user_id);
    let legs = (Account::OUTSIDE, wallet.available());
    let mut payment = payments::draft(scene, api, Kind::Link, amount, legs);
    payment.payee_name = scene.store.users.get(user_id).map(|user| user.name.clone());
    payment.receiver = Some(user_id);
    payment.description = call.kept("description");
    payment.invoice_no = call.kept("invoice_number");
    payment.receiving_method = Some("WALLET".to_owned());
    let id = payment.id;
    payments::await_payer(scene, payment);
    let link = links::open(scene, Purpose::Pay { payment_id: id });
    Ok(Payload::one(&record! { "payment_id": id, "payment_link": link }))
}
