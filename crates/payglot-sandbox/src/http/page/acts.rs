//! What a person does with an object on the objects page: what happens outside of the APIs, at once.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::actions::{Sure, back};
use super::{Console, Tab};
use crate::basics::{Money, money};
use crate::flow::outside;
use crate::model::Decision;
use crate::operation::ApiError;

/// A form that posts to `actions/objects/{what}/{id}`.
#[derive(Serialize)]
pub(super) struct Act {
    what: &'static str,
    title: &'static str,
    /// What to say before it is done, where it cannot be undone.
    ask: Option<&'static str>,
    takes_amount: bool,
}

pub(super) const FUND: Act = Act { takes_amount: true, ..act("fund", "Fund") };
pub(super) const PAY: Act = act("pay", "Pay");
pub(super) const REJECT: Act =
    Act { ask: Some("It ends, and what is under way goes back."), ..act("reject", "Reject") };
pub(super) const REFUND: Act =
    Act { ask: Some("The amount and its fees go back to the payer."), ..act("refund", "Refund") };
pub(super) const EXPIRE: Act =
    Act { ask: Some("Nobody can pay it any more."), ..act("expire", "Expire") };
pub(super) const APPROVE_CARD: Act = act("approve-card", "Approve");
pub(super) const APPROVE_PERSON: Act = act("approve-person", "Approve");
pub(super) const REJECT_PERSON: Act = act("reject-person", "Reject");
pub(super) const APPROVE_BUSINESS: Act = act("approve-business", "Approve");
pub(super) const REJECT_BUSINESS: Act = act("reject-business", "Reject");

const fn act(what: &'static str, title: &'static str) -> Act {
    Act { what, title, ask: None, takes_amount: false }
}

/// What the form of an act sends.
#[derive(Deserialize)]
pub(super) struct Fields {
    /// In US dollars.
    #[serde(default)]
    amount: String,
    #[serde(flatten)]
    sure: Sure,
}

/// Does it, and goes back to the objects.
pub(super) async fn perform(
    State(console): State<Arc<Console>>,
    Path((what, id)): Path<(String, Uuid)>,
    Form(fields): Form<Fields>,
) -> Response {
    let outcome = console.app.transact(|tx| {
        if [REJECT, REFUND, EXPIRE].iter().any(|act| act.what == what) {
            fields.sure.check()?;
        }
        let mut person = |status| outside::decide_person(tx, id, status);
        match what.as_str() {
            "approve-person" => person(Decision::Approved).map(|()| "approved"),
            "reject-person" => person(Decision::Rejected).map(|()| "rejected"),
            "approve-business" => {
                outside::decide_business(tx, id, Decision::Approved).map(|()| "approved")
            }
            "reject-business" => {
                outside::decide_business(tx, id, Decision::Rejected).map(|()| "rejected")
            }
            "approve-card" => outside::approve_card(tx, id).map(|()| "approved"),
            "fund" => outside::fund(tx, id, fields.amount()?).map(|_| "funded"),
            "pay" => outside::pay(tx, id, "A person at the sandbox's page").map(|_| "paid"),
            "reject" => outside::reject(tx, id, "rejected because of a policy").map(|_| "rejected"),
            "refund" => outside::refund(tx, id).map(|_| "refunded"),
            "expire" => outside::expire(tx, id).map(|()| "expired"),
            _ => Err(ApiError::no_such_path()),
        }
    });
    back(&console, Tab::Objects, outcome)
}

impl Fields {
    fn amount(&self) -> Result<Money, ApiError> {
        let amount = money::parse(self.amount.trim()).and_then(Money::exact);
        amount.filter(|amount| *amount > Money::ZERO && *amount <= Money::MOST).ok_or_else(|| {
            let msg = "Input should be above 0, with at most two decimals";
            ApiError::field("amount", "value_error", msg)
        })
    }
}
