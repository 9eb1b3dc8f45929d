//! The proof of programs: workers with a journal, killed with SIGKILL at every step, against a vendor that counts.
//!
//! Workers pay the same intents, in orders of their own. They are killed before and after every write to the journal, at each
//! step of a request that the vendor sees, and at random, and started again until all are done. Then what is unknown is looked
//! up at the vendor, a person decides the rest by its ledger, and they go over all of it once more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use payglot::journal::{Filter, Intent, Journal, State};
use payglot::paywint_platform::Client;
use payglot::runtime::client::CallOptions;
use payglot::runtime::lookup::LookedUp;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio::time::sleep;

mod vendor;
pub mod worker;

use vendor::Ledger;

/// Intents that workers are given at once.
const BATCH: usize = 100;
/// Most starts of one worker for one batch: a program that never gets through is a problem.
const MAX_STARTS: usize = 500;

/// What to prove.
pub struct Trial {
    /// Where the journal is; `None` for programs that write down by themselves what is done.
    pub journal: Option<String>,
    /// The folder for what programs without a journal write down.
    pub folder: PathBuf,
    /// Programs at once.
    pub workers: usize,
    /// Intents in all.
    pub intents: usize,
    /// For the kills.
    pub seed: u64,
    /// Whether the vendor's list lacks what it has made, so that look-ups are wrong.
    pub is_list_empty: bool,
}

/// What was seen.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Intents.
    pub intents: usize,
    /// Processes that were started.
    pub starts: usize,
    /// Processes that were killed.
    pub kills: usize,
    /// Intents that were unknown before anybody looked.
    pub unknown: usize,
    /// Of these, looked up and found.
    pub found: usize,
    /// Of these, looked up and proven not to have been done.
    pub absent: usize,
    /// Of these, looked up and not told apart from others.
    pub ambiguous: usize,
    /// Intents that a person released.
    pub released: usize,
    /// Intents that the vendor acted on more than once.
    pub twice: usize,
    /// What was not as it should be.
    pub problems: Vec<String>,
}

/// Runs a trial. `program` is the worker's binary.
pub async fn prove(program: &Path, trial: &Trial) -> Result<Outcome> {
    let ledger = Ledger::new(trial.is_list_empty);
    let url = vendor::start(ledger.clone(), trial.seed).await?;
    // Journals are shared: intents of an account are its own.
    let account = uuid::Uuid::new_v4().to_string();
    let journal = trial.journal.as_deref().map(Journal::open).transpose()?;
    let looker = Client::builder().credentials(account.as_str(), "key").base_url(&url).build()?;
    let mut seen = Seen::default();
    let mut outcome = Outcome { intents: trial.intents, ..Outcome::default() };
    for first in (0..trial.intents).step_by(BATCH) {
        let count = BATCH.min(trial.intents - first);
        let batch = Batch { program, trial, url: &url, account: &account, first, count };
        ledger.strike(true);
        batch.run(&ledger, &mut seen, &mut outcome).await?;
        ledger.strike(false);
        let Some(journal) = &journal else { continue };
        // The dead send no more; what they have sent before has been read by now.
        sleep(Duration::from_millis(50)).await;
        age(trial.journal.as_deref().unwrap_or_default(), &account).await?;
        for intent in unknown(journal, &account).await? {
            outcome.unknown += 1;
            if look_up(&looker, journal, &intent, &ledger, &mut outcome).await? {
                continue;
            }
            let (name, key) = (&intent.key.name, &intent.key);
            if ledger.acts(name) > 0 {
                journal.succeeded(key, "the proof", "the vendor's ledger have it").await?;
            } else {
                outcome.released += 1;
                journal.release(key, "the proof", "the vendor's ledger do not have it").await?;
            }
        }
        batch.run(&ledger, &mut seen, &mut outcome).await?;
    }
    judge(trial, journal.as_ref(), &account, &ledger, &seen, &mut outcome).await?;
    if let Some(journal) = journal {
        // The folder may be removed now.
        journal.close();
    }
    Ok(outcome)
}

/// Lets two minutes pass for what is unknown: a look-up counts only when the vendor has had its time.
async fn age(location: &str, account: &str) -> Result<()> {
    if location.contains("://") {
        let (client, connection) = tokio_postgres::connect(location, tokio_postgres::NoTls).await?;
        let connection = tokio::spawn(connection);
        let sql = "UPDATE payglot_intent SET updated_at = updated_at - interval '2 minutes' \
                   WHERE state = 'unknown' AND account = $1";
        client.execute(sql, &[&account]).await?;
        drop(client);
        connection.await??;
    } else {
        let file = rusqlite::Connection::open(location)?;
        file.busy_timeout(Duration::from_secs(5))?;
        let sql = "UPDATE payglot_intent SET updated_at = updated_at - 120000 \
                   WHERE state = 'unknown' AND account = ?1";
        file.execute(sql, [account])?;
    }
    Ok(())
}

/// Looks up what became of an intent, and whether what is told is right; gives whether that decided it.
async fn look_up(
    client: &Client,
    journal: &Journal,
    intent: &Intent,
    ledger: &Ledger,
    outcome: &mut Outcome,
) -> Result<bool> {
    let name = &intent.key.name;
    let resolved =
        journal.resolve(client.core(), &intent.key, &[], &CallOptions::default()).await?;
    let acts = ledger.acts(name);
    let (is_right, state) = match &resolved.looked_up {
        LookedUp::Found(record) => {
            outcome.found += 1;
            // The record is this intent's, and not that of another which is like it.
            let id = format!("\"{}\"", Ledger::id_of(name));
            let is_own = record.payload.as_deref().is_some_and(|payload| payload.contains(&id));
            (acts == 1 && is_own, State::Succeeded)
        }
        LookedUp::NotFound { proves_absence: true } => {
            outcome.absent += 1;
            (acts == 0, State::Released)
        }
        LookedUp::Ambiguous(_) => {
            outcome.ambiguous += 1;
            (true, State::Unknown)
        }
        LookedUp::NotPublished => (true, State::Unknown),
        LookedUp::NotFound { proves_absence: false } => (acts == 0, State::Unknown),
        LookedUp::TooEarly(_) => (false, State::Unknown),
    };
    if !is_right || resolved.intent.state != state {
        let (looked_up, state) = (&resolved.looked_up, resolved.intent.state);
        let problem =
            format!("{name}: looked up {looked_up:?}; {state}, the vendor acted {acts} times");
        outcome.problems.push(problem);
    }
    Ok(state != State::Unknown)
}

async fn unknown(journal: &Journal, account: &str) -> Result<Vec<Intent>> {
    let unknown = journal.unknown().await?;
    Ok(unknown.into_iter().filter(|intent| intent.key.account == account).collect())
}

/// What the workers have said.
#[derive(Default)]
struct Seen {
    /// Intents whose response reached the program.
    paid: BTreeSet<String>,
    /// Unknown outcomes that were told.
    told: BTreeMap<String, usize>,
}

/// Some intents, for all workers.
struct Batch<'a> {
    program: &'a Path,
    trial: &'a Trial,
    url: &'a str,
    account: &'a str,
    first: usize,
    count: usize,
}

impl Batch<'_> {
    /// Starts each worker again and again until it has gone through.
    async fn run(&self, ledger: &Ledger, seen: &mut Seen, outcome: &mut Outcome) -> Result<()> {
        let mut workers = JoinSet::new();
        for number in 0..self.trial.workers {
            let mut lives = Lives {
                program: self.program.to_owned(),
                words: self.words(number),
                number,
                seed: self.trial.seed ^ (self.first * 64 + number) as u64,
                ledger: ledger.clone(),
            };
            workers.spawn(async move { lives.live().await });
        }
        while let Some(worker) = workers.join_next().await {
            let lived = worker.context("a task of the proof died")??;
            outcome.starts += lived.starts;
            outcome.kills += lived.kills;
            for line in lived.lines {
                match line.split_once(' ') {
                    Some(("paid", name)) => drop(seen.paid.insert(name.to_owned())),
                    Some(("unknown", name)) => *seen.told.entry(name.to_owned()).or_default() += 1,
                    _ => outcome.problems.push(format!("a worker says: {line}")),
                }
            }
        }
        Ok(())
    }

    fn words(&self, number: usize) -> Vec<String> {
        let remembers = match &self.trial.journal {
            Some(location) => ["journal".to_owned(), location.clone()],
            None => ["file".to_owned(), self.trial.folder.display().to_string()],
        };
        let rest = [
            self.url.to_owned(),
            self.account.to_owned(),
            self.first.to_string(),
            self.count.to_string(),
            number.to_string(),
            self.trial.workers.to_string(),
        ];
        remembers.into_iter().chain(rest).collect()
    }
}

/// A worker, from its first start to its good end.
struct Lives {
    program: PathBuf,
    words: Vec<String>,
    number: usize,
    seed: u64,
    ledger: Ledger,
}

#[derive(Default)]
struct Lived {
    starts: usize,
    kills: usize,
    lines: Vec<String>,
}

impl Lives {
    async fn live(&mut self) -> Result<Lived> {
        let mut random = fastrand::Rng::with_seed(self.seed);
        let mut lived = Lived::default();
        while lived.starts < MAX_STARTS {
            lived.starts += 1;
            let is_struck = self.ledger.is_striking();
            let mut process = Command::new(&self.program)
                .arg("worker")
                .args(&self.words)
                .args([random.u64(..).to_string(), is_struck.to_string()])
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .context("cannot start a worker")?;
            let said = process.stdout.take().context("no output")?;
            let kill = Duration::from_millis(random.u64(5..400));
            let (status, lines) = tokio::try_join!(
                end(&mut process, is_struck.then_some(kill)),
                lines(BufReader::new(said))
            )?;
            lived.lines.extend(lines);
            match status.code() {
                Some(0) => return Ok(lived),
                Some(code) => bail!("worker {} ended with {code}", self.number),
                None => lived.kills += 1,
            }
        }
        bail!("worker {} did not get through in {MAX_STARTS} starts", self.number)
    }
}

/// Waits for the end of a process; after a while it is killed, wherever it is by then.
async fn end(process: &mut Child, kill: Option<Duration>) -> Result<std::process::ExitStatus> {
    if let Some(kill) = kill
        && tokio::time::timeout(kill, process.wait()).await.is_err()
    {
        process.start_kill()?;
    }
    Ok(process.wait().await?)
}

async fn lines(mut output: BufReader<tokio::process::ChildStdout>) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).await? == 0 {
            return Ok(lines);
        }
        // A line that is cut off was never said.
        if let Some(line) = line.strip_suffix('\n') {
            lines.push(line.to_owned());
        }
    }
}

/// Compares what the journal, the programs and the vendor say.
async fn judge(
    trial: &Trial,
    journal: Option<&Journal>,
    account: &str,
    ledger: &Ledger,
    seen: &Seen,
    outcome: &mut Outcome,
) -> Result<()> {
    let names: Vec<String> = (0..trial.intents).map(worker::name).collect();
    outcome.twice = names.iter().filter(|name| ledger.acts(name) > 1).count();
    let Some(journal) = journal else { return Ok(()) };
    let all = journal.list(Filter::default()).await?;
    let all: BTreeMap<String, Intent> = all
        .into_iter()
        .filter(|intent| intent.key.account == account)
        .map(|intent| (intent.key.name.clone(), intent))
        .collect();
    ensure!(all.len() == trial.intents, "{} of {} intents are there", all.len(), trial.intents);
    for name in &names {
        let (acts, intent) = (ledger.acts(name), all.get(name));
        let state = intent.map_or(State::Recorded, |intent| intent.state);
        let mut wrong = |what: &str| {
            outcome
                .problems
                .push(format!("{name}: {what}; {state}, the vendor acted {acts} times"));
        };
        match (state, acts) {
            (_, 2..) => wrong("paid twice"),
            (State::Succeeded, 1) | (State::Refused, 0) => {}
            (State::Sending, _) => wrong("stays in sending"),
            (State::Unknown, _) => wrong("is unknown after a person has decided"),
            _ => wrong("the journal does not say what the vendor did"),
        }
        if seen.paid.contains(name) && state != State::Succeeded {
            wrong("a response reached the program and is not in the journal");
        }
        let log = match intent {
            Some(intent) => journal.log(&intent.key).await?,
            None => Vec::new(),
        };
        if seen.told.contains_key(name) && !log.iter().any(|entry| entry.state == State::Unknown) {
            wrong("a program was told that it is unknown, and the log does not have it");
        }
    }
    Ok(())
}
