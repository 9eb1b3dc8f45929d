//! `payglot reconcile`: whether the journal, the vendor's lists and the user's ledger agree.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use payglot::journal::{LedgerRow, Reconciliation, ResolveError};
use payglot::runtime::client::{CallOptions, Core};
use payglot::runtime::jiff::{Timestamp, civil::Date, tz::TimeZone};
use payglot::runtime::json::{Document, RawJson};
use payglot::{Decimal, providers};

use crate::journal::{Form, given, print};
use crate::location::Location;
use crate::private::without_mark;
use crate::profile::Profile;
use crate::{WrongInput, ending_as};

/// Exit status if something does not agree.
const BREAKS: u8 = 2;
/// Exit status for wrong input, which is 2 elsewhere: `EX_USAGE` of BSD.
pub const BAD_INPUT: u8 = 64;

/// Compare what was sent, what the vendor lists and what your ledger says
///
/// Reads only, with credentials from the environment as `payglot call`. Exit status: 0 where all that was compared agrees, 1 if the
/// API or the journal failed, 2 where something does not agree, 64 for wrong input.
#[derive(clap::Args)]
pub struct Args {
    /// Name of the provider, such as paywint-platform
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(providers::ALL.iter().map(|provider| provider.name)))]
    provider: String,
    #[command(flatten)]
    location: Location,
    /// From when on: a day in UTC (2026-11-01) or a time (2026-11-01T00:00:00-05:00)
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Timestamp,
    /// Your ledger: .csv or .jsonl with id or intent, and amount and status where you have them
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// What a list is asked for beside what the calls had; the docs of the operation name it
    #[arg(long, value_name = "NAME=VALUE", value_parser = given)]
    given: Vec<(String, String)>,
    /// How breaks are printed: a table on a terminal, else JSON lines
    #[arg(long, value_enum, value_name = "FORM")]
    output: Option<Form>,
}

pub fn run(args: &Args, profile: Profile<'_>) -> ExitCode {
    match reconcile(args, profile) {
        Ok(found) if found.breaks.is_empty() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(BREAKS),
        Err(error) => ending_as(&error, BAD_INPUT),
    }
}

fn reconcile(args: &Args, profile: Profile<'_>) -> anyhow::Result<Reconciliation> {
    let ledger = args.ledger.as_deref().map(read).transpose().map_err(WrongInput::of)?;
    let journal = args.location.open()?;
    let provider = providers::find(&args.provider).context("no such provider")?;
    let core = Core::new(profile.config(provider, false)?)?;
    let given: Vec<_> =
        args.given.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (rows, options) = (ledger.unwrap_or_default(), CallOptions::default());
    let found = runtime.block_on(journal.reconcile(&core, args.since, &rows, &given, &options));
    let found = found.map_err(|error| match error {
        ResolveError::Journal(error) => anyhow::Error::from(error),
        ResolveError::Call(error) => error.into(),
    })?;
    let default = if io::stdout().is_terminal() { Form::Table } else { Form::Jsonl };
    print(&found.breaks, args.output.unwrap_or(default))?;
    for left in &found.not_compared {
        let what = if left.operation.is_empty() { "the ledger" } else { &left.operation };
        eprintln!("payglot: not compared: {what}, {}: {}", left.count, left.why);
    }
    eprintln!("payglot: {} calls compared, {} breaks", found.compared, found.breaks.len());
    Ok(found)
}

/// The rows of the user's ledger. Amounts are read exactly.
fn read(path: &Path) -> anyhow::Result<Vec<LedgerRow>> {
    let problem = || format!("--ledger: cannot read {}", path.display());
    let text = || {
        // Spreadsheets put a mark before UTF-8.
        let mut text = std::fs::read_to_string(path).with_context(problem)?;
        without_mark(&mut text);
        anyhow::Ok(text)
    };
    let mut rows = Vec::new();
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => {
            let text = text()?;
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let names = reader.headers().with_context(problem)?.clone();
            for (at, record) in reader.records().enumerate() {
                let record = record.with_context(problem)?;
                let value = |name: &str| {
                    let at = names.iter().position(|known| known.trim() == name)?;
                    record.get(at).map(str::to_owned)
                };
                rows.push(row(value).with_context(|| format!("--ledger: row {}", at + 1))?);
            }
        }
        Some("jsonl") => {
            for (at, line) in
                text()?.lines().enumerate().filter(|(_, line)| !line.trim().is_empty())
            {
                let document = Arc::new(Document::new(line));
                let record = RawJson::root(&document)
                    .with_context(|| format!("--ledger: line {} is not JSON", at + 1))?;
                let value =
                    |name: &str| record.get(name)?.as_text().map(std::borrow::Cow::into_owned);
                rows.push(row(value).with_context(|| format!("--ledger: line {}", at + 1))?);
            }
        }
        _ => bail!("--ledger: the name must end in .csv or .jsonl"),
    }
    Ok(rows)
}

fn row(value: impl Fn(&str) -> Option<String>) -> anyhow::Result<LedgerRow> {
    let value = |name: &str| value(name).filter(|value| !value.is_empty());
    let amount = value("amount").map(|amount| Decimal::from_str_exact(&amount)).transpose();
    let row = LedgerRow {
        id: value("id"),
        intent: value("intent"),
        amount: amount.ok().context("the amount must be a decimal, such as 150.75")?,
        status: value("status"),
    };
    if row.id.is_none() && row.intent.is_none() {
        bail!("it has neither id nor intent");
    }
    Ok(row)
}

fn since(text: &str) -> Result<Timestamp, String> {
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
    text.parse().ok().or_else(day).ok_or_else(|| "must be a day or a time with its zone".to_owned())
}
