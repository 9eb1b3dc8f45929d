//! The commands of `payglot call`: one for each operation of each provider.

use clap::Command;
use payglot::schema::{Operation, Provider};

use super::arguments;
use crate::docs;
use crate::operations::replay;
use crate::per_operation::{self, PerOperation};

/// The arguments of `payglot call`.
pub type Args = per_operation::Args<Call>;

/// Operations are called.
pub struct Call;

impl PerOperation for Call {
    const ABOUT: &'static str = "Call an operation of an API";
    const LONG_ABOUT: &'static str = "Call an operation of an API.\n\nCredentials and hosts come from the environment, as for every \
                 client: `payglot sandbox` prints those of a sandbox. `payglot operations` lists the operations.\n\n\
                 Exit status: 0 for a response, 1 if the API or the connection failed, 2 for wrong input, 3 if a \
                 call may have taken effect but there is no response, 4 if the API took a payment and its record \
                 says that it failed.";

    fn takes(_: &Operation) -> bool {
        true
    }

    fn command(provider: &'static Provider, operation: &'static Operation) -> Command {
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
}
