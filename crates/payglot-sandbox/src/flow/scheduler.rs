//! The scheduler: runs the jobs that are due, such as settling a payment or expiring a link.

use jiff::Timestamp;

use crate::flow::{cards, events, payments};
use crate::model::{Decision, Task, Verification};
use crate::state::Transaction;

/// Runs all jobs that are due, in order of time. Each sees its own time as the present.
pub(crate) fn run(tx: &mut Transaction<'_>) {
    let now = tx.now;
    if tx.store.next_job.is_some_and(|next| next > now) {
        return;
    }
    loop {
        let jobs = tx.store.jobs.iter();
        let next = jobs.min_by_key(|(_, job)| job.at).map(|(id, job)| (id, job.clone()));
        tx.store.next_job = Some(next.as_ref().map_or(Timestamp::MAX, |(_, job)| job.at));
        let Some((id, job)) = next.filter(|(_, job)| job.at <= now) else { break };
        tx.now = job.at;
        tx.store.jobs.remove(id);
        act(tx, job.task);
    }
    tx.now = now;
}

fn act(tx: &mut Transaction<'_>, task: Task) {
    match task {
        Task::SettlePayment(id) => payments::settle(tx, id),
        Task::ExpirePayment(id) => payments::expire(tx, id),
        Task::ApproveCard(id) => cards::approve(tx, id),
        Task::DeliverDeposits(id) => {
            if let Some(bank) = tx.store.banks.get_mut(id)
                && bank.verification == Verification::NotApplied
            {
                bank.verification = Verification::Applied;
            }
        }
        Task::ApproveBusiness(user_id) => {
            if let Some(kyb) = tx.store.kyb.get_mut(user_id)
                && kyb.status == Decision::Pending
            {
                kyb.status = Decision::Approved;
                events::business(tx, user_id, "approved");
            }
        }
        Task::AnnounceSettling(id) => payments::settling(tx, id),
    }
}
