//! `payglot config set` and `unset`: change one key of a profile, and leave everything else in the file as it is.

use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use clap::ArgGroup;

use super::{key, named};
use crate::private;
use crate::profile::{Key, Kind, Profile, ProfileFile, Source};

/// Set a key of the profile that --profile names; a profile that is not there is made
///
/// A secret is better kept elsewhere: --file and --command say where, and it is read at each call.
#[derive(clap::Args)]
#[command(group = ArgGroup::new("source").required(true))]
pub struct SetArgs {
    /// Such as output or paywint-platform.secret_key; `payglot config keys` lists them
    key: String,
    /// The value. One that is secret is not taken here, where other users can see it
    #[arg(group = "source")]
    value: Option<String>,
    /// The value from a file, from standard input (-), or from an environment variable (env:NAME); it stands in the profile then
    #[arg(long, value_name = "SOURCE", group = "source")]
    value_from: Option<String>,
    /// The file that holds the value; the profile has its path
    #[arg(long, value_name = "PATH", group = "source")]
    file: Option<PathBuf>,
    /// The command that prints the value, with all that follows as its arguments; it is run without a shell
    #[arg(
        long,
        value_name = "WORD",
        num_args = 1..,
        allow_hyphen_values = true,
        group = "source"
    )]
    command: Vec<String>,
}

pub fn set(args: &SetArgs, profile: Profile<'_>) -> anyhow::Result<()> {
    let (profile, key) = (named(profile)?, key(&args.key)?);
    let is_credential = matches!(key.kind, Kind::Credential(_));
    let source = if let Some(path) = &args.file {
        let path = if path.starts_with("~") { path.clone() } else { std::path::absolute(path)? };
        ensure!(is_credential, "--file is for credentials");
        Source::File(path)
    } else if !args.command.is_empty() {
        ensure!(is_credential, "--command is for credentials");
        Source::Command(args.command.clone())
    } else if let Some(source) = &args.value_from {
        Source::Value(private::read(source).context("--value-from")?)
    } else {
        ensure!(
            !key.is_secret(),
            "{key} is a secret, which other users can see on a command line: give it by --value-from, --file or --command"
        );
        Source::Value(args.value.clone().unwrap_or_default())
    };
    let item = match &source {
        Source::Value(text) => key.typed(text),
        other => other.item(),
    };
    key.read(&item).map_err(|problem| anyhow::anyhow!("{key} {problem}"))?;
    changed(profile, &key, Some(item))
}

pub fn unset(name: &str, profile: Profile<'_>) -> anyhow::Result<()> {
    let (profile, key) = (named(profile)?, key(name)?);
    let file = ProfileFile::read()?;
    if !file.names().contains(&profile) {
        bail!("there is no such profile");
    }
    changed(profile, &key, None)
}

/// Writes the file with the change, where what comes of it is right.
fn changed(profile: &str, key: &Key, item: Option<toml_edit::Item>) -> anyhow::Result<()> {
    let mut file = ProfileFile::read()?;
    file.set(profile, key, item)?;
    file.parsed(profile)?;
    file.write()
}
