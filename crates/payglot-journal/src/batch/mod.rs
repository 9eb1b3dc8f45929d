//! Pays many: each row of a batch under an intent of its own, so that a batch that is run again, after any crash and by any
//! number of workers, pays each row at most once.
//!
//! Lower first: `report` (what became of rows), `rows` (what is to be paid), `known` (what the store says of them), `steps` (whose
//! turn it is), `check` (what can be said before), `run`.

mod check;
mod known;
mod report;
mod rows;
mod run;
mod steps;

use std::sync::Arc;
use std::time::Duration;

use payglot_runtime::Decimal;
use payglot_runtime::client::Core;
use payglot_runtime::journal::Budget;
use payglot_runtime::json::FloatMoney;
use payglot_runtime::schema::{Operation, Replay};
use tokio::sync::watch;

pub use check::{BadRow, Balance, BatchCheck, Sum};
pub use report::{BatchEnd, BatchProgress, BatchReport, RowResult, RowState};
pub use rows::BatchRow;

use crate::error::JournalError;
use crate::guard::counted;
use crate::intent::IntentKey;
use crate::journal::Journal;
use crate::resolve::ResolveError;
use rows::Row;

/// Most calls of one process at once, where nobody says otherwise.
const IN_FLIGHT: usize = 8;

/// How a batch is run. What is `None` has no limit.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchOptions {
    /// The operation that pays a row, such as `payments.create`; the provider's own ([`Provider::batch`]) where it is `None`.
    ///
    /// [`Provider::batch`]: payglot_runtime::schema::Provider::batch
    pub operation: Option<String>,
    /// Most payments a second, of all batches of the account on one journal together.
    pub per_second: Option<f64>,
    /// Most US dollars for all rows, of all runs and processes together. An unknown outcome counts as spent.
    pub at_most: Option<Decimal>,
    /// Whether it goes on when an outcome is unknown, instead of stopping until somebody has looked it up.
    pub go_on: bool,
    /// Most calls of this process at once.
    pub in_flight: usize,
    /// Whether a binary floating-point number may stand for money.
    pub floats: FloatMoney,
}

impl Default for BatchOptions {
    fn default() -> Self {
        let (operation, per_second, at_most) = (None, None, None);
        let floats = FloatMoney::Refuse;
        Self { operation, per_second, at_most, go_on: false, in_flight: IN_FLIGHT, floats }
    }
}

/// Rows that are to be paid, each at most once. Clones are the same batch.
#[derive(Clone)]
pub struct Batch(Arc<Inner>);

struct Inner {
    core: Core,
    journal: Journal,
    operation: &'static Operation,
    /// What the names of its intents begin with.
    prefix: String,
    rows: Vec<Row>,
    bad: Vec<BadRow>,
    budget: Arc<Budget>,
    /// Time between two payments.
    spacing: Duration,
    go_on: bool,
    in_flight: usize,
    stop: watch::Sender<()>,
}

impl Batch {
    /// A batch of rows for a client with a journal. Its name, such as `payroll-2026-11`, and the key of a row make the
    /// intent of the row, `payroll-2026-11/<key>`. Sends nothing; rows that are wrong are for [`Batch::check`] to say.
    ///
    /// # Errors
    ///
    /// A client without a journal, an operation that makes no payment, a name or a limit that is none.
    pub fn new(
        core: &Core,
        name: &str,
        rows: Vec<BatchRow>,
        options: &BatchOptions,
    ) -> Result<Self, JournalError> {
        let Some(journal) = core.journal().and_then(|journal| journal.get::<Journal>()) else {
            let problem = "must have been built with a `journal`, which remembers what was paid";
            return Err(JournalError::invalid("client", problem));
        };
        let operation = Self::operation(core, options.operation.as_deref())?;
        let budget = budget(operation, name, options.at_most)?;
        if name.is_empty() || name.contains('/') {
            let problem = "must be the name of the batch, such as payroll-2026-11, without a `/`";
            return Err(JournalError::invalid("name", problem));
        }
        let prefix = format!("{name}/");
        crate::journal::check_name(&prefix)
            .map_err(|_| JournalError::invalid("name", "must be printable, and shorter"))?;
        if options.in_flight == 0 {
            return Err(JournalError::invalid("in_flight", "must be 1 or more"));
        }
        let (rows, bad) = rows::read(operation, &prefix, rows, options.floats);
        Ok(Self(Arc::new(Inner {
            core: core.clone(),
            journal: journal.clone(),
            operation,
            prefix,
            rows,
            bad,
            budget,
            spacing: spacing(options.per_second)?,
            go_on: options.go_on,
            in_flight: options.in_flight,
            stop: watch::Sender::new(()),
        })))
    }

    /// Says what a run would do, and sends nothing, beside a read of the balance where the document names one.
    ///
    /// # Errors
    ///
    /// Those of the journal.
    pub async fn check(&self) -> Result<BatchCheck, ResolveError> {
        check::check(&self.0).await
    }

    /// Pays the rows that are not paid, and says what became of each. `watch` is told of each step. A batch with wrong rows
    /// pays none.
    ///
    /// Any number of processes may run one batch at once: together they keep the limits. Dropped, it leaves calls whose
    /// outcome is unknown; [`Batch::stop`] does not.
    ///
    /// # Errors
    ///
    /// Wrong rows, and those of the journal. What goes wrong with calls is in the report.
    pub fn run<W: FnMut(&BatchProgress) + Send>(
        &self,
        watch: W,
    ) -> impl Future<Output = Result<BatchReport, ResolveError>> + Send + use<W> {
        // From here on it can be stopped, also before it begins.
        let stop = self.0.stop.subscribe();
        run::run(self.0.clone(), stop, watch)
    }

    /// Ends the run when the calls that are being made have ended. What is left can be paid by another run.
    pub fn stop(&self) {
        self.0.stop.send_replace(());
    }

    /// What has become of each row so far, by the journal. Sends nothing.
    ///
    /// # Errors
    ///
    /// Those of the journal.
    pub async fn status(&self) -> Result<BatchReport, ResolveError> {
        self.0.refuse_bad_rows()?;
        let (batch, known) = (&self.0, self.0.known(None).await?);
        let rows = batch.rows.iter().map(|row| row.result(batch.operation, known.get(row)));
        Ok(BatchReport::of(rows.collect(), None, None))
    }
}

impl Inner {
    fn refuse_bad_rows(&self) -> Result<(), JournalError> {
        let Some(first) = self.bad.first() else { return Ok(()) };
        let others = match self.bad.len() {
            1 => String::new(),
            count => format!("; with {} others, which `check` names", count - 1),
        };
        let problem = format!("must all be right before any is paid: {first}{others}");
        Err(JournalError::invalid("rows", problem))
    }

    /// The key of an intent of this batch; with the beginning of its name, that of all of them.
    fn key(&self, name: &str) -> IntentKey {
        IntentKey {
            provider: self.core.provider().name.to_owned(),
            account: self.core.account().to_owned(),
            operation: self.operation.name.to_owned(),
            name: name.to_owned(),
        }
    }
}

impl Batch {
    /// The operation of a client that pays the rows of a batch, by its name; the provider's own where none is given.
    ///
    /// # Errors
    ///
    /// There is none of that name, or it neither pays nor creates, or none is given and the provider has none of its own.
    pub fn operation(core: &Core, name: Option<&str>) -> Result<&'static Operation, JournalError> {
        let provider = core.provider();
        let found = name.or(provider.batch).and_then(|name| provider.operation(name));
        found.filter(|operation| Self::takes(operation)).ok_or_else(|| {
            let money = provider.operations.iter().filter(|known| known.replay == Replay::Money);
            let names: Vec<_> = money.map(|operation| operation.name).collect();
            let problem = format!("must be one that pays or creates, such as {}", names.join(", "));
            JournalError::invalid("operation", problem)
        })
    }

    /// Whether an operation can pay the rows of a batch.
    pub fn takes(operation: &Operation) -> bool {
        matches!(operation.replay, Replay::Money | Replay::Create) && !operation.paging.is_paged()
    }
}

/// What all rows may spend. Also without a limit they are counted, for one that a later run has.
fn budget(
    operation: &Operation,
    name: &str,
    at_most: Option<Decimal>,
) -> Result<Arc<Budget>, JournalError> {
    if at_most.is_some() && operation.amount.is_none() {
        let problem = "cannot be kept: the operation does not say how many US dollars it moves";
        return Err(JournalError::invalid("at_most", problem));
    }
    if at_most.is_some_and(|limit| limit.is_sign_negative() || counted(limit).is_none()) {
        return Err(JournalError::invalid("at_most", "must be an amount of 0 or more"));
    }
    Ok(Arc::new(Budget { prefix: format!("{name}/"), at_most }))
}

fn spacing(per_second: Option<f64>) -> Result<Duration, JournalError> {
    let Some(per_second) = per_second else { return Ok(Duration::ZERO) };
    let spacing = Duration::try_from_secs_f64(1.0 / per_second);
    spacing.ok().filter(|_| per_second > 0.0).ok_or_else(|| {
        JournalError::invalid("per_second", "must be a number above 0, such as 5 or 0.5")
    })
}
