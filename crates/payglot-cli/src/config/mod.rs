//! `payglot config`: the file of profiles, looked at and changed.

mod change;
mod check;
mod show;

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};
use clap::Subcommand;
use serde::Serialize;

use crate::WrongInput;
use crate::journal::{Form, print};
use crate::profile::{Key, Profile, ProfileFile, path};

/// Look at profiles and change them: credentials, hosts and the like under a name
///
/// A profile is used where --profile or `PAYGLOT_PROFILE` names it, and in no other case. What an option or the environment
/// says counts for more. The file is config.toml in the folder payglot of the system's configuration; `PAYGLOT_CONFIG` names
/// another. Secrets are never shown.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print where the file of profiles is, or would be
    Path,
    /// List the profiles
    List(Printed),
    /// List the keys that a profile may have
    Keys(Printed),
    /// Show what calls get, and from where: the environment, the profile, or nowhere. Reads no other file and runs no command
    Show(Printed),
    Set(change::SetArgs),
    /// Take a key out of the profile that --profile names
    Unset {
        /// Such as output or paywint-platform.secret_key
        key: String,
    },
    /// Read the file, all files that it names, and what its commands print; say what is wrong with the profile that
    /// --profile names, or with each of them. Nothing is sent
    Check,
}

/// How rows are printed.
#[derive(clap::Args)]
struct Printed {
    /// How they are printed: a table on a terminal, else JSON lines
    #[arg(long, value_enum, value_name = "FORM")]
    output: Option<Form>,
}

pub fn run(args: &Args, profile: Profile<'_>) -> anyhow::Result<()> {
    match &args.command {
        Command::Path => writeln!(io::stdout(), "{}", path().map_err(WrongInput::of)?.display())
            .context("cannot write to standard output"),
        Command::List(printed) => list(printed, profile),
        Command::Keys(printed) => {
            let keys: Vec<_> = Key::all().iter().map(KeyRow::from).collect();
            print(&keys, printed.form())
        }
        Command::Show(printed) => {
            let rows = show::rows(profile).map_err(WrongInput::of)?;
            match printed.form() {
                Form::Table => write!(io::stdout(), "{}", show::table(&rows))
                    .context("cannot write to standard output"),
                form => print(&rows, form),
            }
        }
        Command::Set(args) => change::set(args, profile).map_err(WrongInput::of),
        Command::Unset { key } => change::unset(key, profile).map_err(WrongInput::of),
        Command::Check => check::run(profile),
    }
}

impl Printed {
    fn form(&self) -> Form {
        let is_terminal = io::stdout().is_terminal();
        self.output.unwrap_or(if is_terminal { Form::Table } else { Form::Jsonl })
    }
}

/// A key, for people.
#[derive(Serialize)]
struct KeyRow {
    key: String,
    variable: Option<&'static str>,
    meaning: String,
}

impl From<&Key> for KeyRow {
    fn from(key: &Key) -> Self {
        Self { key: key.to_string(), variable: key.variable(), meaning: key.meaning() }
    }
}

/// A profile, for people.
#[derive(Serialize)]
struct ProfileRow<'a> {
    profile: &'a str,
    is_selected: bool,
}

fn list(printed: &Printed, profile: Profile<'_>) -> anyhow::Result<()> {
    let file = ProfileFile::read().map_err(WrongInput::of)?;
    let row = |name| ProfileRow { profile: name, is_selected: profile.name() == Some(name) };
    let rows: Vec<_> = file.names().into_iter().map(row).collect();
    print(&rows, printed.form())
}

/// The name that must be there where a profile is changed.
fn named(profile: Profile<'_>) -> anyhow::Result<&str> {
    match profile.name() {
        Some(name) => Ok(name),
        None => bail!("say which profile: --profile NAME, or PAYGLOT_PROFILE"),
    }
}

/// The key of a name. What was given is not repeated: it may be a secret whose key was forgotten.
fn key(name: &str) -> anyhow::Result<Key> {
    Key::named(name).context("there is no such key; `payglot config keys` lists them")
}
