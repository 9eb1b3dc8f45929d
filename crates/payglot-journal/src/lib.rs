//! Payments that survive a crash.
//!
//! A worker dies between sending a payment and writing it down, its queue hands the job to another, and a second payment
//! leaves. The journal remembers what was meant (the intent, which the caller names) before the first byte leaves, so that
//! the same intent is never sent twice: not by another thread, process or machine, and not after a crash.
//!
//! ```no_run
//! # fn open() -> Result<(), payglot_journal::JournalError> {
//! let journal = payglot_journal::Journal::open("payments.db")?; // or "postgresql://…" for several machines
//! # Ok(()) }
//! ```
//!
//! Layers, lower first: `intent` (what is remembered), `owner` (who sends), `store` (SQLite, PostgreSQL), `steps` (what may
//! follow what), `worker` and `slot` (the one thread that writes), `lease`, `journal` (what a client and a person ask),
//! `resolve` (what a vendor is asked), `reconcile` (whether journal, vendor and ledger agree), `batch` (pays many rows, each once); `event` (what is remembered of a webhook) and `inbox` (who handles it). Knows no provider.

#![forbid(unsafe_code)]

mod batch;
mod error;
mod event;
mod guard;
mod inbox;
mod intent;
mod journal;
mod lease;
mod owner;
mod reconcile;
mod resolve;
mod slot;
mod steps;
mod store;
mod worker;

pub use batch::{
    BadRow, Balance, Batch, BatchCheck, BatchEnd, BatchOptions, BatchProgress, BatchReport,
    BatchRow, RowResult, RowState, Sum,
};
pub use error::JournalError;
pub use event::{EventFilter, EventKey, EventState, StoredEvent};
pub use guard::Guard;
pub use inbox::{CaughtUp, Claimed, EventQueue, Inbox, QueueOptions, Receipt, ReceiveError};
pub use intent::{Filter, Intent, IntentKey, LogEntry, State};
pub use journal::Journal;
pub use reconcile::{
    Break, BreakKind, LedgerRow, Listed, NotCompared, Reconciliation, Sent, compare,
};
pub use resolve::{ResolveError, Resolved};
