//! What is spent, in PostgreSQL.

use jiff::Timestamp;
use postgres::types::ToSql;

use super::postgres::{Rows, failed, get};
use super::{COUNTED, Spends, Spent};
use crate::error::JournalError;
use crate::intent::IntentKey;

type Result<T> = std::result::Result<T, JournalError>;

impl Rows<'_> {
    /// A sum beside what the intent spends itself. One that does not fit is more than any limit.
    fn sum(&mut self, sum: &str, key: &IntentKey, given: &(dyn ToSql + Sync)) -> Result<i64> {
        let sql = format!("SELECT least({sum}, 9223372036854775807)::bigint");
        let IntentKey { provider, account, operation, name } = key;
        let row = self.written()?.query_one(&sql, &[provider, account, operation, name, given]);
        get(&row.map_err(failed)?, 0)
    }
}

impl Spends for Rows<'_> {
    fn lock_spends(&mut self, key: &IntentKey) -> Result<()> {
        let IntentKey { provider, account, .. } = key;
        let sql = "SELECT payglot_lock_spends($1, $2)";
        self.written()?.execute(sql, &[provider, account]).map(drop).map_err(failed)
    }

    fn spent_since(&mut self, key: &IntentKey, since: Timestamp) -> Result<i64> {
        let sum = format!(
            "(SELECT coalesce(sum(spend.amount), 0) {COUNTED} AND spend.provider = $1 AND spend.account = $2 \
             AND NOT (spend.operation = $3 AND spend.name = $4) AND spend.at > $5)"
        );
        self.sum(&sum, key, &since)
    }

    fn spent_under(&mut self, key: &IntentKey, prefix: &str) -> Result<i64> {
        let sum = format!(
            "coalesce((SELECT amount FROM payglot_batch_sum WHERE provider = $1 AND account = $2 AND prefix = $5), 0) \
             - coalesce((SELECT spend.amount {COUNTED} AND spend.provider = $1 AND spend.account = $2 \
             AND spend.operation = $3 AND spend.name = $4 AND starts_with($4, $5)), 0)"
        );
        self.sum(&sum, key, &prefix)
    }

    fn spend(&mut self, key: &IntentKey) -> Result<Option<Spent>> {
        let sql = "SELECT amount, at, requested_by, approved_by FROM payglot_spend \
             WHERE provider = $1 AND account = $2 AND operation = $3 AND name = $4 FOR UPDATE";
        let IntentKey { provider, account, operation, name } = key;
        let row = self.written()?.query_opt(sql, &[provider, account, operation, name]);
        let spent = row.map_err(failed)?.map(|row| {
            Ok(Spent {
                amount: get(&row, 0)?,
                at: get(&row, 1)?,
                requested_by: get(&row, 2)?,
                approved_by: get(&row, 3)?,
            })
        });
        spent.transpose()
    }

    fn save_spend(&mut self, key: &IntentKey, spent: &Spent) -> Result<()> {
        let sql = "INSERT INTO payglot_spend (provider, account, operation, name, amount, at, requested_by, approved_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (provider, account, operation, name) DO UPDATE \
             SET amount = excluded.amount, at = excluded.at, requested_by = excluded.requested_by, \
             approved_by = excluded.approved_by";
        let IntentKey { provider, account, operation, name } = key;
        let Spent { amount, at, requested_by, approved_by } = spent;
        let given: [&(dyn ToSql + Sync); 8] =
            [provider, account, operation, name, amount, at, requested_by, approved_by];
        self.written()?.execute(sql, &given).map(drop).map_err(failed)
    }
}
