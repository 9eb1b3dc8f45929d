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
mod man;
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

use clap::error::{ContextKind, ContextValue, ErrorKind as ParseErrorKind};
use clap::{CommandFactory as _, Parser, Subcommand};
use payglot::ErrorKind;
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
    Man(man::Args),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return not_parsed(error),
    };
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
        Command::Man(args) => man::run::<Cli>(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => ending(&error),
    }
}

/// Prints help, or what is wrong with the arguments.
fn not_parsed(error: clap::Error) -> ExitCode {
    let error = without_what_was_given(error);
    // Nobody has to read it.
    let _ = error.print();
    if !error.use_stderr() {
        return ExitCode::SUCCESS;
    }
    let command = Cli::command().ignore_errors(true).try_get_matches();
    let is_reconcile = command.is_ok_and(|known| known.subcommand_name() == Some("reconcile"));
    ExitCode::from(if is_reconcile { reconcile::BAD_INPUT } else { BAD_INPUT })
}

/// Tells why a command failed; its exit status says whether the input was wrong.
fn ending(error: &anyhow::Error) -> ExitCode {
    ending_as(error, BAD_INPUT)
}

/// The same with another status for wrong input.
fn ending_as(error: &anyhow::Error, bad_input: u8) -> ExitCode {
    let is_journal = |error: &payglot::journal::JournalError| error.argument().is_some();
    let is_call = |error: &payglot::Error| {
        matches!(error.kind(), ErrorKind::InvalidRequest | ErrorKind::Configuration)
    };
    if error.is::<WrongInput>()
        || error.downcast_ref().is_some_and(is_journal)
        || error.downcast_ref().is_some_and(is_call)
    {
        eprintln!("payglot: {error:#}");
        return ExitCode::from(bad_input);
    }
    // Whoever reads has enough, as `head` does after ten lines.
    if !is_closed(error) {
        eprintln!("payglot: {error:#}");
    }
    ExitCode::FAILURE
}

/// Whether it is that nobody reads standard output any more.
fn is_closed(error: &anyhow::Error) -> bool {
    // The writer of CSV does not name it as a cause.
    let of_csv = |cause: &csv::Error| match cause.kind() {
        csv::ErrorKind::Io(error) => error.kind() == std::io::ErrorKind::BrokenPipe,
        _ => false,
    };
    error.chain().any(|cause| {
        let plain = cause.downcast_ref::<std::io::Error>();
        plain.is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
            || cause.downcast_ref().is_some_and(of_csv)
    })
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
    let is_stray = error.kind() == ParseErrorKind::UnknownArgument && !is_option;
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
