//! The journal, as a client and a person ask it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_core::future::BoxFuture;
use http::{HeaderName, HeaderValue};
use payglot_runtime::journal::{Begin, IntentCall, Obstacle, SharedJournal};
use payglot_runtime::schema::Replay;
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;

use crate::error::JournalError;
use crate::guard::{self, Guard, Limits};
use crate::intent::{Filter, Intent, IntentKey, LogEntry, State};
use crate::lease::Held;
use crate::owner::Process;
use crate::slot::Slot;
use crate::steps::{self, Begun, Decision, Request};
use crate::store::{Location, Table};
use crate::worker::Task;

/// Most characters of what a person says.
const MAX_TEXT: usize = 500;

/// How long to wait between two looks at an intent that another owner is sending: at first, and at most.
const LOOKS: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(250));

/// Remembers intents in a file or in PostgreSQL. Clones are the same journal, and share one connection.
#[derive(Clone)]
pub struct Journal(pub(crate) Arc<Slot>, Option<Arc<Guard>>);

impl Journal {
    /// Opens a journal, or makes it: the path of a file, or `postgresql://user@host/database` for several machines.
    ///
    /// Waits for the disk or the server. A file must be on a disk of this machine.
    pub fn open(location: &str) -> Result<Self, JournalError> {
        let journal = Self::at(location)?;
        let (sender, opened) = std::sync::mpsc::channel();
        journal.0.worker()?.run(Task::job(
            None,
            |_| Ok(()),
            move |result| {
                // An error says that nobody waits any more.
                let _ = sender.send(result);
                None
            },
        ));
        opened.recv().map_err(|_| closed())??;
        Ok(journal)
    }

    /// Like [`Journal::open`], without waiting: a file or a server that cannot be used is an error of the first call.
    pub fn at(location: &str) -> Result<Self, JournalError> {
        Ok(Self(Arc::new(Slot::new(Location::parse(location)?)), None))
    }

    /// The same journal for clients whose payments a guard limits. A limit that is none is an error.
    pub fn guarded(&self, guard: Guard) -> Result<Self, JournalError> {
        guard.check()?;
        Ok(Self(self.0.clone(), Some(Arc::new(guard))))
    }

    /// Waits until it is open.
    pub async fn opened(&self) -> Result<(), JournalError> {
        self.ask(|_| Ok(())).await
    }

    /// The intents of a filter, oldest first. One whose owner has died is unknown.
    pub async fn list(&self, filter: Filter) -> Result<Vec<Intent>, JournalError> {
        self.ask(move |table| {
            let sending = Filter { state: Some(State::Sending), ..filter.clone() };
            let mut keys: Vec<_> =
                table.list(&sending)?.into_iter().map(|intent| intent.key).collect();
            keys.sort();
            for key in keys {
                if let Some(mut intent) = table.find(&key)? {
                    steps::give_up_the_dead(table, &mut intent)?;
                }
            }
            table.list(&filter)
        })
        .await
    }

    /// The intents of which nobody knows whether they were done, oldest first.
    pub async fn unknown(&self) -> Result<Vec<Intent>, JournalError> {
        self.list(Filter { state: Some(State::Unknown), ..Filter::default() }).await
    }

    /// The intent of a name; `None` where there is none. Where several operations, accounts or providers have one of that
    /// name, this is an error: [`Journal::list`] tells them apart.
    pub async fn get(&self, name: &str) -> Result<Option<Intent>, JournalError> {
        let mut found =
            self.list(Filter { name: Some(name.to_owned()), ..Filter::default() }).await?;
        let intent = found.pop();
        if found.is_empty() {
            Ok(intent)
        } else {
            Err(JournalError::invalid(
                "intent",
                "is the name of several: list them, and say which operation",
            ))
        }
    }

    /// All that happened to an intent, oldest first.
    pub async fn log(&self, key: &IntentKey) -> Result<Vec<LogEntry>, JournalError> {
        let key = key.clone();
        self.ask(move |table| table.log(&key)).await
    }

    /// A person has found out that an unknown intent was done: it is never sent again. `by` is who says so, and `because` is
    /// why; both stand in the log for ever, and neither may hold what is secret.
    pub async fn succeeded(
        &self,
        key: &IntentKey,
        by: &str,
        because: &str,
    ) -> Result<Intent, JournalError> {
        self.decide(key, by, because, || Decision::Succeeded(None)).await
    }

    /// A person has found out that an unknown intent was not done: it may be sent again.
    pub async fn release(
        &self,
        key: &IntentKey,
        by: &str,
        because: &str,
    ) -> Result<Intent, JournalError> {
        self.decide(key, by, because, || Decision::Released).await
    }

    /// A person approves an intent that a guard holds, for the arguments with which it was asked for. `by` is who says so, and
    /// must be another than the one who asked for it. The call itself has to be made again.
    pub async fn approve(&self, key: &IntentKey, by: &str) -> Result<Intent, JournalError> {
        check_text("by", by)?;
        let (key, by) = (key.clone(), by.to_owned());
        self.ask(move |table| guard::approve(table, &key, &by)).await
    }

    /// Records an intent that [`Journal::claim_recorded`] gives to whoever sends it; false where it is there already.
    ///
    /// In the transaction of an order, PostgreSQL's function `payglot_record` does the same: see docs/journal.md.
    pub async fn record(&self, key: &IntentKey) -> Result<bool, JournalError> {
        check_name(&key.name)?;
        let (key, by) = (key.clone(), self.0.worker()?.process.description.clone());
        self.ask(move |table| steps::record(table, &key, &by)).await
    }

    /// Takes up to `at_most` intents that were recorded to be sent, or that a person has released since, of one operation or of
    /// all, oldest first; never one that was first used by a call. For as long as `lease` no other
    /// worker is given them; who dies with them loses nothing, because they are still recorded. Send each by a call with its
    /// name.
    pub async fn claim_recorded(
        &self,
        operation: Option<&str>,
        at_most: u32,
        lease: Duration,
    ) -> Result<Vec<Intent>, JournalError> {
        let operation = operation.map(str::to_owned);
        self.ask(move |table| steps::claim(table, operation.as_deref(), at_most, lease)).await
    }

    async fn decide(
        &self,
        key: &IntentKey,
        by: &str,
        because: &str,
        decision: impl Fn() -> Decision + Send + 'static,
    ) -> Result<Intent, JournalError> {
        check_text("by", by)?;
        check_text("because", because)?;
        let (key, by, because) = (key.clone(), by.to_owned(), because.to_owned());
        self.ask(move |table| steps::decide(table, &key, &decision(), &by, &because)).await
    }

    /// Writes what is left and closes the connection; it is open again with the next call.
    pub fn close(&self) {
        self.0.close();
    }

    /// Closes a file until the fork is over: its locks belong to a process, and a child that has it open at its birth takes
    /// its parent's locks for its own.
    pub fn before_fork(&self) {
        self.0.before_fork();
    }

    /// The fork is over. The child needs no such call.
    pub fn after_fork_in_parent(&self) {
        self.0.after_fork_in_parent();
    }

    /// Does something in a transaction, in the thread of the journal.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut dyn Table) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let (sender, receiver) = oneshot::channel();
        self.0.run(Task::job(None, work, move |result| {
            // An error says that nobody waits any more.
            let _ = sender.send(result);
            None
        }));
        receiver.await.map_err(|_| closed())?
    }

    /// Writes down that a call is being sent, unless the journal says otherwise. A lease comes with [`Begun::Send`] alone.
    async fn ask_to_send(&self, request: Request) -> Result<(Begun, Option<Held>), JournalError> {
        let (slot, key, token) = (self.0.clone(), request.key.clone(), request.token.clone());
        let by = request.process.description.clone();
        let hold = move || Held::new(slot, key, token, by);
        let (sender, receiver) = oneshot::channel();
        let reply = move |result: Result<Begun, JournalError>| {
            let unsent = match result {
                Ok(Begun::Send) => sender.send(Ok((Begun::Send, Some(hold())))),
                Ok(begun) => sender.send(Ok((begun, None))),
                Err(error) => {
                    // Where the connection broke, nobody knows whether it was written.
                    let undone = error.is_lost.then(|| hold().take_back());
                    let _ = sender.send(Err(error));
                    return undone.flatten();
                }
            };
            // Nobody waits any more.
            unsent.err()?.ok()?.1?.take_back()
        };
        let key = Some(request.key.clone());
        self.0.run(Task::job(key, move |table| steps::begin(table, &request), reply));
        receiver.await.map_err(|_| closed())?
    }
}

impl payglot_runtime::journal::Journal for Journal {
    fn begin<'a>(&'a self, call: IntentCall<'a>) -> BoxFuture<'a, Result<Begin, Obstacle>> {
        Box::pin(async move {
            let IntentCall { method, target, headers, body, .. } = call;
            let arguments = arguments(method, target, headers, body);
            let start = Instant::now();
            let mut pause = LOOKS.0;
            loop {
                let process = self.0.worker().map_err(unusable)?.process.clone();
                let asked = self.ask_to_send(request(&call, process, arguments, self.1.clone()));
                let left = call.timeout.saturating_sub(start.elapsed());
                let Ok(told) = tokio::time::timeout(left, asked).await else {
                    return Err(unusable(JournalError::unusable(
                        "did not reply within the time for the call",
                    )));
                };
                let (begun, held) = told.map_err(unusable)?;
                if let Some(held) = held {
                    return Ok(Begin::Send(held.give()));
                }
                match begun {
                    Begun::Replay(recorded) => return Ok(Begin::Replay(recorded)),
                    Begun::Mismatch => return Err(Obstacle::Mismatch),
                    Begun::Unknown => return Err(Obstacle::Unknown),
                    Begun::Refused(rule, problem) => {
                        return Err(Obstacle::GuardRefused(rule, problem.into()));
                    }
                    Begun::Held => return Err(Obstacle::ApprovalNeeded),
                    Begun::Busy if start.elapsed() + pause > call.timeout => {
                        return Err(Obstacle::InProgress);
                    }
                    Begun::Busy | Begun::Send => tokio::time::sleep(pause).await,
                }
                pause = (pause * 2).min(LOOKS.1);
            }
        })
    }

    fn requires_intent(&self) -> bool {
        self.1.is_some()
    }
}

impl From<Journal> for SharedJournal {
    fn from(journal: Journal) -> Self {
        Self::new(journal)
    }
}

impl From<&Journal> for SharedJournal {
    fn from(journal: &Journal) -> Self {
        Self::new(journal.clone())
    }
}

/// Shows no location, which may hold a password.
impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").finish_non_exhaustive()
    }
}

fn request(
    call: &IntentCall<'_>,
    process: Process,
    arguments: [u8; 32],
    guard: Option<Arc<Guard>>,
) -> Request {
    let key = IntentKey {
        provider: call.provider.to_owned(),
        account: call.account.to_owned(),
        operation: call.operation.to_owned(),
        name: call.name.to_owned(),
    };
    Request {
        key,
        arguments,
        token: uuid::Uuid::new_v4().to_string(),
        process,
        timeout: call.timeout,
        lookup: call.lookup.map(str::to_owned),
        is_repeatable: call.replay.is_repeatable(),
        limits: Limits {
            guard,
            budget: call.budget.cloned(),
            moves: call.spend.cloned(),
            moves_money: call.replay == Replay::Money,
        },
    }
}

/// A hash of what leaves. The length of each part stands before it, so that no two lists of parts are one text.
pub(crate) fn arguments(
    method: &str,
    target: &str,
    headers: &[(HeaderName, HeaderValue)],
    body: &[u8],
) -> [u8; 32] {
    let mut hash = Sha256::new();
    let headers = headers.iter().flat_map(|(name, value)| [name.as_ref(), value.as_bytes()]);
    let parts = [method.as_bytes(), target.as_bytes(), body].into_iter();
    for part in parts.chain(headers) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn unusable(error: JournalError) -> Obstacle {
    let (problem, source) = error.into_parts();
    Obstacle::Unusable(problem, source)
}

pub(crate) fn closed() -> JournalError {
    JournalError::unusable("has stopped after an error of its own")
}

/// As clients check the names of their calls.
pub(crate) fn check_name(name: &str) -> Result<(), JournalError> {
    payglot_runtime::journal::check_name(name)
        .map_err(|_| JournalError::invalid("intent", "must be 1 to 255 printable characters"))
}

/// What stands in the log for ever: 1 to 500 characters, on one line.
pub(crate) fn check_text(argument: &'static str, text: &str) -> Result<(), JournalError> {
    let length = text.chars().count();
    if text.trim().is_empty() || length > MAX_TEXT || text.chars().any(char::is_control) {
        let problem =
            format!("must be 1 to {MAX_TEXT} printable characters: it stands in the log for ever");
        return Err(JournalError::invalid(argument, problem));
    }
    Ok(())
}
