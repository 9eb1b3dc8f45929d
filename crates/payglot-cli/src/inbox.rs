//! `payglot inbox`: what inboxes have stored in a journal, and what a person has handled again.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use anyhow::bail;
use clap::Subcommand;
use payglot::journal::{EventFilter, EventState, Journal, StoredEvent};
use serde::Serialize;

use crate::ending;
use crate::journal::{Form, print};
use crate::location::Location;

/// Webhooks that an inbox has stored: those that wait, and those that were given up
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    location: Location,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List events, in the order of their times
    List {
        /// In this state
        #[arg(long, value_parser = state)]
        state: Option<EventState>,
        #[command(flatten)]
        which: Which,
        /// How they are printed: a table on a terminal, else JSON lines
        #[arg(long, value_enum, value_name = "FORM")]
        output: Option<Form>,
    },
    /// List events that were given up after too many attempts
    Dead {
        #[command(flatten)]
        which: Which,
        /// How they are printed: a table on a terminal, else JSON lines
        #[arg(long, value_enum, value_name = "FORM")]
        output: Option<Form>,
    },
    /// Show one event
    Show {
        #[command(flatten)]
        event: Named,
    },
    /// Have an event that was given up handled again, with as many attempts as a new one
    Retry {
        #[command(flatten)]
        event: Named,
    },
}

/// Which events.
#[derive(clap::Args)]
struct Which {
    /// Of this provider, such as paywint-platform
    #[arg(long)]
    provider: Option<String>,
    /// Delivered for this account
    #[arg(long)]
    account: Option<String>,
    /// Of this name, such as payment.success
    #[arg(long)]
    event: Option<String>,
    /// Of this object, such as "payment 7b1d9c34"
    #[arg(long)]
    object: Option<String>,
}

/// One event.
#[derive(clap::Args)]
struct Named {
    /// The vendor's identifier of it
    #[arg(value_name = "EVENT_ID")]
    id: String,
    /// Of this provider, where several have an event of that identifier
    #[arg(long)]
    provider: Option<String>,
    /// Delivered for this account, where several have an event of that identifier
    #[arg(long)]
    account: Option<String>,
}

pub fn run(args: &Args) -> ExitCode {
    ask(args).map_or_else(|error| ending(&error), |()| ExitCode::SUCCESS)
}

fn ask(args: &Args) -> anyhow::Result<()> {
    let journal = args.location.open()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match &args.command {
            Command::List { state, which, output } => list(&journal, *state, which, *output).await,
            Command::Dead { which, output } => {
                list(&journal, Some(EventState::Dead), which, *output).await
            }
            Command::Show { event } => print(&[one(&journal, event).await?], Form::Table),
            Command::Retry { event } => {
                let found = one(&journal, event).await?;
                print(&[journal.retry_event(&found.key).await?], Form::Table)
            }
        }
    })
}

async fn list(
    journal: &Journal,
    state: Option<EventState>,
    which: &Which,
    output: Option<Form>,
) -> anyhow::Result<()> {
    let default = if io::stdout().is_terminal() { Form::Table } else { Form::Jsonl };
    let form = output.unwrap_or(default);
    let Which { provider, account, event, object } = which;
    let filter = EventFilter {
        state,
        provider: provider.clone(),
        account: account.clone(),
        event: event.clone(),
        object: object.clone(),
        id: None,
    };
    let events = journal.events(filter).await?;
    if matches!(form, Form::Table) {
        // What a person looks for, in the width of a terminal.
        let rows: Vec<_> = events.iter().map(Row::from).collect();
        return print(&rows, form);
    }
    print(&events, form)
}

/// What a table shows of an event.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    event: &'a str,
    object: &'a str,
    state: &'static str,
    attempts: u32,
    last_error: Option<&'a str>,
    received_at: String,
}

impl<'a> From<&'a StoredEvent> for Row<'a> {
    fn from(event: &'a StoredEvent) -> Self {
        Self {
            id: &event.key.id,
            event: &event.event,
            object: &event.object,
            state: event.state.name(),
            attempts: event.attempts,
            last_error: event.last_error.as_deref(),
            received_at: event.received_at.to_string(),
        }
    }
}

async fn one(journal: &Journal, event: &Named) -> anyhow::Result<StoredEvent> {
    let Named { id, provider, account } = event;
    let filter = EventFilter {
        provider: provider.clone(),
        account: account.clone(),
        id: Some(id.clone()),
        ..EventFilter::default()
    };
    let mut found = journal.events(filter).await?;
    let Some(event) = found.pop() else { bail!("no such event is in the inbox") };
    if !found.is_empty() {
        bail!("several events have that identifier: say which with --provider or --account");
    }
    Ok(event)
}

fn state(name: &str) -> Result<EventState, String> {
    EventState::from_name(name)
        .ok_or_else(|| format!("one of {}", EventState::ALL.map(EventState::name).join(", ")))
}
