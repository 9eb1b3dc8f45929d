//! The state file: an `SQLite` database that holds every acknowledged change, even after a crash.
//!
//! One request is one transaction, on disk before the response is sent.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction, params};
use serde_json::value::RawValue;

use super::table::{Saved, SavedRow};
use super::{Snapshot, private};
use crate::basics::{Error, Identity, Random};
use crate::model::Endpoint;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS rows (
        kind TEXT NOT NULL, position INTEGER NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (kind, position)
    ) WITHOUT ROWID;
";
/// How long to wait for another sandbox that is about to close the file.
const PATIENCE: Duration = Duration::from_secs(1);
/// By this number a state file is told from other programs' databases.
const APPLICATION_ID: i32 = 0x7067_7362;
/// Names in the table of settings.
const FORMAT: &str = "format";
const IDENTITY: &str = "identity";
const GENERATOR: &str = "generator";
const ENDPOINTS: &str = "webhook_endpoints";
const CLOCK: &str = "clock_offset_seconds";
/// Changes with the shape of the rows.
const THIS_FORMAT: &str = "2";

/// A change could not be saved, and so did not happen.
#[derive(Debug)]
pub(crate) struct SaveError;

impl From<rusqlite::Error> for SaveError {
    fn from(error: rusqlite::Error) -> Self {
        tracing::error!(%error, "the state file cannot be written");
        Self
    }
}

impl From<serde_json::Error> for SaveError {
    fn from(error: serde_json::Error) -> Self {
        tracing::error!(category = ?error.classify(), "the state cannot be written as JSON");
        Self
    }
}

/// An open state file; no other process can open it meanwhile.
pub(crate) struct StateFile {
    database: Connection,
    clock_offset_seconds: i64,
}

impl StateFile {
    pub fn open(path: &Path) -> Result<Self, Error> {
        let path = private::prepare(path)?;
        // Its name is a name: SQLite would read some as URLs, or as a database in memory.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let database = Connection::open_with_flags(&path, flags).and_then(|database| {
            database.busy_timeout(PATIENCE)?;
            database.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
            Ok(database)
        });
        let database = database.map_err(cannot_read)?;
        // Before anything is written.
        if !is_own(&database).map_err(cannot_read)? {
            return Err(Error::State("it is the database of another program".to_owned()));
        }
        private::close_to_others(&path)?;
        let prepared = database
            .pragma_update(None, "journal_mode", "WAL")
            .and_then(|()| database.pragma_update(None, "synchronous", "FULL"))
            .and_then(|()| database.execute_batch(SCHEMA))
            .and_then(|()| database.pragma_update(None, "application_id", APPLICATION_ID));
        prepared.map_err(cannot_read)?;
        let file = Self { database, clock_offset_seconds: 0 };
        match file.setting(FORMAT)? {
            None => file.set_setting(FORMAT, THIS_FORMAT)?,
            Some(format) if format == THIS_FORMAT => {}
            Some(_) => return Err(Error::State("another version wrote it".to_owned())),
        }
        Ok(file)
    }

    /// The identity in the file, or a new one that stays in it.
    pub fn identity(&self, random: &mut Random) -> Result<Identity, Error> {
        let unreadable = |_| Error::State("its credentials cannot be read".to_owned());
        if let Some(text) = self.setting(IDENTITY)? {
            return serde_json::from_str(&text).map_err(unreadable);
        }
        let identity = Identity::draw(random);
        self.set_setting(IDENTITY, &serde_json::to_string(&identity).map_err(unreadable)?)?;
        Ok(identity)
    }

    /// The webhook endpoints in the file.
    pub fn endpoints(&self) -> Result<Vec<Endpoint>, Error> {
        let Some(text) = self.setting(ENDPOINTS)? else { return Ok(Vec::new()) };
        serde_json::from_str(&text)
            .map_err(|_| Error::State("its webhook endpoints cannot be read".to_owned()))
    }

    /// The state in the file, where there is one.
    pub fn read(&mut self) -> Result<Option<Snapshot>, Error> {
        let Some(generator) = self.setting(GENERATOR)? else { return Ok(None) };
        let clock = self.setting(CLOCK)?.and_then(|text| text.parse().ok());
        self.clock_offset_seconds = clock.unwrap_or_default();
        let clock_offset_seconds = self.clock_offset_seconds;
        let rows = self.rows().map_err(cannot_read)?;
        Ok(Some(Snapshot { generator, clock_offset_seconds, rows }))
    }

    fn rows(&self) -> rusqlite::Result<Vec<Saved>> {
        let mut select = self.database.prepare("SELECT kind, position, id, body FROM rows")?;
        let rows = select.query_map([], |row| {
            let id = row.get::<_, String>("id")?.parse();
            let body = RawValue::from_string(row.get("body")?);
            let (Ok(id), Ok(body)) = (id, body) else { return Err(rusqlite::Error::InvalidQuery) };
            Ok(Saved {
                table: row.get("kind")?,
                position: row.get("position")?,
                row: Some(SavedRow { id, body }),
            })
        })?;
        rows.collect()
    }

    fn setting(&self, name: &str) -> Result<Option<String>, Error> {
        let select = "SELECT value FROM settings WHERE name = ?1";
        self.database.query_row(select, [name], |row| row.get(0)).optional().map_err(cannot_read)
    }

    fn set_setting(&self, name: &str, value: &str) -> Result<(), Error> {
        put_setting(&self.database, name, value).map_err(cannot_read)
    }

    /// Saves one request's changes as one transaction.
    pub fn save(
        &mut self,
        changes: &[Saved],
        endpoints: Option<&[Endpoint]>,
        generator: &str,
        clock_offset_seconds: i64,
    ) -> Result<(), SaveError> {
        let is_clock_moved = clock_offset_seconds != self.clock_offset_seconds;
        if changes.is_empty() && endpoints.is_none() && !is_clock_moved {
            return Ok(());
        }
        let transaction = self.database.transaction()?;
        put_rows(&transaction, changes)?;
        if let Some(endpoints) = endpoints {
            put_setting(&transaction, ENDPOINTS, &serde_json::to_string(endpoints)?)?;
        }
        put_setting(&transaction, GENERATOR, generator)?;
        put_setting(&transaction, CLOCK, &clock_offset_seconds.to_string())?;
        transaction.commit()?;
        self.clock_offset_seconds = clock_offset_seconds;
        Ok(())
    }

    /// Replaces the whole state.
    pub fn replace(&mut self, snapshot: &Snapshot) -> Result<(), SaveError> {
        let transaction = self.database.transaction()?;
        transaction.execute("DELETE FROM rows", [])?;
        put_rows(&transaction, &snapshot.rows)?;
        put_setting(&transaction, GENERATOR, &snapshot.generator)?;
        put_setting(&transaction, CLOCK, &snapshot.clock_offset_seconds.to_string())?;
        transaction.commit()?;
        self.clock_offset_seconds = snapshot.clock_offset_seconds;
        Ok(())
    }
}

/// Whether a database is a sandbox's, or empty.
fn is_own(database: &Connection) -> rusqlite::Result<bool> {
    let id: i32 = database.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let mut select = database.prepare("SELECT name FROM sqlite_schema ORDER BY name")?;
    let names: Vec<String> =
        select.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    match id {
        APPLICATION_ID => Ok(true),
        0 if names.is_empty() => Ok(true),
        // As earlier versions wrote it, without an id.
        0 if names == ["rows", "settings"] => {
            let select = "SELECT count(*) FROM settings WHERE name = ?1";
            database.query_row(select, [FORMAT], |row| Ok(row.get::<_, i64>(0)? == 1))
        }
        _ => Ok(false),
    }
}

fn put_rows(transaction: &Transaction<'_>, rows: &[Saved]) -> rusqlite::Result<()> {
    let mut put = transaction
        .prepare_cached("REPLACE INTO rows (kind, position, id, body) VALUES (?1, ?2, ?3, ?4)")?;
    let mut remove =
        transaction.prepare_cached("DELETE FROM rows WHERE kind = ?1 AND position = ?2")?;
    for Saved { table, position, row } in rows {
        match row {
            Some(SavedRow { id, body }) => {
                put.execute(params![table, position, id.to_string(), body.get()])?
            }
            None => remove.execute(params![table, position])?,
        };
    }
    Ok(())
}

fn put_setting(database: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    database
        .prepare_cached("REPLACE INTO settings (name, value) VALUES (?1, ?2)")?
        .execute([name, value])
        .map(drop)
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed to `map_err`")]
fn cannot_read(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            Error::State("another sandbox has it open".to_owned())
        }
        _ => Error::State(error.to_string()),
    }
}
