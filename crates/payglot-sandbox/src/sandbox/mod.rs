//! A sandbox as a Rust program has it: starting, stopping, and what a test can do to it.
//!
//! May use every layer. Nothing but the crate itself may use it.

// Laid out by the generator.
#[rustfmt::skip]
pub mod generated;
#[rustfmt::skip]
mod generated_clients;
mod interface;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::app::access::Access;
use crate::app::connection::{Cut, Listening};
use crate::app::steps::{Watched, Watcher};
use crate::app::{App, Setup};
use crate::auth::{EmptyBody, Verifier};
use crate::basics::{Clock, Credentials, Error, Identity, PROVIDERS, Random, Secret, Stream};
use crate::handlers::HANDLERS;
use crate::http;
use crate::model::{Registered, Webhook};
use crate::operation::Routes;
use crate::state::{SaveError, StateFile, Transaction};
use crate::webhooks::run_dispatcher;

/// How long [`Sandbox::shutdown`] waits for requests under way.
const GRACE: Duration = Duration::from_secs(2);

/// How long a request may take to arrive.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// Settings of a sandbox that is about to start.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    listen: SocketAddr,
    seed: Option<u64>,
    empty_body: EmptyBody,
    static_signature: bool,
    strict: bool,
    state: Option<PathBuf>,
    watched: Watched,
    allowed_hosts: Vec<String>,
    token: Option<Secret>,
    read_timeout: Duration,
}

impl Builder {
    /// Address to listen on; port 0, the default, is a free port of 127.0.0.1.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Makes credentials, ids and link tokens the same in every run with this seed. Tokens can then be guessed.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// What an empty body adds to the canonical string; by default its hash and nothing are both accepted.
    pub fn empty_body(mut self, empty_body: EmptyBody) -> Self {
        self.empty_body = empty_body;
        self
    }

    /// Also accepts the fixed signature that Paywint's own sandbox accepts.
    pub fn static_signature(mut self, accept: bool) -> Self {
        self.static_signature = accept;
        self
    }

    /// Rejects what the documents do not declare: fields of bodies, query parameters, bodies and an
    /// `Idempotency-Key` where there is none, a body without a `Content-Type`. Accepts no fixed signature, and for
    /// an empty body its SHA-256 alone, unless [set](Self::empty_body).
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Saves the state, credentials included, in this `SQLite` file, which is created if it does not exist. Every
    /// acknowledged change survives a crash of the process. Only one sandbox at a time can open it: see
    /// [`Sandbox::shutdown`].
    pub fn state(mut self, file: impl Into<PathBuf>) -> Self {
        self.state = Some(file.into());
        self
    }

    /// Tells somebody of each step of a call and of a delivery, and waits for them there.
    pub fn watch(mut self, watcher: Arc<dyn Watcher>) -> Self {
        self.watched = Watched(Some(watcher));
        self
    }

    /// Serves this host name too, beside `localhost`, 127.0.0.0/8, `[::1]` and the address that it listens on; without
    /// scheme, port or path. May be called more than once. A page elsewhere in a browser could make its own name lead to
    /// this machine, so no other name is served.
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.allowed_hosts.push(name.into());
        self
    }

    /// What changes by the interface for tests must bring, as `Authorization: Bearer`: at least 16 visible characters of
    /// ASCII. It is random otherwise, also with a [seed](Self::seed).
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(Secret::new(token.into()));
        self
    }

    /// How long the head of a request may take to arrive, and then its body; by default 20 seconds each.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = timeout;
        self
    }

    /// Starts the sandbox; requests are served from now on, on the current Tokio runtime.
    pub async fn start(self) -> Result<Sandbox, Error> {
        let cannot_listen = |reason| Error::Listen { address: self.listen, reason };
        let listener = TcpListener::bind(self.listen).await.map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;

        let mut random = Random::new(self.seed, Stream::Start)?;
        let file = self.state.as_deref().map(StateFile::open).transpose()?;
        let identity = match &file {
            Some(file) => file.identity(&mut random)?,
            None => Identity::draw(&mut random),
        };
        let empty_body = match self.empty_body {
            EmptyBody::Either if self.strict => EmptyBody::Hash,
            other => other,
        };
        let verifier = Verifier {
            credentials: identity.credentials.clone(),
            empty_body,
            static_signature: self.static_signature && !self.strict,
            strict: self.strict,
        };
        let routes = Routes::new(&PROVIDERS, HANDLERS)?;
        let token = match self.token {
            Some(token) => token,
            // Never from the seed: it could be guessed then.
            None => Secret::new(Random::new(None, Stream::Start)?.secret("sbt_")),
        };
        let access = Access::new(&self.allowed_hosts, address.ip(), token)?;
        let read_timeout = self.read_timeout;
        let setup = Setup {
            base_url: base_url(address),
            access,
            read_timeout,
            seed: self.seed,
            watched: self.watched,
        };
        let app = Arc::new(App::new(setup, identity, routes, verifier, file)?);

        let (stop_dispatcher, dispatcher_stopped) = oneshot::channel::<()>();
        let dispatcher = run_dispatcher(Arc::clone(&app));
        let dispatcher = tokio::spawn(async move {
            tokio::select! {
                _ = dispatcher_stopped => {}
                () = dispatcher => {}
            }
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let interfaces = http::router(Arc::clone(&app))?;
        let service = interfaces.clone();
        let service = service.into_make_service_with_connect_info::<Cut>();
        let server = tokio::spawn(async move {
            // Dropping the sender is the signal to stop.
            let served = axum::serve(Listening { listener, read_timeout }, service)
                .with_graceful_shutdown(async {
                    let _ = stopped.await;
                });
            if let Err(error) = served.await {
                tracing::error!(%error, "the sandbox stopped serving");
            }
        });
        let stop = [stop, stop_dispatcher];
        Ok(Sandbox { app, interfaces, stop, server, dispatcher })
    }
}

/// A running sandbox. Dropping it stops it.
pub struct Sandbox {
    app: Arc<App>,
    /// For calls of the interface for tests in this process.
    interfaces: Router,
    /// Both tasks end when these are dropped.
    stop: [oneshot::Sender<()>; 2],
    server: JoinHandle<()>,
    dispatcher: JoinHandle<()>,
}

impl Sandbox {
    /// Starts on a free port of 127.0.0.1, with random credentials, in memory.
    pub async fn start() -> Result<Self, Error> {
        Self::builder().start().await
    }

    /// Settings for a sandbox that differs from [`Sandbox::start`].
    pub fn builder() -> Builder {
        Builder {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: None,
            empty_body: EmptyBody::default(),
            static_signature: false,
            strict: false,
            state: None,
            watched: Watched::default(),
            allowed_hosts: Vec::new(),
            token: None,
            read_timeout: READ_TIMEOUT,
        }
    }

    /// Where clients of every provider send requests, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.app.base_url
    }

    /// What clients authenticate with.
    pub fn credentials(&self) -> &Credentials {
        &self.app.verifier.credentials
    }

    /// What changes by the interface for tests must bring, as `Authorization: Bearer`. The methods of this type bring it by
    /// themselves.
    pub fn token(&self) -> &Secret {
        &self.app.access.token
    }

    /// A user of the Platform API that exists from the start.
    pub fn user_id(&self) -> Uuid {
        self.app.identity.user_id
    }

    /// The account behind the keys of the Developer API.
    pub fn developer_id(&self) -> Uuid {
        self.app.identity.developer_id
    }

    /// Whether all money is accounted for: every entry has two sides and no account is below zero.
    pub fn check_ledger(&self) -> Result<(), String> {
        let check = |tx: &mut Transaction<'_>| Ok::<_, SaveError>(tx.store.ledger.check());
        self.app.transact(check).unwrap_or_else(|_| Err("the state cannot be saved".to_owned()))
    }

    /// The environment variables by which clients find this sandbox and authenticate, with their values, and the
    /// [token](Self::token) as `PAYGLOT_SANDBOX_TOKEN`.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        self.app.environment()
    }

    /// Registers a webhook endpoint, which gets all events from now on. Registering a URL again replaces its settings.
    pub fn add_webhook(&self, webhook: Webhook) -> Result<Registered, Error> {
        if let Some((field, problem)) = webhook.problem() {
            return Err(Error::Webhook(format!("{field}: {problem}")));
        }
        let endpoint = self.app.add_endpoint(webhook);
        let endpoint = endpoint.map_err(|_| Error::State("cannot be written".to_owned()))?;
        Ok(Registered { id: endpoint.id, secret: endpoint.secret })
    }

    /// The sandbox's time, to be advanced by tests.
    pub fn clock(&self) -> &Clock {
        &self.app.clock
    }

    /// Stops listening, lets requests under way finish, and returns when all is closed.
    pub async fn shutdown(self) {
        drop(self.stop);
        // It stops at once; deliveries that it did not make stay queued.
        let _ = self.dispatcher.await;
        let server = self.server;
        let abort = server.abort_handle();
        if tokio::time::timeout(GRACE, server).await.is_err() {
            abort.abort();
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("base_url", &self.app.base_url).finish_non_exhaustive()
    }
}

/// A URL that leads to the listening address from this machine.
fn base_url(mut address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    format!("http://{address}")
}
