//! The generator as a program of its own; `cargo xtask codegen` and `cargo xtask new-provider` run the same.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "payglot-codegen",
    version,
    about = "Generates payglot's clients from OpenAPI documents"
)]
struct Cli {
    /// The root of the payglot repository.
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Generate the clients of all languages from openapi/.
    Generate(payglot_codegen::Options),
    /// Write a first overlay and provider.toml for an OpenAPI document.
    NewProvider(payglot_codegen::new_provider::Options),
}

fn main() -> ExitCode {
    let Cli { root, command } = Cli::parse();
    let result = match command {
        Command::Generate(options) => payglot_codegen::run(&root, &options),
        Command::NewProvider(options) => payglot_codegen::new_provider::run(&root, &options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
