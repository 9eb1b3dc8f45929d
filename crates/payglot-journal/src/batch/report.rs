//! What became of the rows of a batch.

use std::fmt;

use jiff::Timestamp;
use payglot_runtime::Decimal;
use serde::{Serialize, Serializer};

/// What became of a row: each ends in one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowState {
    /// Paid, by this run or by another worker meanwhile.
    Paid,
    /// Paid before this run began.
    AlreadyPaid,
    /// Not paid: the vendor refused it, or a guard did. Another run tries it again.
    Refused,
    /// Sent, and nobody knows what became of it. No run sends it again until somebody says what happened.
    Unknown,
    /// Not sent. Another run pays it.
    NotTried,
}

impl RowState {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Paid, Self::AlreadyPaid, Self::Refused, Self::Unknown, Self::NotTried];

    /// Its name, as it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::AlreadyPaid => "already_paid",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::NotTried => "not_tried",
        }
    }
}

impl fmt::Display for RowState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for RowState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One row, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RowResult {
    /// The key that the row was given.
    pub key: String,
    /// What became of it.
    pub state: RowState,
    /// US dollars; `None` where the operation does not say.
    #[serde(serialize_with = "text")]
    pub amount: Option<Decimal>,
    /// Identifier of what was made, where it was paid and the response names it.
    pub id: Option<String>,
    /// HTTP status of the last response.
    pub status: Option<u16>,
    /// Identifier of the last request, where the vendor sends one.
    pub request_id: Option<String>,
    /// The intent's name in the journal.
    pub intent: String,
    /// Why it was not paid, or what to look up; nothing of the row.
    pub error: Option<String>,
    /// When it last changed, where anything has happened to it.
    pub updated_at: Option<Timestamp>,
}

impl RowResult {
    /// Whether it is paid, by this run or before.
    pub fn is_paid(&self) -> bool {
        matches!(self.state, RowState::Paid | RowState::AlreadyPaid)
    }

    /// Whether it says more than another result of the same row.
    pub(super) fn is_more_than(&self, other: &Self) -> bool {
        self.state != RowState::NotTried && self.state != other.state
    }
}

/// An amount as text, so that it is exact everywhere.
#[allow(clippy::ref_option, reason = "as serde calls it")]
pub(super) fn text<S: Serializer>(
    amount: &Option<Decimal>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    amount.map(|amount| amount.to_string()).serialize(serializer)
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BatchEnd {
    /// Every row was tried or paid.
    Complete,
    /// An outcome is unknown.
    Unknown,
    /// The next payment would exceed what may be spent.
    Limit,
    /// Somebody stopped it.
    Stopped,
    /// Calls cannot be made: the vendor cannot be reached, does not know the key, or the journal cannot be written.
    Failed,
}

/// Every row of a batch once, in the order that they were given in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BatchReport {
    /// The rows.
    pub rows: Vec<RowResult>,
    /// Why the run ended; `None` where nothing was run.
    pub end: Option<BatchEnd>,
    /// The same in words, where it did not end by itself.
    pub problem: Option<String>,
    /// US dollars that are paid, by this run and before; `None` where the operation does not say.
    #[serde(serialize_with = "text")]
    pub paid: Option<Decimal>,
}

impl BatchReport {
    pub(super) fn of(rows: Vec<RowResult>, end: Option<BatchEnd>, problem: Option<String>) -> Self {
        let paid = rows
            .iter()
            .filter(|row| row.is_paid())
            .try_fold(Decimal::ZERO, |sum, row| sum.checked_add(row.amount?));
        Self { rows, end, problem, paid }
    }

    /// How many rows are in a state.
    pub fn count(&self, state: RowState) -> usize {
        self.rows.iter().filter(|row| row.state == state).count()
    }
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct BatchProgress {
    /// All rows.
    pub rows: usize,
    /// Rows whose state is known.
    pub done: usize,
    /// Rows that are paid, by this run or before.
    pub paid: usize,
    /// Rows that were refused.
    pub refused: usize,
    /// Rows whose outcome is unknown.
    pub unknown: usize,
    /// Calls that are being made.
    pub in_flight: usize,
    /// Times that the vendor said that it was too fast.
    pub slowed: usize,
}

impl BatchProgress {
    /// Counts a row.
    pub(super) fn add(&mut self, state: RowState) {
        self.done += 1;
        match state {
            RowState::Paid | RowState::AlreadyPaid => self.paid += 1,
            RowState::Refused => self.refused += 1,
            RowState::Unknown => self.unknown += 1,
            RowState::NotTried => {}
        }
    }
}
