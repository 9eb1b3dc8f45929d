//! The one thread of a process that reads and writes a journal.
//!
//! What many calls ask at the same time goes into one transaction, so that they share the time the disk needs.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::JournalError;
use crate::intent::IntentKey;
use crate::owner::Process;
use crate::store::{Location, Store, Table, Upcoming, Work};

type Result<T> = std::result::Result<T, JournalError>;

/// Most jobs in one transaction: what the last of them waits for the others.
const MAX_BATCH: usize = 256;

/// How long until what could not be written is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// A thread that has the connection to a journal. It ends when this is dropped.
pub struct Worker {
    sender: Sender<Message>,
    /// The process that it belongs to.
    pub process: Process,
    pub process_number: u32,
}

/// Work whose result goes to whoever asks.
pub struct Task<T, Work, Reply> {
    key: Option<IntentKey>,
    work: Work,
    value: Option<T>,
    reply: Reply,
}

impl<T, Work, Reply> Task<T, Work, Reply>
where
    T: Send + 'static,
    Work: FnMut(&mut dyn Table) -> Result<T> + Send + 'static,
    Reply: FnOnce(Result<T>) -> Option<Box<dyn Job>> + Send + 'static,
{
    /// `work` may be run more than once, until it is written; `reply` is called once, and gives what is to be done next.
    pub fn job(key: Option<IntentKey>, work: Work, reply: Reply) -> Box<dyn Job> {
        Box::new(Self { key, work, value: None, reply })
    }
}

impl<T, Work, Reply> Job for Task<T, Work, Reply>
where
    T: Send,
    Work: FnMut(&mut dyn Table) -> Result<T> + Send,
    Reply: FnOnce(Result<T>) -> Option<Box<dyn Job>> + Send,
{
    fn key(&self) -> Option<&IntentKey> {
        self.key.as_ref()
    }

    fn run(&mut self, table: &mut dyn Table) -> Result<()> {
        self.value = Some((self.work)(table)?);
        Ok(())
    }

    fn done(self: Box<Self>, result: Result<()>) -> Option<Box<dyn Job>> {
        let Self { value, reply, .. } = *self;
        let value = value.ok_or_else(|| JournalError::unusable("has not done what it was asked"));
        reply(result.and(value))
    }
}

enum Message {
    Run(Box<dyn Job>),
    Repeat(Box<dyn Recurring>),
    /// Write what is left, close, and say so.
    Stop(Sender<()>),
}

/// Something to do in a transaction.
pub trait Job: Send {
    /// The intent that it is about, where it is one.
    fn key(&self) -> Option<&IntentKey>;

    /// Whether it locks that one at once, and does not look at it first.
    fn locks(&self) -> bool {
        false
    }

    /// Does it. It may be run again: an earlier transaction may not have been written.
    fn run(&mut self, table: &mut dyn Table) -> Result<()>;

    /// Told when it is written, or why it is not; gives what is to be done next: itself, where it must be tried again.
    fn done(self: Box<Self>, result: Result<()>) -> Option<Box<dyn Job>>;
}

/// Work that is done again and again, such as the renewal of a lease.
pub trait Recurring: Send {
    /// When it is to be done next.
    fn due(&self) -> Instant;

    /// Its next job; `None` where it has come to its end.
    fn job(&mut self) -> Option<Box<dyn Job>>;
}

impl Worker {
    /// Starts the thread, where the journal is open from the first job on.
    pub fn start(location: Arc<Location>) -> Result<Self> {
        let (sender, receiver) = channel();
        thread::Builder::new()
            .name("payglot-journal".to_owned())
            .spawn(move || serve(location, &receiver))
            .map_err(|error| {
                JournalError::unusable("could not start its thread").with_source(error)
            })?;
        Ok(Self { sender, process: Process::current(), process_number: std::process::id() })
    }

    /// Hands a job to the thread.
    pub fn run(&self, job: Box<dyn Job>) {
        if let Err(unsent) = self.sender.send(Message::Run(job))
            && let Message::Run(job) = unsent.0
        {
            // The thread ends when it is told to, and never with a sender left: it has panicked.
            job.done(Err(JournalError::unusable("has stopped after an error of its own")));
        }
    }

    /// Hands over what is done again and again while the journal is open.
    pub fn repeat(&self, recurring: Box<dyn Recurring>) {
        // The thread has gone only where it has panicked, and then nothing of it is done any more.
        let _ = self.sender.send(Message::Repeat(recurring));
    }

    /// Writes what is left, closes the connection and waits until it is closed.
    pub fn stop(&self) {
        let (sender, closed) = channel();
        if self.sender.send(Message::Stop(sender)).is_ok() {
            // An error says that the thread is gone, and the connection with it.
            let _ = closed.recv();
        }
    }
}

fn serve(location: Arc<Location>, messages: &Receiver<Message>) {
    let mut connection = Connection { location, store: None };
    // What could not be written, and must be.
    let mut unwritten: Vec<Box<dyn Job>> = Vec::new();
    let mut recurring: Vec<Box<dyn Recurring>> = Vec::new();
    loop {
        let due = recurring.iter().map(|one| one.due().saturating_duration_since(Instant::now()));
        let again = (!unwritten.is_empty()).then_some(PAUSE);
        let first = match due.chain(again).min() {
            None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(wait) => messages.recv_timeout(wait),
        };
        let mut batch = std::mem::take(&mut unwritten);
        let mut stopping = None;
        let mut is_last = false;
        match first {
            Ok(first) => {
                for message in std::iter::once(first).chain(messages.try_iter().take(MAX_BATCH)) {
                    match message {
                        Message::Run(job) => batch.push(job),
                        Message::Repeat(one) => recurring.push(one),
                        Message::Stop(closed) => stopping = Some(closed),
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => is_last = true,
        }
        let now = Instant::now();
        recurring.retain_mut(|one| {
            if one.due() > now {
                return true;
            }
            let job = one.job();
            let goes_on = job.is_some();
            batch.extend(job);
            goes_on
        });
        unwritten = connection.run(batch);
        if let Some(closed) = stopping {
            // What fails again has been logged, and its intents are unknown when their leases run out.
            connection.run(unwritten);
            drop(connection);
            let _ = closed.send(());
            return;
        }
        if is_last {
            return;
        }
    }
}

/// A connection that is opened when it is needed, and again when it is lost.
struct Connection {
    location: Arc<Location>,
    store: Option<Box<dyn Store>>,
}

impl Connection {
    /// Runs jobs in one transaction. Where that fails, each for itself, so that one spoils nothing for the others. Gives
    /// back those that must be tried again.
    fn run(&mut self, mut jobs: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
        if jobs.is_empty() {
            return jobs;
        }
        if jobs.len() > 1 {
            // In one order in all processes, so that two that lock the same intents do not wait for each other. What is asked
            // of one intent stays in its order.
            jobs.sort_by(|one, other| one.key().cmp(&other.key()));
            let mut upcoming = Upcoming::default();
            for job in &jobs {
                let keys = if job.locks() { &mut upcoming.locked } else { &mut upcoming.looked_at };
                keys.extend(job.key().cloned());
            }
            let all = self.transaction(&upcoming, &mut |table| {
                jobs.iter_mut().try_for_each(|job| job.run(table))
            });
            if all.is_ok() {
                return jobs.into_iter().filter_map(|job| job.done(Ok(()))).collect();
            }
        }
        let each = |mut job: Box<dyn Job>| {
            let result = self.transaction(&Upcoming::default(), &mut |table| job.run(table));
            job.done(result)
        };
        jobs.into_iter().filter_map(each).collect()
    }

    /// A connection that breaks is opened again, once: what was in flight may have been written or not, and every step can
    /// be run again.
    fn transaction(&mut self, upcoming: &Upcoming, work: &mut Work<'_>) -> Result<()> {
        let was_open = self.store.is_some();
        match self.once(upcoming, work) {
            Err(error) if error.is_lost && was_open => self.once(upcoming, work),
            result => result,
        }
    }

    fn once(&mut self, upcoming: &Upcoming, work: &mut Work<'_>) -> Result<()> {
        let store = match &mut self.store {
            Some(store) => store,
            none => none.insert(self.location.open()?),
        };
        let result = store.transaction(upcoming, work);
        if result.as_ref().is_err_and(|error| error.is_lost) {
            self.store = None;
        }
        result
    }
}
