//! `payglot crash-lab`: the sandbox's crash lab for a program of any language.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use payglot_sandbox::crash_lab::{CrashLab, CrashReport};
use serde_json::{Value, json};

use crate::{BAD_INPUT, ending};

/// Kill a program at every step that a sandbox can see, start it again, and say how often it paid.
///
/// The program runs once undisturbed: what it does then is what it ought to do. Then it runs again for every step of its
/// calls, each time against a fresh sandbox: it is killed there with SIGKILL, with all that it has started, and started
/// again. A step is a request that is lost, one that is carried out, and a response of which half has left; with
/// --webhook also a delivery before it is made and after it is acknowledged.
///
/// The program finds the sandbox by its environment, as every client does, with a funded wallet for the user
/// SANDBOX_USER_ID. What it wants to remember over a crash belongs into the folder CRASH_LAB_DIR, which is empty at the
/// beginning of each run; CRASH_LAB_WORKER is the number of the worker.
///
/// Exit status: 0 if nothing was done twice and nothing was lost without a word, 1 if something was or the program hung, 2
/// for wrong input and for a program that does not get through undisturbed.
#[derive(clap::Args)]
#[expect(clippy::doc_markdown, reason = "what a terminal shows")]
pub struct Args {
    /// How many copies of the program run at once. All of them are killed, as when a machine dies.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..))]
    workers: u8,
    /// Longest time for one run, in seconds; a program that takes longer hangs.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    timeout: u64,
    /// The program serves webhooks at this URL. It is stopped when nothing happens any more.
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// A shell command that runs once in each run, before the program or, with --webhook, when it listens.
    #[arg(long, value_name = "COMMAND")]
    trigger: Option<String>,
    /// Also this many runs with two kills each, at random.
    #[arg(long, value_name = "N", default_value_t = 0)]
    random: usize,
    /// Draws the same runs at random again.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Only the run of this name.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Print one JSON object for a program.
    #[arg(long)]
    json: bool,
    /// The program and its arguments.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub fn run(args: &Args) -> ExitCode {
    match experiment(args) {
        Ok(report) => {
            let shown = if args.json { as_json(&report) } else { as_text(&report) };
            if let Err(error) = writeln!(std::io::stdout(), "{shown}") {
                return ending(&error.into());
            }
            if report.wrong().next().is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("payglot: {error:#}");
            // Also where the program does not get through undisturbed.
            ExitCode::from(BAD_INPUT)
        }
    }
}

fn experiment(args: &Args) -> anyhow::Result<CrashReport> {
    let mut lab = CrashLab::new(&args.command)
        .workers(args.workers)
        .timeout(Duration::from_secs(args.timeout))
        .random(args.random, args.seed);
    if let Some(url) = &args.webhook {
        lab = lab.webhook(url);
    }
    if let Some(command) = &args.trigger {
        lab = lab.trigger(command);
    }
    if let Some(name) = &args.only {
        lab = lab.only(name);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let told = |run: &_| {
        if !args.json {
            eprintln!("{run}");
        }
    };
    Ok(runtime.block_on(lab.run(told))?)
}

fn as_text(report: &CrashReport) -> String {
    let mut lines = vec!["Undisturbed, the program does:".to_owned()];
    lines.extend(
        report.usual.iter().map(|(operation, count)| format!("  {operation}, {count} times")),
    );
    lines.push(format!("{} runs, {} of them wrong", report.runs.len(), report.wrong().count()));
    if let Some(run) = report.shortest_wrong() {
        lines.push(format!("The shortest: {}", run.name));
        lines.extend(run.problems.iter().map(|problem| format!("  {problem}")));
        lines.push(format!("Play it again with --only '{}'", run.name));
    }
    lines.join("\n")
}

fn as_json(report: &CrashReport) -> String {
    let runs: Vec<Value> = report
        .runs
        .iter()
        .map(|run| json!({ "name": run.name, "problems": run.problems, "note": run.note }))
        .collect();
    let shortest = report.shortest_wrong().map(|run| run.name.as_str());
    json!({ "usual": report.usual, "runs": runs, "shortest_wrong": shortest }).to_string()
}
