//! What batches ask of a file.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row, params};

use super::sqlite::{Rows, failed, intent, unreadable};
use super::{Batches, COLUMNS, Pace};
use crate::error::JournalError;
use crate::intent::{Intent, IntentKey};

type Result<T> = std::result::Result<T, JournalError>;

impl Batches for Rows<'_> {
    /// The whole file is locked already.
    fn pace(&mut self, provider: &str, account: &str) -> Result<Pace> {
        let sql = "SELECT next_at, spacing, slowed_at FROM payglot_pace WHERE provider = ?1 AND account = ?2";
        let mut statement = self.transaction.prepare_cached(sql).map_err(failed)?;
        let row = statement.query_row(params![provider, account], |row| {
            let spacing = u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
            Ok(Pace {
                next_at: moment(row, 0)?,
                spacing: Duration::from_micros(spacing),
                slowed_at: moment(row, 2)?,
            })
        });
        Ok(row.optional().map_err(failed)?.unwrap_or(Pace::FREE))
    }

    fn save_pace(&mut self, provider: &str, account: &str, pace: &Pace) -> Result<()> {
        let sql = "INSERT INTO payglot_pace VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET next_at = excluded.next_at, \
             spacing = excluded.spacing, slowed_at = excluded.slowed_at";
        let mut statement = self.transaction.prepare_cached(sql).map_err(failed)?;
        let spacing = pace.spacing_micros();
        let (next_at, slowed_at) = (pace.next_at.as_microsecond(), pace.slowed_at.as_microsecond());
        let given = params![provider, account, next_at, spacing, slowed_at];
        statement.execute(given).map(drop).map_err(failed)
    }

    fn under(&mut self, prefix: &IntentKey, is_in_doubt: bool) -> Result<Vec<Intent>> {
        // The planner does not see that so few are in doubt.
        let (index, state) = if is_in_doubt {
            ("INDEXED BY payglot_intent_in_doubt", "AND state IN ('sending', 'unknown')")
        } else {
            ("", "")
        };
        // No text that begins so is beyond it: U+10FFFF is the last character.
        let sql = format!(
            "SELECT {COLUMNS} FROM payglot_intent {index} WHERE provider = ?1 AND account = ?2 AND operation = ?3 \
             AND name >= ?4 AND name < ?4 || char(1114111) {state} ORDER BY name"
        );
        let IntentKey { provider, account, operation, name } = prefix;
        let mut statement = self.transaction.prepare_cached(&sql).map_err(failed)?;
        let given = params![provider, account, operation, name];
        let rows = statement.query_map(given, intent).map_err(failed)?;
        rows.map(|row| row.map_err(failed)).collect()
    }
}

fn moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_microsecond(row.get(column)?).map_err(|_| unreadable(column, Type::Integer))
}
