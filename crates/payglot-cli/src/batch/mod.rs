//! `payglot batch`: pays the rows of a file, each at most once.

mod commands;
mod progress;
mod read;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, bail};
use clap::ArgMatches;
use payglot::Decimal;
use payglot::journal::{
    Balance, Batch, BatchCheck, BatchEnd, BatchOptions, BatchReport, JournalError, ResolveError,
    RowResult, RowState, Sum,
};
use payglot::runtime::client::Core;
use payglot::schema::{Operation, Provider};

use crate::call::{self, BadInput, CallError};
use crate::journal::{Form, print};
use crate::profile::Profile;
use crate::{BAD_INPUT, WrongInput, ending, whole_file};
pub use commands::Args;
use commands::Kind;
use progress::Display;
use read::Columns;

/// Exit status if an outcome is unknown.
const UNKNOWN: u8 = 3;
/// Exit status if a row is not paid, or could not be.
const NOT_PAID: u8 = 4;
/// Exit status of a program that was ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// What is done with the rows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Check,
    Run,
    Status,
}

pub fn run(args: &Args, profile: Profile<'_>) -> ExitCode {
    let (action, chosen) = match &args.command {
        Kind::Check(args) => (Action::Check, args.chosen()),
        Kind::Run(args) => (Action::Run, args.chosen()),
        Kind::Status(args) => (Action::Status, args.chosen()),
    };
    let outcome =
        chosen.context("name a provider and an operation").map_err(WrongInput::of).and_then(
            |(provider, operation, matches)| act(action, provider, operation, matches, profile),
        );
    outcome.map_or_else(|error| told(&error), ExitCode::from)
}

/// Tells what went wrong; what is wrong with the client is told as by `payglot call`.
fn told(error: &anyhow::Error) -> ExitCode {
    if error.downcast_ref::<JournalError>().is_some_and(|error| error.argument().is_some()) {
        eprintln!("payglot: {error}");
        return ExitCode::from(BAD_INPUT);
    }
    ending(error)
}

fn act(
    action: Action,
    provider: &'static Provider,
    operation: &'static Operation,
    matches: &ArgMatches,
    profile: Profile<'_>,
) -> anyhow::Result<u8> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let all = |name: &str| matches.get_many::<String>(name).into_iter().flatten();
    let given = matches.get_many::<(String, String)>("given").into_iter().flatten();
    let columns = Columns {
        operation,
        key: text("key").unwrap_or_default(),
        given: given.map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        ignored: all("ignore").map(String::as_str).collect(),
    };
    let file = matches.get_one::<PathBuf>("file").context("no file is named")?;
    let to = matches.try_get_one::<PathBuf>("to").ok().flatten();
    let form = to.map(|path| form_of(path)).transpose().map_err(WrongInput::of)?;
    let rows = columns.read(file).map_err(WrongInput::of)?;
    let client = call::config(provider, matches, profile)
        .map_err(|BadInput(problem)| WrongInput::of(anyhow::anyhow!(problem)))
        .and_then(|config| Core::new(config).map_err(client_error))?;
    let options = BatchOptions {
        operation: Some(operation.name.to_owned()),
        per_second: matches.try_get_one("per-second").ok().flatten().copied(),
        at_most: matches.try_get_one::<Decimal>("at-most").ok().flatten().copied(),
        go_on: matches.try_get_one("go-on").ok().flatten().copied().unwrap_or_default(),
        ..BatchOptions::default()
    };
    let in_flight = matches.try_get_one("in-flight").ok().flatten().copied();
    let options = BatchOptions { in_flight: in_flight.unwrap_or(options.in_flight), ..options };
    let name = text("name").unwrap_or_default();
    let batch = Batch::new(&client, name, rows, &options)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if action == Action::Check {
        let check = runtime.block_on(batch.check()).map_err(asked)?;
        return show(&check, matches);
    }
    let report = runtime
        .block_on(async {
            match action {
                Action::Run => pay(&batch, name).await,
                _ => batch.status().await,
            }
        })
        .map_err(asked)?;
    match to.zip(form) {
        Some((path, form)) => write(&report, path, form)?,
        None => print(&report.rows, Form::Jsonl)?,
    }
    Ok(summary(name, &report))
}

/// Runs a batch until it ends, or until somebody stops it.
async fn pay(batch: &Batch, name: &str) -> Result<BatchReport, ResolveError> {
    let display = Arc::new(Mutex::new(Display::new(name)));
    let lock = || display.lock().unwrap_or_else(PoisonError::into_inner);
    let mut run = std::pin::pin!(batch.run(|progress| lock().shows(progress)));
    let report = tokio::select! {
        report = &mut run => report,
        () = interrupted() => {
            lock().says("stops when the calls that are being made have ended; once more to end at once");
            batch.stop();
            tokio::select! {
                report = run => report,
                // The calls that are being made end with it: their outcomes are unknown.
                () = interrupted() => std::process::exit(INTERRUPTED),
            }
        }
    };
    lock().ends();
    report
}

/// Somebody wants the program to end.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

fn form_of(path: &Path) -> anyhow::Result<Form> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(Form::Csv),
        Some("jsonl") => Ok(Form::Jsonl),
        _ => bail!("--to: the name must end in .csv or .jsonl"),
    }
}

/// Writes every row once, in its order.
fn write(report: &BatchReport, path: &Path, form: Form) -> anyhow::Result<()> {
    let written = whole_file::write(path, |out| {
        if let Form::Csv = form {
            let mut writer = csv::Writer::from_writer(out);
            for row in &report.rows {
                writer.serialize(row)?;
            }
            return Ok(writer.flush()?);
        }
        for row in &report.rows {
            writeln!(out, "{}", serde_json::to_string(row)?)?;
        }
        Ok(())
    });
    written.with_context(|| {
        format!("--to: cannot write {}; `payglot batch status` writes the same", path.display())
    })
}

/// Says how it ended, and gives the exit status.
fn summary(name: &str, report: &BatchReport) -> u8 {
    let counts = RowState::ALL.map(|state| (state, report.count(state)));
    let told: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    let paid = report.paid.map(|paid| format!("; {paid} US dollars are paid")).unwrap_or_default();
    eprintln!("payglot: {name}: {}{paid}", told.join(", "));
    match (report.end, &report.problem) {
        (Some(BatchEnd::Stopped), _) => eprintln!("payglot: it was stopped: run it again to go on"),
        (_, Some(problem)) => eprintln!("payglot: it ended early: {problem}"),
        _ => {}
    }
    let unknown = |row: &&RowResult| row.state == RowState::Unknown;
    let first: Vec<&RowResult> = report.rows.iter().filter(unknown).take(3).collect();
    for row in &first {
        eprintln!("payglot: unknown: `payglot journal resolve {:?}`", row.intent);
    }
    if report.end == Some(BatchEnd::Failed) {
        1
    } else if !first.is_empty() {
        UNKNOWN
    } else if !report.rows.iter().all(RowResult::is_paid) {
        NOT_PAID
    } else {
        0
    }
}

/// Prints what a run would do, and gives the exit status.
fn show(check: &BatchCheck, matches: &ArgMatches) -> anyhow::Result<u8> {
    let mut out = std::io::stdout().lock();
    if matches.get_one::<String>("output").is_some() {
        writeln!(out, "{}", serde_json::to_string(check)?)?;
    } else {
        let BatchCheck { bad, all, paid, unknown, to_pay, .. } = check;
        for (what, sum) in
            [("rows", all), ("paid before", paid), ("unknown", unknown), ("to be paid", to_pay)]
        {
            writeln!(out, "{what}: {}", sum_text(sum))?;
        }
        if let Some(spent) = check.spent {
            let over = if check.is_over_limit { "; the rows are more than it may" } else { "" };
            writeln!(out, "spent so far: {spent} US dollars{over}")?;
        }
        for Balance { of, available, needed, .. } in &check.balances {
            let dollars = |sum: &Option<Decimal>| {
                sum.map_or_else(|| "unknown".to_owned(), |sum| format!("{sum} US dollars"))
            };
            let of = if of.is_empty() { String::new() } else { format!(" of {of}") };
            writeln!(out, "balance{of}: {}, needed: {}", dollars(available), dollars(needed))?;
        }
        if let Some(problem) = &check.balance_problem {
            writeln!(out, "balance: {problem}")?;
        }
        for bad in bad {
            writeln!(out, "wrong: {bad}")?;
        }
    }
    let is_short = |balance: &Balance| balance.available < balance.needed;
    Ok(if !check.bad.is_empty() {
        BAD_INPUT
    } else if check.is_over_limit || check.unknown.rows > 0 || check.balances.iter().any(is_short) {
        NOT_PAID
    } else {
        0
    })
}

fn sum_text(sum: &Sum) -> String {
    match sum.amount {
        Some(amount) => format!("{}, {amount} US dollars", sum.rows),
        None => sum.rows.to_string(),
    }
}

fn asked(error: ResolveError) -> anyhow::Error {
    match error {
        ResolveError::Journal(error) => error.into(),
        ResolveError::Call(error) => client_error(error),
    }
}

/// In the words of `payglot call`.
fn client_error(error: payglot::Error) -> anyhow::Error {
    let (text, status) = call::describe(&CallError::Call(error));
    let error = anyhow::anyhow!(text);
    if status == BAD_INPUT { WrongInput::of(error) } else { error }
}
