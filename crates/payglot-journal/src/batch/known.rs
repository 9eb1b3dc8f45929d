//! What the journal says of the rows of a batch.

use std::collections::HashMap;

use jiff::Timestamp;

use super::Inner;
use super::report::RowState;
use super::rows::Row;
use crate::error::JournalError;
use crate::intent::{Intent, State};
use crate::steps::{fingerprint, give_up_the_dead, given_up};

/// A row's intent, and what it says.
#[derive(Debug)]
pub struct Found {
    pub intent: Intent,
    pub state: RowState,
    /// Why it is not paid.
    pub problem: Option<&'static str>,
}

impl Found {
    /// Whether the intent was used with other arguments than the row's.
    pub fn is_other(&self) -> bool {
        self.problem == Some(OTHER)
    }
}

/// By the names of the intents.
pub struct Known(HashMap<String, Found>);

impl Known {
    /// What is known of a row.
    pub fn get(&self, row: &Row) -> Option<&Found> {
        self.0.get(&row.intent)
    }
}

impl Inner {
    /// What is known of all rows, as a run sees it that began at a moment, or somebody who only looks.
    pub(super) async fn known(
        self: &std::sync::Arc<Self>,
        began: Option<Timestamp>,
    ) -> Result<Known, JournalError> {
        let (batch, prefix) = (self.clone(), self.key(&self.prefix));
        let found = self.journal.ask(move |table| {
            let mut found = HashMap::new();
            let rows: HashMap<&str, &Row> =
                batch.rows.iter().map(|row| (row.intent.as_str(), row)).collect();
            for mut intent in table.under(&prefix, false)? {
                let Some(row) = rows.get(intent.key.name.as_str()) else { continue };
                if given_up(&intent, table.now()).is_some()
                    && let Some(locked) = table.find(&intent.key)?
                {
                    intent = locked;
                    give_up_the_dead(table, &mut intent)?;
                }
                let fingerprint = fingerprint(table, &row.arguments)?;
                let (state, problem) = match state_of(&intent, &fingerprint, began) {
                    (Said::Over(state), problem) => (state, problem),
                    (Said::Sending, problem) => (RowState::Unknown, problem),
                    (Said::Unsent, _) if intent.state == State::Refused => {
                        let is_busy = intent.status == Some(TOO_MANY);
                        if is_busy {
                            (RowState::NotTried, Some("the vendor took no more payments"))
                        } else {
                            (RowState::Refused, Some("the vendor refused it before"))
                        }
                    }
                    (Said::Unsent, problem) => (RowState::NotTried, problem),
                };
                found.insert(intent.key.name.clone(), Found { intent, state, problem });
            }
            Ok(found)
        });
        Ok(Known(found.await?))
    }
}

/// What an intent says of its row. `began` is when the run began that asks; `None` for one that only looks.
pub fn state_of(
    intent: &Intent,
    fingerprint: &[u8],
    began: Option<Timestamp>,
) -> (Said, Option<&'static str>) {
    if !intent.fingerprint.is_empty() && intent.fingerprint != fingerprint {
        return (Said::Over(RowState::Refused), Some(OTHER));
    }
    let is_earlier = began.is_some_and(|began| intent.updated_at < began);
    match intent.state {
        State::Succeeded if is_earlier => (Said::Over(RowState::AlreadyPaid), None),
        State::Succeeded => (Said::Over(RowState::Paid), None),
        State::Unknown => {
            (Said::Over(RowState::Unknown), Some("nobody knows whether it was paid: look it up"))
        }
        State::Sending => (Said::Sending, Some("it is being sent")),
        // The vendor was too busy: that says nothing about the payment.
        State::Refused if intent.status == Some(TOO_MANY) || is_earlier => (Said::Unsent, None),
        State::Refused => (Said::Over(RowState::Refused), Some("the vendor refused it")),
        State::Recorded | State::Released => (Said::Unsent, None),
    }
}

const OTHER: &str =
    "its key was used with other arguments before: what is meant anew needs a key of its own";

/// HTTP's status for a caller that is too fast.
pub const TOO_MANY: u16 = 429;

/// What an intent says of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It has ended so.
    Over(RowState),
    /// A call is being made.
    Sending,
    /// It may be sent.
    Unsent,
}
