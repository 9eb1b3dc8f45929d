//! What may follow what: the life of an intent, as steps over a [`Table`].
//!
//! Every step is safe to run again: a connection may break just when it is written, and nobody knows whether it was.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use payglot_runtime::journal::{Ended, RecordedResponse};
use sha2::Sha256;

use crate::error::JournalError;
use crate::guard::{self, Allowed, Limits};
use crate::intent::{Intent, IntentKey, LogEntry, Owner, State};
use crate::owner::{Process, has_ended};
use crate::store::{Spent, Table};

type Result<T> = std::result::Result<T, JournalError>;

/// How much longer than its call an owner is waited for.
const MARGIN: Duration = Duration::from_secs(5);

/// A call that wants to be sent.
pub struct Request {
    pub key: IntentKey,
    /// A hash of what leaves.
    pub arguments: [u8; 32],
    /// Made anew for each call.
    pub token: String,
    pub process: Process,
    /// Time for the call with all its attempts.
    pub timeout: Duration,
    /// What a look-up of what became of it compares.
    pub lookup: Option<String>,
    /// Whether it may be sent again although it may have arrived.
    pub is_repeatable: bool,
    /// What it may spend.
    pub limits: Limits,
}

/// What a call is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It may be sent, and is written down as being sent.
    Send,
    /// It was made.
    Replay(RecordedResponse),
    /// The intent was used with other arguments.
    Mismatch,
    /// Another owner is sending it.
    Busy,
    /// It was sent, and nobody knows what became of it.
    Unknown,
    /// A guard does not allow it: the rule, and what it says.
    Refused(&'static str, &'static str),
    /// A guard wants another person to approve it.
    Held,
}

/// Asks whether a call may be sent, and writes down that it is being sent.
pub fn begin(table: &mut dyn Table, request: &Request) -> Result<Begun> {
    let now = table.now();
    let fingerprint = fingerprint(table, &request.arguments)?;
    let mut seen = table.look(&request.key)?;
    if seen.is_none() {
        let intent = meant(&request.key, now);
        let insert = |table: &mut dyn Table, intent: &Intent| table.insert(intent);
        if let Some(begun) = start(table, request, intent, &fingerprint, now, insert)? {
            return Ok(begun);
        }
        // Another process was faster.
        seen = table.look(&request.key)?;
    }
    // What needs no change waits for no lock and for no disk.
    if let Some(begun) = seen.and_then(|intent| told(request, &fingerprint, &intent, now)) {
        return Ok(begun);
    }
    let lost = || JournalError::unusable("has lost an intent while it was read: try again");
    let mut intent = table.find(&request.key)?.ok_or_else(lost)?;
    give_up_the_dead(table, &mut intent)?;
    if let Some(begun) = told(request, &fingerprint, &intent, now) {
        return Ok(begun);
    }
    let update = |table: &mut dyn Table, intent: &Intent| table.update(intent).map(|()| true);
    start(table, request, intent, &fingerprint, now, update)?.ok_or_else(lost)
}

/// Writes down that an intent is being sent, and what it counts, where its limits allow it. Nothing where `save` did not.
fn start(
    table: &mut dyn Table,
    request: &Request,
    mut intent: Intent,
    fingerprint: &[u8],
    now: Timestamp,
    save: impl FnOnce(&mut dyn Table, &Intent) -> Result<bool>,
) -> Result<Option<Begun>> {
    let spent = match guard::allow(table, request, now)? {
        Allowed::Yes(spent) => spent,
        Allowed::No(rule, problem) => return Ok(Some(Begun::Refused(rule, problem))),
        Allowed::NotYet(spent) => {
            return hold(table, request, intent, fingerprint, &spent).map(Some);
        }
    };
    let because = send(&mut intent, request, fingerprint, now);
    if !save(table, &intent)? {
        return Ok(None);
    }
    if let Some(spent) = spent {
        table.save_spend(&request.key, &spent)?;
    }
    table.append(&request.key, &entry(&intent, &request.process.description, because))?;
    Ok(Some(Begun::Send))
}

/// Keeps an intent that another person has to approve, for these very arguments.
fn hold(
    table: &mut dyn Table,
    request: &Request,
    mut intent: Intent,
    fingerprint: &[u8],
    spent: &Spent,
) -> Result<Begun> {
    if intent.fingerprint == fingerprint && intent.state == State::Recorded {
        return Ok(Begun::Held);
    }
    let was = intent.state;
    intent.state = State::Recorded;
    // Tried, and so no intent of the outbox: nobody is given what waits for a person.
    intent.attempts = intent.attempts.max(1);
    intent.fingerprint = fingerprint.to_vec();
    intent.updated_at = table.now();
    // It may be there already.
    if !table.insert(&intent)? {
        let Some(known) = table.find(&request.key)? else { return Ok(Begun::Held) };
        if known.state != was {
            // Another process was faster.
            return Ok(Begun::Busy);
        }
        table.update(&intent)?;
    }
    table.save_spend(&request.key, spent)?;
    let because = "held until another person approves it";
    table.append(&request.key, &entry(&intent, &request.process.description, because))?;
    Ok(Begun::Held)
}

/// Records an intent that is to be sent later; false where it is there already.
pub fn record(table: &mut dyn Table, key: &IntentKey, by: &str) -> Result<bool> {
    let intent = meant(key, table.now());
    let is_new = table.insert(&intent)?;
    if is_new {
        table.append(key, &entry(&intent, by, "recorded to be sent"))?;
    }
    Ok(is_new)
}

/// Takes recorded intents for a while: until then no other worker is given them. Nothing is said of their being sent.
pub fn claim(
    table: &mut dyn Table,
    operation: Option<&str>,
    at_most: u32,
    lease: Duration,
) -> Result<Vec<Intent>> {
    let lease = SignedDuration::try_from(lease).unwrap_or(SignedDuration::MAX);
    let lease_until = table.now().checked_add(lease).unwrap_or(Timestamp::MAX);
    let mut claimed = table.free(operation, at_most)?;
    for intent in &mut claimed {
        intent.owner = Owner { lease_until, ..Owner::default() };
        table.update(intent)?;
    }
    Ok(claimed)
}

/// What a call is told of an intent as it is; `None` where it may be sent, or its owner is to be given up.
fn told(request: &Request, fingerprint: &[u8], intent: &Intent, now: Timestamp) -> Option<Begun> {
    if intent.owner.token == request.token {
        // This very call: nobody knew whether its first step was written.
        return Some(Begun::Send);
    }
    // What was only recorded has no arguments yet.
    if intent.fingerprint != fingerprint && !intent.fingerprint.is_empty() {
        return Some(Begun::Mismatch);
    }
    match intent.state {
        State::Succeeded => Some(Begun::Replay(recorded(intent))),
        State::Sending if given_up(intent, now).is_none() => Some(Begun::Busy),
        State::Unknown if !request.is_repeatable => Some(Begun::Unknown),
        _ => None,
    }
}

/// Writes down how a call ended. The owner's word is the best there is, also when it comes late.
pub fn end(
    table: &mut dyn Table,
    key: &IntentKey,
    token: &str,
    by: &str,
    ended: &Ended,
) -> Result<()> {
    let Some(mut intent) = table.find(key)? else { return Ok(()) };
    let is_owner = intent.owner.token == token;
    let was = intent.state;
    let (state, because) = match ended {
        Ended::Succeeded(_) => (State::Succeeded, "the vendor did it"),
        Ended::Rejected { .. } => (State::Refused, "the vendor refused it"),
        Ended::NotSent => (State::Recorded, "it provably never reached the vendor"),
        Ended::Unknown { .. } => (State::Unknown, "nobody knows what became of it"),
    };
    let (status, request_id, response) = match ended {
        Ended::Succeeded(RecordedResponse { status, request_id, payload }) => {
            (Some(*status), request_id.clone(), payload.clone())
        }
        Ended::Rejected { status, request_id } => (Some(*status), request_id.clone(), None),
        Ended::Unknown { status, request_id } => (*status, request_id.clone(), None),
        Ended::NotSent => (None, None, None),
    };
    let is_open = matches!(was, State::Sending | State::Unknown | State::Released);
    // Not to know says nothing about what somebody else has found out meanwhile.
    let is_news = was == State::Sending || state != State::Unknown;
    if is_owner && was == state {
        // Written already: nobody knew whether it was.
        return Ok(());
    }
    if !is_owner && matches!(ended, Ended::NotSent) {
        // Its beginning was not written either.
        return Ok(());
    }
    let late = if is_owner && is_open && is_news {
        intent.state = state;
        intent.status = status;
        intent.request_id.clone_from(&request_id);
        intent.response = response;
        intent.updated_at = table.now();
        table.update(&intent)?;
        ""
    } else {
        "an earlier owner says, too late to count: "
    };
    let entry = LogEntry {
        at: table.now(),
        state: intent.state,
        by: by.to_owned(),
        because: format!("{late}{because}"),
        attempt: intent.attempts,
        status,
        request_id,
    };
    table.append(key, &entry)
}

/// An intent whose owner has died, or whose lease has run out, is unknown from then on.
pub fn give_up_the_dead(table: &mut dyn Table, intent: &mut Intent) -> Result<()> {
    let Some(because) = given_up(intent, table.now()) else { return Ok(()) };
    intent.state = State::Unknown;
    intent.updated_at = table.now();
    table.update(intent)?;
    let entry = entry(intent, "the journal", because);
    table.append(&intent.key, &entry)
}

/// Why nobody waits any more for the owner of an intent that is being sent.
pub fn given_up(intent: &Intent, now: Timestamp) -> Option<&'static str> {
    let Owner { machine, process, lease_until, .. } = &intent.owner;
    if intent.state != State::Sending {
        None
    } else if has_ended(machine, process) {
        Some("the process that was sending it has ended")
    } else if *lease_until < now {
        Some("the process that was sending it has said nothing within its time")
    } else {
        None
    }
}

/// An intent that is there, unknown where its owner has died.
pub fn known(table: &mut dyn Table, key: &IntentKey) -> Result<Intent> {
    let Some(mut intent) = table.find(key)? else {
        return Err(JournalError::invalid("intent", "is not in the journal"));
    };
    give_up_the_dead(table, &mut intent)?;
    Ok(intent)
}

/// An intent of which nobody knows what became.
pub fn unknown(table: &mut dyn Table, key: &IntentKey) -> Result<Intent> {
    let intent = known(table, key)?;
    if intent.state == State::Unknown {
        return Ok(intent);
    }
    Err(not_unknown(intent.state, "looked up"))
}

/// Why an intent that is not unknown cannot be looked up or decided.
fn not_unknown(state: State, done: &str) -> JournalError {
    if state == State::Sending {
        let problem = "is being sent by a process that is alive: wait for it";
        return JournalError::invalid("intent", problem);
    }
    let problem = format!("is {state}, and only what is unknown can be {done}");
    JournalError::invalid("intent", problem)
}

/// A person, or a look-up, says what became of an intent that is unknown.
pub fn decide(
    table: &mut dyn Table,
    key: &IntentKey,
    decision: &Decision,
    by: &str,
    because: &str,
) -> Result<Intent> {
    let mut intent = known(table, key)?;
    let state = match decision {
        Decision::Succeeded(_) => State::Succeeded,
        Decision::Released => State::Released,
    };
    match intent.state {
        State::Unknown => {}
        // Written already: nobody knew whether it was.
        was if was == state && is_last(table, key, by, because)? => return Ok(intent),
        was => return Err(not_unknown(was, "decided by a person")),
    }
    intent.state = state;
    if let Decision::Succeeded(found) = decision {
        // What the vendor said before was no success.
        let found = found.clone();
        intent.status = found.as_ref().map(|response| response.status);
        intent.response = found.and_then(|response| response.payload);
    }
    intent.updated_at = table.now();
    table.update(&intent)?;
    table.append(key, &entry(&intent, by, because))?;
    Ok(intent)
}

/// Whether the newest entry of the log is of this person for this reason.
fn is_last(table: &mut dyn Table, key: &IntentKey, by: &str, because: &str) -> Result<bool> {
    let log = table.log(key)?;
    Ok(log.last().is_some_and(|entry| entry.by == by && entry.because == because))
}

/// What became of an intent, as somebody has found out.
pub enum Decision {
    /// It happened; with the record of it, where it was found.
    Succeeded(Option<RecordedResponse>),
    /// It did not happen, and may be sent again.
    Released,
}

/// An intent that is meant, and not sent.
pub fn meant(key: &IntentKey, now: Timestamp) -> Intent {
    Intent {
        key: key.clone(),
        state: State::Recorded,
        attempts: 0,
        status: None,
        request_id: None,
        response: None,
        created_at: now,
        updated_at: now,
        fingerprint: Vec::new(),
        owner: Owner::default(),
        lookup: None,
    }
}

/// Makes a call the owner of an intent, which it sends; gives the reason for the log.
fn send(intent: &mut Intent, request: &Request, fingerprint: &[u8], now: Timestamp) -> String {
    let because = match intent.attempts {
        0 => "sent for the first time".to_owned(),
        _ => format!("sent again: it was {}", intent.state),
    };
    intent.state = State::Sending;
    intent.attempts = intent.attempts.saturating_add(1);
    intent.status = None;
    intent.request_id = None;
    intent.fingerprint = fingerprint.to_vec();
    intent.lookup.clone_from(&request.lookup);
    intent.owner = owner(request, now);
    intent.updated_at = now;
    because
}

/// Tells arguments apart for whoever has the journal's key, and tells nobody else what they are.
pub fn fingerprint(table: &dyn Table, arguments: &[u8; 32]) -> Result<Vec<u8>> {
    let mut hmac = Hmac::<Sha256>::new_from_slice(table.fingerprint_key()).map_err(|_| {
        JournalError::unusable("has no key for fingerprints: it was changed by hand")
    })?;
    hmac.update(arguments);
    Ok(hmac.finalize().into_bytes().to_vec())
}

fn owner(request: &Request, now: Timestamp) -> Owner {
    let lease = request.timeout.saturating_add(MARGIN);
    let lease = SignedDuration::try_from(lease).unwrap_or(SignedDuration::MAX);
    Owner {
        token: request.token.clone(),
        machine: request.process.machine.clone(),
        process: request.process.id.clone(),
        lease_until: now.checked_add(lease).unwrap_or(Timestamp::MAX),
    }
}

fn entry(intent: &Intent, by: &str, because: impl Into<String>) -> LogEntry {
    LogEntry {
        at: intent.updated_at,
        state: intent.state,
        by: by.to_owned(),
        because: because.into(),
        attempt: intent.attempts,
        status: intent.status,
        request_id: intent.request_id.clone(),
    }
}

fn recorded(intent: &Intent) -> RecordedResponse {
    RecordedResponse {
        status: intent.status.unwrap_or(200),
        request_id: intent.request_id.clone(),
        payload: intent.response.clone(),
    }
}
