//! What happens later by itself: money arrives, checks of people and businesses end, links expire.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::Scene;
use crate::flow::{cards, events, payments};
use crate::model::{Decision, Verification};
use crate::store::later;

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

/// Notes what to do after this time.
pub(crate) fn schedule(scene: &mut Scene<'_>, after: SignedDuration, task: Task) {
    let job = Job { at: later(scene.now, after), task };
    let id = scene.random.uuid();
    scene.soonest = scene.soonest.min(job.at);
    scene.store.next_job = scene.store.next_job.map(|next| next.min(job.at));
    scene.store.jobs.put(id, job);
}

/// Does everything that is due, in its order, each at its own time.
pub(crate) fn run(scene: &mut Scene<'_>) {
    let now = scene.now;
    if scene.store.next_job.is_some_and(|next| next > now) {
        return;
    }
    loop {
        let jobs = scene.store.jobs.iter();
        let next = jobs.min_by_key(|(_, job)| job.at).map(|(id, job)| (id, job.clone()));
        scene.store.next_job = Some(next.as_ref().map_or(Timestamp::MAX, |(_, job)| job.at));
        let Some((id, job)) = next.filter(|(_, job)| job.at <= now) else { break };
        scene.now = job.at;
        scene.store.jobs.remove(id);
        act(scene, job.task);
    }
    scene.now = now;
}

fn act(scene: &mut Scene<'_>, task: Task) {
    match task {
        Task::SettlePayment(id) => payments::settle(scene, id),
        Task::ExpirePayment(id) => payments::expire(scene, id),
        Task::ApproveCard(id) => cards::approve(scene, id),
        Task::DeliverDeposits(id) => {
            if let Some(bank) = scene.store.banks.get_mut(id)
                && bank.verification == Verification::NotApplied
            {
                bank.verification = Verification::Applied;
            }
        }
        Task::ApproveBusiness(user_id) => {
            if let Some(kyb) = scene.store.kyb.get_mut(user_id)
                && kyb.status == Decision::Pending
            {
                kyb.status = Decision::Approved;
                events::business(scene, user_id, "approved");
            }
        }
        Task::AnnounceSettling(id) => payments::settling(scene, id),
    }
}
