//! The commands of `payglot call`: one per provider, and in each one per operation. They are built on demand,
//! so that other commands do not wait for them.

use clap::{ArgMatches, Command, FromArgMatches};
use payglot::providers;
use payglot::schema::{Operation, Provider};

use super::arguments;
use crate::docs;
use crate::operations::replay;

/// The arguments of `payglot call`.
pub struct Args {
    matches: ArgMatches,
}

impl Args {
    /// The provider, its operation, and the arguments of the operation.
    pub fn chosen(&self) -> Option<(&'static Provider, &'static Operation, &ArgMatches)> {
        let (provider, matches) = self.matches.subcommand()?;
        let provider = providers::find(provider)?;
        let (name, matches) = matches.subcommand()?;
        let operation = provider.operation(name)?;
        Some((provider, operation, matches))
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
            .about("Call an operation of an API")
            .long_about(
                "Call an operation of an API.\n\nCredentials and hosts come from the environment, as for every \
                 client: `payglot sandbox` prints those of a sandbox. `payglot operations` lists the operations.\n\n\
                 Exit status: 0 for a response, 1 if the API or the connection failed, 2 for wrong input, 3 if a \
                 call may have taken effect but there is no response, 4 if the API took a payment and its record \
                 says that it failed.",
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

/// Adds the operations of the provider that the command is for.
fn with_operations(command: Command) -> Command {
    let Some(provider) = providers::find(command.get_name()) else { return command };
    command.subcommands(
        provider.operations.iter().map(|operation| self::operation(provider, operation)),
    )
}

fn operation(provider: &'static Provider, operation: &'static Operation) -> Command {
    let documented = docs::of(provider, operation);
    let mut about = operation.summary.to_owned();
    let retry = if operation.replay.is_repeatable() {
        ""
    } else {
        ": never sent again once it may have arrived"
    };
    let class = format!("Replay class {}{retry}.", replay(operation.replay));
    let reconcile = match operation.reconcile {
        "" => String::new(),
        text => format!("Without a response: {text}"),
    };
    let unconfirmed = match operation.unconfirmed {
        "" => String::new(),
        text => format!("Not confirmed upstream: {text}"),
    };
    let upstream = match operation.docs {
        "" => String::new(),
        page => format!("Upstream: {page}"),
    };
    let description = documented.map_or("", |documented| documented.description);
    for text in [description, &class, &reconcile, &unconfirmed, &upstream] {
        if !text.is_empty() {
            about += "\n\n";
            about += text;
        }
    }
    Command::new(operation.name)
        .about(operation.summary)
        .long_about(about)
        .args(arguments::of(provider, operation, documented))
        .args(arguments::options(provider, operation))
}
