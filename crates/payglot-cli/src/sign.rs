//! `payglot sign`: the signature of a request, for any HTTP client.

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::ValueEnum;

use crate::profile::Profile;
use crate::{WrongInput, private};

/// Environment variable of the secret key.
const SECRET: &str = "PAYWINT_SECRET_KEY";

/// Print the X-Signature of a Paywint Platform request.
///
/// The secret key comes from the environment, a file or standard input, never from the command line, where other users
/// could see it.
#[derive(clap::Args)]
pub struct Args {
    /// HTTP method.
    #[arg(long)]
    method: String,
    /// Path as it is sent.
    #[arg(long)]
    path: String,
    /// Query as it is sent, with its question mark.
    #[arg(long, default_value = "", hide_default_value = true)]
    query: String,
    /// Body as sent; without it, there is none. Other users can see it here: --body-file keeps it from them.
    #[arg(long, value_name = "TEXT", conflicts_with = "body_file")]
    body: Option<String>,
    /// File with the body as sent; - is standard input.
    #[arg(long, value_name = "FILE")]
    body_file: Option<PathBuf>,
    /// What an empty body adds to the canonical string: its SHA-256, or nothing.
    #[arg(long, value_enum, default_value = "hash")]
    empty_body: EmptyBody,
    /// Name of the environment variable that holds the secret key.
    #[arg(long, value_name = "NAME", default_value = SECRET)]
    secret_env: String,
    /// File with the secret key instead; - is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "secret_env")]
    secret_file: Option<String>,
    /// Print the canonical string first, on a line of its own.
    #[arg(long)]
    show_canonical: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum EmptyBody {
    Hash,
    Omit,
}

impl From<EmptyBody> for payglot::EmptyBody {
    fn from(value: EmptyBody) -> Self {
        match value {
            EmptyBody::Hash => Self::Hash,
            EmptyBody::Omit => Self::Omit,
        }
    }
}

pub fn run(args: &Args, profile: Profile<'_>) -> anyhow::Result<()> {
    let lines = signed(args, profile).map_err(WrongInput::of)?;
    writeln!(io::stdout(), "{lines}").context("cannot write to standard output")
}

fn signed(args: &Args, profile: Profile<'_>) -> anyhow::Result<String> {
    let Args { method, path, query, .. } = args;
    ensure!(path.starts_with('/'), "--path begins with a slash");
    ensure!(!path.contains('?'), "--path ends before the question mark; the rest is --query");
    ensure!(query.is_empty() || query.starts_with('?'), "--query begins with its question mark");

    let is_stdin_twice = args.secret_file.as_deref() == Some(private::STDIN)
        && args.body_file.as_deref() == Some(Path::new(private::STDIN));
    ensure!(!is_stdin_twice, "standard input can be either the secret key or the body");
    let (variable, file) = (&args.secret_env, args.secret_file.as_deref());
    let is_given = file.is_some() || std::env::var_os(variable).is_some_and(|key| !key.is_empty());
    let of_profile = if is_given { None } else { profile.credential(variable)? };
    let secret = match of_profile {
        Some(key) => key.into_bytes(),
        None => private::secret(variable, SECRET, file, "the secret key")?,
    };
    let body = body(args)?;
    let empty_body = args.empty_body.into();

    let mut lines = String::new();
    if args.show_canonical {
        lines.push_str(&payglot::canonical_string(method, path, query, &body, empty_body));
        lines.push('\n');
    }
    lines.push_str(&payglot::sign(&secret, method, path, query, &body, empty_body));
    Ok(lines)
}

fn body(args: &Args) -> anyhow::Result<Vec<u8>> {
    match (&args.body, args.body_file.as_deref()) {
        (Some(text), _) => Ok(text.clone().into_bytes()),
        (None, None) => Ok(Vec::new()),
        (None, Some(file)) if file == Path::new("-") => {
            let mut bytes = Vec::new();
            io::stdin().read_to_end(&mut bytes).context("cannot read standard input")?;
            Ok(bytes)
        }
        (None, Some(file)) => {
            // Its name is not repeated: it may be the body, given by mistake.
            std::fs::read(file).context("cannot read the file of --body-file")
        }
    }
}
