//! A journal in PostgreSQL, in tables of its own in the user's database: for several machines, and for containers, whose disk is
//! lost with them.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use postgres::config::{Host, SslMode, TargetSessionAttrs};
use postgres::error::SqlState;
use postgres::{Client, Config, NoTls, Row, Statement, Transaction};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    CHANGING, COLUMNS, IN_OUTBOX, SCHEMA_VERSION, Store, Table, Work, check_version,
    new_fingerprint_key,
};
use crate::error::JournalError;
use crate::intent::{Filter, Intent, IntentKey, LogEntry, Owner, State};

type Result<T> = std::result::Result<T, JournalError>;

/// How long connecting may take, and how long what was sent may stay without an acknowledgement.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps two processes from making the tables at once: "payglot" in numbers.
const LOCK: i64 = 0x0070_6179_676c_6f74;

const IS_IT: &str = "provider = $1 AND account = $2 AND operation = $3 AND name = $4";

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
    look: Statement,
    find: Statement,
    insert: Statement,
    update: Statement,
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
        // One transaction of another program must not hold up all calls.
        client
            .batch_execute("SET lock_timeout = '5s'; SET statement_timeout = '10s'")
            .map_err(failed)?;
        let fingerprint_key = prepare(&mut client)?;
        let mut prepare = |sql: &str| client.prepare(sql).map_err(failed);
        let statements = Statements {
            now: prepare("SELECT now()")?,
            look: prepare(&format!("SELECT {COLUMNS} FROM payglot_intent WHERE {IS_IT}"))?,
            find: prepare(&format!(
                "SELECT {COLUMNS} FROM payglot_intent WHERE {IS_IT} FOR UPDATE"
            ))?,
            insert: prepare(&format!(
                "INSERT INTO payglot_intent ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
                 $15, $16, $17) ON CONFLICT DO NOTHING"
            ))?,
            update: prepare(&format!(
                "UPDATE payglot_intent SET ({CHANGING}) = ($5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
                 WHERE {IS_IT}"
            ))?,
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
    fn transaction(&mut self, work: &mut Work<'_>) -> Result<()> {
        let mut transaction = self.client.transaction().map_err(failed)?;
        let row = transaction.query_one(&self.statements.now, &[]).map_err(failed)?;
        let now = row.try_get(0).map_err(failed)?;
        let (statements, fingerprint_key) = (&self.statements, &*self.fingerprint_key);
        let mut rows = Rows { transaction, statements, fingerprint_key, now, log: Vec::new() };
        work(&mut rows)?;
        rows.write_log()?;
        rows.transaction.commit().map_err(failed)
    }
}

pub(super) struct Rows<'a> {
    pub(super) transaction: Transaction<'a>,
    statements: &'a Statements,
    fingerprint_key: &'a [u8],
    /// The server's, which is the same for all machines.
    pub(super) now: Timestamp,
    /// What is to be added to the log: with one statement for all that share the transaction.
    log: Vec<(IntentKey, LogEntry)>,
}

impl Rows<'_> {
    fn one(&mut self, statement: &Statement, key: &IntentKey) -> Result<Option<Intent>> {
        let IntentKey { provider, account, operation, name } = key;
        let row = self.transaction.query_opt(statement, &[provider, account, operation, name]);
        row.map_err(failed)?.map(|row| intent(&row)).transpose()
    }

    /// Runs a statement whose parameters are the columns of an intent; gives how many rows it has written.
    fn write(&mut self, statement: &Statement, intent: &Intent) -> Result<u64> {
        let IntentKey { provider, account, operation, name } = &intent.key;
        let Owner { token, machine, process, lease_until } = &intent.owner;
        let written = self.transaction.execute(
            statement,
            &[
                provider,
                account,
                operation,
                name,
                &intent.state.name(),
                &i64::from(intent.attempts),
                &intent.status.map(i32::from),
                &intent.request_id,
                &intent.response,
                &intent.created_at,
                &intent.updated_at,
                &intent.fingerprint,
                token,
                machine,
                process,
                lease_until,
                &intent.lookup,
            ],
        );
        written.map_err(failed)
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
        let inserted = self.transaction.execute(
            &self.statements.append,
            &[
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
            ],
        );
        inserted.map(drop).map_err(failed)
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
        self.one(&self.statements.look, key)
    }

    fn find(&mut self, key: &IntentKey) -> Result<Option<Intent>> {
        self.one(&self.statements.find, key)
    }

    fn insert(&mut self, intent: &Intent) -> Result<bool> {
        self.write(&self.statements.insert, intent).map(|rows| rows == 1)
    }

    fn update(&mut self, intent: &Intent) -> Result<()> {
        self.write(&self.statements.update, intent).map(drop)
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
        let rows = self.transaction.query(&sql, &[&state, provider, operation, name]);
        rows.map_err(failed)?.iter().map(intent).collect()
    }

    fn free(&mut self, operation: Option<&str>, at_most: u32) -> Result<Vec<Intent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM payglot_intent WHERE {IN_OUTBOX} AND lease_until < $1 \
             AND ($2::text IS NULL OR operation = $2) ORDER BY updated_at, provider, account, operation, name LIMIT $3 \
             FOR UPDATE SKIP LOCKED"
        );
        let rows = self.transaction.query(&sql, &[&self.now, &operation, &i64::from(at_most)]);
        rows.map_err(failed)?.iter().map(intent).collect()
    }

    fn alike(&mut self, intent: &Intent) -> Result<Vec<Intent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM payglot_intent WHERE provider = $1 AND account = $2 AND operation = $3 AND name <> $4 \
             AND lookup = $5 ORDER BY name"
        );
        let IntentKey { provider, account, operation, name } = &intent.key;
        let given: [&(dyn postgres::types::ToSql + Sync); 5] =
            [provider, account, operation, name, &intent.lookup];
        let rows = self.transaction.query(&sql, &given).map_err(failed)?;
        rows.iter().map(self::intent).collect()
    }

    fn log(&mut self, key: &IntentKey) -> Result<Vec<LogEntry>> {
        self.write_log()?;
        let sql = format!(
            "SELECT at, state, changed_by, because, attempt, status, request_id FROM payglot_intent_log WHERE {IS_IT} \
             ORDER BY id"
        );
        let IntentKey { provider, account, operation, name } = key;
        let rows = self.transaction.query(&sql, &[provider, account, operation, name]);
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
