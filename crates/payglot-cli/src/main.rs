//! The `payglot` command: a local sandbox of the payment APIs, calls, batches, the journal, the inbox, signatures for any HTTP client, and
//! webhooks.

mod batch;
mod call;
mod completions;
mod config;
mod crash_lab;
mod docs;
mod export;
// Laid out by the generator.
#[rustfmt::skip]
mod generated;
mod inbox;
mod journal;
mod location;
mod operations;
mod per_operation;
mod private;
mod profile;
mod reconcile;
mod sandbox;
mod sign;
mod webhook;
mod whole_file;

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, Subcommand};
use profile::Profile;

/// Exit status for wrong input: nothing was sent.
const BAD_INPUT: u8 = 2;

/// What calls of the command say they come from.
const USER_AGENT: &str = concat!("payglot/", env!("CARGO_PKG_VERSION"), " cli");

/// Payment APIs on your machine: a sandbox, calls, request signatures, and webhooks.
#[derive(Parser)]
#[command(name = "payglot", version)]
struct Cli {
    /// Take credentials, hosts and the like from this profile; `payglot config` says where profiles are
    #[arg(long, global = true, env = "PAYGLOT_PROFILE", value_name = "NAME")]
    profile: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Sandbox(sandbox::Args),
    Sign(sign::Args),
    Webhook(webhook::Args),
    Call(call::Args),
    Export(export::Args),
    Batch(batch::Args),
    Operations(operations::Args),
    Journal(journal::Args),
    Reconcile(reconcile::Args),
    Inbox(inbox::Args),
    CrashLab(crash_lab::Args),
    Config(config::Args),
    Completions(completions::Args),
}

fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| without_what_was_given(error).exit());
    let profile = Profile(cli.profile.as_deref());
    let result = match cli.command {
        Command::Sandbox(args) => return sandbox::run(&args, profile),
        Command::Sign(args) => sign::run(&args, profile),
        Command::Webhook(args) => webhook::run(&args),
        Command::Call(args) => return call::run(&args, profile),
        Command::Export(args) => return export::run(&args, profile),
        Command::Batch(args) => return batch::run(&args, profile),
        Command::Journal(args) => return journal::run(&args, profile),
        Command::Reconcile(args) => return reconcile::run(&args, profile),
        Command::Inbox(args) => return inbox::run(&args),
        Command::CrashLab(args) => return crash_lab::run(&args),
        Command::Config(args) => config::run(&args, profile),
        Command::Operations(args) => operations::run(&args),
        Command::Completions(args) => completions::run::<Cli>(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => ending(&error),
    }
}

/// Tells why a command failed; its exit status says whether the input was wrong.
fn ending(error: &anyhow::Error) -> ExitCode {
    if let Some(input) = error.downcast_ref::<WrongInput>() {
        eprintln!("payglot: {:#}", input.0);
        return ExitCode::from(BAD_INPUT);
    }
    // Whoever reads has enough, as `head` does after ten lines.
    if !is_closed(error) {
        eprintln!("payglot: {error:#}");
    }
    ExitCode::FAILURE
}

/// Whether it is that nobody reads standard output any more.
fn is_closed(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    causes.any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

/// What is wrong with what was given, of commands that have done nothing yet.
#[derive(Debug)]
pub struct WrongInput(anyhow::Error);

impl WrongInput {
    /// Marks an error as one of the input.
    pub fn of(error: anyhow::Error) -> anyhow::Error {
        Self(error).into()
    }
}

impl std::fmt::Display for WrongInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl std::error::Error for WrongInput {}

/// The error without what was given: an argument that belongs nowhere, or that its option does not take, may be a secret whose
/// option was forgotten. Names of options are told.
fn without_what_was_given(mut error: clap::Error) -> clap::Error {
    let is_option = error
        .get(ContextKind::InvalidArg)
        .is_none_or(|argument| argument.to_string().starts_with('-'));
    let is_stray = error.kind() == ErrorKind::UnknownArgument && !is_option;
    let given = [
        (ContextKind::InvalidArg, is_stray),
        (ContextKind::InvalidValue, true),
        (ContextKind::InvalidSubcommand, true),
    ];
    for (kind, is_given) in given {
        if is_given && error.get(kind).is_some() {
            let hidden = "[not shown: it may be a secret]".to_owned();
            error.insert(kind, ContextValue::String(hidden));
        }
    }
    error
}
