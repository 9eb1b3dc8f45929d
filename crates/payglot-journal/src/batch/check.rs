//! What can be said of a batch before anything is sent.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use payglot_runtime::Decimal;
use payglot_runtime::client::CallOptions;
use payglot_runtime::request::paid_from;
use serde::Serialize;

use super::Inner;
use super::known::Found;
use super::report::{RowState, text};
use super::rows::Row;
use crate::guard::SCALE;
use crate::resolve::ResolveError;

/// What a run would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BatchCheck {
    /// Rows that are wrong. While there is one, none is paid.
    pub bad: Vec<BadRow>,
    /// All rows that are right.
    pub all: Sum,
    /// Those that were paid before.
    pub paid: Sum,
    /// Those whose outcome is unknown. A run stops at them, unless it is told to go on.
    pub unknown: Sum,
    /// Those that a run would pay.
    pub to_pay: Sum,
    /// US dollars that the batch has spent of what it may, with what is unknown.
    #[serde(serialize_with = "text")]
    pub spent: Option<Decimal>,
    /// Whether to pay them would exceed `at_most`.
    pub is_over_limit: bool,
    /// What is there to pay them from, for each wallet; empty where that cannot be said.
    pub balances: Vec<Balance>,
    /// Why the balance cannot be said, where it cannot.
    pub balance_problem: Option<String>,
}

/// Rows, and what they amount to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Sum {
    /// How many.
    pub rows: usize,
    /// US dollars; `None` where the operation does not say.
    #[serde(serialize_with = "text")]
    pub amount: Option<Decimal>,
}

impl Default for Sum {
    fn default() -> Self {
        Self { rows: 0, amount: Some(Decimal::ZERO) }
    }
}

impl Sum {
    pub(super) fn add(&mut self, amount: Option<Decimal>) {
        self.rows += 1;
        self.amount = self.amount.and_then(|sum| sum.checked_add(amount?));
    }
}

/// A row that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BadRow {
    /// Which one, counted from 1.
    pub row: usize,
    /// Its key, where it has one.
    pub key: Option<String>,
    /// What is wrong; nothing of its values.
    pub problem: String,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}", self.row)?;
        if let Some(key) = &self.key {
            write!(f, " (key {key:?})")?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// What there is to pay some of the rows from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Balance {
    /// Whose it is, as the operation that reads it is asked; empty where there is only one.
    pub of: String,
    /// US dollars; `None` where the response does not say.
    #[serde(serialize_with = "text")]
    pub available: Option<Decimal>,
    /// What the rows that a run would pay need of it, without fees.
    #[serde(serialize_with = "text")]
    pub needed: Option<Decimal>,
}

/// Most wallets that are asked for their balance.
const MAX_WALLETS: usize = 100;

/// What is there to pay rows from, for each wallet, or why that cannot be said.
async fn balances(batch: &Inner, rows: &[&Row]) -> (Vec<Balance>, Option<String>) {
    let none = |problem: String| (Vec::new(), Some(problem));
    let Some(balance) = batch.operation.balance else {
        return none(
            "it cannot be told: no operation of the API reads what this one pays from".to_owned(),
        );
    };
    let mut needed: BTreeMap<_, Sum> = BTreeMap::new();
    for row in rows {
        let Some(wallet) = paid_from(batch.operation, &row.request) else {
            return none(
                "it cannot be told: not all rows are paid from where an operation reads it"
                    .to_owned(),
            );
        };
        needed.entry(wallet).or_default().add(row.amount);
    }
    if needed.len() > MAX_WALLETS {
        return none(format!("it is not read: the rows are paid from {} wallets", needed.len()));
    }
    let mut found = Vec::new();
    for (wallet, sum) in needed {
        let read = batch.core.read_balance(balance, &wallet, &CallOptions::default()).await;
        let available = match read {
            Ok(available) => available,
            Err(error) => return none(format!("it could not be read: {}", error.message())),
        };
        let of = wallet.iter().map(|(name, value)| format!("{name}={value}"));
        let of = of.collect::<Vec<_>>().join(" ");
        found.push(Balance { of, available, needed: sum.amount });
    }
    (found, None)
}

pub(super) async fn check(batch: &Arc<Inner>) -> Result<BatchCheck, ResolveError> {
    let known = batch.known(None).await?;
    let [mut all, mut paid, mut unknown, mut to_pay] = [(); 4].map(|()| Sum::default());
    let mut rows = Vec::new();
    let mut bad = batch.bad.clone();
    for row in &batch.rows {
        all.add(row.amount);
        let found = known.get(row);
        match found.map(|found| found.state) {
            Some(RowState::Paid | RowState::AlreadyPaid) => paid.add(row.amount),
            Some(RowState::Unknown) => unknown.add(row.amount),
            Some(RowState::Refused) if found.is_some_and(Found::is_other) => {
                let problem = found.and_then(|found| found.problem).unwrap_or_default().to_owned();
                bad.push(BadRow { row: row.number, key: Some(row.key.clone()), problem });
            }
            _ => {
                to_pay.add(row.amount);
                rows.push(row);
            }
        }
    }
    bad.sort_by_key(|bad| bad.row);
    let prefix = batch.key(&batch.prefix);
    let spent = batch.journal.ask(move |table| table.spent_under(&prefix, &prefix.name)).await?;
    let spent =
        Decimal::try_from_i128_with_scale(spent.into(), SCALE).ok().map(|sum| sum.normalize());
    let is_over_limit = batch.budget.at_most.is_some_and(|at_most| {
        let sum = spent.zip(to_pay.amount).and_then(|(spent, to_pay)| spent.checked_add(to_pay));
        sum.is_none_or(|sum| sum > at_most)
    });
    let spent = spent.filter(|_| batch.operation.amount.is_some());
    let (balances, balance_problem) = balances(batch, &rows).await;
    Ok(BatchCheck {
        bad,
        all,
        paid,
        unknown,
        to_pay,
        spent,
        is_over_limit,
        balances,
        balance_problem,
    })
}
