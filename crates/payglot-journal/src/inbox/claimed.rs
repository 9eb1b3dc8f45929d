//! An event that a worker handles: its lease is prolonged while it does, and what became of it is written when it ends.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot};

use super::steps::{self, Outcome, Patience};
use crate::error::JournalError;
use crate::event::{EventKey, StoredEvent};
use crate::intent::IntentKey;
use crate::slot::Slot;
use crate::store::Table;
use crate::worker::{Job, Recurring, Task};

/// What stands for the error of a handler that was given up: its future was dropped, or it panicked.
const GIVEN_UP: &str = "its handling was given up";

/// An event to handle. Say [`Claimed::done`] when its effect is there; dropped without that, it is tried again.
#[must_use = "an event whose handling is not done is handled again"]
pub struct Claimed {
    event: StoredEvent,
    end: Option<End>,
    /// Its lease is prolonged for as long as this is there.
    _kept: Arc<()>,
}

impl Claimed {
    pub(super) fn new(
        event: StoredEvent,
        slot: Arc<Slot>,
        lease: Duration,
        patience: Patience,
        changed: Arc<Notify>,
    ) -> Self {
        let kept = Arc::new(());
        let (key, token) = (event.key.clone(), event.owner.token.clone());
        let renewal = Renewal {
            key: key.clone(),
            token: token.clone(),
            lease,
            due: Instant::now() + lease / 3,
            kept: Arc::downgrade(&kept),
        };
        slot.repeat(Box::new(renewal));
        let outcome = Outcome::Failed(GIVEN_UP.to_owned());
        let end = End { slot, key, token, outcome, patience, changed, written: None };
        Self { event, end: Some(end), _kept: kept }
    }

    /// The event.
    pub fn event(&self) -> &StoredEvent {
        &self.event
    }

    /// It was handled. Returns when that is written; what cannot be written is tried again until the process ends.
    pub fn done(self) -> impl Future<Output = ()> + Send + 'static {
        self.end(Outcome::Handled)
    }

    /// Its handling did not succeed, with the name of the error's class: never its text, which may hold what nobody may see. It is
    /// tried again after a pause, or dead.
    pub fn failed(self, error: &str) -> impl Future<Output = ()> + Send + 'static {
        let name: String = error.chars().filter(|c| !c.is_control()).take(200).collect();
        self.end(Outcome::Failed(name))
    }

    /// Its handling was not begun: any worker may have it.
    pub fn release(self) -> impl Future<Output = ()> + Send + 'static {
        self.end(Outcome::Released)
    }

    fn end(mut self, outcome: Outcome) -> impl Future<Output = ()> + Send + 'static {
        let (written, waiting) = oneshot::channel();
        if let Some(end) = self.end.take() {
            End { outcome, written: Some(written), ..end }.write();
        }
        async move {
            // An error says that the store could not be opened, and that has been logged.
            let _ = waiting.await;
        }
    }
}

impl Drop for Claimed {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end.write();
        }
    }
}

/// Shows no payload.
impl std::fmt::Debug for Claimed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Claimed").field(&self.event).finish()
    }
}

/// How the handling of an event ended, until it is written.
struct End {
    /// Keeps the thread of the store until it is written.
    slot: Arc<Slot>,
    key: EventKey,
    token: String,
    outcome: Outcome,
    patience: Patience,
    /// Told when it is written: the next event of the object may be due.
    changed: Arc<Notify>,
    written: Option<oneshot::Sender<()>>,
}

impl End {
    fn write(self) {
        let slot = self.slot.clone();
        slot.run(Box::new(self));
    }
}

impl Job for End {
    fn key(&self) -> Option<&IntentKey> {
        None
    }

    fn run(&mut self, table: &mut dyn Table) -> Result<(), JournalError> {
        let Self { key, token, outcome, patience, .. } = &*self;
        if !steps::finish(table, key, token, outcome, *patience)? {
            tracing::warn!(
                target: "payglot",
                event = key.id,
                "an event took longer than its lease, and was given to another worker"
            );
        }
        Ok(())
    }

    /// What was handled must not be handled again only because a disk was full for a moment.
    fn done(mut self: Box<Self>, result: Result<(), JournalError>) -> Option<Box<dyn Job>> {
        let is_first = self.written.take().is_some();
        match result {
            Ok(()) => {
                self.changed.notify_waiters();
                None
            }
            Err(error) => {
                if is_first {
                    tracing::error!(
                        target: "payglot",
                        event = self.key.id,
                        error = %error,
                        "how the handling of an event ended could not be written; it is tried again until the process ends"
                    );
                }
                Some(self)
            }
        }
    }
}

/// Renews the lease of an event while it is handled.
struct Renewal {
    key: EventKey,
    token: String,
    lease: Duration,
    due: Instant,
    kept: Weak<()>,
}

impl Recurring for Renewal {
    fn due(&self) -> Instant {
        self.due
    }

    fn job(&mut self) -> Option<Box<dyn Job>> {
        self.kept.upgrade()?;
        self.due = Instant::now() + self.lease / 3;
        let (key, token, lease) = (self.key.clone(), self.token.clone(), self.lease);
        let work = move |table: &mut dyn Table| steps::renew(table, &key, &token, lease);
        // What fails is tried again when it is due.
        Some(Task::job(None, work, |_| None))
    }
}
