//! Where intents are kept. Each store runs work in one durable transaction over the same few questions; what may follow what is
//! not its business.

#[cfg(feature = "sqlite")]
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::error::JournalError;
use crate::event::{EventFilter, EventKey, StoredEvent};
use crate::intent::{Filter, Intent, IntentKey, LogEntry};

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod postgres_batches;
#[cfg(feature = "postgres")]
mod postgres_events;
#[cfg(feature = "postgres")]
mod postgres_intents;
#[cfg(feature = "postgres")]
mod postgres_spends;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "sqlite")]
mod sqlite_batches;
#[cfg(feature = "sqlite")]
mod sqlite_events;
#[cfg(feature = "sqlite")]
mod sqlite_spends;

/// Version of the schema. A store of a later version is refused, one of an earlier version is brought up to this one.
const SCHEMA_VERSION: i32 = 5;

/// The columns of an intent, in the order in which stores write and read them.
const COLUMNS: &str = "provider, account, operation, name, state, attempts, status, request_id, response, created_at, \
     updated_at, fingerprint, owner, machine, process, lease_until, lookup";

/// Those of them that change: all that are behind the key.
const CHANGING: &str = "state, attempts, status, request_id, response, created_at, updated_at, fingerprint, owner, machine, \
     process, lease_until, lookup";

/// The columns of an event, in the order in which stores write and read them.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
const EVENT_COLUMNS: &str = "provider, account, id, event, object, occurred_at, step, received_at, state, attempts, next_at, \
     last_error, body, updated_at, owner, machine, process, lease_until";

/// Those of them that change.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
const EVENT_CHANGING: &str =
    "state, attempts, next_at, last_error, updated_at, owner, machine, process, lease_until";

/// A random key for the fingerprints of a journal.
fn new_fingerprint_key() -> Vec<u8> {
    [uuid::Uuid::new_v4().into_bytes(), uuid::Uuid::new_v4().into_bytes()].concat()
}

/// What [`Table::free`] finds, beside the time: the log of an intent of the outbox begins before its first attempt.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
const IN_OUTBOX: &str = "state IN ('recorded', 'released') AND EXISTS (SELECT 1 FROM payglot_intent_log AS log \
     WHERE log.provider = payglot_intent.provider AND log.account = payglot_intent.account \
     AND log.operation = payglot_intent.operation AND log.name = payglot_intent.name \
     AND log.attempt = 0 AND log.state = 'recorded')";

/// Work inside one transaction. It may be run again, on another connection.
pub type Work<'a> = dyn FnMut(&mut dyn Table) -> Result<(), JournalError> + 'a;

/// Intents that work will ask for, so that a store far away can be asked for all of them at once. Work that was told that one of
/// them is missing may fail for having added it, where another process has done so meanwhile.
#[derive(Default)]
pub struct Upcoming {
    pub looked_at: Vec<IntentKey>,
    pub locked: Vec<IntentKey>,
}

/// A connection to where intents are kept.
pub trait Store {
    /// Runs work in one transaction. When this returns without an error, a crash loses nothing of it.
    fn transaction(&mut self, upcoming: &Upcoming, work: &mut Work<'_>)
    -> Result<(), JournalError>;
}

/// Which events may be handled.
pub struct Due<'a> {
    pub provider: &'a str,
    pub account: &'a str,
    /// Of these names; of all where it is `None`.
    pub names: Option<&'a [String]>,
    /// This one alone.
    pub id: Option<&'a str>,
    pub at_most: u32,
}

/// The events of the inbox, inside a transaction.
pub trait Events {
    /// Adds an event; false where it is there.
    fn insert_event(&mut self, event: &StoredEvent) -> Result<bool, JournalError>;

    /// One event, locked until the transaction ends.
    fn find_event(&mut self, key: &EventKey) -> Result<Option<StoredEvent>, JournalError>;

    /// Replaces what may change of an event.
    fn update_event(&mut self, event: &StoredEvent) -> Result<(), JournalError>;

    /// The events that a filter names, in the order of their times.
    fn list_events(&mut self, filter: &EventFilter) -> Result<Vec<StoredEvent>, JournalError>;

    /// Events that wait, in the order of their times: of each object the next, and none where one of it is being handled. One
    /// whose handling has begun before goes first, because it may have had its effect.
    fn due_events(&mut self, due: &Due<'_>) -> Result<Vec<StoredEvent>, JournalError>;

    /// Locks the object of an event until the transaction ends; false where somebody else has it.
    fn lock_object(&mut self, event: &StoredEvent) -> Result<bool, JournalError>;

    /// Whether a later event of the same object was handled.
    fn is_stale(&mut self, event: &StoredEvent) -> Result<bool, JournalError>;
}

/// What an intent spends, as guards count it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// In hundred-millionths of a US dollar.
    pub amount: i64,
    /// When it was last sent, or held.
    pub at: Timestamp,
    pub requested_by: String,
    pub approved_by: Option<String>,
}

/// What counts as spent: an intent that may have been done.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
const COUNTED: &str = "FROM payglot_spend AS spend JOIN payglot_intent AS intent USING (provider, account, operation, name) \
     WHERE intent.state IN ('sending', 'succeeded', 'unknown')";

/// What is spent, inside a transaction.
pub trait Spends {
    /// Locks what the account of an intent spends until the transaction ends.
    fn lock_spends(&mut self, key: &IntentKey) -> Result<(), JournalError>;

    /// What the account of an intent has spent since a time, beside that intent.
    fn spent_since(&mut self, key: &IntentKey, since: Timestamp) -> Result<i64, JournalError>;

    /// What the intents of the account in a batch have spent, beside this one. Their names begin with that of the batch and a
    /// slash, which are the prefix.
    fn spent_under(&mut self, key: &IntentKey, prefix: &str) -> Result<i64, JournalError>;

    /// What one intent spends.
    fn spend(&mut self, key: &IntentKey) -> Result<Option<Spent>, JournalError>;

    /// Adds or replaces what one intent spends.
    fn save_spend(&mut self, key: &IntentKey, spent: &Spent) -> Result<(), JournalError>;
}

/// How fast the batches of an account may send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// Nothing is sent before.
    pub next_at: Timestamp,
    /// Time between two, beyond what a batch asks for; none where the vendor keeps up.
    pub spacing: Duration,
    /// When the vendor was last found not to keep up.
    pub slowed_at: Timestamp,
}

impl Pace {
    /// Nobody has sent yet.
    const FREE: Self = Self {
        next_at: Timestamp::UNIX_EPOCH,
        spacing: Duration::ZERO,
        slowed_at: Timestamp::UNIX_EPOCH,
    };

    /// The spacing as stores keep it.
    fn spacing_micros(&self) -> i64 {
        i64::try_from(self.spacing.as_micros()).unwrap_or(i64::MAX)
    }
}

/// What batches ask, inside a transaction.
pub trait Batches {
    /// The pace of an account, locked until the transaction ends.
    fn pace(&mut self, provider: &str, account: &str) -> Result<Pace, JournalError>;

    /// Replaces it.
    fn save_pace(&mut self, provider: &str, account: &str, pace: &Pace)
    -> Result<(), JournalError>;

    /// The intents of an operation and account whose names begin as that of the key; of those that are in doubt, being sent or
    /// unknown, where nothing else is asked for.
    fn under(&mut self, prefix: &IntentKey, is_in_doubt: bool)
    -> Result<Vec<Intent>, JournalError>;
}

/// The intents and their log, inside a transaction.
pub trait Table: Events + Spends + Batches {
    /// The time by the one clock of all owners.
    fn now(&self) -> Timestamp;

    /// The journal's own key, for fingerprints of arguments.
    fn fingerprint_key(&self) -> &[u8];

    /// One intent, as it is.
    fn look(&mut self, key: &IntentKey) -> Result<Option<Intent>, JournalError>;

    /// One intent, locked until the transaction ends.
    fn find(&mut self, key: &IntentKey) -> Result<Option<Intent>, JournalError>;

    /// Adds an intent; false where another process has added it meanwhile.
    fn insert(&mut self, intent: &Intent) -> Result<bool, JournalError>;

    /// Replaces what may change of an intent.
    fn update(&mut self, intent: &Intent) -> Result<(), JournalError>;

    /// Adds to the log.
    fn append(&mut self, key: &IntentKey, entry: &LogEntry) -> Result<(), JournalError>;

    /// The intents that a filter names, oldest first.
    fn list(&mut self, filter: &Filter) -> Result<Vec<Intent>, JournalError>;

    /// Intents of the outbox that may be sent and that nobody has taken, oldest first, locked until the transaction ends; those
    /// that are locked by others are passed over. A call that was never recorded to be sent is its caller's to try again.
    fn free(&mut self, operation: Option<&str>, at_most: u32) -> Result<Vec<Intent>, JournalError>;

    /// The other intents of the same operation and account that a look-up cannot tell from this one by their arguments.
    fn alike(&mut self, intent: &Intent) -> Result<Vec<Intent>, JournalError>;

    /// The log of an intent, oldest first.
    fn log(&mut self, key: &IntentKey) -> Result<Vec<LogEntry>, JournalError>;
}

/// Where a journal is.
pub enum Location {
    #[cfg(feature = "sqlite")]
    File(PathBuf),
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Settings>),
}

impl Location {
    /// Reads a path or a URL.
    pub fn parse(location: &str) -> Result<Self, JournalError> {
        let scheme = location.split_once("://").map(|(scheme, _)| scheme);
        match scheme {
            Some("postgresql" | "postgres") => Self::postgres(location),
            // The scheme alone: a URL may hold a password.
            Some(scheme) => Err(JournalError::invalid(
                "location",
                format!(
                    "has the scheme `{scheme}`; it is the path of a file, or begins with postgresql://"
                ),
            )),
            None => Self::file(location),
        }
    }

    #[cfg(feature = "sqlite")]
    fn file(path: &str) -> Result<Self, JournalError> {
        // SQLite takes these for something that is gone with the process.
        if path.is_empty() || path.starts_with(":memory:") || path.starts_with("file:") {
            return Err(JournalError::invalid(
                "location",
                "must be the path of a file that outlives the process",
            ));
        }
        // A program that changes its folder means the same file.
        let path = std::path::absolute(path)
            .map_err(|error| JournalError::invalid("location", "is no path").with_source(error))?;
        Ok(Self::File(path))
    }

    #[cfg(not(feature = "sqlite"))]
    fn file(_: &str) -> Result<Self, JournalError> {
        Err(JournalError::invalid("location", "is a file, and this build has no feature `sqlite`"))
    }

    #[cfg(feature = "postgres")]
    fn postgres(url: &str) -> Result<Self, JournalError> {
        Ok(Self::Postgres(Box::new(postgres::Settings::parse(url)?)))
    }

    #[cfg(not(feature = "postgres"))]
    fn postgres(_: &str) -> Result<Self, JournalError> {
        Err(JournalError::invalid(
            "location",
            "is PostgreSQL, and this build has no feature `postgres`",
        ))
    }

    /// Opens it, and brings its schema up to date.
    pub fn open(&self) -> Result<Box<dyn Store>, JournalError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::File(path) => Ok(Box::new(sqlite::File::open(path)?)),
            #[cfg(feature = "postgres")]
            Self::Postgres(settings) => Ok(Box::new(postgres::Server::connect(settings)?)),
        }
    }

    /// Whether the child of a fork may open it anew while the connection of its parent lies about. SQLite's locks belong to a
    /// process, and the child would take those of its parent for its own.
    pub fn may_be_open_at_fork(&self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::File(_) => false,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => true,
        }
    }
}

/// Whether a store of `version` can be used: not one that a later release has made.
fn check_version(version: i32) -> Result<(), JournalError> {
    if version > SCHEMA_VERSION {
        return Err(JournalError::unusable(format!(
            "has version {version} of its schema, and this release of payglot knows versions up to {SCHEMA_VERSION}: update payglot"
        )));
    }
    Ok(())
}
