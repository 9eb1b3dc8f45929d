//! The crash lab: kills a program at every step that a sandbox can see, starts it again, and reads what was done.
//!
//! May use the sandbox as every Rust program has it. Nothing but the crate itself may use it.

mod run;
mod schedule;
mod workers;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use self::run::{Ending, Outcome};
use self::schedule::Schedule;
use crate::basics::Error;

/// An experiment with a program.
///
/// The program runs once undisturbed: what it does then is what it ought to do. Then it runs again for every step of its
/// calls, each time against a fresh sandbox: it is killed there, with all that it has started, and started again. It
/// finds the sandbox by its environment, as every client does, with a funded wallet for the user `SANDBOX_USER_ID`. What
/// it wants to remember over a crash belongs into the folder `CRASH_LAB_DIR`, which is empty at the beginning of each
/// run; `CRASH_LAB_WORKER` is the number of the worker.
#[derive(Debug, Clone)]
#[must_use = "a crash lab does nothing until it is run"]
pub struct CrashLab {
    command: Vec<String>,
    workers: u8,
    timeout: Duration,
    webhook: Option<String>,
    trigger: Option<String>,
    random: usize,
    seed: u64,
    only: Option<String>,
}

/// What the runs showed.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CrashReport {
    /// How often the program does what it does undisturbed, by operations that create something or move money.
    pub usual: BTreeMap<String, usize>,
    /// One for each run in which it was killed.
    pub runs: Vec<CrashRun>,
}

/// One run in which the program was killed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CrashRun {
    /// Where it was killed, `paywint-platform/payments.create #1, committed`. The same in every experiment.
    pub name: String,
    /// What was wrong: done too often, lost without a word, hung. Empty where all was well.
    pub problems: Vec<String>,
    /// What else there is to say.
    pub note: Option<String>,
    /// How often it was to be killed.
    pub kills: usize,
}

impl CrashLab {
    /// An experiment with this program and its arguments.
    pub fn new(command: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            command: command.into_iter().map(Into::into).collect(),
            workers: 1,
            timeout: Duration::from_secs(30),
            webhook: None,
            trigger: None,
            random: 0,
            seed: 1,
            only: None,
        }
    }

    /// How many copies run at once; 1 unless set. All of them are killed, as when a machine dies.
    pub fn workers(mut self, workers: u8) -> Self {
        self.workers = workers.max(1);
        self
    }

    /// Longest time for one run; 30 seconds unless set. A program that takes longer hangs.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The program serves webhooks at this URL. It is stopped when nothing happens any more, and is killed at the steps
    /// of deliveries too. Their secret is in `PAYGLOT_WEBHOOK_SECRET`.
    pub fn webhook(mut self, url: impl Into<String>) -> Self {
        self.webhook = Some(url.into());
        self
    }

    /// A shell command that runs once in each run: before the program or, where it serves webhooks, when it listens.
    pub fn trigger(mut self, command: impl Into<String>) -> Self {
        self.trigger = Some(command.into());
        self
    }

    /// Also this many runs with two kills each, drawn by the seed.
    pub fn random(mut self, runs: usize, seed: u64) -> Self {
        (self.random, self.seed) = (runs, seed);
        self
    }

    /// Only the run of this name.
    pub fn only(mut self, name: impl Into<String>) -> Self {
        self.only = Some(name.into());
        self
    }

    /// Makes all runs, and tells of each when it is over.
    ///
    /// Fails where there is nothing to learn: the program does not start, does not get through undisturbed, or never calls
    /// the sandbox.
    pub async fn run(&self, mut told: impl FnMut(&CrashRun)) -> Result<CrashReport, Error> {
        let failed = |problem: &str, outcome: &Outcome| {
            Err(Error::CrashLab(format!("the program {problem}\n{}", outcome.output)))
        };
        let usual = run::play(self, &Schedule::default()).await?;
        match usual.ending {
            Ending::Exited { success: true } | Ending::Stopped => {}
            Ending::Exited { success: false } => {
                return failed("fails without being killed:", &usual);
            }
            Ending::Hung => return failed("does not end without being killed:", &usual),
        }
        if usual.steps.is_empty() {
            return failed("never calls the sandbox", &usual);
        }
        let mut schedules = schedule::each_step(&usual.steps);
        schedules.extend(schedule::pairs(&usual.steps, self.random, self.seed));
        if let Some(name) = &self.only {
            schedules.retain(|schedule| schedule.to_string() == *name);
            if schedules.is_empty() {
                return Err(Error::CrashLab(format!("there is no run `{name}`")));
            }
        }
        let mut runs = Vec::new();
        for schedule in schedules {
            let outcome = run::play(self, &schedule).await?;
            let run = judge(&schedule, &usual, &outcome);
            told(&run);
            runs.push(run);
        }
        Ok(CrashReport { usual: usual.done, runs })
    }
}

impl CrashReport {
    /// The runs in which something was wrong.
    pub fn wrong(&self) -> impl Iterator<Item = &CrashRun> {
        self.runs.iter().filter(|run| !run.problems.is_empty())
    }

    /// The run that goes wrong with the fewest kills; the first of several.
    pub fn shortest_wrong(&self) -> Option<&CrashRun> {
        self.wrong().min_by_key(|run| run.kills)
    }
}

/// One run in a line.
impl fmt::Display for CrashRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.problems.is_empty() { "ok" } else { "WRONG" };
        write!(f, "{mark:5}  {}", self.name)?;
        match &self.note {
            _ if !self.problems.is_empty() => write!(f, ": {}", self.problems.join("; ")),
            Some(note) => write!(f, ": {note}"),
            None => Ok(()),
        }
    }
}

/// Compares a run with the one that was not disturbed.
fn judge(schedule: &Schedule, usual: &Outcome, outcome: &Outcome) -> CrashRun {
    let mut problems = Vec::new();
    let mut note = None;
    // A program that ends in an error has said that something is open; one that ends well, or serves on, has not.
    let says_so = matches!(outcome.ending, Ending::Exited { success: false });
    let hung = matches!(outcome.ending, Ending::Hung);
    if hung {
        problems.push("it hangs".to_owned());
    }
    for operation in usual.done.keys().chain(outcome.done.keys()).collect::<BTreeSet<_>>() {
        let [wanted, there] =
            [usual, outcome].map(|run| run.done.get(operation).copied().unwrap_or_default());
        if there > wanted {
            problems.push(format!("{operation}: {there} times instead of {wanted}"));
        } else if there < wanted && says_so {
            note = Some(format!("left open, and said so: {operation} {there} of {wanted}"));
        } else if there < wanted && !hung {
            let problem =
                format!("{operation}: {there} times instead of {wanted}, and nothing says so");
            problems.push(problem);
        }
    }
    if outcome.kills < schedule.kills.len() {
        note = Some("the program did not get to where it was to be killed".to_owned());
    }
    CrashRun { name: schedule.to_string(), problems, note, kills: schedule.kills.len() }
}
