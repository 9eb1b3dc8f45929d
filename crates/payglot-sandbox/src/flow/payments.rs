//! The steps of a payment: money leaves its source at once, is in transit, and arrives or is returned.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::basics::Money;
use crate::flow::events;
use crate::flow::events::Moment;
use crate::model::{
    Account, Api, BankTransaction, Entry, Kind, LINK_MINUTES, Payment, Status, Task,
};
use crate::state::Transaction;

/// The first number of a payment, as in the documents' examples.
const FIRST_NUMBER: u64 = 1501;

/// A new payment that has not begun; all other fields are empty.
pub(crate) fn new(
    tx: &mut Transaction<'_>,
    api: Api,
    kind: Kind,
    amount: Money,
    (from, to): (Account, Account),
) -> Payment {
    let id = tx.random.uuid();
    Payment {
        id,
        number: FIRST_NUMBER.saturating_add(tx.store.payments.len() as u64),
        api,
        kind,
        payer: None,
        payer_name: None,
        payee_id: None,
        payee_name: None,
        receiver: None,
        amount,
        processing_fee: Money::ZERO,
        delivery_fee: Money::ZERO,
        invoice_no: None,
        description: None,
        payment_method: None,
        receiving_method: None,
        card_id: None,
        bank_id: None,
        payee_card_id: None,
        payee_bank_id: None,
        attachment_url: None,
        created_at: tx.now,
        paid_at: None,
        status: Status::Pending,
        failure_reason: None,
        will_fail: None,
        from,
        transit: Account(id),
        to,
    }
}

/// Begins a payment. A decline reason, or too little money, makes it a failed payment that moved nothing.
pub(crate) fn begin(
    tx: &mut Transaction<'_>,
    mut payment: Payment,
    duration: SignedDuration,
    decline_reason: Option<&str>,
) -> Payment {
    let covered = tx.store.ledger.covers(payment.from, payment.total());
    let short = match payment.payment_method.as_deref() {
        Some("WALLET") => "Insufficient wallet balance",
        _ => "Insufficient account balance",
    };
    let decline_reason = decline_reason.or((!covered).then_some(short));
    let id = payment.id;
    if let Some(reason) = decline_reason {
        payment.status = Status::Failed;
        payment.failure_reason = Some(reason.to_owned());
        events::payment(tx, &payment, Moment::Failed);
        tx.store.payments.put(id, payment.clone());
        return payment;
    }
    transfer(tx, payment.id, payment.from, payment.transit, payment.amount);
    transfer(tx, payment.id, payment.from, Account::FEES, payment.fees());
    payment.status = Status::Processing;
    note(tx, &payment, Movement::Out);
    events::payment(tx, &payment, Moment::Initiated);
    tx.store.payments.put(id, payment.clone());
    if duration.is_zero() {
        settle(tx, id);
    } else {
        events::payment(tx, &payment, Moment::Processing);
        tx.schedule(duration / 2, Task::AnnounceSettling(id));
        tx.schedule(duration, Task::SettlePayment(id));
    }
    tx.store.payments.get(id).cloned().unwrap_or(payment)
}

/// Ends the transit of a payment: its money arrives, or is returned.
pub(crate) fn settle(tx: &mut Transaction<'_>, id: Uuid) {
    let Some(mut payment) = tx.store.payments.get(id).cloned() else { return };
    if payment.status != Status::Processing {
        return;
    }
    if let Some(reason) = payment.will_fail.clone() {
        give_back(tx, &mut payment, Moment::Failed, reason);
    } else {
        transfer(tx, payment.id, payment.transit, payment.to, payment.amount);
        payment.status = Status::Success;
        payment.paid_at = Some(tx.now);
        note(tx, &payment, Movement::In);
        events::payment(tx, &payment, Moment::Success);
    }
    tx.store.payments.put(id, payment);
}

/// Returns the money of a payment in transit, with its fees.
fn give_back(tx: &mut Transaction<'_>, payment: &mut Payment, moment: Moment, reason: String) {
    transfer(tx, payment.id, payment.transit, payment.from, payment.amount);
    transfer(tx, payment.id, Account::FEES, payment.from, payment.fees());
    note(tx, payment, Movement::Back);
    payment.status = if moment == Moment::Rejected { Status::Rejected } else { Status::Failed };
    payment.failure_reason = Some(reason);
    events::payment(tx, payment, moment);
    if payment.fees() > Money::ZERO {
        events::payment(tx, payment, Moment::FeeRefunded);
    }
}

/// Emits the event that a slow payment is settling.
pub(crate) fn settling(tx: &mut Transaction<'_>, id: Uuid) {
    let payment = tx.store.payments.get(id).cloned();
    if let Some(payment) = payment.filter(|payment| payment.status == Status::Processing) {
        events::payment(tx, &payment, Moment::Settling);
    }
}

/// Rejects a payment that is open or in transit, because of a policy. `None` if it is neither.
pub(crate) fn reject(tx: &mut Transaction<'_>, id: Uuid, reason: &str) -> Option<Payment> {
    let mut payment = tx.store.payments.get(id).cloned()?;
    if payment.status == Status::Processing {
        give_back(tx, &mut payment, Moment::Rejected, reason.to_owned());
    } else if payment.status.is_open() {
        payment.status = Status::Rejected;
        payment.failure_reason = Some(reason.to_owned());
        events::payment(tx, &payment, Moment::Rejected);
    } else {
        return None;
    }
    tx.store.payments.put(id, payment.clone());
    Some(payment)
}

/// Returns the money of a successful payment, with its fees. `None` if the payment did not succeed, its receiver
/// has spent the money, or the account it came from was deleted.
pub(crate) fn refund(tx: &mut Transaction<'_>, id: Uuid) -> Option<Payment> {
    let mut payment = tx.store.payments.get(id).cloned()?;
    let store = &tx.store;
    let is_source_there = payment.bank_id.is_none_or(|bank| store.banks.has(bank));
    let is_covered = store.ledger.covers(payment.to, payment.amount);
    if payment.status != Status::Success || !is_source_there || !is_covered {
        return None;
    }
    note(tx, &payment, Movement::Return);
    note(tx, &payment, Movement::Back);
    transfer(tx, payment.id, payment.to, payment.from, payment.amount);
    transfer(tx, payment.id, Account::FEES, payment.from, payment.fees());
    payment.status = Status::Refunded;
    events::payment(tx, &payment, Moment::Refunded);
    if payment.fees() > Money::ZERO {
        events::payment(tx, &payment, Moment::FeeRefunded);
    }
    tx.store.payments.put(id, payment.clone());
    Some(payment)
}

/// Stores a payment that waits for a payer and expires with its page.
pub(crate) fn await_payer(tx: &mut Transaction<'_>, payment: Payment) {
    let id = payment.id;
    tx.store.payments.put(id, payment);
    tx.schedule(SignedDuration::from_mins(LINK_MINUTES), Task::ExpirePayment(id));
}

/// The payer has opened the page.
pub(crate) fn opened(tx: &mut Transaction<'_>, id: Uuid) {
    let Some(mut payment) = tx.store.payments.get(id).cloned() else { return };
    if payment.status == Status::Pending {
        payment.status = Status::Opened;
        events::payment(tx, &payment, Moment::Opened);
        tx.store.payments.put(id, payment);
    }
}

/// Pays a payment link from outside; a decline reason makes the attempt fail. `None` if the payment is not open.
pub(crate) fn pay(
    tx: &mut Transaction<'_>,
    id: Uuid,
    payer_name: &str,
    duration: SignedDuration,
    decline_reason: Option<&str>,
) -> Option<Payment> {
    let mut payment = tx.store.payments.get(id).filter(|payment| payment.status.is_open())?.clone();
    payment.payer_name = Some(payer_name.to_owned());
    payment.payment_method = Some("CARD".to_owned());
    Some(begin(tx, payment, duration, decline_reason))
}

/// The payer tries again after a failed attempt: that is a new payment with the same details. `None` if the
/// payment did not fail.
pub(crate) fn retry(tx: &mut Transaction<'_>, id: Uuid) -> Option<Payment> {
    let mut failed = tx.store.payments.get(id).cloned()?;
    if failed.kind != Kind::Link || failed.status != Status::Failed {
        return None;
    }
    let fresh = new(tx, failed.api, failed.kind, failed.amount, (failed.from, failed.to));
    let again = Payment {
        id: fresh.id,
        number: fresh.number,
        transit: fresh.transit,
        created_at: fresh.created_at,
        status: Status::Opened,
        failure_reason: None,
        ..failed.clone()
    };
    // The Platform API has no such status.
    if failed.api == Api::Developer {
        failed.status = Status::Retried;
    }
    events::payment(tx, &failed, Moment::Retried(again.id));
    tx.store.payments.put(id, failed);
    tx.store.payments.put(again.id, again.clone());
    Some(again)
}

/// Nobody paid in time.
pub(crate) fn expire(tx: &mut Transaction<'_>, id: Uuid) {
    let Some(mut payment) = tx.store.payments.get(id).cloned() else { return };
    if payment.status.is_open() {
        payment.status = Status::Expired;
        events::payment(tx, &payment, Moment::Expired);
        tx.store.payments.put(id, payment);
    }
}

/// Moves money that is there: callers have checked the source, or have put the money there.
fn transfer(tx: &mut Transaction<'_>, payment: Uuid, from: Account, to: Account, amount: Money) {
    let entry = Entry { at: tx.now, from, to, amount, payment: Some(payment) };
    if tx.store.ledger.enter(entry).is_err() {
        tracing::error!("a payment asks for more than its account holds");
    }
}

/// What a payment does to an account.
#[derive(Clone, Copy)]
enum Movement {
    /// Amount and fees leave it.
    Out,
    /// Amount and fees come back to it.
    Back,
    /// The amount arrives.
    In,
    /// The amount leaves where it had arrived.
    Return,
}

/// Adds a transaction to the history of the account, if it is one of Paywint's.
fn note(tx: &mut Transaction<'_>, payment: &Payment, movement: Movement) {
    let (account, other, party, amount) = match movement {
        Movement::Out | Movement::Back => {
            (payment.from, payment.to, &payment.payee_name, payment.total())
        }
        Movement::In | Movement::Return => {
            (payment.to, payment.from, &payment.payer_name, payment.amount)
        }
    };
    if !tx.store.banks.has(account.0) {
        return;
    }
    let transaction = BankTransaction {
        id: tx.random.uuid(),
        bank_id: account.0,
        payment_id: payment.id,
        description: payment.description.clone(),
        other_party: party.clone(),
        is_internal: other != Account::OUTSIDE,
        is_credit: !matches!(movement, Movement::Out | Movement::Return),
        amount,
        date: tx.now.to_zoned(TimeZone::UTC).date(),
    };
    tx.store.bank_transactions.put(transaction.id, transaction);
}
