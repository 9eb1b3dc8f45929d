//! Scheduled jobs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A task, and when it is due.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub at: Timestamp,
    pub task: Task,
}

/// What a job does.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Task {
    SettlePayment(Uuid),
    ExpirePayment(Uuid),
    ApproveCard(Uuid),
    DeliverDeposits(Uuid),
    ApproveBusiness(Uuid),
    /// Emits the event that a slow payment is settling; its status does not change.
    AnnounceSettling(Uuid),
}
