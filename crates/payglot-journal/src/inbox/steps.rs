//! What may follow what: the life of an event, as steps over the events of a store. Every step is safe to run again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::error::JournalError;
use crate::event::{EventFilter, EventKey, EventState, StoredEvent};
use crate::intent::Owner;
use crate::owner::{Process, certainly_lives, has_ended};
use crate::store::{Due, Table};

type Result<T> = std::result::Result<T, JournalError>;

/// The longest pause between two attempts.
const LONGEST: Duration = Duration::from_secs(600);

/// When an event is tried again, and when it is given up.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Attempts until it is dead.
    pub max_attempts: u32,
    /// The pause after the first attempt; it doubles with each.
    pub backoff: Duration,
}

/// Who wants to handle events.
#[derive(Debug, Clone)]
pub struct Claim {
    pub provider: String,
    pub account: String,
    /// Of these names; of all where it is `None`.
    pub names: Option<Vec<String>>,
    pub at_most: u32,
    /// Made anew for each claim.
    pub token: String,
    pub process: Process,
    pub lease: Duration,
    pub patience: Patience,
}

/// How the handling of an event ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It succeeded.
    Handled,
    /// It did not, with the name of an error's class.
    Failed(String),
    /// It was not begun.
    Released,
}

/// Stores an event; false where it was stored before.
pub fn store(table: &mut dyn Table, event: &StoredEvent, twin: Option<&EventKey>) -> Result<bool> {
    // What was caught up on is delivered late.
    if let Some(twin) = twin
        && let Some(caught) = table.find_event(twin)?
        && event.occurred_at <= caught.occurred_at
    {
        return Ok(false);
    }
    let now = table.now();
    let mut event = event.clone();
    event.occurred_at = if event.occurred_at == Timestamp::MAX { now } else { event.occurred_at };
    (event.received_at, event.next_at, event.updated_at) = (now, now, now);
    table.insert_event(&event)
}

/// Gives events to a worker: of each object one, and none where another of it is being handled.
pub fn claim(table: &mut dyn Table, claim: &Claim) -> Result<Vec<StoredEvent>> {
    let mut claimed = sweep(table, claim)?;
    let (names, wanted) = (claim.names.as_deref(), claim.at_most);
    let (provider, account) = (&*claim.provider, &*claim.account);
    let missing = |claimed: &[StoredEvent]| {
        wanted.saturating_sub(u32::try_from(claimed.len()).unwrap_or(u32::MAX))
    };
    while missing(&claimed) > 0 {
        // More than are wanted: another worker may have the objects of some.
        let at_most = missing(&claimed).saturating_mul(2).saturating_add(16);
        let mut has_moved = false;
        for candidate in table.due_events(&Due { provider, account, names, id: None, at_most })? {
            if missing(&claimed) == 0 {
                break;
            }
            if !table.lock_object(&candidate)? {
                continue;
            }
            // Another worker may have been faster before the object was locked.
            let id = Some(&*candidate.key.id);
            let due = Due { provider, account, names, id, at_most: 1 };
            let still = table.due_events(&due)?.pop();
            let locked = still.map(|event| table.find_event(&event.key)).transpose()?.flatten();
            let Some(mut event) = locked.filter(|event| event.state == EventState::Waiting) else {
                continue;
            };
            has_moved = true;
            let now = table.now();
            event.updated_at = now;
            if table.is_stale(&event)? {
                event.state = EventState::Stale;
                table.update_event(&event)?;
                continue;
            }
            event.state = EventState::Handling;
            event.attempts = event.attempts.saturating_add(1);
            event.owner = Owner {
                token: claim.token.clone(),
                machine: claim.process.machine.clone(),
                process: claim.process.id.clone(),
                lease_until: later(now, claim.lease),
            };
            table.update_event(&event)?;
            claimed.push(event);
        }
        if !has_moved {
            break;
        }
    }
    Ok(claimed)
}

/// Takes events from workers that have died; gives those that this very claim has already.
fn sweep(table: &mut dyn Table, claim: &Claim) -> Result<Vec<StoredEvent>> {
    let now = table.now();
    let handling = EventFilter {
        state: Some(EventState::Handling),
        provider: Some(claim.provider.clone()),
        account: Some(claim.account.clone()),
        ..EventFilter::default()
    };
    let mut own = Vec::new();
    for seen in table.list_events(&handling)? {
        if seen.owner.token == claim.token {
            own.push(seen);
            continue;
        }
        let Some(because) = given_up(&seen.owner, now) else { continue };
        let Some(mut event) = table.find_event(&seen.key)? else { continue };
        if event.state == EventState::Handling && event.owner.token == seen.owner.token {
            fail(&mut event, because, claim.patience, now);
            // Its worker failed, and not its handler: the next may have it at once.
            if event.state == EventState::Waiting {
                event.next_at = now;
            }
            table.update_event(&event)?;
        }
    }
    Ok(own)
}

/// Why nobody waits any more for whoever handles an event. One whose process lives is waited for, however long its handler
/// takes: two of one object at a time would be worse.
fn given_up(owner: &Owner, now: Timestamp) -> Option<&'static str> {
    if has_ended(&owner.machine, &owner.process) {
        Some("the process that was handling it has ended")
    } else if owner.lease_until < now && !certainly_lives(&owner.machine, &owner.process) {
        Some("the process that was handling it has said nothing within its lease")
    } else {
        None
    }
}

/// Writes how the handling of an event ended; false where it had been given to another meanwhile.
pub fn finish(
    table: &mut dyn Table,
    key: &EventKey,
    token: &str,
    outcome: &Outcome,
    patience: Patience,
) -> Result<bool> {
    let Some(mut event) = table.find_event(key)? else { return Ok(false) };
    if event.owner.token != token {
        return Ok(false);
    }
    if event.state != EventState::Handling {
        // Written already: nobody knew whether it was.
        return Ok(true);
    }
    let now = table.now();
    match outcome {
        Outcome::Handled => {
            event.state = EventState::Handled;
            event.last_error = None;
            event.updated_at = now;
        }
        Outcome::Failed(error) => fail(&mut event, error, patience, now),
        Outcome::Released => release(&mut event, now),
    }
    table.update_event(&event)?;
    Ok(true)
}

/// Gives back all that a claim has: it did not reach whoever asked.
pub fn undo(table: &mut dyn Table, claim: &Claim) -> Result<()> {
    let handling = EventFilter {
        state: Some(EventState::Handling),
        provider: Some(claim.provider.clone()),
        account: Some(claim.account.clone()),
        ..EventFilter::default()
    };
    for seen in table.list_events(&handling)? {
        if seen.owner.token == claim.token {
            finish(table, &seen.key, &claim.token, &Outcome::Released, claim.patience)?;
        }
    }
    Ok(())
}

/// Keeps an event from being taken away for another while.
pub fn renew(table: &mut dyn Table, key: &EventKey, token: &str, lease: Duration) -> Result<()> {
    let Some(mut event) = table.find_event(key)? else { return Ok(()) };
    if event.state == EventState::Handling && event.owner.token == token {
        event.owner.lease_until = later(table.now(), lease);
        table.update_event(&event)?;
    }
    Ok(())
}

/// A person has a dead event handled again.
pub fn retry(table: &mut dyn Table, key: &EventKey) -> Result<StoredEvent> {
    let Some(mut event) = table.find_event(key)? else {
        return Err(JournalError::invalid("id", "is of no event in the inbox"));
    };
    match event.state {
        EventState::Dead => {}
        // Written already: nobody knew whether it was.
        EventState::Waiting if event.attempts == 0 => return Ok(event),
        state => {
            let problem =
                format!("is of an event that is {state}, and only what is dead is handled again");
            return Err(JournalError::invalid("id", problem));
        }
    }
    let now = table.now();
    event.state = EventState::Waiting;
    event.attempts = 0;
    event.next_at = now;
    event.updated_at = now;
    table.update_event(&event)?;
    Ok(event)
}

fn fail(event: &mut StoredEvent, error: &str, patience: Patience, now: Timestamp) {
    event.last_error = Some(error.to_owned());
    event.updated_at = now;
    if event.attempts >= patience.max_attempts {
        event.state = EventState::Dead;
        return;
    }
    let doubled = 2_u32.saturating_pow(event.attempts.saturating_sub(1));
    event.state = EventState::Waiting;
    event.next_at = later(now, patience.backoff.saturating_mul(doubled).min(LONGEST));
}

fn release(event: &mut StoredEvent, now: Timestamp) {
    event.state = EventState::Waiting;
    event.attempts = event.attempts.saturating_sub(1);
    event.next_at = now;
    event.updated_at = now;
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}
