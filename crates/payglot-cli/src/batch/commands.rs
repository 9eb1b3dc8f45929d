//! The commands of `payglot batch`: one of each kind for each operation that pays or creates.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};
use payglot::Decimal;
use payglot::journal::Batch;
use payglot::schema::{Operation, Provider};

use crate::call::arguments::{self, option};
use crate::journal::given;
use crate::per_operation::{self, PerOperation};

/// Pay the rows of a file, each at most once
///
/// The columns are the arguments of the operation, and one is the row's key. The key and the batch's name make the row's intent,
/// so that a batch that is run again, after any crash and by any number of workers, pays each row at most once.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    pub command: Kind,
}

#[derive(clap::Subcommand)]
pub enum Kind {
    Check(per_operation::Args<Check>),
    Run(per_operation::Args<Run>),
    Status(per_operation::Args<Status>),
}

/// What a run would do.
pub struct Check;
/// Rows are paid.
pub struct Run;
/// What has become of the rows.
pub struct Status;

impl PerOperation for Check {
    const ABOUT: &'static str = "Say what a run would pay, and which rows are wrong; pays nothing";
    const LONG_ABOUT: &'static str = "Say what a run would pay, and which rows are wrong. Sends nothing but a read of the balance, where the API \
         has one.\n\nExit status: 0 if a run could pay all rows, 1 if the API or the journal failed, 2 for wrong rows or \
         other wrong input, 4 if the limit, the balance or an unknown outcome is in the way.";

    fn takes(operation: &Operation) -> bool {
        Batch::takes(operation)
    }

    fn otherwise(provider: &'static Provider) -> Option<&'static Operation> {
        provider.operation(provider.batch?)
    }

    fn command(provider: &'static Provider, operation: &'static Operation) -> Command {
        common(provider, operation).arg(at_most()).arg(output("the check is", "text for people"))
    }
}

impl PerOperation for Run {
    const ABOUT: &'static str = "Pay the rows that are not paid, and write what became of each";
    const LONG_ABOUT: &'static str = "Pay the rows that are not paid, and write what became of each: paid, already_paid, refused, unknown or \
         not_tried.\n\nAny number of processes may run one batch at once: together they keep the limits. Ctrl-C ends the run \
         when the calls that are being made have ended; run it again to go on. After a crash, an unknown outcome ends the \
         next run at once until somebody has looked it up (`payglot journal resolve`), or it is told to --go-on.\n\nExit \
         status: 0 if every row is paid, 1 if the API or the journal failed, 2 for wrong input (nothing was sent), 3 if an \
         outcome is unknown, 4 if a row was refused or not tried.";

    fn takes(operation: &Operation) -> bool {
        Batch::takes(operation)
    }

    fn otherwise(provider: &'static Provider) -> Option<&'static Operation> {
        provider.operation(provider.batch?)
    }

    fn command(provider: &'static Provider, operation: &'static Operation) -> Command {
        common(provider, operation).arg(at_most()).arg(to().required(true)).args([
            option("per-second").value_name("N").value_parser(value_parser!(f64)).help(
                "Most payments a second, of all batches of the account on this journal together",
            ),
            option("go-on").action(ArgAction::SetTrue).help(
                "Go on when an outcome is unknown, instead of stopping until somebody has looked it up",
            ),
            option("in-flight")
                .value_name("N")
                .value_parser(value_parser!(usize))
                .help("Most calls of this process at once. Otherwise 8"),
        ])
    }
}

impl PerOperation for Status {
    const ABOUT: &'static str = "Say what has become of each row so far";
    const LONG_ABOUT: &'static str = "Say what has become of each row so far, by the journal alone.\n\nExit status: as of `payglot batch run`.";

    fn takes(operation: &Operation) -> bool {
        Batch::takes(operation)
    }

    fn otherwise(provider: &'static Provider) -> Option<&'static Operation> {
        provider.operation(provider.batch?)
    }

    fn command(provider: &'static Provider, operation: &'static Operation) -> Command {
        common(provider, operation).arg(to())
    }
}

fn common(provider: &'static Provider, operation: &'static Operation) -> Command {
    let calling = arguments::calling(provider).into_iter().filter(|option| {
        ["base-url", "environment", "timeout"].contains(&option.get_id().as_str())
    });
    Command::new(operation.name)
        .about(operation.summary)
        .arg(
            Arg::new("file").value_name("FILE").required(true).value_parser(value_parser!(PathBuf)).help(
                "The rows: .csv with a head, or .jsonl. The columns are the operation's arguments by their names (see \
                 `payglot call`), those of the path too",
            ),
        )
        .args([
            option("name").value_name("NAME").required(true).help(
                "Name of the batch, such as payroll-2026-11: with another name, all rows would be paid again",
            ),
            option("key").value_name("COLUMN").default_value("key").help(
                "The column that tells a row from all others, today and when the batch is run again",
            ),
            option("given")
                .value_name("NAME=VALUE")
                .action(ArgAction::Append)
                .value_parser(given)
                .help("An argument of every row that has no such column"),
            option("ignore")
                .value_name("COLUMN")
                .action(ArgAction::Append)
                .help("A column that is no argument"),
            arguments::journal().required(true),
        ])
        .args(calling)
}

fn to() -> Arg {
    option("to").value_name("FILE").value_parser(value_parser!(PathBuf)).help(
        "Where to write what became of each row: .csv or .jsonl. It appears whole, and replaces an earlier one",
    )
}

fn at_most() -> Arg {
    let amount =
        |text: &str| Decimal::from_str_exact(text).map_err(|_| "must be an amount, such as 50000");
    option("at-most")
        .value_name("AMOUNT")
        .value_parser(amount)
        .help("Most US dollars for all rows, of all runs together; an unknown outcome counts")
}

fn output(what: &str, otherwise: &str) -> Arg {
    option("output")
        .value_name("FORM")
        .value_parser(["json"])
        .help(format!("How {what} printed. Otherwise {otherwise}"))
}
