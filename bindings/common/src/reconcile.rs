//! Comparing the journal, the vendor's lists and the user's ledger, for every language: JSON both ways.

use std::collections::BTreeMap;

use payglot_journal::{Journal, JournalError, LedgerRow, ResolveError};
use payglot_runtime::Decimal;
use payglot_runtime::client::{CallOptions, Core};
use payglot_runtime::jiff::Timestamp;
use serde::Deserialize;

/// What is compared.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReconcileRequest {
    /// From when on: a time with its zone.
    since: String,
    /// The rows of the user's ledger.
    #[serde(default)]
    ledger: Vec<Row>,
    /// What lists are asked for beside what the calls had.
    #[serde(default)]
    given: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: Option<String>,
    intent: Option<String>,
    amount: Option<String>,
    status: Option<String>,
}

impl ReconcileRequest {
    /// Compares, and gives what was shown as JSON.
    pub async fn run(self, journal: &Journal, core: &Core) -> Result<String, ResolveError> {
        let since: Timestamp = self.since.parse().map_err(|_| {
            JournalError::invalid(
                "since",
                "must be a time with its zone, such as 2026-11-01T00:00:00Z",
            )
        })?;
        let rows = self.ledger.into_iter().enumerate();
        let rows: Vec<LedgerRow> =
            rows.map(|(at, row)| row.checked(at)).collect::<Result<_, JournalError>>()?;
        let given: Vec<_> =
            self.given.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let found = journal.reconcile(core, since, &rows, &given, &CallOptions::default()).await?;
        // Writing this type cannot fail.
        Ok(serde_json::to_string(&found).unwrap_or_default())
    }
}

impl Row {
    fn checked(self, at: usize) -> Result<LedgerRow, JournalError> {
        let wrong = |problem: &str| {
            JournalError::invalid("ledger", format!("has a row ({at}) that {problem}"))
        };
        let Self { id, intent, amount, status } = self;
        if id.is_none() && intent.is_none() {
            return Err(wrong("has neither `id` nor `intent`"));
        }
        let amount = amount.as_deref().map(Decimal::from_str_exact).transpose();
        let amount =
            amount.map_err(|_| wrong("has an amount that is no decimal, such as 150.75"))?;
        Ok(LedgerRow { id, intent, amount, status })
    }
}
