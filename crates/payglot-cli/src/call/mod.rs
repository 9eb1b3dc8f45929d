//! `payglot call`: any operation of any provider, from the tables that every client is made from.

mod arguments;
mod commands;
mod input;
mod output;
mod table;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::ArgMatches;
use payglot::runtime::client::{CallOptions, Config, Core, is_list};
use payglot::runtime::json::{FloatMoney, Value};
use payglot::runtime::paging::has_next;
use payglot::runtime::request::prepare;
use payglot::schema::{Operation, Paging, PagingFields, Provider, Replay};
use payglot::{Error, ErrorKind, Response};

pub use commands::Args;
use input::{BadInput, Fields, Given};
use output::{Shown, Style};

use crate::docs;

/// Exit status where what was given is wrong: nothing was sent.
const BAD_INPUT: u8 = 2;
/// Exit status where the API, or the way to it, failed.
const FAILED: u8 = 1;
/// Exit status where a call may have taken effect, but no answer tells.
const OUTCOME_UNKNOWN: u8 = 3;

/// Why there is no answer to print.
enum Failure {
    Value(BadInput),
    Call(Error),
    /// The call went well; whether it can be made again is another matter.
    Output(io::Error, Replay),
}

impl From<BadInput> for Failure {
    fn from(problem: BadInput) -> Self {
        Self::Value(problem)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

pub fn run(args: &Args) -> ExitCode {
    let outcome = args.chosen().map_or_else(
        || Err(BadInput("name a provider and an operation".to_owned()).into()),
        |(provider, operation, matches)| call(provider, operation, matches),
    );
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let (text, status) = told(&failure);
            eprintln!("payglot: {text}");
            ExitCode::from(status)
        }
    }
}

/// What a person is told, and the exit status.
fn told(failure: &Failure) -> (String, u8) {
    let error = match failure {
        Failure::Value(BadInput(problem)) => return (problem.clone(), BAD_INPUT),
        Failure::Output(error, replay) => {
            let text = format!("the call went well, but its answer cannot be written: {error}");
            // Whoever makes it again on a failure must not make this one again.
            return (text, if replay.is_repeatable() { FAILED } else { OUTCOME_UNKNOWN });
        }
        Failure::Call(error) => error,
    };
    let mut text = error.to_string();
    for problem in error.problems() {
        text += &format!("\n  {}: {}", problem.location.join("."), problem.message);
    }
    if let Some(id) = error.request_id() {
        text += &format!("\n  request id: {id}");
    }
    let status = match error.kind() {
        ErrorKind::InvalidRequest | ErrorKind::Configuration => BAD_INPUT,
        ErrorKind::OutcomeUnknown => OUTCOME_UNKNOWN,
        _ => FAILED,
    };
    if let Some(reconcile) = error.reconcile()
        && !text.contains(reconcile)
    {
        text += &format!("\n  Before you try again: {reconcile}");
    }
    (text.lines().map(table::plain).collect::<Vec<_>>().join("\n"), status)
}

fn call(
    provider: &'static Provider,
    operation: &'static Operation,
    matches: &ArgMatches,
) -> Result<(), Failure> {
    let given = Given::read(provider, operation, matches)?;
    let client = Core::new(config(provider, matches))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| BadInput(error.to_string()))?;
    let options = CallOptions {
        idempotency_key: matches.get_one::<String>("idempotency-key").cloned(),
        ..CallOptions::default()
    };
    let style = Style {
        is_table: match matches.get_one::<String>("output").map(String::as_str) {
            Some(name) => name == "table",
            None => io::stdout().is_terminal(),
        },
        shows_sensitive: matches.get_flag("show-sensitive"),
    };
    let send = |fields: &Fields<'_>| {
        let args = prepare(operation, &given.path, fields, FloatMoney::Refuse)?;
        runtime.block_on(client.call(operation, &args, &options))
    };
    let paging = provider.paging.as_ref().filter(|_| operation.paging == Paging::Paged);
    let answers = match paging {
        Some(paging) => {
            let is_all = arguments::is_all(operation, matches);
            pages(paging, operation, &given, is_all, send)?
        }
        None => vec![send(&given.fields)?],
    };
    let shown = Shown { operation, answers: &answers, is_list: is_list(operation) };
    let text = output::write(&shown, style);
    writeln!(io::stdout(), "{text}").map_err(|error| Failure::Output(error, operation.replay))
}

/// One page, or with `is_all` every page from there on.
fn pages<'a>(
    paging: &'static PagingFields,
    operation: &'static Operation,
    given: &Given<'a>,
    is_all: bool,
    send: impl Fn(&Fields<'a>) -> Result<Response, Error>,
) -> Result<Vec<Response>, Error> {
    let [page, page_size] = [paging.page, paging.size].map(|wire| docs::name_of(operation, wire));
    let mut number = given.number(page).unwrap_or(1);
    let size = given.number(page_size).unwrap_or_else(|| paging.default_size.into());
    let mut answers = Vec::new();
    loop {
        let mut fields = given.without(&[page, page_size]);
        fields.push((page.into(), Value::Integer(number.to_string().into())));
        fields.push((page_size.into(), Value::Integer(size.to_string().into())));
        let answer = send(&fields)?;
        let records = answer.payload().and_then(payglot::runtime::json::RawJson::as_items);
        let records = records.map_or(0, |records| records.len());
        let another = has_next(records, answer.total(), number, size);
        answers.push(answer);
        if !is_all || !another {
            if another {
                eprintln!(
                    "payglot: there are more pages after page {number}; --all prints them all"
                );
            }
            return Ok(answers);
        }
        number += 1;
    }
}

fn config(provider: &'static Provider, matches: &ArgMatches) -> Config {
    let mut config = Config::new(provider);
    if let Some(url) = matches.get_one::<String>("base-url") {
        config.base_url(url);
    }
    if let Ok(Some(name)) = matches.try_get_one::<String>("environment") {
        config.environment(name);
    }
    if let Some(timeout) = matches.get_one::<std::time::Duration>("timeout") {
        config.timeout(*timeout);
    }
    if let Some(retries) = matches.get_one::<u32>("max-retries") {
        config.max_retries(*retries);
    }
    config.user_agent(concat!("payglot/", env!("CARGO_PKG_VERSION"), " cli"));
    config
}
