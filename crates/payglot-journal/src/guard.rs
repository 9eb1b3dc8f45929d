//! What a client may spend: limits that are checked before anything is sent, and counted in the transaction that writes the
//! intent, so that many processes together stay within them.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use payglot_runtime::journal::{Budget, Spend};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::error::JournalError;
use crate::intent::{Intent, IntentKey, LogEntry, State};
use crate::steps::{Request, known};
use crate::store::{Spent, Table};

type Result<T> = std::result::Result<T, JournalError>;

/// How far back `per_day` looks.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Digits after the decimal point of what is counted.
pub const SCALE: u32 = 8;

/// Limits for payments. What is `None` has no limit. Amounts are US dollars.
///
/// ```
/// use payglot_journal::Guard;
/// let guard = Guard { per_day: Some("50000".parse()?), ..Guard::default() };
/// # Ok::<(), rust_decimal::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    /// Most for one payment.
    pub per_payment: Option<Decimal>,
    /// Most within any 24 hours, for all payments of the account together. What has an unknown outcome counts; what provably
    /// was not sent, and what the vendor refused, does not.
    pub per_day: Option<Decimal>,
    /// To whom: as the operation's field for it says, such as `payee_id`.
    pub payees: Option<Vec<String>>,
    /// Above this, another person has to approve: [`Journal::approve`](crate::Journal::approve).
    pub approve_above: Option<Decimal>,
    /// Who asks for payments, and so cannot approve them; the user of this process where it is `None`.
    pub requested_by: Option<String>,
}

impl Guard {
    /// Whether its limits can be.
    pub(crate) fn check(&self) -> Result<()> {
        let Self { per_payment, per_day, payees, approve_above, requested_by } = self;
        for (name, limit) in
            [("per_payment", per_payment), ("per_day", per_day), ("approve_above", approve_above)]
        {
            if limit.is_some_and(|limit| limit.is_sign_negative() || counted(limit).is_none()) {
                return Err(JournalError::invalid(name, "must be an amount of 0 or more"));
            }
        }
        if payees.as_ref().is_some_and(|payees| payees.iter().any(String::is_empty)) {
            return Err(JournalError::invalid("payees", "must not hold an empty text"));
        }
        if let Some(by) = requested_by {
            crate::journal::check_text("requested_by", by)?;
        }
        Ok(())
    }

    fn requester(&self) -> String {
        let user = || {
            let names = ["USER", "LOGNAME", "USERNAME"].into_iter();
            names.filter_map(|name| std::env::var(name).ok()).find(|name| !name.trim().is_empty())
        };
        self.requested_by.clone().or_else(user).unwrap_or_else(|| "unknown".to_owned())
    }
}

/// What a guard says of a call that would be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// It may be sent, and counts so.
    Yes(Option<Spent>),
    /// It may not: the rule, and what it says.
    No(&'static str, &'static str),
    /// Another person has to approve it first.
    NotYet(Spent),
}

/// What is asked of a call before it is sent.
pub struct Limits {
    pub guard: Option<Arc<Guard>>,
    pub budget: Option<Budget>,
    /// What the call moves; `None` where it moves no money, or nobody knows.
    pub moves: Option<Spend>,
    pub moves_money: bool,
}

/// Asks whether a call may be sent. Whoever sends it writes what it counts, in the same transaction.
pub fn allow(table: &mut dyn Table, request: &Request, now: Timestamp) -> Result<Allowed> {
    let Limits { guard, budget, moves, moves_money } = &request.limits;
    if !moves_money || (guard.is_none() && budget.is_none()) {
        return Ok(Allowed::Yes(None));
    }
    let none = Guard::default();
    let guard = guard.as_deref().unwrap_or(&none);
    let is_limited = guard.per_payment.is_some()
        || guard.per_day.is_some()
        || guard.approve_above.is_some()
        || budget.as_ref().is_some_and(|budget| budget.at_most.is_some());
    let moves = moves.clone().unwrap_or_default();
    if let Some(payees) = &guard.payees
        && !moves.payee.is_some_and(|payee| payees.contains(&payee))
    {
        return Ok(Allowed::No("payees", "does not know the one who would be paid"));
    }
    if !is_limited && budget.is_none() {
        return Ok(Allowed::Yes(None));
    }
    let Some((amount, exact)) = moves.amount.and_then(|amount| Some((amount, counted(amount)?)))
    else {
        return Ok(if is_limited {
            Allowed::No("amount", "cannot tell how many US dollars the call would move")
        } else {
            Allowed::Yes(None)
        });
    };
    if guard.per_payment.is_some_and(|limit| amount > limit) {
        return Ok(Allowed::No("per_payment", "does not allow so much in one payment"));
    }
    let key = &request.key;
    // Others that would count wait here until this transaction has ended.
    table.lock_spends(key)?;
    if let Some(limit) = guard.per_day {
        let since = now.checked_sub(DAY).unwrap_or(Timestamp::MIN);
        if exceeds(table.spent_since(key, since)?, exact, limit) {
            return Ok(Allowed::No("per_day", "does not allow so much within 24 hours"));
        }
    }
    if let Some(Budget { prefix, at_most: Some(at_most) }) = budget
        && exceeds(table.spent_under(key, prefix)?, exact, *at_most)
    {
        return Ok(Allowed::No("at_most", "does not allow more than the batch may spend"));
    }
    let (requested_by, approved_by) = match table.spend(key)? {
        // Whoever asked first is the one who cannot approve it.
        Some(spent) => (spent.requested_by, spent.approved_by),
        None => (guard.requester(), None),
    };
    let is_free = approved_by.is_some() || guard.approve_above.is_none_or(|most| amount <= most);
    let spent = Spent { amount: exact, at: now, requested_by, approved_by };
    Ok(if is_free { Allowed::Yes(Some(spent)) } else { Allowed::NotYet(spent) })
}

/// A person approves an intent that was held.
pub fn approve(table: &mut dyn Table, key: &IntentKey, by: &str) -> Result<Intent> {
    let intent = known(table, key)?;
    let Some(mut spent) = table.spend(key)? else {
        return Err(JournalError::invalid("intent", "waits for nobody's approval"));
    };
    if spent.approved_by.as_deref() == Some(by) {
        // Written already: nobody knew whether it was.
        return Ok(intent);
    }
    if is_same_person(&spent.requested_by, by) {
        let problem = "must be another person than the one who asked for it";
        return Err(JournalError::invalid("by", problem));
    }
    if spent.approved_by.is_some() || intent.state != State::Recorded {
        return Err(JournalError::invalid("intent", "waits for nobody's approval"));
    }
    spent.approved_by = Some(by.to_owned());
    table.save_spend(key, &spent)?;
    let entry = LogEntry {
        at: table.now(),
        state: intent.state,
        by: by.to_owned(),
        because: "approved".to_owned(),
        attempt: intent.attempts,
        status: None,
        request_id: None,
    };
    table.append(key, &entry)?;
    Ok(intent)
}

fn is_same_person(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Whether an amount is too much, where so much is spent already.
fn exceeds(spent: i64, amount: i64, limit: Decimal) -> bool {
    match (spent.checked_add(amount), counted(limit)) {
        (Some(sum), Some(limit)) => sum > limit,
        _ => true,
    }
}

/// An amount as it is counted; `None` where it cannot be counted exactly.
pub fn counted(amount: Decimal) -> Option<i64> {
    let units = amount.checked_mul(Decimal::from(10_i64.pow(SCALE)))?;
    units.is_integer().then(|| units.to_i64())?
}
