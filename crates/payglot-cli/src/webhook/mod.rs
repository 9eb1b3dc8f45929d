//! `payglot webhook`: sends test deliveries to a webhook handler, and prints those that arrive.

use std::borrow::Cow;
use std::time::Duration;

use clap::{Subcommand, ValueEnum};
use payglot::schema::{self, Webhooks};
use payglot::webhooks::Scheme;

use crate::private;

mod listen;
mod send;

/// Send signed test deliveries to your handler, or print those that arrive.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Send(send::Args),
    Listen(listen::Args),
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    // The same provider as in payglot itself.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match &args.command {
        Command::Send(args) => runtime.block_on(send::run(args)),
        Command::Listen(args) => runtime.block_on(listen::run(args)),
    }
}

/// How deliveries are signed. No vendor publishes it; the defaults are the sandbox's.
#[derive(clap::Args)]
struct SchemeArgs {
    /// Header with the signature.
    #[arg(long, value_name = "NAME", default_value = "X-Webhook-Signature")]
    signature_header: String,
    /// Header with the time of sending in Unix seconds.
    #[arg(long, value_name = "NAME", default_value = "X-Webhook-Timestamp")]
    timestamp_header: String,
    /// Sign the body alone, without a timestamp.
    #[arg(long)]
    no_timestamp: bool,
    /// Text between timestamp and body in the signed text.
    #[arg(long, value_name = "TEXT", default_value = ".")]
    separator: String,
    /// Text before the signature in its header, such as `sha256=`.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    prefix: String,
    /// How the signature is written.
    #[arg(long, value_enum, default_value = "hex")]
    encoding: Encoding,
    /// How many seconds the timestamp may be from now.
    #[arg(long, value_name = "SECONDS", default_value = "300")]
    tolerance: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Encoding {
    Hex,
    Base64,
}

impl SchemeArgs {
    fn scheme(&self) -> Scheme {
        Scheme {
            signature_header: self.signature_header.clone().into(),
            timestamp_header: (!self.no_timestamp)
                .then(|| Cow::Owned(self.timestamp_header.clone())),
            separator: self.separator.clone().into(),
            prefix: self.prefix.clone().into(),
            encoding: match self.encoding {
                Encoding::Hex => schema::Encoding::Hex,
                Encoding::Base64 => schema::Encoding::Base64,
            },
            tolerance: Duration::from_secs(self.tolerance),
        }
    }
}

/// Where the secret comes from: on the command line other users could see it.
#[derive(clap::Args)]
struct SecretArgs {
    /// Name of the environment variable that holds the webhook secret.
    #[arg(long, value_name = "NAME", default_value = SECRET)]
    secret_env: String,
    /// File with the webhook secret instead; - is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "secret_env")]
    secret_file: Option<String>,
}

/// Environment variable of the webhook secret.
const SECRET: &str = "PAYGLOT_WEBHOOK_SECRET";

impl SecretArgs {
    fn read(&self) -> anyhow::Result<Vec<u8>> {
        let file = self.secret_file.as_deref();
        private::secret(&self.secret_env, SECRET, file, "the webhook secret")
    }
}

/// The providers that deliver events.
fn providers() -> impl Iterator<Item = (&'static str, &'static Webhooks)> {
    payglot::providers::ALL.iter().filter_map(|provider| Some((provider.name, provider.webhooks?)))
}

/// The events of a provider by its name.
fn webhooks_of(provider: &str) -> Result<&'static Webhooks, String> {
    providers().find(|(name, _)| *name == provider).map(|(_, webhooks)| webhooks).ok_or_else(|| {
        let names: Vec<_> = providers().map(|(name, _)| name).collect();
        format!("one of {}", names.join(", "))
    })
}

/// The name of a provider that delivers events.
fn provider_name(text: &str) -> Result<String, String> {
    webhooks_of(text).map(|_| text.to_owned())
}
