//! The `payglot` command: a local sandbox of the payment APIs, signatures for any HTTP client, and webhooks.

mod sandbox;
mod sign;
mod webhook;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Payment APIs on your machine: a sandbox, request signatures, and webhooks.
#[derive(Parser)]
#[command(name = "payglot", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Sandbox(sandbox::Args),
    Sign(sign::Args),
    Webhook(webhook::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Sandbox(args) => sandbox::run(&args),
        Command::Sign(args) => sign::run(&args),
        Command::Webhook(args) => webhook::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("payglot: {error:#}");
            ExitCode::FAILURE
        }
    }
}
