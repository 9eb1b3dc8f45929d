//! The events that webhooks deliver: their names and data.
//!
//! Upstream publishes the data of `payment.success` alone; the other events' data are the sandbox's choice.

use uuid::Uuid;

use crate::basics::{JsonObject, Money, object};
use crate::flow::webhooks;
use crate::model::{Api, Card, Decision, Kind, Payment};
use crate::state::Transaction;

/// A step of a payment that has an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Opened,
    Initiated,
    Processing,
    Settling,
    Success,
    Failed,
    Rejected,
    Refunded,
    FeeRefunded,
    /// With the id of the new payment.
    Retried(Uuid),
    Expired,
}

impl Moment {
    /// The last part of the event's name.
    fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Initiated => "initiated",
            Self::Processing => "processing",
            Self::Settling => "settling",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Refunded => "refunded",
            Self::FeeRefunded => "fee_refunded",
            Self::Retried(_) => "retried",
            Self::Expired => "expired",
        }
    }

    /// Whether the API documents it for payments of this group.
    fn has_event(self, api: Api, group: &str) -> bool {
        match (api, self) {
            (Api::Platform, Self::Retried(_) | Self::Expired)
            | (Api::Developer, Self::Settling | Self::Refunded | Self::FeeRefunded) => false,
            (Api::Platform, Self::Refunded | Self::FeeRefunded) => group == PAYMENT,
            (Api::Platform, Self::Settling) => group != FUNDING,
            _ => true,
        }
    }
}

const PAYMENT: &str = "payment";
const FUNDING: &str = "wallet.funding";
const WITHDRAWAL: &str = "wallet.withdrawal";

/// Emits the event of a payment's step.
pub(crate) fn payment(tx: &mut Transaction<'_>, payment: &Payment, moment: Moment) {
    let group = match payment.kind {
        Kind::Funding => FUNDING,
        Kind::Withdrawal => WITHDRAWAL,
        Kind::Payee | Kind::Check | Kind::Link | Kind::Card => PAYMENT,
    };
    if moment.has_event(payment.api, group) {
        let data = match payment.api {
            Api::Platform => platform_data(payment, moment),
            Api::Developer => developer_data(payment, moment),
        };
        webhooks::emit(tx, payment.api, &format!("{group}.{}", moment.name()), &data);
    }
}

/// Amounts are text in dollars.
fn platform_data(payment: &Payment, moment: Moment) -> JsonObject {
    let amount = match moment {
        Moment::FeeRefunded => payment.fees(),
        _ => payment.amount,
    };
    let mut data = object! {
        "payment_id": payment.id,
        "amount": amount.to_string(),
        "currency": "USD",
        "status": moment.name(),
    };
    if let Some(reason) = &payment.failure_reason {
        data.set("failure_reason", reason);
    }
    data
}

/// Amounts are numbers in cents.
fn developer_data(payment: &Payment, moment: Moment) -> JsonObject {
    let mut data = object! {
        "payment_id": payment.id,
        "status": moment.name(),
        "amount": Money::in_cents(payment.amount),
    };
    match (moment, &payment.failure_reason) {
        (Moment::Retried(id), _) => data.set("retry_payment_id", &id),
        (_, Some(reason)) => data.set("failed_reason", reason),
        _ => {}
    }
    data
}

/// Emits an event about a user's own card.
pub(crate) fn card(tx: &mut Transaction<'_>, card: &Card, what: &str) {
    let data = object! { "user_id": card.user_id, "card_id": card.id };
    webhooks::emit(tx, Api::Platform, &format!("card.{what}"), &data);
}

/// Emits an event about the identity check of a person.
pub(crate) fn person(tx: &mut Transaction<'_>, user_id: Uuid, what: &str) {
    let data = object! { "user_id": user_id, "status": what };
    webhooks::emit(tx, Api::Platform, &format!("kyc.{what}"), &data);
}

/// Emits the events of a decision about a person.
pub(crate) fn person_decided(tx: &mut Transaction<'_>, user_id: Uuid, status: Decision) {
    match status {
        Decision::Pending => person(tx, user_id, "pending"),
        Decision::Approved => person(tx, user_id, "approved"),
        Decision::Rejected => person(tx, user_id, "rejected"),
        Decision::Failed => return person(tx, user_id, "failed"),
    }
    if status != Decision::Pending {
        person(tx, user_id, "completed");
    }
}

/// Emits an event about the check of a business.
pub(crate) fn business(tx: &mut Transaction<'_>, user_id: Uuid, what: &str) {
    let data = object! { "user_id": user_id, "status": what };
    webhooks::emit(tx, Api::Platform, &format!("kyb.{what}"), &data);
}
