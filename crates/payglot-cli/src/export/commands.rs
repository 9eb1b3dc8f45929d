//! The commands of `payglot export`: one for each provider, and in each one for each operation that lists records.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches, value_parser};
use payglot::providers;
use payglot::schema::{Operation, Paging, Provider, Replay};

use crate::call::arguments::{self, option};
use crate::docs;

/// The arguments of `payglot export`.
pub struct Args {
    matches: ArgMatches,
}

impl Args {
    /// The provider, its operation, and the arguments of the operation.
    pub fn chosen(&self) -> Option<(&'static Provider, &'static Operation, &ArgMatches)> {
        let (provider, matches) = self.matches.subcommand()?;
        let provider = providers::find(provider)?;
        let (name, matches) = matches.subcommand()?;
        Some((provider, provider.operation(name)?, matches))
    }
}

impl FromArgMatches for Args {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { matches: matches.clone() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.matches = matches.clone();
        Ok(())
    }
}

impl clap::Args for Args {
    fn augment_args(command: Command) -> Command {
        command
            .about("Write all records of a list to a file: CSV, JSON lines or Parquet")
            .long_about(
                "Write all records of a list to a file: CSV, JSON lines or Parquet.\n\nAn export that was stopped, however, \
                 goes on where it was when the same command is run again. Amounts keep their digits; in Parquet they are \
                 decimals. Credentials and hosts come from the environment, as for `payglot call`.\n\nExit status: 0 when \
                 the file is complete, 1 if the API or the connection failed or the list would not hold still, 2 for wrong \
                 input.",
            )
            .subcommand_required(true)
            .disable_help_subcommand(true)
            .arg_required_else_help(true)
            .subcommand_value_name("PROVIDER")
            .subcommand_help_heading("Providers")
            .subcommands(providers::ALL.iter().map(|provider| self::provider(provider)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn provider(provider: &'static Provider) -> Command {
    Command::new(provider.name)
        .about(provider.title)
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .arg_required_else_help(true)
        .subcommand_value_name("OPERATION")
        .subcommand_help_heading("Operations")
        .defer(with_operations)
}

/// Adds the lists of the provider that the command is for.
fn with_operations(command: Command) -> Command {
    let Some(provider) = providers::find(command.get_name()) else { return command };
    let lists = provider
        .operations
        .iter()
        .filter(|operation| operation.paging != Paging::None && operation.replay == Replay::Read);
    command.subcommands(lists.map(|operation| self::operation(provider, operation)))
}

fn operation(provider: &'static Provider, operation: &'static Operation) -> Command {
    let documented = docs::of(provider, operation);
    Command::new(operation.name)
        .about(operation.summary)
        .args(arguments::of(provider, operation, documented))
        .args(arguments::calling(provider))
        .args(options())
}

fn options() -> [Arg; 5] {
    [
        option("to").value_name("FILE").required(true).value_parser(value_parser!(PathBuf)).help(
            "The file to write: .csv, .jsonl or .parquet. It appears when it is complete, and replaces an earlier one",
        ),
        option("state").value_name("FILE").required(true).value_parser(value_parser!(PathBuf)).help(
            "Where the records so far are kept until the file is complete; it holds them all, and is removed then",
        ),
        option("key").value_name("FIELD").help(
            "The field that tells one record from another, as the response names it. Otherwise that of the document",
        ),
        option("no-key").action(ArgAction::SetTrue).conflicts_with("key").help(
            "No field does: a record that moves from page to page meanwhile can be lost or come twice",
        ),
        option("recheck").action(ArgAction::SetTrue).conflicts_with("no-key").help(
            "Walk the list once more even where nothing showed that records moved",
        ),
    ]
}
