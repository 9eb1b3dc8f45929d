//! What batches ask of PostgreSQL.

use std::time::Duration;

use super::postgres::{Rows, failed, get, intent};
use super::{Batches, COLUMNS, Pace};
use crate::error::JournalError;
use crate::intent::{Intent, IntentKey};

type Result<T> = std::result::Result<T, JournalError>;

impl Batches for Rows<'_> {
    fn pace(&mut self, provider: &str, account: &str) -> Result<Pace> {
        let free = Pace::FREE;
        let sql = "INSERT INTO payglot_pace VALUES ($1, $2, $3, 0, $3) ON CONFLICT DO NOTHING";
        self.written()?.execute(sql, &[&provider, &account, &free.next_at]).map_err(failed)?;
        let sql = "SELECT next_at, spacing, slowed_at FROM payglot_pace WHERE provider = $1 AND account = $2 FOR UPDATE";
        let row = self.written()?.query_one(sql, &[&provider, &account]).map_err(failed)?;
        let spacing = u64::try_from(get::<i64>(&row, 1)?).unwrap_or_default();
        Ok(Pace {
            next_at: get(&row, 0)?,
            spacing: Duration::from_micros(spacing),
            slowed_at: get(&row, 2)?,
        })
    }

    fn save_pace(&mut self, provider: &str, account: &str, pace: &Pace) -> Result<()> {
        let sql = "UPDATE payglot_pace SET next_at = $3, spacing = $4, slowed_at = $5 WHERE provider = $1 AND account = $2";
        let spacing = pace.spacing_micros();
        self.written()?
            .execute(sql, &[&provider, &account, &pace.next_at, &spacing, &pace.slowed_at])
            .map(drop)
            .map_err(failed)
    }

    fn under(&mut self, prefix: &IntentKey, is_in_doubt: bool) -> Result<Vec<Intent>> {
        let state = if is_in_doubt { "AND state IN ('sending', 'unknown')" } else { "" };
        let sql = format!(
            "SELECT {COLUMNS} FROM payglot_intent WHERE provider = $1 AND account = $2 AND operation = $3 \
             AND starts_with(name, $4) {state} ORDER BY name"
        );
        let IntentKey { provider, account, operation, name } = prefix;
        let rows = self.written()?.query(&sql, &[provider, account, operation, name]);
        rows.map_err(failed)?.iter().map(intent).collect()
    }
}
