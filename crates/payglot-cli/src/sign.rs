//! `payglot sign`: the signature of a request, for any HTTP client.

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::ValueEnum;

/// Print the X-Signature of a Paywint Platform request.
///
/// The secret key comes from the environment, never from the command line, where other users could see it.
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
    /// Body as sent; without it, there is none.
    #[arg(long, value_name = "TEXT", conflicts_with = "body_file")]
    body: Option<String>,
    /// File with the body as sent; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    body_file: Option<PathBuf>,
    /// What an empty body adds to the canonical string: its SHA-256, or nothing.
    #[arg(long, value_enum, default_value = "hash")]
    empty_body: EmptyBody,
    /// Environment variable that holds the secret key.
    #[arg(long, value_name = "NAME", default_value = "PAYWINT_SECRET_KEY")]
    secret_env: String,
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

pub fn run(args: &Args) -> anyhow::Result<()> {
    let Args { method, path, query, .. } = args;
    ensure!(path.starts_with('/'), "--path begins with a slash");
    ensure!(!path.contains('?'), "--path ends before the question mark; the rest is --query");
    ensure!(query.is_empty() || query.starts_with('?'), "--query begins with its question mark");

    let secret = std::env::var_os(&args.secret_env)
        .filter(|secret| !secret.is_empty())
        .with_context(|| format!("the environment variable {} is not set", args.secret_env))?
        .into_encoded_bytes();
    let body = body(args)?;
    let empty_body = args.empty_body.into();

    let mut lines = String::new();
    if args.show_canonical {
        lines.push_str(&payglot::canonical_string(method, path, query, &body, empty_body));
        lines.push('\n');
    }
    lines.push_str(&payglot::sign(&secret, method, path, query, &body, empty_body));
    writeln!(io::stdout(), "{lines}").context("cannot write to standard output")
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
            std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
        }
    }
}
