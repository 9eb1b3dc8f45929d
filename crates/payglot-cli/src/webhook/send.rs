//! `payglot webhook send`: sends one signed delivery made from the document's examples.

use std::io::{self, Write as _};

use anyhow::{Context as _, anyhow, ensure};
use payglot::schema::Webhooks;
use payglot::webhooks::{Delivery, sample};

use super::{SchemeArgs, SecretArgs, provider_name, webhooks_of};
use crate::WrongInput;
use crate::private::{self, shown_url};

/// Send a signed test delivery to a URL, once, and print the status of the response.
///
/// The event is made from the examples of the API's document, as if it happened now. Fails unless the status is a 2xx.
#[derive(clap::Args)]
pub struct Args {
    /// Where to send it. A URL with a secret belongs into the environment variable: other users can see it here.
    #[arg(
        long,
        value_name = "URL",
        required_unless_present = "list",
        env = "PAYGLOT_WEBHOOK_URL",
        hide_env_values = true
    )]
    url: Option<String>,
    /// API that delivers.
    #[arg(long, value_name = "NAME", default_value = "paywint-platform", value_parser = provider_name)]
    provider: String,
    /// Name of the event.
    #[arg(long, value_name = "NAME", default_value = "payment.success")]
    event: String,
    /// Fields that replace those of the example's data, as a JSON object, or - to read it from standard input.
    #[arg(long, value_name = "JSON")]
    data: Option<String>,
    /// Identifier of the event, to deliver the same one again. Otherwise a new one.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Change the body after it was signed, to see that your handler refuses it; fails where it does not.
    #[arg(long)]
    tamper: bool,
    /// Print the names of the API's events, and send nothing.
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    scheme: SchemeArgs,
}

pub async fn run(args: &Args) -> anyhow::Result<()> {
    let webhooks = webhooks_of(&args.provider).map_err(|known| WrongInput::of(anyhow!(known)))?;
    if args.list {
        for event in webhooks.events {
            writeln!(io::stdout(), "{:28} {}", event.name, event.summary)?;
        }
        return Ok(());
    }
    let (url, delivery) = delivery(args, webhooks).map_err(WrongInput::of)?;
    let mut request = reqwest::Client::new().post(&url).body(delivery.body);
    for (name, value) in &delivery.headers {
        request = request.header(name, value);
    }
    let response = request.send().await.map_err(reqwest::Error::without_url);
    let response = response.with_context(|| format!("cannot send to {}", shown_url(&url)))?;
    let status = response.status();
    writeln!(io::stdout(), "{}: {}", args.event, status.as_u16())?;
    if args.tamper {
        ensure!(
            status.is_client_error(),
            "the handler must refuse a delivery that was changed after it was signed: it responded with {status}"
        );
        return Ok(());
    }
    ensure!(
        status.is_success(),
        "the handler did not accept the delivery: it responded with {status}"
    );
    Ok(())
}

/// What is sent, and where.
fn delivery(args: &Args, webhooks: &Webhooks) -> anyhow::Result<(String, Delivery)> {
    let url = args.url.as_deref().context("--url is missing")?;
    let is_stdin = |source: &Option<String>| source.as_deref() == Some(private::STDIN);
    ensure!(
        !(is_stdin(&args.data) && is_stdin(&args.secret.secret_file)),
        "standard input can be either the secret or the data"
    );
    let secret = args.secret.read()?;
    let data = match args.data.as_deref() {
        Some(private::STDIN) => Some(private::read(private::STDIN)?),
        other => other.map(str::to_owned),
    };
    let sample = sample(webhooks, &args.event, data.as_deref(), args.id.as_deref())?;
    let mut delivery = sample.signed(&secret, &args.scheme.scheme());
    if args.tamper {
        // Still the same JSON: only the signature check notices.
        delivery.body.push(b' ');
    }
    Ok((url.to_owned(), delivery))
}
