//! What one request may read and change.

use jiff::{SignedDuration, Timestamp};

use super::{Endpoints, Store};
use crate::basics::{Identity, Random, later};
use crate::model::{Job, Task};

/// One request's access to the state. No other request runs meanwhile, and its changes are committed together or
/// not at all.
pub(crate) struct Transaction<'a> {
    pub store: &'a mut Store,
    pub random: &'a mut Random,
    pub now: Timestamp,
    pub base_url: &'a str,
    pub identity: &'a Identity,
    pub endpoints: &'a mut Endpoints,
    /// The earliest time at which something that this transaction scheduled is due.
    pub earliest_due: Timestamp,
}

impl Transaction<'_> {
    /// Schedules a task after this time.
    pub fn schedule(&mut self, after: SignedDuration, task: Task) {
        let job = Job { at: later(self.now, after), task };
        let id = self.random.uuid();
        self.earliest_due = self.earliest_due.min(job.at);
        self.store.next_job = self.store.next_job.map(|next| next.min(job.at));
        self.store.jobs.put(id, job);
    }
}
