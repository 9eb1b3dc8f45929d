//! The events of the inbox in PostgreSQL.

use postgres::Row;
use postgres::types::ToSql;

use super::postgres::{Rows, failed, get, number, unreadable};
use super::{Due, EVENT_CHANGING, EVENT_COLUMNS, Events};
use crate::error::JournalError;
use crate::event::{EventFilter, EventKey, EventState, StoredEvent};
use crate::intent::Owner;

type Result<T> = std::result::Result<T, JournalError>;

impl Rows<'_> {
    fn events(&mut self, sql: &str, given: &[&(dyn ToSql + Sync)]) -> Result<Vec<StoredEvent>> {
        self.written()?.query(sql, given).map_err(failed)?.iter().map(event).collect()
    }
}

impl Events for Rows<'_> {
    fn insert_event(&mut self, event: &StoredEvent) -> Result<bool> {
        let sql = format!(
            "INSERT INTO payglot_event ({EVENT_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
             $15, $16, $17, $18) ON CONFLICT DO NOTHING"
        );
        let EventKey { provider, account, id } = &event.key;
        let Owner { token, machine, process, lease_until } = &event.owner;
        let written = self.written()?.execute(
            &sql,
            &[
                provider,
                account,
                id,
                &event.event,
                &event.object,
                &event.occurred_at,
                &i64::from(event.step),
                &event.received_at,
                &event.state.name(),
                &i64::from(event.attempts),
                &event.next_at,
                &event.last_error,
                &event.body,
                &event.updated_at,
                token,
                machine,
                process,
                lease_until,
            ],
        );
        written.map(|rows| rows == 1).map_err(failed)
    }

    fn find_event(&mut self, key: &EventKey) -> Result<Option<StoredEvent>> {
        let sql = format!(
            "SELECT {EVENT_COLUMNS} FROM payglot_event WHERE provider = $1 AND account = $2 AND id = $3 FOR UPDATE"
        );
        let EventKey { provider, account, id } = key;
        Ok(self.events(&sql, &[provider, account, id])?.pop())
    }

    fn update_event(&mut self, event: &StoredEvent) -> Result<()> {
        let sql = format!(
            "UPDATE payglot_event SET ({EVENT_CHANGING}) = ($4, $5, $6, $7, $8, $9, $10, $11, $12) \
             WHERE provider = $1 AND account = $2 AND id = $3"
        );
        let EventKey { provider, account, id } = &event.key;
        let Owner { token, machine, process, lease_until } = &event.owner;
        let written = self.written()?.execute(
            &sql,
            &[
                provider,
                account,
                id,
                &event.state.name(),
                &i64::from(event.attempts),
                &event.next_at,
                &event.last_error,
                &event.updated_at,
                token,
                machine,
                process,
                lease_until,
            ],
        );
        written.map(drop).map_err(failed)
    }

    fn list_events(&mut self, filter: &EventFilter) -> Result<Vec<StoredEvent>> {
        let sql = format!(
            "SELECT {EVENT_COLUMNS} FROM payglot_event WHERE ($1::text IS NULL OR state = $1) \
             AND ($2::text IS NULL OR provider = $2) AND ($3::text IS NULL OR account = $3) \
             AND ($4::text IS NULL OR event = $4) AND ($5::text IS NULL OR object = $5) AND ($6::text IS NULL OR id = $6) \
             ORDER BY occurred_at, step, received_at, id"
        );
        let EventFilter { state, provider, account, event, object, id } = filter;
        let state = state.map(EventState::name);
        self.events(&sql, &[&state, provider, account, event, object, id])
    }

    fn due_events(&mut self, due: &Due<'_>) -> Result<Vec<StoredEvent>> {
        let sql = format!(
            "SELECT {EVENT_COLUMNS} FROM payglot_event AS e WHERE provider = $1 AND account = $2 AND state = 'waiting' \
             AND next_at <= $3 AND ($4::text[] IS NULL OR event = ANY ($4)) AND ($5::text IS NULL OR id = $5) \
             AND NOT EXISTS (SELECT 1 FROM payglot_event AS o WHERE o.provider = e.provider AND o.account = e.account \
             AND o.object = e.object AND o.id <> e.id AND (o.state = 'handling' OR (o.state = 'waiting' \
             AND ($4::text[] IS NULL OR o.attempts > 0 OR o.event = ANY ($4)) \
             AND (o.attempts = 0, o.occurred_at, o.step, o.received_at, o.id) \
             < (e.attempts = 0, e.occurred_at, e.step, e.received_at, e.id)))) \
             ORDER BY occurred_at, step, received_at, id LIMIT $6"
        );
        let Due { provider, account, names, id, at_most } = due;
        let now = self.now;
        self.events(&sql, &[provider, account, &now, names, id, &i64::from(*at_most)])
    }

    fn lock_object(&mut self, event: &StoredEvent) -> Result<bool> {
        let EventKey { provider, account, .. } = &event.key;
        let sql = "SELECT payglot_lock_object($1, $2, $3)";
        let row = self.written()?.query_one(sql, &[provider, account, &event.object]);
        get(&row.map_err(failed)?, 0)
    }

    fn is_stale(&mut self, event: &StoredEvent) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM payglot_event WHERE provider = $1 AND account = $2 AND object = $3 \
             AND state = 'handled' AND (occurred_at, step) > ($4, $5))";
        let EventKey { provider, account, .. } = &event.key;
        let step = i64::from(event.step);
        let given: [&(dyn ToSql + Sync); 5] =
            [provider, account, &event.object, &event.occurred_at, &step];
        get(&self.written()?.query_one(sql, &given).map_err(failed)?, 0)
    }
}

/// A row of [`EVENT_COLUMNS`].
fn event(row: &Row) -> Result<StoredEvent> {
    Ok(StoredEvent {
        key: EventKey { provider: get(row, 0)?, account: get(row, 1)?, id: get(row, 2)? },
        event: get(row, 3)?,
        object: get(row, 4)?,
        occurred_at: get(row, 5)?,
        step: number(row, 6)?,
        received_at: get(row, 7)?,
        state: EventState::from_name(get(row, 8)?).ok_or_else(unreadable)?,
        attempts: number(row, 9)?,
        next_at: get(row, 10)?,
        last_error: get(row, 11)?,
        body: get(row, 12)?,
        updated_at: get(row, 13)?,
        owner: Owner {
            token: get(row, 14)?,
            machine: get(row, 15)?,
            process: get(row, 16)?,
            lease_until: get(row, 17)?,
        },
    })
}
