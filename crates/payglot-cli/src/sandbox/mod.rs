//! `payglot sandbox`: serves the APIs on this machine, and what a person does to a sandbox that runs.

mod control;
// Laid out by the generator.
#[rustfmt::skip]
mod generated;
mod serve;
mod table;

use std::process::ExitCode;

use crate::ending;
use crate::profile::Profile;

/// Environment variable with the token that changes by the interface for tests need.
const TOKEN: &str = "PAYGLOT_SANDBOX_TOKEN";
/// Environment variable with the URL of a sandbox.
const BASE_URL: &str = "PAYGLOT_SANDBOX_BASE_URL";
/// Where a sandbox listens when nothing is said.
const LISTEN: &str = "127.0.0.1:8787";

/// Serve the payment APIs on this machine, or do something to a sandbox that runs.
///
/// The state is in memory, or in a file. Requests are logged to standard error.
///
/// Changes by the JSON interface under /_sandbox/api/ need a token. It is random unless the environment variable
/// `PAYGLOT_SANDBOX_TOKEN` holds one, and printed at the start. The commands below find the sandbox by what is printed then:
/// `PAYGLOT_SANDBOX_BASE_URL` and `PAYGLOT_SANDBOX_TOKEN`.
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_help_heading = "To a sandbox that runs"
)]
pub struct Args {
    #[command(subcommand)]
    chosen: Option<control::Chosen>,
    #[command(flatten)]
    serve: serve::Options,
}

pub fn run(args: &Args, profile: Profile<'_>) -> ExitCode {
    let result = match &args.chosen {
        Some(chosen) => control::run(chosen, profile),
        None => serve::run(&args.serve),
    };
    result.map_or_else(|error| ending(&error), |()| ExitCode::SUCCESS)
}
