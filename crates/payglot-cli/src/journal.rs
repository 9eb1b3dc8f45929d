//! `payglot journal`: what a journal remembers, and what a person decides about it.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use payglot::journal::{Filter, Intent, IntentKey, Journal, ResolveError, State};
use payglot::runtime::client::{CallOptions, Core};
use payglot::runtime::json::{Document, RawJson};
use payglot::runtime::lookup::LookedUp;
use payglot::schema::Type;
use serde::Serialize;

use crate::call::{Form as ResponseForm, Style, table};
use crate::ending;
use crate::location::Location;
use crate::profile::Profile;

/// What a journal remembers: payments that were sent, and those of which nobody knows
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    location: Location,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List intents, oldest first
    List {
        #[command(flatten)]
        which: Which,
        /// How they are printed: a table on a terminal, else JSON lines
        #[arg(long, value_enum, value_name = "FORM")]
        output: Option<Form>,
    },
    /// Show one intent and all that happened to it
    Show {
        #[command(flatten)]
        intent: Named,
    },
    /// Look up at the vendor what became of an unknown intent, with credentials from the environment as `payglot call`; or
    /// say that it was done (--succeeded): it is never sent again
    Resolve {
        #[command(flatten)]
        intent: Named,
        /// Say that it was done, instead of looking it up
        #[arg(long, requires_all = ["by", "because"])]
        succeeded: bool,
        /// Who says so
        #[arg(long, value_name = "NAME", requires = "succeeded")]
        by: Option<String>,
        /// Why
        #[arg(long, value_name = "REASON", requires = "succeeded")]
        because: Option<String>,
        /// What the look-up asks for beside what the call had; the docs of the operation name it
        #[arg(long, value_name = "NAME=VALUE", value_parser = given, conflicts_with = "succeeded")]
        given: Vec<(String, String)>,
    },
    /// Say that an unknown intent was not done: it may be sent again
    Release {
        #[command(flatten)]
        intent: Named,
        #[command(flatten)]
        decision: Decision,
    },
    /// Approve an intent that a guard holds, as another person than the one who asked for it; then make the call again
    Approve {
        #[command(flatten)]
        intent: Named,
        /// Who says so. It stands in the log for ever
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// Write intents with their responses to standard output
    Export {
        #[command(flatten)]
        which: Which,
        /// How they are written
        #[arg(long, value_enum, value_name = "FORM", default_value = "jsonl")]
        output: Form,
    },
}

/// Which intents.
#[derive(clap::Args)]
struct Which {
    /// In this state
    #[arg(long, value_parser = state)]
    state: Option<State>,
    /// Of this provider, such as paywint-platform
    #[arg(long)]
    provider: Option<String>,
    /// Of this operation, such as payments.create
    #[arg(long)]
    operation: Option<String>,
}

/// One intent.
#[derive(clap::Args)]
struct Named {
    /// Its name
    #[arg(value_name = "INTENT")]
    name: String,
    /// Of this operation, where several have an intent of that name
    #[arg(long)]
    operation: Option<String>,
    /// Of this provider, where several have an intent of that name
    #[arg(long)]
    provider: Option<String>,
}

/// Who decides, and why. Both stand in the log for ever.
#[derive(clap::Args)]
struct Decision {
    /// Who says so
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why
    #[arg(long, value_name = "REASON")]
    because: String,
}

/// How rows are printed.
#[derive(Clone, Copy, ValueEnum)]
pub enum Form {
    Table,
    Jsonl,
    Csv,
}

pub fn run(args: &Args, profile: Profile<'_>) -> ExitCode {
    ask(args, profile).map_or_else(|error| ending(&error), |()| ExitCode::SUCCESS)
}

fn ask(args: &Args, profile: Profile<'_>) -> anyhow::Result<()> {
    let journal = args.location.open()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match &args.command {
            Command::List { which, output } => {
                let default = if io::stdout().is_terminal() { Form::Table } else { Form::Jsonl };
                let intents = journal.list(which.filter()).await?;
                let rows: Vec<_> = intents.iter().map(Row::from).collect();
                print(&rows, output.unwrap_or(default))
            }
            Command::Export { which, output } => {
                print(&journal.list(which.filter()).await?, *output)
            }
            Command::Show { intent } => {
                let found = one(&journal, intent).await?;
                print(&[Row::from(&found)], Form::Table)?;
                print(&journal.log(&found.key).await?, Form::Table)
            }
            Command::Resolve { intent, by: Some(by), because: Some(because), .. } => {
                let found = one(&journal, intent).await?;
                let decided = journal.succeeded(&found.key, by, because).await?;
                print(&[Row::from(&decided)], Form::Table)
            }
            Command::Resolve { intent, given, .. } => {
                let found = one(&journal, intent).await?;
                look_up(&journal, &found.key, given, profile).await
            }
            Command::Approve { intent, by } => {
                let found = one(&journal, intent).await?;
                let approved = journal.approve(&found.key, by).await?;
                print(&[Row::from(&approved)], Form::Table)
            }
            Command::Release { intent, decision: Decision { by, because } } => {
                let found = one(&journal, intent).await?;
                let decided = journal.release(&found.key, by, because).await?;
                print(&[Row::from(&decided)], Form::Table)
            }
        }
    })
}

/// Looks up what became of an intent, and says what a person can do where that does not tell.
async fn look_up(
    journal: &Journal,
    key: &IntentKey,
    given: &[(String, String)],
    profile: Profile<'_>,
) -> anyhow::Result<()> {
    let Some(provider) = payglot::providers::find(&key.provider) else {
        bail!("this build of payglot has no provider `{}`", key.provider);
    };
    let config = profile.config(provider, false)?;
    let given: Vec<_> = given.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (core, options) = (Core::new(config)?, CallOptions::default());
    let resolved = match journal.resolve(&core, key, &given, &options).await {
        Ok(resolved) => resolved,
        Err(ResolveError::Journal(error)) => return Err(error.into()),
        Err(ResolveError::Call(error)) => return Err(error.into()),
    };
    print(&[Row::from(&resolved.intent)], Form::Table)?;
    let told = match resolved.looked_up {
        LookedUp::Found(_) => return Ok(()),
        LookedUp::NotFound { proves_absence: true } => "it was not done",
        LookedUp::NotFound { proves_absence: false } => {
            "it was not found, which does not prove that it was not done"
        }
        LookedUp::TooEarly(left) => {
            eprintln!(
                "payglot: look again in {} seconds: it may not be shown yet",
                left.as_secs() + 1
            );
            return Ok(());
        }
        LookedUp::Ambiguous(candidates) => {
            for candidate in candidates {
                writeln!(io::stdout(), "{candidate}")?;
            }
            "only a person can tell whether these records are of it"
        }
        LookedUp::NotPublished => "nothing shows what became of it",
    };
    eprintln!("payglot: {told}. {}", resolved.advice);
    Ok(())
}

/// What a list shows of an intent.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    state: State,
    operation: &'a str,
    provider: &'a str,
    account: &'a str,
    attempts: u32,
    status: Option<u16>,
    request_id: Option<&'a str>,
    reference: String,
    updated_at: String,
}

impl<'a> From<&'a Intent> for Row<'a> {
    fn from(intent: &'a Intent) -> Self {
        Self {
            name: &intent.key.name,
            state: intent.state,
            operation: &intent.key.operation,
            provider: &intent.key.provider,
            account: &intent.key.account,
            attempts: intent.attempts,
            status: intent.status,
            request_id: intent.request_id.as_deref(),
            reference: intent.reference(),
            updated_at: intent.updated_at.to_string(),
        }
    }
}

impl Which {
    fn filter(&self) -> Filter {
        let Self { state, provider, operation } = self;
        Filter {
            state: *state,
            provider: provider.clone(),
            operation: operation.clone(),
            name: None,
        }
    }
}

async fn one(journal: &Journal, intent: &Named) -> anyhow::Result<Intent> {
    let Named { name, operation, provider } = intent;
    let (operation, provider) = (operation.clone(), provider.clone());
    let filter = Filter { state: None, provider, operation, name: Some(name.clone()) };
    let mut found = journal.list(filter).await?;
    let Some(intent) = found.pop() else { bail!("no such intent is in the journal") };
    if !found.is_empty() {
        bail!("several intents have that name: say which with --operation or --provider");
    }
    Ok(intent)
}

/// Prints rows.
pub fn print<T: Serialize>(rows: &[T], form: Form) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match form {
        Form::Table => {
            let document = std::sync::Arc::new(Document::new(serde_json::to_string(rows)?));
            let records: Vec<_> =
                RawJson::root(&document).and_then(RawJson::as_items).unwrap_or_default();
            let style = Style { form: ResponseForm::Table, shows_sensitive: false };
            writeln!(out, "{}", table::list(&records, &Type::Any, style))?;
        }
        Form::Jsonl => {
            for row in rows {
                writeln!(out, "{}", serde_json::to_string(row)?)?;
            }
        }
        Form::Csv => {
            let mut writer = csv::Writer::from_writer(out);
            for row in rows {
                writer.serialize(row)?;
            }
            writer.flush()?;
        }
    }
    Ok(())
}

/// What a look-up is given, as `NAME=VALUE`.
pub fn given(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("must be NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn state(name: &str) -> Result<State, String> {
    State::from_name(name)
        .ok_or_else(|| format!("one of {}", State::ALL.map(State::name).join(", ")))
}
