//! A journal in PostgreSQL, in tables of its own in the user's database: for several machines, and for containers, whose disk is
//! lost with them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use postgres::config::{Host, SslMode, TargetSessionAttrs};
use postgres::error::SqlState;
use postgres::types::ToSql;
use postgres::{Client, Config, NoTls, Row, Statement, Transaction};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::postgres_intents::{Both, IS_IT};
use super::{
    COLUMNS, IN_OUTBOX, SCHEMA_VERSION, Store, Table, Upcoming, Work, check_version,
    new_fingerprint_key, postgres_intents,
};
use crate::error::JournalError;
use crate::intent::{Filter, Intent, IntentKey, LogEntry, Owner, State};

type Result<T> = std::result::Result<T, JournalError>;

/// How long connecting may take, and how long what was sent may stay without an acknowledgement.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps two processes from making the tables at once: "payglot" in numbers.
const LOCK: i64 = 0x0070_6179_676c_6f74;

/// How to connect.
pub struct Settings {
    config: Config,
    /// Certificates to trust instead of the system's.
    root_certificates: Option<PathBuf>,
}

impl Settings {
    /// Reads a URL as PostgreSQL's own tools do, with `sslrootcert`. Certificates are always checked where there is TLS:
    /// `sslmode=require` is what other programs call `verify-full`.
    pub fn parse(url: &str) -> Result<Self> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut root_certificates = None;
        let mut kept = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslrootcert", path)) => root_certificates = Some(PathBuf::from(path)),
                Some(("sslmode", "verify-full" | "verify-ca")) => kept.push("sslmode=require"),
                _ => kept.push(pair),
            }
        }
        let url = format!("{base}?{}", kept.join("&"));
        // The error of the parser may show what it was given, and that may be a password.
        let mut config: Config = url.parse().map_err(|_| {
            JournalError::invalid(
                "location",
                "is no URL of PostgreSQL: postgresql://user:password@host:5432/database",
            )
        })?;
        config.connect_timeout(PATIENCE);
        config.tcp_user_timeout(PATIENCE);
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        if config.get_application_name().is_none() {
            config.application_name("payglot");
        }
        Ok(Self { config, root_certificates })
    }

    /// Whether nothing of it leaves this machine, so that TLS is not tried unless it is asked for.
    fn is_local(&self) -> bool {
        self.config.get_hosts().iter().all(|host| match host {
            Host::Tcp(name) => {
                name == "localhost"
                    || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
            }
            #[cfg(unix)]
            Host::Unix(_) => true,
        })
    }

    fn connect(&self) -> Result<Client> {
        let is_plain = match self.config.get_ssl_mode() {
            SslMode::Disable => true,
            SslMode::Prefer => self.is_local(),
            _ => false,
        };
        if is_plain {
            return self.config.connect(NoTls).map_err(failed);
        }
        let certificates = match &self.root_certificates {
            None => rustls_native_certs::load_native_certs().certs,
            Some(path) => {
                let unreadable = |error: rustls::pki_types::pem::Error| {
                    JournalError::unusable("cannot read the certificates of `sslrootcert`")
                        .with_source(error)
                };
                let read = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
                read.collect::<std::result::Result<_, _>>().map_err(unreadable)?
            }
        };
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(certificates);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| JournalError::unusable("cannot speak TLS").with_source(error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        self.config.connect(MakeRustlsConnect::new(tls)).map_err(failed)
    }
}

/// A connection.
pub struct Server {
    client: Client,
    statements: Statements,
    fingerprint_key: Vec<u8>,
}

/// Prepared once for each connection.
struct Statements {
    now: Statement,
    look: Both<Statement>,
    find: Both<Statement>,
    insert: Both<Statement>,
    update: Both<Statement>,
    append: Statement,
}

impl Server {
    pub fn connect(settings: &Settings) -> Result<Self> {
        let mut client = settings.connect()?;
        let commit: String = client
            .query_one("SHOW synchronous_commit", &[])
            .and_then(|row| row.try_get(0))
            .map_err(failed)?;
        if commit == "off" {
            return Err(JournalError::unusable(
                "is in a database with `synchronous_commit = off`, which may lose what was written: set it to on for this user",
            ));
        }
        // One transaction of another program must not hold up all calls. And rows are found by their keys: a plan that was made
        // while a table was small would read all of it when it has grown.
        client
            .batch_execute(
                "SET lock_timeout = '5s'; SET statement_timeout = '10s'; \
                 SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off",
            )
            .map_err(failed)?;
        let fingerprint_key = prepare(&mut client)?;
        let mut prepare = |sql: &str| client.prepare(sql).map_err(failed);
        let mut both =
            |sql: Both<String>| Ok(Both { one: prepare(&sql.one)?, many: prepare(&sql.many)? });
        let (look, find) = (both(postgres_intents::look())?, both(postgres_intents::find())?);
        let (insert, update) =
            (both(postgres_intents::insert())?, both(postgres_intents::update())?);
        let statements = Statements {
            now: prepare("SELECT now()")?,
            look,
            find,
            insert,
            update,
            append: prepare(
                "INSERT INTO payglot_intent_log (provider, account, operation, name, at, state, changed_by, because, attempt, \
                 status, request_id) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], \
                 $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::integer[], $11::text[])",
            )?,
        };
        Ok(Self { client, statements, fingerprint_key })
    }
}

/// Makes the tables where they are not there, and gives the journal's key.
fn prepare(client: &mut Client) -> Result<Vec<u8>> {
    let mut transaction = client.transaction().map_err(failed)?;
    // Before the first look: PostgreSQL remembers within a session that a table was not there, also while another process
    // makes it.
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).map_err(failed)?;
    let exists: bool = transaction
        .query_one("SELECT to_regclass('payglot_journal') IS NOT NULL", &[])
        .and_then(|row| row.try_get(0))
        .map_err(failed)?;
    if !exists {
        transaction.batch_execute(include_str!("postgres.sql")).map_err(failed)?;
        let key = new_fingerprint_key();
        transaction
            .execute(
                "INSERT INTO payglot_journal (version, fingerprint_key) VALUES (1, $1)",
                &[&key],
            )
            .map_err(failed)?;
    }
    let row = transaction
        .query_one("SELECT version, fingerprint_key FROM payglot_journal", &[])
        .map_err(failed)?;
    let version = row.try_get(0).map_err(failed)?;
    check_version(version)?;
    if version < 2 {
        transaction.batch_execute(include_str!("events.postgres.sql")).map_err(failed)?;
    }
    if version < 3 {
        transaction.batch_execute(include_str!("guard.postgres.sql")).map_err(failed)?;
    }
    if version < 4 {
        transaction.batch_execute(include_str!("batch.postgres.sql")).map_err(failed)?;
    }
    if version < 5 {
        transaction.batch_execute(include_str!("sums.postgres.sql")).map_err(failed)?;
    }
    if version < SCHEMA_VERSION {
        transaction
            .execute("UPDATE payglot_journal SET version = $1", &[&SCHEMA_VERSION])
            .map_err(failed)?;
    }
    let key = row.try_get(1).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(key)
}

impl Store for Server {
    fn transaction(&mut self, upcoming: &Upcoming, work: &mut Work<'_>) -> Result<()> {
        let mut transaction = self.client.transaction().map_err(failed)?;
        let row = transaction.query_one(&self.statements.now, &[]).map_err(failed)?;
        let now = row.try_get(0).map_err(failed)?;
        let (statements, fingerprint_key) = (&self.statements, &*self.fingerprint_key);
        let mut rows = Rows {
            transaction,
            statements,
            fingerprint_key,
            now,
            looked_at: HashMap::new(),
            locked: HashMap::new(),
            new: Vec::new(),
            changed: Vec::new(),
            log: Vec::new(),
        };
        rows.looked_at = rows.all(&statements.look, &upcoming.looked_at)?;
        rows.locked = rows.all(&statements.find, &upcoming.locked)?;
        work(&mut rows)?;
        rows.write()?;
        rows.write_log()?;
        rows.transaction.commit().map_err(failed)
    }
}

pub(super) struct Rows<'a> {
    transaction: Transaction<'a>,
    statements: &'a Statements,
    fingerprint_key: &'a [u8],
    /// The server's, which is the same for all machines.
    pub(super) now: Timestamp,
    /// What was asked for all that share the transaction, until it changes: `None` where an intent was not there.
    looked_at: HashMap<IntentKey, Option<Intent>>,
    locked: HashMap<IntentKey, Option<Intent>>,
    /// What is to be added, changed, and added to the log: each with one statement for all that share the transaction.
    new: Vec<Intent>,
    changed: Vec<Intent>,
    log: Vec<(IntentKey, LogEntry)>,
}

impl<'a> Rows<'a> {
    /// The transaction with all that was changed in it.
    pub(super) fn written(&mut self) -> Result<&mut Transaction<'a>> {
        self.write()?;
        Ok(&mut self.transaction)
    }

    /// The intents of some keys.
    fn all(
        &mut self,
        statement: &Both<Statement>,
        keys: &[IntentKey],
    ) -> Result<HashMap<IntentKey, Option<Intent>>> {
        let statement = match keys {
            [] => return Ok(HashMap::new()),
            [_] => &statement.one,
            _ => &statement.many,
        };
        let columns = postgres_intents::keys(keys);
        let given = postgres_intents::borrowed(&columns);
        let rows = self.written()?.query(statement, &given).map_err(failed)?;
        let mut all: HashMap<_, _> = keys.iter().map(|key| (key.clone(), None)).collect();
        for row in &rows {
            let intent = intent(row)?;
            all.insert(intent.key.clone(), Some(intent));
        }
        Ok(all)
    }

    fn one(&mut self, statement: &Both<Statement>, key: &IntentKey) -> Result<Option<Intent>> {
        let all = self.all(statement, std::slice::from_ref(key))?;
        Ok(all.into_values().next().flatten())
    }

    /// What was asked of an intent is not so any more.
    fn forget(&mut self, key: &IntentKey) {
        self.looked_at.remove(key);
        self.locked.remove(key);
    }

    /// Writes what is to be added and changed.
    fn write(&mut self) -> Result<()> {
        let new = std::mem::take(&mut self.new);
        if self.write_all(&self.statements.insert, &new)? < new.len() {
            // All that share the transaction are tried again, each for itself.
            return Err(JournalError::unusable(
                "was given an intent by another process: try again",
            ));
        }
        let changed = std::mem::take(&mut self.changed);
        self.write_all(&self.statements.update, &changed).map(drop)
    }

    /// Runs a statement whose parameters are the columns of intents; gives how many rows it has written.
    fn write_all(&mut self, statement: &Both<Statement>, intents: &[Intent]) -> Result<usize> {
        let statement = match intents {
            [] => return Ok(0),
            [_] => &statement.one,
            _ => &statement.many,
        };
        let columns = postgres_intents::columns(intents);
        let given = postgres_intents::borrowed(&columns);
        let written = self.transaction.execute(statement, &given).map_err(failed)?;
        Ok(usize::try_from(written).unwrap_or(usize::MAX))
    }

    fn write_log(&mut self) -> Result<()> {
        let log = std::mem::take(&mut self.log);
        if log.is_empty() {
            return Ok(());
        }
        let keys = |part: fn(&IntentKey) -> &str| log.iter().map(|(key, _)| part(key)).collect();
        let [providers, accounts, operations, names]: [Vec<&str>; 4] = [
            keys(|key| &key.provider),
            keys(|key| &key.account),
            keys(|key| &key.operation),
            keys(|key| &key.name),
        ];
        let entries = || log.iter().map(|(_, entry)| entry);
        let at: Vec<Timestamp> = entries().map(|entry| entry.at).collect();
        let states: Vec<&str> = entries().map(|entry| entry.state.name()).collect();
        let by: Vec<&str> = entries().map(|entry| &*entry.by).collect();
        let because: Vec<&str> = entries().map(|entry| &*entry.because).collect();
        let attempts: Vec<i64> = entries().map(|entry| entry.attempt.into()).collect();
        let statuses: Vec<Option<i32>> =
            entries().map(|entry| entry.status.map(Into::into)).collect();
        let requests: Vec<Option<&str>> =
            entries().map(|entry| entry.request_id.as_deref()).collect();
        let given: [&(dyn ToSql + Sync); 11] = [
            &providers,
            &accounts,
            &operations,
            &names,
            &at,
            &states,
            &by,
            &because,
            &attempts,
            &statuses,
            &requests,
        ];
        self.transaction.execute(&self.statements.append, &given).map(drop).map_err(failed)
    }
}

impl Table for Rows<'_> {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn fingerprint_key(&self) -> &[u8] {
        self.fingerprint_key
    }

    fn look(&mut self, key: &IntentKey) -> Result<Option<Intent>> {
        match self.looked_at.get(key) {
            Some(seen) => Ok(seen.clone()),
            None => self.one(&self.statements.look, key),
        }
    }

    fn find(&mut self, key: &IntentKey) -> Result<Option<Intent>> {
        match self.locked.get(key) {
            Some(found) => Ok(found.clone()),
            None => self.one(&self.statements.find, key),
        }
    }

    fn insert(&mut self, intent: &Intent) -> Result<bool> {
        let was_missing = matches!(self.looked_at.get(&intent.key), Some(None));
        self.forget(&intent.key);
        if was_missing {
            self.new.push(intent.clone());
            return Ok(true);
        }
        self.write()?;
        let written = self.write_all(&self.statements.insert, std::slice::from_ref(intent))?;
        Ok(written == 1)
    }

    fn update(&mut self, intent: &Intent) -> Result<()> {
        self.forget(&intent.key);
        if self.changed.iter().any(|changed| changed.key == intent.key) {
            self.write()?;
        }
        self.changed.push(intent.clone());
        Ok(())
    }

    fn append(&mut self, key: &IntentKey, entry: &LogEntry) -> Result<()> {
        self.log.push((key.clone(), entry.clone()));
        Ok(())
    }

    fn list(&mut self, filter: &Filter) -> Result<Vec<Intent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM payglot_intent WHERE ($1::text IS NULL OR state = $1) \
             AND ($2::text IS NULL OR provider = $2) AND ($3::text IS NULL OR operation = $3) \
             AND ($4::text IS NULL OR name = $4) ORDER BY created_at, provider, account, operation, name"
        );
        let Filter { state, provider, operation, name } = filter;
        let state = state.map(State::name);
        let rows = self.written()?.query(&sql, &[&state, provider, operation, name]);
        rows.map_err(failed)?.iter().map(intent).collect()
    }

    fn free(&mut self, operation: Option<&str>, at_most: u32) -> Result<Vec<Intent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM payglot_intent WHERE {IN_OUTBOX} AND lease_until < $1 \
             AND ($2::text IS NULL OR operation = $2) ORDER BY updated_at, provider, account, operation, name LIMIT $3 \
             FOR UPDATE SKIP LOCKED"
        );
        let now = self.now;
        let rows = self.written()?.query(&sql, &[&now, &operation, &i64::from(at_most)]);
        rows.map_err(failed)?.iter().map(intent).collect()
    }

    fn alike(&mut self, intent: &Intent) -> Result<Vec<Intent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM payglot_intent WHERE provider = $1 AND account = $2 AND operation = $3 AND name <> $4 \
             AND lookup = $5 ORDER BY name"
        );
        let IntentKey { provider, account, operation, name } = &intent.key;
        let given: [&(dyn ToSql + Sync); 5] = [provider, account, operation, name, &intent.lookup];
        let rows = self.written()?.query(&sql, &given).map_err(failed)?;
        rows.iter().map(self::intent).collect()
    }

    fn log(&mut self, key: &IntentKey) -> Result<Vec<LogEntry>> {
        self.write_log()?;
        let sql = format!(
            "SELECT at, state, changed_by, because, attempt, status, request_id FROM payglot_intent_log WHERE {IS_IT} \
             ORDER BY id"
        );
        let IntentKey { provider, account, operation, name } = key;
        let rows = self.written()?.query(&sql, &[provider, account, operation, name]);
        rows.map_err(failed)?.iter().map(log_entry).collect()
    }
}

/// A row of [`COLUMNS`].
pub(super) fn intent(row: &Row) -> Result<Intent> {
    Ok(Intent {
        key: IntentKey {
            provider: get(row, 0)?,
            account: get(row, 1)?,
            operation: get(row, 2)?,
            name: get(row, 3)?,
        },
        state: state(row, 4)?,
        attempts: number(row, 5)?,
        status: status(row, 6)?,
        request_id: get(row, 7)?,
        response: get(row, 8)?,
        created_at: get(row, 9)?,
        updated_at: get(row, 10)?,
        fingerprint: get(row, 11)?,
        owner: Owner {
            token: get(row, 12)?,
            machine: get(row, 13)?,
            process: get(row, 14)?,
            lease_until: get(row, 15)?,
        },
        lookup: get(row, 16)?,
    })
}

fn log_entry(row: &Row) -> Result<LogEntry> {
    Ok(LogEntry {
        at: get(row, 0)?,
        state: state(row, 1)?,
        by: get(row, 2)?,
        because: get(row, 3)?,
        attempt: number(row, 4)?,
        status: status(row, 5)?,
        request_id: get(row, 6)?,
    })
}

pub(super) fn get<'a, T: postgres::types::FromSql<'a>>(row: &'a Row, column: usize) -> Result<T> {
    row.try_get(column).map_err(|error| unreadable().with_source(error))
}

fn state(row: &Row, column: usize) -> Result<State> {
    State::from_name(get(row, column)?).ok_or_else(unreadable)
}

pub(super) fn number(row: &Row, column: usize) -> Result<u32> {
    get::<i64>(row, column)?.try_into().map_err(|_| unreadable())
}

fn status(row: &Row, column: usize) -> Result<Option<u16>> {
    get::<Option<i32>>(row, column)?.map(u16::try_from).transpose().map_err(|_| unreadable())
}

pub(super) fn unreadable() -> JournalError {
    JournalError::unusable("holds what no release of payglot writes: it was changed by hand")
}

/// What PostgreSQL says, as the way out.
pub(super) fn failed(error: postgres::Error) -> JournalError {
    // What is no error of the server is one of the connection.
    let Some(code) = error.code().cloned() else {
        let problem = "cannot be reached, or its connection broke: see that PostgreSQL is there";
        return JournalError::unusable(problem).with_source(error).lost();
    };
    let (problem, is_lost) = match code {
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            ("is refused to this user: check the user and the password", false)
        }
        SqlState::INVALID_CATALOG_NAME => ("is in a database that does not exist: make it", false),
        SqlState::INSUFFICIENT_PRIVILEGE => (
            "may not be written by this user: give it the right to make tables, or make them with docs/journal.md",
            false,
        ),
        SqlState::READ_ONLY_SQL_TRANSACTION => {
            ("is on a server that is read only: connect to the primary", true)
        }
        SqlState::LOCK_NOT_AVAILABLE | SqlState::QUERY_CANCELED => {
            ("is locked by another transaction: end it, or wait for it", false)
        }
        SqlState::DISK_FULL => ("cannot be written because its disk is full: make room", false),
        SqlState::T_R_SERIALIZATION_FAILURE
        | SqlState::T_R_DEADLOCK_DETECTED
        | SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::TOO_MANY_CONNECTIONS => ("is not served by PostgreSQL right now", true),
        _ => ("failed in a way of its own", false),
    };
    let problem = JournalError::unusable(problem).with_source(error);
    if is_lost { problem.lost() } else { problem }
}
