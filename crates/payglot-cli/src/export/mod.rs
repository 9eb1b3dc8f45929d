//! `payglot export`: writes all records of a list to a file, and goes on where it was when it was stopped.
//!
//! Each page goes into the state, a SQLite file, in one transaction with what asks for the page after it. When the walk
//! is complete, the file is written from the state beside its name and put there whole.

mod columns;
mod commands;
mod files;
mod identity;
mod parquet;
mod progress;
mod state;
mod walk;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ArgMatches;
use payglot::runtime::client::Core;
use payglot::runtime::json::FloatMoney;
use payglot::runtime::request::prepare;
use payglot::schema::{Operation, Provider};
use sha2::{Digest as _, Sha256};

use crate::BAD_INPUT;
use crate::call::{self, Arguments, BadInput, CallError};
use crate::profile::Profile;
pub use commands::Args;
use files::FileForm;
use identity::Identity;
use state::State;
use walk::Export;

/// Why an export did not end.
enum ExportError {
    BadInput(String),
    Call(CallError),
    Other(anyhow::Error),
}

impl From<BadInput> for ExportError {
    fn from(BadInput(problem): BadInput) -> Self {
        Self::BadInput(problem)
    }
}

impl From<payglot::Error> for ExportError {
    fn from(error: payglot::Error) -> Self {
        Self::Call(error.into())
    }
}

impl From<anyhow::Error> for ExportError {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

pub fn run(args: &Args, profile: Profile<'_>) -> ExitCode {
    let outcome = args.chosen().map_or_else(
        || Err(ExportError::BadInput("name a provider and an operation".to_owned())),
        |(provider, operation, matches)| export(provider, operation, matches, profile),
    );
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(ExportError::BadInput(problem)) => {
            eprintln!("payglot: {problem}");
            ExitCode::from(BAD_INPUT)
        }
        Err(ExportError::Call(error)) => {
            let (text, status) = call::describe(&error);
            eprintln!("payglot: {text}");
            ExitCode::from(status)
        }
        Err(ExportError::Other(error)) => {
            eprintln!("payglot: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn export(
    provider: &'static Provider,
    operation: &'static Operation,
    matches: &ArgMatches,
    profile: Profile<'_>,
) -> Result<(), ExportError> {
    let path = |name: &str| matches.get_one::<PathBuf>(name).cloned().unwrap_or_default();
    let (target, state_path) = (path("to"), path("state"));
    let form = FileForm::of(&target).ok_or_else(|| {
        BadInput(
            "--to: the name must end in .csv, .jsonl or .parquet, which says what is written"
                .to_owned(),
        )
    })?;
    let identity = Identity::of(operation, matches).map_err(ExportError::BadInput)?;
    let arguments = Arguments::read(provider, operation, matches)?;
    let client = Core::new(call::config(provider, matches, profile)?)?;
    let shows_sensitive = matches.get_flag("show-sensitive");
    let request = fingerprint(&client, operation, &arguments, matches, &identity)?;
    let mut state = State::open(&state_path, &request)?;
    let rechecks = matches.get_flag("recheck");
    let export = Export {
        client: &client,
        operation,
        arguments: &arguments,
        identity: &identity,
        shows_sensitive,
        rechecks,
    };
    export.walk(provider, &mut state)?;
    files::write(form, &target, &state)?;
    let records = state.count()?;
    state.remove()?;
    eprintln!("payglot: {records} records are in the file");
    Ok(())
}

/// What tells one export from another: a state is only gone on with by the same.
fn fingerprint(
    client: &Core,
    operation: &'static Operation,
    arguments: &Arguments<'_>,
    matches: &ArgMatches,
    identity: &Identity,
) -> Result<String, ExportError> {
    let provider = client.provider();
    // Page and size of a list have defaults, which the check of a call asks for.
    let first = walk::first_fields(provider, operation, arguments);
    let request = prepare(operation, &arguments.path, &first, FloatMoney::Refuse)?;
    let base_url = client.base_url();
    let mut hash = Sha256::new();
    let parts = [
        provider.name,
        operation.name,
        client.account(),
        &base_url,
        request.target().as_str(),
        identity.name().unwrap_or_default(),
        if matches.get_flag("show-sensitive") { "sensitive" } else { "" },
    ];
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.update(request.body().map_or(&[][..], |body| &body[..]));
    let mut text = String::new();
    for byte in hash.finalize() {
        text += &format!("{byte:02x}");
    }
    Ok(text)
}
