//! `payglot operations`: lists the operations.

use std::io::{self, Write as _};

use anyhow::Context as _;
use clap::builder::PossibleValuesParser;
use payglot::providers;
use payglot::schema::{Provider, Replay};

/// List the operations of all providers, or of one.
///
/// `payglot call PROVIDER OPERATION --help` says what an operation takes.
#[derive(clap::Args)]
pub struct Args {
    /// Name of a provider.
    #[arg(value_parser = names())]
    provider: Option<String>,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let mut out = String::new();
    let is_selected =
        |provider: &Provider| args.provider.as_deref().is_none_or(|name| name == provider.name);
    for provider in providers::ALL.iter().filter(|provider| is_selected(provider)) {
        out += &format!("{}  ({})\n", provider.name, provider.title);
        let width = provider.operations.iter().map(|operation| operation.name.len()).max();
        let width = width.unwrap_or_default();
        for operation in provider.operations {
            let (name, replay) = (operation.name, replay(operation.replay));
            out += &format!("  {name:width$}  {replay:10}  {}\n", operation.summary);
        }
    }
    write!(io::stdout(), "{out}").context("cannot write to standard output")
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(providers::ALL.iter().map(|provider| provider.name))
}

/// The name of a replay class.
pub fn replay(class: Replay) -> &'static str {
    match class {
        Replay::Read => "read",
        Replay::Idempotent => "idempotent",
        Replay::Keyed => "keyed",
        Replay::Create => "create",
        Replay::Money => "money",
    }
}
