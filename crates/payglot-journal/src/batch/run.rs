//! Runs a batch: takes turns, makes calls, and says what became of each row.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use payglot_runtime::client::CallOptions;
use payglot_runtime::{Error, ErrorKind, Response};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use super::Inner;
use super::known::TOO_MANY;
use super::report::{BatchEnd, BatchProgress, BatchReport, RowResult, RowState};
use super::steps::{self, Ask, CLAIMANT, Candidate, Next, Turn};
use crate::error::JournalError;
use crate::owner::Process;
use crate::resolve::ResolveError;

/// Rows that are looked at in one turn.
const CANDIDATES: usize = 64;

/// How long until a row that another process is sending is looked at again.
const AGAIN: Duration = Duration::from_millis(500);

/// For how long no call may reach the vendor until the run ends, and how long to wait after each that did not.
const UNREACHABLE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_millis(500));

/// For how long the journal may refuse until the run ends: other workers, or another program, may have it locked.
const UNUSABLE: Duration = Duration::from_secs(60);

/// Why a run stops at an intent in doubt.
const UNKNOWN: &str =
    "nobody knows whether one of the batch's payments was made: look it up before the rest is paid";

pub(super) async fn run(
    batch: Arc<Inner>,
    stop: watch::Receiver<()>,
    watch: impl FnMut(&BatchProgress) + Send,
) -> Result<BatchReport, ResolveError> {
    batch.refuse_bad_rows()?;
    let mut run = Run::new(&batch, watch).await?;
    let end = run.all(stop).await;
    run.finish(end).await
}

/// A row that has been sent, or was to be.
struct Done {
    row: usize,
    result: Result<Response, Error>,
    /// Whether the pace could not be written.
    trouble: Option<JournalError>,
}

struct Run<'a, Watch> {
    batch: &'a Arc<Inner>,
    watch: Watch,
    /// By the clock of the journal.
    began: Timestamp,
    token: String,
    process: Process,
    /// What became of each row, where that is known.
    results: Vec<Option<RowResult>>,
    /// Rows that are still to be paid, in their order.
    pending: VecDeque<usize>,
    /// Rows that others are sending, and when to look again.
    later: VecDeque<(Instant, usize)>,
    calls: JoinSet<Done>,
    progress: BatchProgress,
    /// Nothing is asked for before.
    pause: Option<Instant>,
    /// Since when no call has reached the vendor.
    unreachable: Option<Instant>,
    /// Since when the journal has refused.
    unusable: Option<Instant>,
    end: Option<(BatchEnd, Option<String>)>,
}

impl<'a, Watch: FnMut(&BatchProgress) + Send> Run<'a, Watch> {
    async fn new(batch: &'a Arc<Inner>, watch: Watch) -> Result<Self, JournalError> {
        let began = batch.journal.ask(|table| Ok(table.now())).await?;
        let process = batch.journal.0.worker()?.process.clone();
        let mut run = Self {
            batch,
            watch,
            began,
            token: format!("{CLAIMANT}{}", uuid::Uuid::new_v4()),
            process,
            results: vec![None; batch.rows.len()],
            pending: VecDeque::new(),
            later: VecDeque::new(),
            calls: JoinSet::new(),
            progress: BatchProgress { rows: batch.rows.len(), ..BatchProgress::default() },
            pause: None,
            unreachable: None,
            unusable: None,
            end: None,
        };
        // What is paid already needs no turn.
        let known = batch.known(Some(began)).await?;
        for (at, row) in batch.rows.iter().enumerate() {
            match known.get(row) {
                Some(found) if found.state == RowState::AlreadyPaid => {
                    run.over(at, row.result(batch.operation, Some(found)));
                }
                _ => run.pending.push_back(at),
            }
        }
        run.notify();
        Ok(run)
    }

    /// Until every row has ended, or something ends the run.
    async fn all(&mut self, mut stop: watch::Receiver<()>) -> (BatchEnd, Option<String>) {
        loop {
            while let Some(done) = self.calls.try_join_next() {
                self.settle(done);
            }
            if let Some(end) = self.end.take() {
                return end;
            }
            if stop.has_changed().unwrap_or(true) {
                return (BatchEnd::Stopped, None);
            }
            self.wake();
            if self.pending.is_empty() && self.later.is_empty() && self.calls.is_empty() {
                return (BatchEnd::Complete, None);
            }
            let is_full = self.calls.len() >= self.batch.in_flight;
            let due = match self.pause.filter(|pause| *pause > Instant::now()) {
                Some(pause) => Some(pause),
                None if self.pending.is_empty() => self.later.front().map(|(at, _)| *at),
                None if is_full => None,
                None => {
                    self.take_turn().await;
                    continue;
                }
            };
            tokio::select! {
                Some(done) = self.calls.join_next() => self.settle(done),
                () = sleep_until(due), if due.is_some() => {}
                _ = stop.changed() => return (BatchEnd::Stopped, None),
            }
        }
    }

    /// Rows that others were sending are looked at again.
    fn wake(&mut self) {
        let now = Instant::now();
        while let Some(&(_, row)) = self.later.front().filter(|(at, _)| *at <= now) {
            self.later.pop_front();
            self.put_back(row);
        }
    }

    /// In the order of the rows.
    fn put_back(&mut self, row: usize) {
        let at = self.pending.partition_point(|other| *other < row);
        self.pending.insert(at, row);
    }

    async fn take_turn(&mut self) {
        let rows = self.pending.iter().take(CANDIDATES);
        let candidates = rows.filter_map(|&row| {
            let known = self.batch.rows.get(row)?;
            Some(Candidate { row, name: known.intent.clone(), arguments: known.arguments })
        });
        let ask = Arc::new(self.ask(candidates.collect()));
        let asked = ask.clone();
        let turn = self.batch.journal.ask(move |table| steps::turn(table, &asked)).await;
        let Turn { over, busy, next } = match turn {
            Ok(turn) => turn,
            Err(error) => return self.journal_refused(&error),
        };
        self.unusable = None;
        let soon = Instant::now() + AGAIN;
        for (row, found) in over {
            self.pending.retain(|other| *other != row);
            if let Some(known) = self.batch.rows.get(row) {
                self.over(row, known.result(self.batch.operation, Some(&found)));
            }
        }
        for row in busy {
            self.pending.retain(|other| *other != row);
            self.later.push_back((soon, row));
        }
        match next {
            Next::Nothing => {}
            Next::Wait(wait) => self.pause = Some(Instant::now() + wait),
            Next::Unknown => self.end = Some((BatchEnd::Unknown, Some(UNKNOWN.to_owned()))),
            Next::Send(row, wait, given_at) => {
                self.pending.retain(|other| *other != row);
                self.send(row, wait, given_at, ask);
            }
        }
        self.notify();
    }

    /// Nothing was sent: it is asked again for a while.
    fn journal_refused(&mut self, error: &dyn std::fmt::Display) {
        let now = Instant::now();
        if now - *self.unusable.get_or_insert(now) > UNUSABLE {
            self.end = Some((BatchEnd::Failed, Some(error.to_string())));
        }
        self.pause = Some(now + UNREACHABLE.1);
    }

    fn ask(&self, candidates: Vec<Candidate>) -> Ask {
        Ask {
            prefix: self.batch.key(&self.batch.prefix),
            token: self.token.clone(),
            process: self.process.clone(),
            began: self.began,
            spacing: self.batch.spacing,
            goes_on: self.batch.go_on,
            candidates,
        }
    }

    fn send(&mut self, row: usize, wait: Duration, given_at: Timestamp, ask: Arc<Ask>) {
        let batch = self.batch.clone();
        let Some(known) = batch.rows.get(row) else { return };
        let (intent, request) = (known.intent.clone(), known.request.clone());
        self.calls.spawn(async move {
            tokio::time::sleep(wait).await;
            let options = CallOptions {
                intent: Some(intent),
                budget: Some(batch.budget.clone()),
                // A turn for each attempt.
                max_retries: Some(0),
                raise_on_failed: Some(true),
                ..CallOptions::default()
            };
            let result = batch.core.call(batch.operation, &request, &options).await;
            let mut trouble = None;
            if let Err(error) = &result
                && error.status() == Some(TOO_MANY)
            {
                let retry_after = error.retry_after();
                let slowed = batch
                    .journal
                    .ask(move |table| steps::slow(table, &ask, given_at, retry_after))
                    .await;
                trouble = slowed.err();
            }
            Done { row, result, trouble }
        });
    }

    fn settle(&mut self, done: Result<Done, JoinError>) {
        match done {
            Ok(Done { row, result, trouble }) => {
                if let Some(trouble) = trouble {
                    self.journal_refused(&trouble);
                }
                match result {
                    Ok(response) => self.paid(row, &response),
                    Err(error) => self.failed(row, &error),
                }
            }
            // Its intent says what became of it.
            Err(error) => self.end = Some((BatchEnd::Failed, Some(error.to_string()))),
        }
        self.notify();
    }

    fn paid(&mut self, row: usize, response: &Response) {
        self.unreachable = None;
        let Some(known) = self.batch.rows.get(row) else { return };
        let recorded = response.payload().map(|payload| payload.json().to_owned());
        let result = RowResult {
            state: RowState::Paid,
            id: recorded.and_then(|payload| {
                payglot_runtime::lookup::record_id(self.batch.operation, &payload)
            }),
            status: Some(response.status()),
            request_id: response.request_id(),
            updated_at: Some(Timestamp::now()),
            ..known.result(self.batch.operation, None)
        };
        self.over(row, result);
    }

    fn failed(&mut self, row: usize, error: &Error) {
        let kind = error.kind();
        let text = || error.message().to_owned();
        let is_unreachable = matches!(kind, ErrorKind::ApiConnection | ErrorKind::ApiTimeout);
        if error.status() == Some(TOO_MANY) {
            self.progress.slowed += 1;
            return self.put_back(row);
        }
        if kind == ErrorKind::Journal {
            self.put_back(row);
            return self.journal_refused(&error.message());
        }
        if kind == ErrorKind::IntentInProgress {
            return self.later.push_back((Instant::now() + AGAIN, row));
        }
        if is_unreachable && !error.may_have_happened() {
            let now = Instant::now();
            self.put_back(row);
            if now - *self.unreachable.get_or_insert(now) > UNREACHABLE.0 {
                self.end = Some((BatchEnd::Failed, Some(text())));
            }
            self.pause = Some(now + UNREACHABLE.1);
            return;
        }
        self.unreachable = None;
        let is_limit = matches!(error.rule(), Some("at_most" | "per_day"));
        let state = match kind {
            _ if error.may_have_happened() => RowState::Unknown,
            ErrorKind::ApprovalNeeded => RowState::NotTried,
            ErrorKind::GuardRefused if is_limit => RowState::NotTried,
            _ => RowState::Refused,
        };
        let end = match kind {
            _ if state == RowState::Unknown && !self.batch.go_on => BatchEnd::Unknown,
            ErrorKind::GuardRefused if is_limit => BatchEnd::Limit,
            ErrorKind::Authentication | ErrorKind::Configuration => BatchEnd::Failed,
            _ => BatchEnd::Complete,
        };
        if end != BatchEnd::Complete && self.end.is_none() {
            self.end = Some((end, Some(text())));
        }
        let Some(known) = self.batch.rows.get(row) else { return };
        let result = RowResult {
            state,
            status: error.status(),
            request_id: error.request_id().map(str::to_owned),
            error: Some(text()),
            updated_at: Some(Timestamp::now()),
            ..known.result(self.batch.operation, None)
        };
        self.over(row, result);
    }

    fn over(&mut self, row: usize, result: RowResult) {
        if let Some(slot) = self.results.get_mut(row) {
            self.progress.add(result.state);
            *slot = Some(result);
        }
    }

    fn notify(&mut self) {
        self.progress.in_flight = self.calls.len();
        (self.watch)(&self.progress);
    }

    /// Waits for the calls that are being made, and gives every row its state.
    async fn finish(
        mut self,
        (end, problem): (BatchEnd, Option<String>),
    ) -> Result<BatchReport, ResolveError> {
        while let Some(done) = self.calls.join_next().await {
            self.settle(done);
        }
        // Of an outcome that is unknown a person must know, whatever else ended the run.
        let (end, problem) = match self.end.take() {
            Some((BatchEnd::Unknown, problem)) => (BatchEnd::Unknown, problem),
            _ => (end, problem),
        };
        // What other workers have done, and what nobody has.
        let known = self.batch.known(Some(self.began)).await?;
        let batch = self.batch;
        let rows = batch.rows.iter().zip(self.results).map(|(row, result)| {
            let stored = row.result(batch.operation, known.get(row));
            // Somebody else may have found out more since, or have tried it again.
            result.filter(|own| own.is_paid() || !stored.is_more_than(own)).unwrap_or(stored)
        });
        Ok(BatchReport::of(rows.collect(), Some(end), problem))
    }
}

/// For ever where there is no moment.
async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}
