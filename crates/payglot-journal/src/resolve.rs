//! What became of an unknown intent, looked up at the vendor.

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use payglot_runtime::client::{CallOptions, Core};
use payglot_runtime::lookup::{LookedUp, Sought, record_id};
use payglot_runtime::schema::{Operation, Replay};

use crate::error::JournalError;
use crate::intent::{Intent, IntentKey, State};
use crate::journal::Journal;
use crate::steps::{self, Decision};
use crate::store::Table;

/// Who says what a look-up has found out.
const BY: &str = "look-up";

/// How long after its last change a call may still take effect, with room for clocks.
const AFTERMATH: SignedDuration = SignedDuration::from_hours(1);

/// What a look-up told of an unknown intent, and what the intent is now.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Resolved {
    /// `succeeded` where the call was found, with the record; `released` where a call that moves no money was proven not to
    /// have happened; else unknown as before.
    pub intent: Intent,
    /// What the look-up told.
    pub looked_up: LookedUp,
    /// What a person looks at where the look-up does not tell; empty for a call outside the document.
    pub advice: String,
}

/// Why an intent could not be looked up.
#[derive(Debug)]
pub enum ResolveError {
    /// The journal could not be used, or the intent cannot be looked up.
    Journal(JournalError),
    /// The vendor could not be asked.
    Call(payglot_runtime::Error),
}

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Journal(error) => error.fmt(f),
            Self::Call(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ResolveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Journal(error) => error.source(),
            Self::Call(error) => error.source(),
        }
    }
}

impl From<JournalError> for ResolveError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<payglot_runtime::Error> for ResolveError {
    fn from(error: payglot_runtime::Error) -> Self {
        Self::Call(error)
    }
}

impl Journal {
    /// Looks up at the vendor what became of an unknown intent, by the operation that the document gives for it, with a
    /// client of the same account. Sends nothing but reads. `given` is what the look-up asks for beside what the call had, such
    /// as the `user_id` of a payment's payee: the operation's docs name it.
    ///
    /// Found: the intent is `succeeded`, with the record. Proven not to have happened: it is `released`, unless it moves
    /// money, which a person releases. Else it stays unknown.
    pub async fn resolve(
        &self,
        core: &Core,
        key: &IntentKey,
        given: &[(&str, &str)],
        options: &CallOptions,
    ) -> Result<Resolved, ResolveError> {
        if core.provider().name != key.provider || core.account() != key.account {
            return Err(JournalError::invalid("client", "is not of the intent's account").into());
        }
        let Some(operation) = core.provider().operation(&key.operation) else {
            let (looked_up, advice) = (LookedUp::NotPublished, String::new());
            return Ok(Resolved { intent: self.seen(key, None).await?.intent, looked_up, advice });
        };
        let Seen { intent, now, others } = self.seen(key, Some(operation)).await?;
        let sought = Sought {
            remembered: intent.lookup.as_deref().unwrap_or_default(),
            began: intent.created_at,
            ended_ago: Duration::try_from(now.duration_since(intent.updated_at))
                .unwrap_or_default(),
            taken: &others.taken,
            reference: &intent.reference(),
            given,
        };
        let looked_up = others.weighed(core.look_up(operation, sought, options).await?);
        let list = operation.lookup.map_or("", |lookup| lookup.operation.name);
        let decided = match &looked_up {
            LookedUp::Found(record) => {
                Some((Decision::Succeeded(Some(record.clone())), format!("found by {list}")))
            }
            LookedUp::NotFound { proves_absence: true } if operation.replay == Replay::Create => {
                Some((Decision::Released, format!("not found by {list}, where it would be")))
            }
            _ => None,
        };
        let intent = match decided {
            Some((decision, because)) => {
                self.decide_as_seen(operation, intent, others, decision, because).await?
            }
            None => intent,
        };
        let mut advice = operation.reconcile.to_owned();
        for (name, what) in operation.lookup.into_iter().flat_map(|lookup| lookup.asked) {
            if !given.iter().any(|(given, _)| given == name) {
                advice += &format!(" A program can look where it is given `{name}`: {what}.");
            }
        }
        Ok(Resolved { intent, looked_up, advice })
    }

    /// An unknown intent, and those like it.
    async fn seen(
        &self,
        key: &IntentKey,
        operation: Option<&'static Operation>,
    ) -> Result<Seen, JournalError> {
        let key = key.clone();
        self.ask(move |table| {
            let intent = steps::unknown(table, &key)?;
            let others = Others::of(table, &intent, operation)?;
            Ok(Seen { intent, now: table.now(), others })
        })
        .await
    }

    /// Writes down what was found out, if nothing has changed since it was looked up.
    async fn decide_as_seen(
        &self,
        operation: &'static Operation,
        seen: Intent,
        others: Others,
        decision: Decision,
        because: String,
    ) -> Result<Intent, JournalError> {
        self.ask(move |table| {
            let now = table.find(&seen.key)?;
            let is_open = now.as_ref().is_some_and(|now| now.state == State::Unknown);
            let is_as_seen = now.is_some_and(|now| now == seen)
                && Others::of(table, &seen, Some(operation))? == others;
            if is_open && !is_as_seen {
                let problem = "or one like it was changed while it was looked up: look again";
                return Err(JournalError::invalid("intent", problem));
            }
            steps::decide(table, &seen.key, &decision, BY, &because)
        })
        .await
    }
}

struct Seen {
    intent: Intent,
    now: Timestamp,
    others: Others,
}

/// What is known of the intents that a look-up cannot tell from one by their arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Others {
    /// The records that are theirs.
    taken: Vec<String>,
    /// Whether a record may be of one of them, and nobody knows which.
    is_doubtful: bool,
}

impl Others {
    fn of(
        table: &mut dyn Table,
        intent: &Intent,
        operation: Option<&'static Operation>,
    ) -> Result<Self, JournalError> {
        let mut others = Self::default();
        for other in table.alike(intent)? {
            let id = operation.zip(other.response.as_deref());
            let id = id.and_then(|(operation, response)| record_id(operation, response));
            match (other.state, id) {
                (State::Recorded | State::Refused, _) => {}
                (State::Succeeded, Some(id)) => others.taken.push(id),
                // What it made is older than what this one could have made.
                _ if other
                    .updated_at
                    .saturating_add(AFTERMATH)
                    .is_ok_and(|end| end < intent.created_at) => {}
                _ => others.is_doubtful = true,
            }
        }
        Ok(others)
    }

    /// A record that may as well be of another intent is a candidate and no more.
    fn weighed(&self, looked_up: LookedUp) -> LookedUp {
        match looked_up {
            LookedUp::Found(record) if self.is_doubtful => {
                LookedUp::Ambiguous(record.payload.into_iter().collect())
            }
            other => other,
        }
    }
}
