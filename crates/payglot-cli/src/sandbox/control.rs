//! The commands below `payglot sandbox`: calls of the interface for tests of a sandbox that runs.

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command, FromArgMatches, Subcommand};
use payglot::runtime::json::{Document, RawJson};
use reqwest::{Method, StatusCode, redirect};

use super::generated::ACTIONS;
use super::table::Action;
use super::{BASE_URL, LISTEN, TOKEN};
use crate::WrongInput;
use crate::call::arguments::FORMS;
use crate::call::{Form, Style, untyped};
use crate::private::{self, shown_url};
use crate::profile::Profile;

/// The options that each of them has.
const AT: &str = "sandbox-url";
const TOKEN_FROM: &str = "token-from";
const OUTPUT: &str = "output";

/// What is to be done, with its arguments.
pub struct Chosen(&'static Action, ArgMatches);

impl FromArgMatches for Chosen {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let chosen = matches.subcommand().and_then(|(name, matches)| {
            let action = ACTIONS.iter().find(|action| action.name == name)?;
            Some(Self(action, matches.clone()))
        });
        chosen.ok_or_else(|| clap::Error::new(clap::error::ErrorKind::MissingSubcommand))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Subcommand for Chosen {
    fn augment_subcommands(command: Command) -> Command {
        command.subcommands(ACTIONS.iter().map(|action| action.command().args(options())))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        ACTIONS.iter().any(|action| action.name == name)
    }
}

fn options() -> [Arg; 3] {
    let option = |name: &'static str| Arg::new(name).long(name);
    let url = option(AT).value_name("URL").env(BASE_URL).default_value(format!("http://{LISTEN}"));
    [
        url.help("Where the sandbox is"),
        option(TOKEN_FROM).value_name("SOURCE").help(format!(
            "Its token from a file, from standard input (-), or from an environment variable (env:NAME). Otherwise from {TOKEN}"
        )),
        option(OUTPUT).value_name("FORM").value_parser(PossibleValuesParser::new(FORMS)).help(
            "How the response is printed: json, jsonl, csv or table. Otherwise a table on a terminal, else JSON",
        ),
    ]
}

pub fn run(Chosen(action, matches): &Chosen, profile: Profile<'_>) -> anyhow::Result<()> {
    // The same provider as in payglot itself.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let form = match matches.get_one::<String>(OUTPUT) {
        Some(name) => Form::named(name),
        None => Form::usual(profile)?,
    };
    let (path, body) = action.request(matches).map_err(WrongInput::of)?;
    let token = match matches.get_one::<String>(TOKEN_FROM) {
        Some(source) => {
            Some(private::read(source).context("--token-from").map_err(WrongInput::of)?)
        }
        None => std::env::var(TOKEN).ok().filter(|token| !token.is_empty()),
    };
    let url = matches.get_one::<String>(AT).map_or("", String::as_str).trim_end_matches('/');
    // The token goes to that address and nowhere else.
    let client =
        reqwest::Client::builder().no_proxy().redirect(redirect::Policy::none()).build()?;
    let mut request =
        client.request(Method::from_bytes(action.method.as_bytes())?, format!("{url}{path}"));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (status, text) = runtime
        .block_on(async {
            let response = request.send().await.map_err(reqwest::Error::without_url)?;
            anyhow::Ok((
                response.status(),
                response.text().await.map_err(reqwest::Error::without_url)?,
            ))
        })
        .with_context(|| {
            format!(
                "no sandbox responds at {}; {BASE_URL} or --{AT} says where it is",
                shown_url(url)
            )
        })?;
    let document = Arc::new(Document::new(text));
    let response = RawJson::root(&document);
    if !status.is_success() {
        let problem = response.and_then(problem).unwrap_or_else(|| format!("refused, {status}"));
        let error = anyhow!("{}: {problem}", action.name);
        let is_input =
            [StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY].contains(&status);
        return Err(if is_input { WrongInput::of(error) } else { error });
    }
    let response = response.context("what responds there is no sandbox")?;
    let response = action.field.and_then(|field| response.get(field)).unwrap_or(response);
    if action.prints {
        let style = Style { form, shows_sensitive: true };
        let text = match (form, action.columns) {
            (Form::Table, [_, ..]) => {
                let document = Arc::new(Document::new(columns(response, action.columns)));
                RawJson::root(&document).map_or_else(String::new, |table| untyped(table, style))
            }
            _ => untyped(response, style),
        };
        writeln!(io::stdout(), "{text}").context("cannot write to standard output")?;
    }
    Ok(())
}

/// These fields of each record, as JSON.
fn columns(records: RawJson<'_>, names: &[&str]) -> String {
    let record = |record: RawJson<'_>| {
        let fields = names.iter().filter_map(|name| {
            Some(format!("{}:{}", serde_json::Value::from(*name), record.get(name)?.json()))
        });
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    };
    format!("[{}]", records.items().map(record).collect::<Vec<_>>().join(","))
}

/// What the sandbox says of a request that it refused: a sentence, or what is wrong with each argument.
fn problem(response: RawJson<'_>) -> Option<String> {
    let text = |value: RawJson<'_>| value.as_text().map(Cow::into_owned);
    let detail = response.get("detail")?;
    let problems = detail.items().filter_map(|problem| {
        let location = problem.get("loc")?.items().skip(1).filter_map(text);
        let location = location.collect::<Vec<_>>().join(".");
        let message = problem.get("msg").and_then(text)?;
        Some(if location.is_empty() { message } else { format!("{location}: {message}") })
    });
    Some(text(detail).unwrap_or_else(|| problems.collect::<Vec<_>>().join("; ")))
}
