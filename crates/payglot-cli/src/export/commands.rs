//! The commands of `payglot export`: one for each operation that lists records.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};
use payglot::schema::{Operation, Paging, Provider, Replay};

use crate::call::arguments::{self, option};
use crate::docs;
use crate::per_operation::{self, PerOperation};

/// The arguments of `payglot export`.
pub type Args = per_operation::Args<Export>;

/// Lists are written to files.
pub struct Export;

impl PerOperation for Export {
    const ABOUT: &'static str = "Write all records of a list to a file: CSV, JSON lines or Parquet";
    const LONG_ABOUT: &'static str = "Write all records of a list to a file: CSV, JSON lines or Parquet.\n\nAn export that was stopped, however, \
                 goes on where it was when the same command is run again. Amounts keep their digits; in Parquet they are \
                 decimals. Credentials and hosts come from the environment, as for `payglot call`.\n\nExit status: 0 when \
                 the file is complete, 1 if the API or the connection failed or the list would not hold still, 2 for wrong \
                 input.";

    fn takes(operation: &Operation) -> bool {
        operation.paging != Paging::None && operation.replay == Replay::Read
    }

    fn command(provider: &'static Provider, operation: &'static Operation) -> Command {
        let documented = docs::of(provider, operation);
        Command::new(operation.name)
            .about(operation.summary)
            .args(arguments::of(provider, operation, documented))
            .args(arguments::calling(provider))
            .args(options())
    }
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
