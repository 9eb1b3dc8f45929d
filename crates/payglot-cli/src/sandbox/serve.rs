//! Serves the APIs on this machine until it is stopped.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum;
use payglot_sandbox::{Error, Registered, Sandbox, Webhook};
use tokio::sync::oneshot;

use super::{BASE_URL, LISTEN, TOKEN};
use crate::WrongInput;
use crate::private::shown_url;

/// How they are served.
#[derive(clap::Args)]
pub struct Options {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = LISTEN)]
    listen: SocketAddr,
    /// Save the state in this file, so that it survives a restart or a crash.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Serve this host name too, beside those of this machine; may be repeated.
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Make credentials, ids and link tokens the same in every run. They can then be guessed.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// What an empty body adds to the canonical string: its SHA-256, nothing, or either.
    #[arg(long, value_enum, default_value = "either")]
    empty_body: EmptyBody,
    /// Also accept the fixed signature that Paywint's own sandbox accepts.
    #[arg(long)]
    static_signature: bool,
    /// Reject what the documents do not declare, and accept no shortcuts.
    #[arg(long, conflicts_with = "static_signature")]
    strict: bool,
    /// Deliver webhooks to this URL; may be repeated, or hold several with spaces between them. A URL with a secret belongs
    /// into the environment variable: other users can see it here.
    #[arg(
        long,
        value_name = "URL",
        value_delimiter = ' ',
        env = "PAYGLOT_SANDBOX_WEBHOOKS",
        hide_env_values = true
    )]
    webhook: Vec<String>,
    /// Key of the webhooks' signatures; generated and printed if it is missing. Other users can see it here, and not in the
    /// environment variable.
    #[arg(
        long,
        value_name = "SECRET",
        requires = "webhook",
        env = "PAYGLOT_SANDBOX_WEBHOOK_SECRET",
        hide_env_values = true
    )]
    webhook_secret: Option<String>,
    /// Print one JSON object for a program, and no log.
    #[arg(long)]
    json: bool,
    /// Stop when standard input closes.
    #[arg(long)]
    exit_with_stdin: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum EmptyBody {
    Hash,
    Omit,
    Either,
}

impl From<EmptyBody> for payglot_sandbox::EmptyBody {
    fn from(value: EmptyBody) -> Self {
        match value {
            EmptyBody::Hash => Self::Hash,
            EmptyBody::Omit => Self::Omit,
            EmptyBody::Either => Self::Either,
        }
    }
}

pub fn run(args: &Options) -> anyhow::Result<()> {
    if !args.json {
        tracing_subscriber::fmt().with_writer(io::stderr).with_target(false).without_time().init();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(args))
}

async fn serve(args: &Options) -> anyhow::Result<()> {
    let stop = Stop::new(args.exit_with_stdin)?;
    let mut builder = Sandbox::builder()
        .listen(args.listen)
        .empty_body(args.empty_body.into())
        .static_signature(args.static_signature)
        .strict(args.strict);
    if let Some(seed) = args.seed {
        builder = builder.seed(seed);
    }
    if let Some(file) = &args.state {
        builder = builder.state(file);
    }
    for name in &args.allow_host {
        builder = builder.allow_host(name);
    }
    if let Some(token) = std::env::var_os(TOKEN) {
        // One that is not UTF-8 is refused like any other that cannot stand in a header.
        builder = builder.token(token.to_string_lossy());
    }
    let sandbox = builder.start().await.map_err(wrong_input)?;
    let mut webhooks = Vec::new();
    for url in &args.webhook {
        let webhook = Webhook::new(url);
        let webhook = match &args.webhook_secret {
            Some(secret) => webhook.secret(secret),
            None => webhook,
        };
        webhooks.push((url.as_str(), sandbox.add_webhook(webhook).map_err(wrong_input)?));
    }
    let announcement =
        if args.json { as_json(&sandbox, &webhooks) } else { as_text(&sandbox, &webhooks) };
    writeln!(io::stdout(), "{announcement}").context("cannot write to standard output")?;
    stop.wait().await;
    sandbox.shutdown().await;
    Ok(())
}

/// What the sandbox refuses of its settings is wrong input.
fn wrong_input(error: Error) -> anyhow::Error {
    match error {
        Error::Webhook(_) | Error::Access(_) => WrongInput::of(error.into()),
        other => other.into(),
    }
}

/// By what clients find it and authenticate, and commands too.
fn environment(sandbox: &Sandbox) -> impl Iterator<Item = (&'static str, String)> {
    sandbox.environment().into_iter().chain([(BASE_URL, sandbox.base_url().to_owned())])
}

fn as_json(sandbox: &Sandbox, webhooks: &[(&str, Registered)]) -> String {
    let credentials = sandbox.credentials();
    let mut announcement = serde_json::json!({
        "base_url": sandbox.base_url(),
        "token": sandbox.token().expose(),
        "platform_id": credentials.platform_id,
        "secret_key": credentials.secret_key.expose(),
        "api_key": credentials.api_key.expose(),
        "api_secret": credentials.api_secret.expose(),
        "linora_api_key": credentials.linora_api_key.expose(),
        "user_id": sandbox.user_id().to_string(),
        "environment": environment(sandbox).collect::<BTreeMap<_, _>>(),
    });
    // Only a program that asked for webhooks expects the field.
    if let Some(object) = announcement.as_object_mut().filter(|_| !webhooks.is_empty()) {
        let webhooks = webhooks.iter().map(|(url, registered)| {
            serde_json::json!({ "url": url, "secret": registered.secret.expose() })
        });
        object.insert("webhooks".to_owned(), webhooks.collect());
    }
    announcement.to_string()
}

fn as_text(sandbox: &Sandbox, webhooks: &[(&str, Registered)]) -> String {
    let base_url = sandbox.base_url();
    let webhooks = webhooks.iter().map(|(url, registered)| {
        let secret = registered.secret.expose();
        format!("\nWebhooks go to {}, signed with the secret {secret}", shown_url(url))
    });
    let webhooks = webhooks.collect::<Vec<_>>().concat();
    let exports: Vec<_> =
        environment(sandbox).map(|(name, value)| format!("export {name}={value}")).collect();
    format!(
        "payglot sandbox: {base_url}\n\
         Hosts, credentials and an existing user, to paste into a shell:\n\n\
         {exports}\n\
         export SANDBOX_USER_ID={user_id}\n\n\
         The sandbox as a page: {base_url}/_sandbox/{webhooks}\n\
         Stop with Ctrl-C.",
        user_id = sandbox.user_id(),
        exports = exports.join("\n"),
    )
}

/// What ends the sandbox. Listening starts with the constructor, so that no signal is missed.
struct Stop {
    signals: Signals,
    stdin_closed: Option<oneshot::Receiver<()>>,
}

impl Stop {
    fn new(with_stdin: bool) -> io::Result<Self> {
        Ok(Self { signals: Signals::new()?, stdin_closed: with_stdin.then(watch_stdin) })
    }

    async fn wait(mut self) {
        let stdin_closed = async {
            match self.stdin_closed {
                Some(closed) => drop(closed.await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.signals.wait() => {}
            () = stdin_closed => {}
        }
    }
}

/// Reads standard input to its end on a thread of its own: a read cannot be interrupted, and must not block
/// the end of the process.
fn watch_stdin() -> oneshot::Receiver<()> {
    let (closed, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        // Input that cannot be read counts as closed.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        drop(closed);
    });
    receiver
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn wait(&mut self) {
        self.0.recv().await;
    }
}
