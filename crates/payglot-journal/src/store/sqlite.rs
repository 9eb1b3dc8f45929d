//! A journal in a file: SQLite with a write-ahead log, flushed to the disk at every commit.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{
    Connection, ErrorCode, OptionalExtension as _, Row, Transaction, TransactionBehavior, params,
};

use super::{
    CHANGING, COLUMNS, IN_OUTBOX, SCHEMA_VERSION, Store, Table, Upcoming, Work, check_version,
    new_fingerprint_key,
};
use crate::error::JournalError;
use crate::intent::{Filter, Intent, IntentKey, LogEntry, Owner, State};

type Result<T> = std::result::Result<T, JournalError>;

/// How long another program may hold the file.
const BUSY: Duration = Duration::from_secs(5);

/// Marks a file as a journal of ours: "pgjl".
const APPLICATION: i32 = 0x7067_6a6c;

/// File systems whose locks or memory maps do not reach over the network, as `/proc` calls them.
const NETWORK: [&str; 12] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "ncpfs",
    "afs",
    "ceph",
    "glusterfs",
    "fuse.sshfs",
    "fuse.glusterfs",
    "fuse.s3fs",
];

/// An open file.
pub struct File {
    connection: Connection,
    fingerprint_key: Vec<u8>,
}

impl File {
    pub fn open(path: &Path) -> Result<Self> {
        if let Some(kind) = fs::read_to_string("/proc/self/mountinfo")
            .ok()
            .and_then(|mounts| network(&mounts, path))
        {
            return Err(JournalError::unusable(format!(
                "cannot be on a file system of the network ({kind}), whose locks do not hold: use a disk of this machine, or \
                 PostgreSQL"
            )));
        }
        create(path).map_err(|error| unreachable(path, error))?;
        let mut connection = Connection::open(path).map_err(failed)?;
        connection.busy_timeout(BUSY).map_err(failed)?;
        let fingerprint_key = prepare(&mut connection)?;
        Ok(Self { connection, fingerprint_key })
    }
}

/// Brings the file to what is relied on, and gives its key.
fn prepare(connection: &mut Connection) -> Result<Vec<u8>> {
    // In one transaction: another process may make the journal right now.
    let transaction = connection.transaction().map_err(failed)?;
    check_owner(&transaction)?;
    transaction.commit().map_err(failed)?;
    use_write_ahead_log(connection)?;
    // FULL: a commit is on the disk when it returns.
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    // Written even where nothing changes, so that a file that cannot be written is found now.
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    check_owner(&transaction)?;
    let version: i32 =
        transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    check_version(version)?;
    if version == 0 {
        transaction.execute_batch(include_str!("sqlite.sql")).map_err(failed)?;
        let key = new_fingerprint_key();
        transaction.execute("INSERT INTO payglot_journal VALUES (?1)", [key]).map_err(failed)?;
    }
    if version < 2 {
        transaction.execute_batch(include_str!("events.sqlite.sql")).map_err(failed)?;
    }
    if version < 3 {
        transaction.execute_batch(include_str!("guard.sqlite.sql")).map_err(failed)?;
    }
    if version < 4 {
        transaction.execute_batch(include_str!("batch.sqlite.sql")).map_err(failed)?;
    }
    if version < 5 {
        transaction.execute_batch(include_str!("sums.sqlite.sql")).map_err(failed)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION).map_err(failed)?;
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(failed)?;
    let key = transaction
        .query_row("SELECT fingerprint_key FROM payglot_journal", [], |row| row.get(0))
        .map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(key)
}

/// Refuses the database of another program.
fn check_owner(transaction: &Transaction<'_>) -> Result<()> {
    let tables: i64 = transaction
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(failed)?;
    let application: i32 =
        transaction.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(failed)?;
    if application != APPLICATION && (application != 0 || tables != 0) {
        return Err(JournalError::unusable(
            "is a database of another program: give it a file of its own",
        ));
    }
    Ok(())
}

/// Two processes that do this at once to a new file lock each other out, and SQLite does not wait by itself then.
fn use_write_ahead_log(connection: &Connection) -> Result<()> {
    let start = Instant::now();
    loop {
        let mode =
            connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
        match mode {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(_) => {
                return Err(JournalError::unusable(
                    "cannot have a write-ahead log where it is: use a disk of this machine",
                ));
            }
            Err(error) if is_busy(&error) && start.elapsed() < BUSY => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(failed(error)),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

impl Store for File {
    fn transaction(&mut self, _: &Upcoming, work: &mut Work<'_>) -> Result<()> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        let mut rows = Rows { transaction, fingerprint_key: &self.fingerprint_key };
        work(&mut rows)?;
        rows.transaction.commit().map_err(failed)
    }
}

pub(super) struct Rows<'a> {
    pub(super) transaction: Transaction<'a>,
    fingerprint_key: &'a [u8],
}

impl Rows<'_> {
    /// Runs a statement whose parameters are the columns of an intent; gives how many rows it has written.
    fn write(&self, sql: &str, intent: &Intent) -> Result<usize> {
        let IntentKey { provider, account, operation, name } = &intent.key;
        let Owner { token, machine, process, lease_until } = &intent.owner;
        let mut statement = self.transaction.prepare_cached(sql).map_err(failed)?;
        let written = statement.execute(params![
            provider,
            account,
            operation,
            name,
            intent.state.name(),
            intent.attempts,
            intent.status,
            intent.request_id,
            intent.response,
            intent.created_at.as_millisecond(),
            intent.updated_at.as_millisecond(),
            intent.fingerprint,
            token,
            machine,
            process,
            lease_until.as_millisecond(),
            intent.lookup,
        ]);
        written.map_err(failed)
    }
}

impl Table for Rows<'_> {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn fingerprint_key(&self) -> &[u8] {
        self.fingerprint_key
    }

    fn look(&mut self, key: &IntentKey) -> Result<Option<Intent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM payglot_intent WHERE provider = ?1 AND account = ?2 AND operation = ?3 AND name = ?4"
        );
        let IntentKey { provider, account, operation, name } = key;
        let mut statement = self.transaction.prepare_cached(&sql).map_err(failed)?;
        statement
            .query_row(params![provider, account, operation, name], intent)
            .optional()
            .map_err(failed)
    }

    /// The whole file is locked already.
    fn find(&mut self, key: &IntentKey) -> Result<Option<Intent>> {
        self.look(key)
    }

    fn insert(&mut self, intent: &Intent) -> Result<bool> {
        let sql = format!(
            "INSERT INTO payglot_intent ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, \
             ?16, ?17) ON CONFLICT DO NOTHING"
        );
        self.write(&sql, intent).map(|rows| rows == 1)
    }

    fn update(&mut self, intent: &Intent) -> Result<()> {
        let sql = format!(
            "UPDATE payglot_intent SET ({CHANGING}) = (?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) \
             WHERE provider = ?1 AND account = ?2 AND operation = ?3 AND name = ?4"
        );
        self.write(&sql, intent).map(drop)
    }

    fn append(&mut self, key: &IntentKey, entry: &LogEntry) -> Result<()> {
        let sql = "INSERT INTO payglot_intent_log (provider, account, operation, name, at, state, changed_by, because, attempt, \
             status, request_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let IntentKey { provider, account, operation, name } = key;
        let mut statement = self.transaction.prepare_cached(sql).map_err(failed)?;
        let inserted = statement.execute(params![
            provider,
            account,
            operation,
            name,
            entry.at.as_millisecond(),
            entry.state.name(),
            entry.by,
            entry.because,
            entry.attempt,
            entry.status,
            entry.request_id,
        ]);
        inserted.map(drop).map_err(failed)
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Intent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM payglot_intent WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR provider = ?2) \
             AND (?3 IS NULL OR operation = ?3) AND (?4 IS NULL OR name = ?4) \
             ORDER BY created_at, provider, account, operation, name"
        );
        let Filter { state, provider, operation, name } = filter;
        let mut statement = self.transaction.prepare_cached(&sql).map_err(failed)?;
        let state = state.map(State::name);
        let rows = statement
            .query_map(params![state, provider, operation, name], intent)
            .map_err(failed)?;
        rows.map(|row| row.map_err(failed)).collect()
    }

    fn free(&mut self, operation: Option<&str>, at_most: u32) -> Result<Vec<Intent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM payglot_intent WHERE {IN_OUTBOX} AND lease_until < ?1 \
             AND (?2 IS NULL OR operation = ?2) ORDER BY updated_at, provider, account, operation, name LIMIT ?3"
        );
        let mut statement = self.transaction.prepare_cached(&sql).map_err(failed)?;
        let now = self.now().as_millisecond();
        let rows = statement.query_map(params![now, operation, at_most], intent).map_err(failed)?;
        rows.map(|row| row.map_err(failed)).collect()
    }

    fn alike(&mut self, intent: &Intent) -> Result<Vec<Intent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM payglot_intent WHERE provider = ?1 AND account = ?2 AND operation = ?3 AND name <> ?4 \
             AND lookup = ?5 ORDER BY name"
        );
        let IntentKey { provider, account, operation, name } = &intent.key;
        let mut statement = self.transaction.prepare_cached(&sql).map_err(failed)?;
        let given = params![provider, account, operation, name, intent.lookup];
        let rows = statement.query_map(given, self::intent).map_err(failed)?;
        rows.map(|row| row.map_err(failed)).collect()
    }

    fn log(&mut self, key: &IntentKey) -> Result<Vec<LogEntry>> {
        let sql = "SELECT at, state, changed_by, because, attempt, status, request_id FROM payglot_intent_log \
             WHERE provider = ?1 AND account = ?2 AND operation = ?3 AND name = ?4 ORDER BY id";
        let IntentKey { provider, account, operation, name } = key;
        let mut statement = self.transaction.prepare_cached(sql).map_err(failed)?;
        let rows = statement.query_map(params![provider, account, operation, name], |row| {
            Ok(LogEntry {
                at: time(row, 0)?,
                state: state(row, 1)?,
                by: row.get(2)?,
                because: row.get(3)?,
                attempt: row.get(4)?,
                status: row.get(5)?,
                request_id: row.get(6)?,
            })
        });
        rows.map_err(failed)?.map(|row| row.map_err(failed)).collect()
    }
}

/// A row of [`COLUMNS`].
pub(super) fn intent(row: &Row<'_>) -> rusqlite::Result<Intent> {
    Ok(Intent {
        key: IntentKey {
            provider: row.get(0)?,
            account: row.get(1)?,
            operation: row.get(2)?,
            name: row.get(3)?,
        },
        state: state(row, 4)?,
        attempts: row.get(5)?,
        status: row.get(6)?,
        request_id: row.get(7)?,
        response: row.get(8)?,
        created_at: time(row, 9)?,
        updated_at: time(row, 10)?,
        fingerprint: row.get(11)?,
        owner: Owner {
            token: row.get(12)?,
            machine: row.get(13)?,
            process: row.get(14)?,
            lease_until: time(row, 15)?,
        },
        lookup: row.get(16)?,
    })
}

fn state(row: &Row<'_>, column: usize) -> rusqlite::Result<State> {
    let name: String = row.get(column)?;
    State::from_name(&name).ok_or_else(|| unreadable(column, Type::Text))
}

pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(row.get(column)?).map_err(|_| unreadable(column, Type::Integer))
}

pub(super) fn unreadable(column: usize, ty: Type) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, "of an intent".to_owned(), ty)
}

/// Makes the file, for nobody but its owner to read.
///
/// One that is there is not touched: to close a file gives up all locks that the process has on it, those of other
/// connections too.
fn create(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !path.is_dir() => Ok(()),
        opened => opened.map(drop),
    }
}

fn unreachable(path: &Path, error: io::Error) -> JournalError {
    let problem = match error.kind() {
        io::ErrorKind::NotFound => "is in a folder that does not exist: make the folder",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "cannot be written where it is: give this user the right to write the file and its folder"
        }
        _ if path.is_dir() => "is a folder: give it a file",
        _ => "cannot be opened where it is",
    };
    JournalError::unusable(problem).with_source(error)
}

/// What SQLite says, as the way out.
pub(super) fn failed(error: rusqlite::Error) -> JournalError {
    let problem = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "is locked by another program: end it, or wait for it"
        }
        Some(ErrorCode::DiskFull) => "cannot be written because its disk is full: make room",
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            "cannot be written where it is: give this user the right to write the file and its folder"
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "is damaged, or no journal: look at the file, or restore it. Do not begin a new one before you know what was sent"
        }
        Some(ErrorCode::SystemIoFailure) => "cannot be written: its disk fails",
        _ => "failed in a way of its own",
    };
    JournalError::unusable(problem).with_source(error)
}

/// The kind of the network's file system that a path is on; `None` on a disk of this machine, and where it cannot be told.
fn network(mounts: &str, path: &Path) -> Option<String> {
    let folder = path.parent().and_then(|folder| fs::canonicalize(folder).ok())?;
    let mount = |line: &str| {
        let (left, right) = line.split_once(" - ")?;
        // Spaces and the like are octal in there.
        let point = PathBuf::from(left.split(' ').nth(4)?.replace("\\040", " "));
        let kind = right.split(' ').next()?.to_owned();
        folder.starts_with(&point).then(|| (point.components().count(), kind))
    };
    // The deepest, and of those the last: a later mount hides an earlier one.
    let (_, kind) = mounts.lines().filter_map(mount).max_by_key(|(depth, _)| *depth)?;
    NETWORK.contains(&kind.as_str()).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_systems_of_the_network_are_told_by_the_deepest_mount() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let line = |point: &Path, kind: &str| {
            let point = point.display().to_string().replace(' ', "\\040");
            format!("36 35 98:0 /mnt1 {point} rw,noatime master:1 - {kind} host:/ rw\n")
        };
        let path = root.join("payments.db");
        let disk = line(Path::new("/"), "ext4");
        assert_eq!(network(&disk, &path), None);
        let share = disk.clone() + &line(&root, "nfs4");
        assert_eq!(network(&share, &path).as_deref(), Some("nfs4"));
        let hidden = share + &line(&root, "ext4");
        assert_eq!(network(&hidden, &path), None);
        let root_is_a_share = line(Path::new("/"), "nfs") + &line(&root, "ext4");
        assert_eq!(network(&root_is_a_share, &path), None);
        assert_eq!(network("", &path), None);
    }
}
