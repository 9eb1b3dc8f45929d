//! Whose turn it is: one transaction that finds the next row that may be sent, gives it to this run alone, and keeps the pace of
//! the account, for all processes together.
//!
//! Every step is safe to run again: a connection may break just when it is written, and nobody knows whether it was.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::known::{Found, Said, state_of};
use crate::error::JournalError;
use crate::intent::{Intent, IntentKey, Owner, State};
use crate::owner::{Process, has_ended};
use crate::steps::{fingerprint, give_up_the_dead, meant};
use crate::store::{Pace, Table};

type Result<T> = std::result::Result<T, JournalError>;

/// For how long a row is kept for the run whose turn it is: until its call has begun.
const CLAIM: SignedDuration = SignedDuration::from_secs(10);

/// How far ahead a turn is given. What is later is asked for again, because the pace may have changed.
const AHEAD: Duration = Duration::from_millis(250);

/// Time between two payments after the vendor was first found not to keep up, at least and at most.
const SLOW: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// Longest wait that a vendor can ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// What tells the claims of runs from the owners of calls.
pub const CLAIMANT: &str = "batch ";

/// A row that may be sent next.
#[derive(Clone)]
pub struct Candidate {
    pub row: usize,
    pub name: String,
    pub arguments: [u8; 32],
}

/// A run that asks for its turn.
pub struct Ask {
    /// The beginning of the names of the batch's intents, as a key.
    pub prefix: IntentKey,
    /// Of this run alone, beginning with [`CLAIMANT`].
    pub token: String,
    pub process: Process,
    pub began: Timestamp,
    /// Time between two payments, as the batch says.
    pub spacing: Duration,
    pub goes_on: bool,
    pub candidates: Vec<Candidate>,
}

/// What a run is told.
#[derive(Debug, Default)]
pub struct Turn {
    /// Rows that have ended, with their intents.
    pub over: Vec<(usize, Found)>,
    /// Rows that others are sending.
    pub busy: Vec<usize>,
    pub next: Next,
}

/// What a run does next.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Next {
    /// No candidate may be sent.
    #[default]
    Nothing,
    /// Sends this row after a wait; it was given its turn at that moment.
    Send(usize, Duration, Timestamp),
    /// Asks again after a wait.
    Wait(Duration),
    /// Stops: an outcome of the batch is unknown.
    Unknown,
}

/// Finds the next row of the candidates, in their order.
pub fn turn(table: &mut dyn Table, ask: &Ask) -> Result<Turn> {
    let IntentKey { provider, account, .. } = &ask.prefix;
    // Before anything else: all runs of the account wait for each other here, and for nothing while they hold it.
    let mut pace = table.pace(provider, account)?;
    let now = table.now();
    let mut turn = Turn::default();
    for mut intent in table.under(&ask.prefix, true)? {
        if intent.state == State::Sending {
            give_up(table, &mut intent)?;
        }
        if intent.state == State::Unknown && !ask.goes_on {
            turn.next = Next::Unknown;
            return Ok(turn);
        }
    }
    for Candidate { row, name, arguments } in &ask.candidates {
        let key = IntentKey { name: name.clone(), ..ask.prefix.clone() };
        let seen = table.look(&key)?;
        if let Some(intent) = &seen {
            let fingerprint = fingerprint(table, arguments)?;
            match state_of(intent, &fingerprint, Some(ask.began)) {
                (Said::Over(state), problem) => {
                    let intent = intent.clone();
                    turn.over.push((*row, Found { intent, state, problem }));
                    continue;
                }
                (Said::Sending, _) => {
                    turn.busy.push(*row);
                    continue;
                }
                (Said::Unsent, _) if is_claimed(intent, &ask.token, now) => {
                    turn.busy.push(*row);
                    continue;
                }
                (Said::Unsent, _) => {}
            }
        }
        let at = pace.next_at.max(now);
        let wait = between(now, at);
        if wait > AHEAD {
            turn.next = Next::Wait(wait);
            break;
        }
        if !claim(table, ask, &key, seen.as_ref(), now)? {
            turn.busy.push(*row);
            continue;
        }
        let spacing = pace.spacing.max(ask.spacing);
        pace.next_at = after(at, spacing);
        // It is tried faster and faster, until the vendor says no again.
        pace.spacing = pace.spacing * 3 / 4;
        table.save_pace(provider, account, &pace)?;
        turn.next = Next::Send(*row, wait, at);
        break;
    }
    Ok(turn)
}

/// The vendor did not take a payment that was given its turn at a moment: all runs of the account wait for as long as it asks,
/// and are slower after that. What was sent before they were slower slows nobody again.
pub fn slow(
    table: &mut dyn Table,
    ask: &Ask,
    given_at: Timestamp,
    retry_after: Option<Duration>,
) -> Result<()> {
    let IntentKey { provider, account, .. } = &ask.prefix;
    let Pace { next_at, spacing, slowed_at } = table.pace(provider, account)?;
    let now = table.now();
    let is_news = given_at >= slowed_at;
    let spacing = if is_news {
        (spacing.max(ask.spacing) * 2).clamp(SLOW.0, SLOW.1.max(ask.spacing))
    } else {
        spacing
    };
    let wait = retry_after.unwrap_or(spacing).min(MAX_RETRY_AFTER);
    let pace = Pace {
        next_at: next_at.max(after(now, wait)),
        spacing,
        slowed_at: if is_news { now } else { slowed_at },
    };
    table.save_pace(provider, account, &pace)
}

/// Keeps a row for this run until its call has begun; false where another was faster.
fn claim(
    table: &mut dyn Table,
    ask: &Ask,
    key: &IntentKey,
    seen: Option<&Intent>,
    now: Timestamp,
) -> Result<bool> {
    let owner = Owner {
        token: ask.token.clone(),
        machine: ask.process.machine.clone(),
        process: ask.process.id.clone(),
        lease_until: now.checked_add(CLAIM).unwrap_or(Timestamp::MAX),
    };
    if seen.is_none() {
        return table.insert(&Intent { owner, ..meant(key, now) });
    }
    let Some(intent) = table.find(key)? else { return Ok(false) };
    // Nothing is said of its state: this is no call.
    if seen.is_none_or(|seen| seen.state != intent.state || seen.owner != intent.owner) {
        return Ok(false);
    }
    table.update(&Intent { owner, ..intent })?;
    Ok(true)
}

/// Whether another run has the row.
fn is_claimed(intent: &Intent, token: &str, now: Timestamp) -> bool {
    let Owner { token: other, machine, process, lease_until } = &intent.owner;
    other.starts_with(CLAIMANT)
        && other != token
        && *lease_until > now
        && !has_ended(machine, process)
}

/// A call whose process has ended is in doubt from now on.
fn give_up(table: &mut dyn Table, intent: &mut Intent) -> Result<()> {
    if crate::steps::given_up(intent, table.now()).is_some()
        && let Some(found) = table.find(&intent.key)?
    {
        *intent = found;
        give_up_the_dead(table, intent)?;
    }
    Ok(())
}

fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    later.duration_since(earlier).try_into().unwrap_or_default()
}

fn after(moment: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait)
        .ok()
        .and_then(|wait| moment.checked_add(wait).ok())
        .unwrap_or(Timestamp::MAX)
}
