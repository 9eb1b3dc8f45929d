//! Jobs: what happens later by itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Something to do, and when.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub at: Timestamp,
    pub task: Task,
}

/// Something to do.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Task {
    SettlePayment(Uuid),
    ExpirePayment(Uuid),
    ApproveCard(Uuid),
    DeliverDeposits(Uuid),
    ApproveBusiness(Uuid),
    /// A payment that takes long is settling; its record says so nowhere.
    AnnounceSettling(Uuid),
}
