//! One run: a fresh sandbox, the program, and somebody who kills it where the schedule says.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use payglot::schema::Replay;
use tokio::sync::{mpsc, oneshot};

use super::CrashLab;
use super::schedule::{Point, Schedule};
use super::workers::{self, Workers};
use crate::app::steps::{AfterStep, Phase, Step, Watcher};
use crate::basics::Error;
use crate::model::Webhook;
use crate::sandbox::Sandbox;
use crate::sandbox::generated::ReleaseWebhooksOptions;

/// Covers every payment of a program that tests itself.
const FUNDS: &str = "100000.00";
/// After so long without a step a program that serves has nothing to do.
const IDLE: Duration = Duration::from_millis(200);
/// Longer than all pauses between the attempts of a delivery.
const LATER: Duration = Duration::from_secs(600);

/// How a run ended.
pub enum Ending {
    /// By itself.
    Exited {
        /// Whether all workers said that all was well.
        success: bool,
    },
    /// It was stopped, because nothing happened any more.
    Stopped,
    /// Its time ran out.
    Hung,
}

/// What came of a run.
pub struct Outcome {
    pub ending: Ending,
    /// The steps at which the program can be killed, in their order.
    pub steps: Vec<Point>,
    /// How often each operation that creates something or moves money was carried out.
    pub done: BTreeMap<String, usize>,
    /// How often the program was killed.
    pub kills: usize,
    /// The end of what it said.
    pub output: String,
}

/// Plays one run.
pub async fn play(lab: &CrashLab, schedule: &Schedule) -> Result<Outcome, Error> {
    let (ask, mut asked) = mpsc::unbounded_channel();
    let killer = Arc::new(Killer::new(schedule, ask));
    let sandbox = Sandbox::builder().watch(killer.clone()).start().await?;
    sandbox.fund(sandbox.user_id(), FUNDS).await?;
    let folder = temporary_folder()?;
    let logs = temporary_folder()?;
    let log = logs.path().join("program.log");
    let mut environment = environment(&sandbox, folder.path());
    let endpoint = match &lab.webhook {
        Some(url) => {
            let registered = sandbox.add_webhook(Webhook::new(url))?;
            // What the trigger causes is delivered when it is over.
            sandbox.hold_webhooks(registered.id).await?;
            let secret = registered.secret.expose().to_owned();
            environment.push(("PAYGLOT_WEBHOOK_SECRET".to_owned(), secret));
            Some((url, registered.id))
        }
        None => None,
    };
    let start = || Workers::start(lab.workers, &lab.command, &environment, &log);
    let deadline = Instant::now() + lab.timeout;
    let mut serving = None;
    if let Some((url, _)) = endpoint {
        let mut workers = start()?;
        listens(url, deadline, &mut workers, &log).await?;
        serving = Some(workers);
    }
    if let Some(command) = &lab.trigger {
        // Its calls are not the program's.
        killer.lock().ignores_calls = true;
        workers::shell(command, &environment, &log).await?;
        killer.lock().ignores_calls = false;
    }
    if let Some((_, id)) = endpoint {
        sandbox.release_webhooks(id, &ReleaseWebhooksOptions::default()).await?;
    }
    let mut running = match serving {
        Some(workers) => workers,
        None => start()?,
    };
    let mut steps_before = None;
    let ending = loop {
        let idle = killer.idle(lab.webhook.is_some());
        tokio::select! {
            biased;
            Some(done) = asked.recv() => {
                running.kill().await;
                let _ = done.send(());
                running = start()?;
                if let Some((url, _)) = endpoint {
                    listens(url, deadline, &mut running, &log).await?;
                }
                killer.touch();
                steps_before = None;
            }
            success = running.wait() => break Ending::Exited { success },
            () = idle => {
                // Time is moved on until it brings nothing any more.
                let steps = killer.touch();
                if steps_before.replace(steps) == Some(steps) {
                    running.stop().await;
                    break Ending::Stopped;
                }
                sandbox.advance(LATER).await?;
            }
            () = tokio::time::sleep_until(deadline.into()) => {
                running.kill().await;
                break Ending::Hung;
            }
        }
    };
    let output = workers::output(&log);
    sandbox.shutdown().await;
    let seen = killer.lock();
    Ok(Outcome {
        ending,
        steps: seen.steps.clone(),
        done: seen.done.clone(),
        kills: schedule.kills.len() - seen.kills.len(),
        output,
    })
}

fn environment(sandbox: &Sandbox, folder: &Path) -> Vec<(String, String)> {
    let mut environment: Vec<(String, String)> =
        sandbox.environment().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    environment.push(("SANDBOX_USER_ID".to_owned(), sandbox.user_id().to_string()));
    environment.push(("CRASH_LAB_DIR".to_owned(), folder.display().to_string()));
    environment
}

fn temporary_folder() -> Result<tempfile::TempDir, Error> {
    tempfile::tempdir().map_err(|error| Error::CrashLab(format!("no folder for the run: {error}")))
}

/// Waits until the program listens.
async fn listens(
    url: &str,
    deadline: Instant,
    workers: &mut Workers,
    log: &Path,
) -> Result<(), Error> {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default().to_owned();
    let listening = async {
        while tokio::net::TcpStream::connect(&host).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let failed = |problem: &str| {
        Error::CrashLab(format!("the program {problem} at {host}:\n{}", workers::output(log)))
    };
    tokio::select! {
        () = listening => Ok(()),
        _ = workers.wait() => Err(failed("ended before it listened")),
        () = tokio::time::sleep_until(deadline.into()) => Err(failed("does not listen")),
    }
}

/// Sees every step, and asks for the program to be killed where the schedule says.
struct Killer {
    seen: Mutex<Seen>,
    ask: mpsc::UnboundedSender<oneshot::Sender<()>>,
}

struct Seen {
    kills: VecDeque<Point>,
    numbers: HashMap<(String, Phase), usize>,
    steps: Vec<Point>,
    done: BTreeMap<String, usize>,
    last: Instant,
    ignores_calls: bool,
}

impl Killer {
    fn new(schedule: &Schedule, ask: mpsc::UnboundedSender<oneshot::Sender<()>>) -> Self {
        let kills = schedule.kills.iter().cloned().collect();
        let (numbers, steps, done) = Default::default();
        Self {
            seen: Mutex::new(Seen {
                kills,
                numbers,
                steps,
                done,
                last: Instant::now(),
                ignores_calls: false,
            }),
            ask,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts idleness from now on. Gives the number of steps so far.
    fn touch(&self) -> usize {
        let mut seen = self.lock();
        seen.last = Instant::now();
        seen.steps.len()
    }

    /// Ends when there was no step for a while; never for a program that ends by itself.
    async fn idle(&self, serves: bool) {
        if !serves {
            std::future::pending::<()>().await;
        }
        loop {
            let since = self.lock().last.elapsed();
            match IDLE.checked_sub(since) {
                Some(left) => tokio::time::sleep(left).await,
                None => return,
            }
        }
    }

    /// Notes a step. Whether the program is to be killed there.
    fn note(&self, step: &Step) -> bool {
        let mut seen = self.lock();
        seen.last = Instant::now();
        let replay = replay(&step.subject);
        if seen.ignores_calls && replay.is_some() {
            return false;
        }
        let must_not_repeat = replay.is_some_and(|replay| !replay.is_repeatable());
        if step.phase == Phase::Committed && step.succeeded && must_not_repeat {
            *seen.done.entry(step.subject.clone()).or_default() += 1;
        }
        let count = seen.numbers.entry((step.subject.clone(), step.phase)).or_default();
        *count += 1;
        let number = *count;
        let point = Point { subject: step.subject.clone(), phase: step.phase, number };
        // A read that breaks off says no more than one that was lost.
        if replay != Some(Replay::Read) || step.phase == Phase::Arrived {
            seen.steps.push(point.clone());
        }
        let is_due = seen.kills.front() == Some(&point);
        if is_due {
            seen.kills.pop_front();
            // The next kill counts from here.
            seen.numbers.clear();
        }
        is_due
    }
}

impl Watcher for Killer {
    fn reached(&self, step: Step) -> Pin<Box<dyn Future<Output = AfterStep> + Send + '_>> {
        Box::pin(async move {
            if !self.note(&step) {
                return AfterStep::GoOn;
            }
            let (done, is_done) = oneshot::channel();
            if self.ask.send(done).is_ok() {
                let _ = is_done.await;
            }
            AfterStep::Lose
        })
    }
}

/// The replay class of an operation; none for an event.
fn replay(subject: &str) -> Option<Replay> {
    let (provider, name) = subject.split_once('/')?;
    let provider = payglot::providers::find(provider)?;
    provider.operation(name).map(|known| known.replay)
}
