//! Commands with one below them for each provider, and in each one for each operation, as of `payglot call` and
//! `payglot export`. They are built on demand, so that other commands do not wait for them.

use std::marker::PhantomData;

use clap::{ArgMatches, Command, FromArgMatches};
use payglot::providers;
use payglot::schema::{Operation, Provider};

/// What is done with operations.
pub trait PerOperation {
    /// What the command does, in one line.
    const ABOUT: &'static str;
    /// The same, with its exit statuses.
    const LONG_ABOUT: &'static str;

    /// Whether it is done with this operation.
    fn takes(operation: &Operation) -> bool;

    /// The operation that it is done with where none is named.
    fn otherwise(_: &'static Provider) -> Option<&'static Operation> {
        None
    }

    /// The command for an operation.
    fn command(provider: &'static Provider, operation: &'static Operation) -> Command;
}

/// The arguments of such a command.
pub struct Args<Kind> {
    matches: ArgMatches,
    kind: PhantomData<Kind>,
}

impl<Kind: PerOperation> Args<Kind> {
    /// The provider, its operation, and the arguments of the operation.
    pub fn chosen(&self) -> Option<(&'static Provider, &'static Operation, &ArgMatches)> {
        let (provider, matches) = self.matches.subcommand()?;
        let provider = providers::find(provider)?;
        match matches.subcommand() {
            Some((name, matches)) => Some((provider, provider.operation(name)?, matches)),
            None => Some((provider, Kind::otherwise(provider)?, matches)),
        }
    }
}

impl<Kind> FromArgMatches for Args<Kind> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self { matches: matches.clone(), kind: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.matches = matches.clone();
        Ok(())
    }
}

impl<Kind: PerOperation> clap::Args for Args<Kind> {
    fn augment_args(command: Command) -> Command {
        command
            .about(Kind::ABOUT)
            .long_about(Kind::LONG_ABOUT)
            .subcommand_required(true)
            .disable_help_subcommand(true)
            .arg_required_else_help(true)
            .subcommand_value_name("PROVIDER")
            .subcommand_help_heading("Providers")
            .subcommands(providers::ALL.iter().map(|provider| self::provider::<Kind>(provider)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn provider<Kind: PerOperation>(provider: &'static Provider) -> Command {
    Command::new(provider.name)
        .about(provider.title)
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .arg_required_else_help(true)
        .subcommand_value_name("OPERATION")
        .subcommand_help_heading("Operations")
        .defer(with_operations::<Kind>)
}

/// Adds the operations of the provider that the command is for.
fn with_operations<Kind: PerOperation>(command: Command) -> Command {
    let Some(provider) = providers::find(command.get_name()) else { return command };
    let taken = provider.operations.iter().filter(|operation| Kind::takes(operation));
    let command = command.subcommands(taken.map(|operation| Kind::command(provider, operation)));
    let Some(otherwise) = Kind::otherwise(provider) else { return command };
    command
        .subcommand_required(false)
        .subcommand_negates_reqs(true)
        .args_conflicts_with_subcommands(true)
        .args(Kind::command(provider, otherwise).get_arguments().cloned())
        .after_help(format!("Where no operation is named it is {}.", otherwise.name))
}
