//! The right to send one call, and what is written when it ends.

use std::sync::Arc;

use futures_core::future::BoxFuture;
use payglot_runtime::journal::{Ended, Lease};
use tokio::sync::oneshot;

use crate::error::JournalError;
use crate::intent::IntentKey;
use crate::slot::Slot;
use crate::steps;
use crate::store::Table;
use crate::worker::Job;

/// A call that is being sent, as the journal has it.
pub struct Held {
    slot: Arc<Slot>,
    end: Option<End>,
    is_given: bool,
}

impl Held {
    /// A lease that no call has yet.
    pub fn new(slot: Arc<Slot>, key: IntentKey, token: String, by: String) -> Self {
        let end = End { _slot: slot.clone(), key, token, by, ended: Ended::NotSent, written: None };
        Self { slot, end: Some(end), is_given: false }
    }

    /// The call has it now: from here on something may be sent.
    pub fn give(mut self) -> Box<dyn Lease> {
        self.is_given = true;
        Box::new(self)
    }

    /// What takes it back where it reaches no call.
    pub fn take_back(mut self) -> Option<Box<dyn Job>> {
        self.end.take().map(|end| Box::new(end) as Box<dyn Job>)
    }
}

impl Lease for Held {
    fn end(mut self: Box<Self>, ended: Ended) -> BoxFuture<'static, ()> {
        let (written, waiting) = oneshot::channel();
        if let Some(end) = self.end.take() {
            self.slot.run(Box::new(End { ended, written: Some(written), ..end }));
        }
        Box::pin(async move {
            // An error says that the journal could not be opened, and that has been logged.
            let _ = waiting.await;
        })
    }
}

/// A call that is given up may have happened; one that never got its lease has not been sent.
impl Drop for Held {
    fn drop(&mut self) {
        let Some(end) = self.end.take() else { return };
        let unknown = Ended::Unknown { status: None, request_id: None };
        let ended = if self.is_given { unknown } else { Ended::NotSent };
        self.slot.run(Box::new(End { ended, ..end }));
    }
}

/// How a call ended, until it is written.
struct End {
    /// Keeps the journal's thread until it is written.
    _slot: Arc<Slot>,
    key: IntentKey,
    token: String,
    by: String,
    ended: Ended,
    written: Option<oneshot::Sender<()>>,
}

impl Job for End {
    fn key(&self) -> Option<&IntentKey> {
        Some(&self.key)
    }

    fn run(&mut self, table: &mut dyn Table) -> Result<(), JournalError> {
        steps::end(table, &self.key, &self.token, &self.by, &self.ended)
    }

    /// A response that has come must not be lost, nor wait for a disk: its call returns, and this is tried again for as long as
    /// the process lives. If it dies first, the intent is unknown.
    fn done(mut self: Box<Self>, result: Result<(), JournalError>) -> Option<Box<dyn Job>> {
        let is_first = self.written.take().is_some();
        let Err(error) = result else { return None };
        if is_first {
            tracing::error!(
                target: "payglot",
                operation = self.key.operation,
                intent = self.key.name,
                error = %error,
                "how a call ended could not be written to the journal; it is tried again until the process ends"
            );
        }
        Some(self)
    }
}
