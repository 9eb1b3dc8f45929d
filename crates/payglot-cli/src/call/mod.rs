//! `payglot call`: calls any operation of any provider, from the same tables as the clients.

pub mod arguments;
mod commands;
mod input;
mod list;
mod output;
pub mod rows;
pub mod table;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::ArgMatches;
use payglot::journal::Journal;
use payglot::runtime::client::{CallOptions, Config, Core, is_list};
use payglot::runtime::json::FloatMoney;
use payglot::runtime::paging::{self, Walk};
use payglot::runtime::request::{PreparedRequest, prepare};
use payglot::schema::{Operation, Provider, Replay, ResponseForm};
use payglot::{Error, ErrorKind};

use arguments::is_all;
pub use commands::Args;
pub use input::{Arguments, BadInput, Fields, value};
pub use list::List;
pub use output::{Form, Style, untyped};
use output::{Shown, ShownPage};

use crate::BAD_INPUT;
use crate::profile::Profile;

/// Exit status if the API or the connection failed.
const FAILED: u8 = 1;
/// Exit status if a call may have taken effect, but there is no response.
const OUTCOME_UNKNOWN: u8 = 3;
/// Exit status if the API took the request and its record says that it failed: nothing was done.
const RECORD_FAILED: u8 = 4;

/// Why there is no response to print.
pub enum CallError {
    BadInput(BadInput),
    Call(Error),
    /// The call succeeded, so making it again may repeat its effect.
    Output(io::Error, Replay),
}

impl From<BadInput> for CallError {
    fn from(problem: BadInput) -> Self {
        Self::BadInput(problem)
    }
}

impl From<Error> for CallError {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

pub fn run(args: &Args, profile: Profile<'_>) -> ExitCode {
    let outcome = args.chosen().map_or_else(
        || Err(BadInput("name a provider and an operation".to_owned()).into()),
        |(provider, operation, matches)| call(provider, operation, matches, profile),
    );
    match outcome {
        Ok(status) => status,
        Err(error) => {
            let (text, status) = describe(&error);
            if !text.is_empty() {
                eprintln!("payglot: {text}");
            }
            ExitCode::from(status)
        }
    }
}

/// The message for a person, and the exit status.
pub fn describe(error: &CallError) -> (String, u8) {
    let error = match error {
        CallError::BadInput(BadInput(problem)) => return (problem.clone(), BAD_INPUT),
        // Whoever reads has enough, as `head` does after ten lines.
        CallError::Output(error, replay)
            if replay.is_repeatable() && error.kind() == io::ErrorKind::BrokenPipe =>
        {
            return (String::new(), FAILED);
        }
        CallError::Output(error, replay) => {
            let text = format!("the call succeeded, but its response cannot be written: {error}");
            // A script that retries after status 1 must not repeat this call.
            return (text, if replay.is_repeatable() { FAILED } else { OUTCOME_UNKNOWN });
        }
        CallError::Call(error) => error,
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
    profile: Profile<'_>,
) -> Result<ExitCode, CallError> {
    let arguments = Arguments::read(provider, operation, matches)?;
    let client = Core::new(config(provider, matches, profile)?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| BadInput(error.to_string()))?;
    let options = CallOptions {
        idempotency_key: matches.get_one::<String>("idempotency-key").cloned(),
        intent: matches.try_get_one::<String>("intent").ok().flatten().cloned(),
        ..CallOptions::default()
    };
    let style = Style {
        form: match matches.get_one::<String>("output") {
            Some(name) => Form::named(name),
            None => Form::usual(profile).map_err(BadInput::from)?,
        },
        shows_sensitive: matches.get_flag("show-sensitive"),
    };
    let prepare =
        |fields: &Fields<'_>| prepare(operation, &arguments.path, fields, FloatMoney::Refuse);
    if operation.returns.form == ResponseForm::Events {
        let call = prepare(&arguments.fields)?;
        return runtime.block_on(events(&client, operation, &call, &options));
    }
    let responses = if let Some(list) = List::of(provider, operation, &arguments) {
        let send = |fields: &Fields<'_>, walk: &Walk| {
            let page = prepare(fields)?;
            runtime.block_on(paging::fetch(&client, operation, &page, &options, walk))
        };
        list.pages(is_all(operation, matches), send)?
    } else {
        let call = prepare(&arguments.fields)?;
        let response = runtime.block_on(client.call(operation, &call, &options))?;
        vec![ShownPage { response, skip: 0 }]
    };
    let shown = Shown { operation, responses: &responses, is_list: is_list(operation) };
    let written = match output::body(&shown) {
        Some(body) => io::stdout().write_all(body).and_then(|()| io::stdout().flush()),
        None => writeln!(io::stdout(), "{}", output::write(&shown, style)),
    };
    written.map_err(|error| CallError::Output(error, operation.replay))?;
    if responses.iter().any(|page| page.response.has_failed(operation)) {
        eprintln!(
            "payglot: {}: the vendor took the request, and its record says that it failed",
            operation.name
        );
        return Ok(ExitCode::from(RECORD_FAILED));
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the data of each event on a line of its own, while they come.
async fn events(
    client: &Core,
    operation: &'static Operation,
    call: &PreparedRequest,
    options: &CallOptions,
) -> Result<ExitCode, CallError> {
    let mut events = client.open_events(operation, call, options).await?;
    while let Some(event) = events.next().await {
        let line = event?.data.replace('\n', "\\n");
        let mut out = io::stdout();
        let written = writeln!(out, "{line}").and_then(|()| out.flush());
        written.map_err(|error| CallError::Output(error, operation.replay))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The client's settings that the options and the profile give.
pub fn config(
    provider: &'static Provider,
    matches: &ArgMatches,
    profile: Profile<'_>,
) -> Result<Config, BadInput> {
    let base_url = matches.get_one::<String>("base-url");
    let environment = matches.try_get_one::<String>("environment").ok().flatten();
    let has_host = base_url.is_some() || environment.is_some();
    let mut config = profile.config(provider, has_host)?;
    if let Some(url) = base_url {
        config.base_url(url);
    }
    if let Some(name) = environment {
        config.environment(name);
    }
    if let Some(timeout) = matches.get_one::<std::time::Duration>("timeout") {
        config.timeout(*timeout);
    }
    if let Ok(Some(retries)) = matches.try_get_one::<u32>("max-retries") {
        config.max_retries(*retries);
    }
    if let Ok(Some(location)) = matches.try_get_one::<String>("journal") {
        let journal = Journal::open(location).map_err(|error| BadInput(error.to_string()))?;
        config.journal(journal.into());
    }
    if let Ok(Some(tag)) = matches.try_get_one::<bool>("tag") {
        config.tag(*tag);
    }
    Ok(config)
}
