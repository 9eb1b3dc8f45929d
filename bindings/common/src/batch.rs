//! What both languages ask of a batch, and what they are told: JSON both ways. A run goes on in the background while the language
//! above looks at it now and then, so that no thread of the runtime waits for an interpreter.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use payglot_journal::{
    Batch, BatchOptions, BatchProgress, BatchReport, BatchRow, JournalError, ResolveError,
};
use payglot_runtime::client::Core;
use payglot_runtime::json::{FloatMoney, Value};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::watch;

use crate::background::Background;

/// How long a look at a run takes at most: until it says how far it is.
const LOOK: Duration = Duration::from_millis(100);

/// The fields of a row, as the arguments of a call are read.
pub type BatchFields = Vec<(std::borrow::Cow<'static, str>, Value<'static>)>;

/// How a batch is run, as each language writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BatchSettings {
    /// Name of the batch.
    name: String,
    /// The operation that pays a row; what is paid by default where it is none.
    operation: Option<String>,
    /// The field with the key of a row.
    key: String,
    /// Most payments a second.
    per_second: Option<f64>,
    /// Most US dollars, as text.
    at_most: Option<String>,
    /// Whether it goes on when an outcome is unknown.
    #[serde(default)]
    go_on: bool,
    /// Most calls at once.
    in_flight: Option<usize>,
}

/// A batch, and its run where there is one. Clones are the same.
#[derive(Clone)]
pub struct BatchHandle {
    batch: Batch,
    run: Arc<Mutex<Option<Run>>>,
}

/// A run in the background.
#[derive(Clone)]
struct Run {
    steps: watch::Receiver<Step>,
    ended: Arc<Mutex<Option<Result<BatchReport, ResolveError>>>>,
}

#[derive(Clone, Copy, Default)]
struct Step {
    progress: Option<BatchProgress>,
    has_ended: bool,
}

impl BatchHandle {
    /// A batch of rows that were read as arguments of calls are, or could not be.
    pub fn new(
        core: &Core,
        settings: &str,
        rows: Vec<Result<BatchFields, String>>,
        floats: FloatMoney,
    ) -> Result<Self, JournalError> {
        let settings: BatchSettings = serde_json::from_str(settings)
            .map_err(|_| JournalError::invalid("options", "are not understood"))?;
        let at_most = settings.at_most.as_deref().map(Decimal::from_str_exact).transpose();
        let at_most = at_most
            .map_err(|_| JournalError::invalid("at_most", "must be an amount such as \"50000\""))?;
        let defaults = BatchOptions::default();
        let options = BatchOptions {
            operation: settings.operation,
            per_second: settings.per_second,
            at_most,
            go_on: settings.go_on,
            in_flight: settings.in_flight.unwrap_or(defaults.in_flight),
            floats,
        };
        let operation = Batch::operation(core, options.operation.as_deref())?;
        let rows = rows.into_iter().map(|row| match row {
            Ok(fields) => BatchRow::of_fields(operation, &settings.key, fields),
            Err(problem) => BatchRow::unreadable(None, problem),
        });
        let batch = Batch::new(core, &settings.name, rows.collect(), &options)?;
        Ok(Self { batch, run: Arc::default() })
    }

    /// What a run would do, as JSON.
    pub async fn check(&self) -> Result<String, ResolveError> {
        Ok(to_json(&self.batch.check().await?))
    }

    /// What has become of each row so far, as JSON.
    pub async fn status(&self) -> Result<String, ResolveError> {
        Ok(to_json(&self.batch.status().await?))
    }

    /// Starts a run in the background, for [`BatchHandle::look`] to follow. One that runs already goes on.
    pub fn start(&self, background: &Background) {
        let mut slot = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_some() {
            return;
        }
        let (sender, steps) = watch::channel(Step::default());
        let (sender, run) = (Arc::new(sender), Run { steps, ended: Arc::default() });
        *slot = Some(run.clone());
        let teller = sender.clone();
        let paying = self.batch.run(move |progress| {
            teller.send_replace(Step { progress: Some(*progress), has_ended: false });
        });
        drop(background.run(false, async move {
            let report = paying.await;
            *run.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
            sender.send_modify(|step| step.has_ended = true);
        }));
    }

    /// How far the run is, as JSON: `progress`, or the `report` when it has ended, which is given once.
    pub async fn look(&self) -> Result<String, ResolveError> {
        let run = self.run.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(mut run) = run else {
            return Err(JournalError::invalid("batch", "is not being run").into());
        };
        // An error says that the run is gone without a word, which the report then says.
        let has_ended = {
            let end = run.steps.wait_for(|step| step.has_ended);
            tokio::time::timeout(LOOK, end).await.is_ok()
        };
        if has_ended {
            *self.run.lock().unwrap_or_else(PoisonError::into_inner) = None;
            let report = run.ended.lock().unwrap_or_else(PoisonError::into_inner).take();
            let lost = || JournalError::invalid("batch", "ended without a report");
            let report = report.unwrap_or_else(|| Err(lost().into()))?;
            return Ok(json!({ "report": report }).to_string());
        }
        let progress = run.steps.borrow().progress;
        Ok(json!({ "progress": progress }).to_string())
    }

    /// Ends the run when the calls that are being made have ended.
    pub fn stop(&self) {
        self.batch.stop();
    }
}

fn to_json(value: &impl serde::Serialize) -> String {
    // Writing these types cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}
