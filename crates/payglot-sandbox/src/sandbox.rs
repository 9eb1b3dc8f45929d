//! Starting and stopping a sandbox.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Gate;
use crate::providers::PROVIDERS;
use crate::random::{Random, Stream};
use crate::routes::Routes;
use crate::{Clock, Credentials, EmptyBody, Error, serve};

/// How long [`Sandbox::shutdown`] waits for requests under way.
const GRACE: Duration = Duration::from_secs(2);

/// Settings of a sandbox that is about to start.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    listen: SocketAddr,
    seed: Option<u64>,
    empty_body: EmptyBody,
    static_signature: bool,
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

    /// What an empty body may contribute to a signature; both readings by default.
    pub fn empty_body(mut self, empty_body: EmptyBody) -> Self {
        self.empty_body = empty_body;
        self
    }

    /// Also takes the fixed signature that Paywint's own sandbox takes.
    pub fn static_signature(mut self, accept: bool) -> Self {
        self.static_signature = accept;
        self
    }

    /// Starts the sandbox; requests are served from now on, on the current Tokio runtime.
    pub async fn start(self) -> Result<Sandbox, Error> {
        let cannot_listen = |reason| Error::Listen { address: self.listen, reason };
        let listener = TcpListener::bind(self.listen).await.map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;

        let mut random = Random::new(self.seed, Stream::Start)?;
        let gate = Gate {
            credentials: Credentials::draw(&mut random),
            empty_body: self.empty_body,
            static_signature: self.static_signature,
        };
        let routes = Routes::new(&PROVIDERS)?;
        let app = Arc::new(App::new(base_url(address), random.uuid(), routes, gate, self.seed)?);

        let (stop, stopped) = oneshot::channel::<()>();
        let service = serve::router(Arc::clone(&app));
        let server = tokio::spawn(async move {
            // The signal is the sender's end, whether it was dropped on purpose or with the sandbox.
            let served = axum::serve(listener, service).with_graceful_shutdown(async {
                let _ = stopped.await;
            });
            if let Err(error) = served.await {
                tracing::error!(%error, "the sandbox stopped serving");
            }
        });
        Ok(Sandbox { app, stop, server })
    }
}

/// A running sandbox. Dropping it stops it.
pub struct Sandbox {
    app: Arc<App>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
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
        }
    }

    /// Where clients of every provider send requests, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.app.base_url
    }

    /// What clients authenticate with.
    pub fn credentials(&self) -> &Credentials {
        &self.app.gate.credentials
    }

    /// A user of the Platform API that exists from the start.
    pub fn user_id(&self) -> Uuid {
        self.app.user_id
    }

    /// The environment variables by which clients find this sandbox and authenticate, with their values.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut variables = Vec::new();
        for provider in PROVIDERS {
            for credential in provider.credentials {
                let value = self.credentials().by_env(credential.env).unwrap_or_default();
                variables.push((credential.env, value.to_owned()));
            }
            variables.push((provider.base_url_env, self.base_url().to_owned()));
        }
        // Two providers may share a host, and so its variable.
        let mut seen = BTreeSet::new();
        variables.retain(|(name, _)| seen.insert(*name));
        variables
    }

    /// The sandbox's time, to be advanced by tests.
    pub fn clock(&self) -> &Clock {
        &self.app.clock
    }

    /// Stops listening, lets requests under way finish, and returns when all is closed.
    pub async fn shutdown(self) {
        drop(self.stop);
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
