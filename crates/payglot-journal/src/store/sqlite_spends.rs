//! What is spent, in a file.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::sqlite::{Rows, failed, time};
use super::{COUNTED, Spends, Spent};
use crate::error::JournalError;
use crate::intent::IntentKey;

type Result<T> = std::result::Result<T, JournalError>;

impl Rows<'_> {
    /// A sum beside what the intent spends itself.
    fn sum(&self, sql: &str, key: &IntentKey, given: impl rusqlite::ToSql) -> Result<i64> {
        let IntentKey { provider, account, operation, name } = key;
        let mut statement = self.transaction.prepare_cached(sql).map_err(failed)?;
        let given = params![provider, account, operation, name, given];
        statement.query_row(given, |row| row.get(0)).map_err(failed)
    }
}

impl Spends for Rows<'_> {
    /// The whole file is locked already.
    fn lock_spends(&mut self, _: &IntentKey) -> Result<()> {
        Ok(())
    }

    fn spent_since(&mut self, key: &IntentKey, since: Timestamp) -> Result<i64> {
        let sql = format!(
            "SELECT coalesce(sum(spend.amount), 0) {COUNTED} AND spend.provider = ?1 AND spend.account = ?2 \
             AND NOT (spend.operation = ?3 AND spend.name = ?4) AND spend.at > ?5"
        );
        self.sum(&sql, key, since.as_millisecond())
    }

    fn spent_under(&mut self, key: &IntentKey, prefix: &str) -> Result<i64> {
        let sql = format!(
            "SELECT coalesce((SELECT amount FROM payglot_batch_sum WHERE provider = ?1 AND account = ?2 AND prefix = ?5), 0) \
             - coalesce((SELECT spend.amount {COUNTED} AND spend.provider = ?1 AND spend.account = ?2 \
             AND spend.operation = ?3 AND spend.name = ?4 AND substr(?4, 1, length(?5)) = ?5), 0)"
        );
        self.sum(&sql, key, prefix)
    }

    fn spend(&mut self, key: &IntentKey) -> Result<Option<Spent>> {
        let sql = "SELECT amount, at, requested_by, approved_by FROM payglot_spend \
             WHERE provider = ?1 AND account = ?2 AND operation = ?3 AND name = ?4";
        let IntentKey { provider, account, operation, name } = key;
        let mut statement = self.transaction.prepare_cached(sql).map_err(failed)?;
        let row = statement.query_row(params![provider, account, operation, name], |row| {
            Ok(Spent {
                amount: row.get(0)?,
                at: time(row, 1)?,
                requested_by: row.get(2)?,
                approved_by: row.get(3)?,
            })
        });
        row.optional().map_err(failed)
    }

    fn save_spend(&mut self, key: &IntentKey, spent: &Spent) -> Result<()> {
        let sql = "INSERT INTO payglot_spend (provider, account, operation, name, amount, at, requested_by, approved_by) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET amount = excluded.amount, at = excluded.at, \
             requested_by = excluded.requested_by, approved_by = excluded.approved_by";
        let IntentKey { provider, account, operation, name } = key;
        let Spent { amount, at, requested_by, approved_by } = spent;
        let mut statement = self.transaction.prepare_cached(sql).map_err(failed)?;
        let at = at.as_millisecond();
        let given =
            params![provider, account, operation, name, amount, at, requested_by, approved_by];
        statement.execute(given).map(drop).map_err(failed)
    }
}
