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

/// A call that is being sent, as the journal has it: what is written when it is dropped. One that is given up may have
/// happened; one that never got its lease has not been sent.
pub struct Held(Option<End>);

impl Held {
    /// A lease that no call has yet.
    pub fn new(slot: Arc<Slot>, key: IntentKey, token: String, by: String) -> Self {
        Self(Some(End { slot, key, token, by, ended: Ended::NotSent, written: None }))
    }

    /// The call has it now: from here on something may be sent.
    pub fn give(mut self) -> Box<dyn Lease> {
        if let Some(end) = &mut self.0 {
            end.ended = Ended::Unknown { status: None, request_id: None };
        }
        Box::new(self)
    }

    /// What takes it back where it reaches no call.
    pub fn take_back(mut self) -> Option<Box<dyn Job>> {
        self.0.take().map(|end| Box::new(end) as Box<dyn Job>)
    }
}

impl Lease for Held {
    fn end(mut self: Box<Self>, ended: Ended) -> BoxFuture<'static, ()> {
        let (written, waiting) = oneshot::channel();
        if let Some(end) = self.0.take() {
            End { ended, written: Some(written), ..end }.write();
        }
        Box::pin(async move {
            // An error says that the journal could not be opened, and that has been logged.
            let _ = waiting.await;
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(end) = self.0.take() {
            end.write();
        }
    }
}

/// How a call ended, until it is written.
struct End {
    /// Keeps the journal's thread until it is written.
    slot: Arc<Slot>,
    key: IntentKey,
    token: String,
    by: String,
    ended: Ended,
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
        Some(&self.key)
    }

    fn locks(&self) -> bool {
        true
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
