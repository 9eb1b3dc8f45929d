//! The events of the inbox in a file.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row, params};

use super::sqlite::{Rows, failed, unreadable};
use super::{Due, EVENT_CHANGING, EVENT_COLUMNS, Events, Table as _};
use crate::error::JournalError;
use crate::event::{EventFilter, EventKey, EventState, StoredEvent};
use crate::intent::Owner;

type Result<T> = std::result::Result<T, JournalError>;

impl Rows<'_> {
    /// Runs a statement whose parameters are the columns of an event; gives how many rows it has written.
    fn write_event(&self, sql: &str, event: &StoredEvent) -> Result<usize> {
        let EventKey { provider, account, id } = &event.key;
        let Owner { token, machine, process, lease_until } = &event.owner;
        let mut statement = self.transaction.prepare_cached(sql).map_err(failed)?;
        let written = statement.execute(params![
            provider,
            account,
            id,
            event.event,
            event.object,
            event.occurred_at.as_microsecond(),
            event.step,
            event.received_at.as_microsecond(),
            event.state.name(),
            event.attempts,
            event.next_at.as_microsecond(),
            event.last_error,
            event.body,
            event.updated_at.as_microsecond(),
            token,
            machine,
            process,
            lease_until.as_microsecond(),
        ]);
        written.map_err(failed)
    }
}

impl Events for Rows<'_> {
    fn insert_event(&mut self, event: &StoredEvent) -> Result<bool> {
        let sql = format!(
            "INSERT INTO payglot_event ({EVENT_COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
             ?15, ?16, ?17, ?18) ON CONFLICT DO NOTHING"
        );
        self.write_event(&sql, event).map(|rows| rows == 1)
    }

    /// The whole file is locked already.
    fn find_event(&mut self, key: &EventKey) -> Result<Option<StoredEvent>> {
        let sql = format!(
            "SELECT {EVENT_COLUMNS} FROM payglot_event WHERE provider = ?1 AND account = ?2 AND id = ?3"
        );
        let mut statement = self.transaction.prepare_cached(&sql).map_err(failed)?;
        let EventKey { provider, account, id } = key;
        statement.query_row(params![provider, account, id], event).optional().map_err(failed)
    }

    fn update_event(&mut self, event: &StoredEvent) -> Result<()> {
        let sql = format!(
            "UPDATE payglot_event SET ({EVENT_CHANGING}) = (?9, ?10, ?11, ?12, ?14, ?15, ?16, ?17, ?18) \
             WHERE provider = ?1 AND account = ?2 AND id = ?3"
        );
        self.write_event(&sql, event).map(drop)
    }

    fn list_events(&mut self, filter: &EventFilter) -> Result<Vec<StoredEvent>> {
        let sql = format!(
            "SELECT {EVENT_COLUMNS} FROM payglot_event WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR provider = ?2) \
             AND (?3 IS NULL OR account = ?3) AND (?4 IS NULL OR event = ?4) AND (?5 IS NULL OR object = ?5) \
             AND (?6 IS NULL OR id = ?6) ORDER BY occurred_at, step, received_at, id"
        );
        let EventFilter { state, provider, account, event: name, object, id } = filter;
        let mut statement = self.transaction.prepare_cached(&sql).map_err(failed)?;
        let state = state.map(EventState::name);
        let given = params![state, provider, account, name, object, id];
        let rows = statement.query_map(given, event).map_err(failed)?;
        rows.map(|row| row.map_err(failed)).collect()
    }

    fn due_events(&mut self, due: &Due<'_>) -> Result<Vec<StoredEvent>> {
        let sql = format!(
            "SELECT {EVENT_COLUMNS} FROM payglot_event AS e WHERE provider = ?1 AND account = ?2 AND state = 'waiting' \
             AND next_at <= ?3 AND (?4 IS NULL OR event IN (SELECT value FROM json_each(?4))) AND (?5 IS NULL OR id = ?5) \
             AND NOT EXISTS (SELECT 1 FROM payglot_event AS o WHERE o.provider = e.provider AND o.account = e.account \
             AND o.object = e.object AND o.id <> e.id AND (o.state = 'handling' OR (o.state = 'waiting' \
             AND (?4 IS NULL OR o.attempts > 0 OR o.event IN (SELECT value FROM json_each(?4))) \
             AND (o.attempts = 0, o.occurred_at, o.step, o.received_at, o.id) \
             < (e.attempts = 0, e.occurred_at, e.step, e.received_at, e.id)))) \
             ORDER BY occurred_at, step, received_at, id LIMIT ?6"
        );
        let names = due.names.map(json);
        let now = self.now().as_microsecond();
        let mut statement = self.transaction.prepare_cached(&sql).map_err(failed)?;
        let given = params![due.provider, due.account, now, names, due.id, due.at_most];
        let rows = statement.query_map(given, event).map_err(failed)?;
        rows.map(|row| row.map_err(failed)).collect()
    }

    /// The whole file is locked already.
    fn lock_object(&mut self, _: &StoredEvent) -> Result<bool> {
        Ok(true)
    }

    fn is_stale(&mut self, event: &StoredEvent) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM payglot_event WHERE provider = ?1 AND account = ?2 AND object = ?3 \
             AND state = 'handled' AND (occurred_at, step) > (?4, ?5))";
        let mut statement = self.transaction.prepare_cached(sql).map_err(failed)?;
        let EventKey { provider, account, .. } = &event.key;
        let occurred = event.occurred_at.as_microsecond();
        let given = params![provider, account, event.object, occurred, event.step];
        statement.query_row(given, |row| row.get(0)).map_err(failed)
    }
}

/// A list of texts as JSON.
fn json(names: &[String]) -> String {
    let mut out = String::from("[");
    for name in names {
        if out.len() > 1 {
            out.push(',');
        }
        payglot_runtime::json::write_text(&mut out, name);
    }
    out.push(']');
    out
}

/// A row of [`EVENT_COLUMNS`].
fn event(row: &Row<'_>) -> rusqlite::Result<StoredEvent> {
    let state: String = row.get(8)?;
    Ok(StoredEvent {
        key: EventKey { provider: row.get(0)?, account: row.get(1)?, id: row.get(2)? },
        event: row.get(3)?,
        object: row.get(4)?,
        occurred_at: time(row, 5)?,
        step: row.get(6)?,
        received_at: time(row, 7)?,
        state: EventState::from_name(&state).ok_or_else(|| unreadable(8, Type::Text))?,
        attempts: row.get(9)?,
        next_at: time(row, 10)?,
        last_error: row.get(11)?,
        body: row.get(12)?,
        updated_at: time(row, 13)?,
        owner: Owner {
            token: row.get(14)?,
            machine: row.get(15)?,
            process: row.get(16)?,
            lease_until: time(row, 17)?,
        },
    })
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_microsecond(row.get(column)?).map_err(|_| unreadable(column, Type::Integer))
}
