//! The keys of a client, which can change while it lives: with their hosts, so that a call takes both at its begin and ends with
//! the keys that it began with.

use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Instant;

use arc_swap::ArcSwap;

use super::config::Config;
use super::hosts::Hosts;
use crate::auth::{Authenticator, Credential, Credentials};
use crate::error::Error;
use crate::schema::{EmptyBody, Provider};

/// The keys of an account, shared by all clients that authenticate with them.
pub(super) struct Keyring {
    settings: Settings,
    current: ArcSwap<Keys>,
    /// Where the authenticator of `current` is, only to compare: every call asks, and this is cheaper than to load the keys.
    newest: AtomicPtr<Authenticator>,
    /// Held by the one call that reads, with what came of the reading before it.
    turn: tokio::sync::Mutex<Option<LastRead>>,
}

/// Credentials, and what was built of them.
struct Keys {
    credentials: Credentials,
    authenticator: Arc<Authenticator>,
}

/// A reading that gave no other keys, and why where it could not be done.
struct LastRead {
    at: Instant,
    problem: Option<String>,
}

/// How keys are built, whatever they are.
#[derive(Clone, Copy)]
struct Settings {
    provider: &'static Provider,
    empty_body: Option<EmptyBody>,
    allow_insecure_http: bool,
}

impl Settings {
    fn keys(self, credentials: Credentials) -> Result<Keys, Error> {
        let authenticator = Authenticator::of(self.provider, &credentials)?
            .allow_insecure_http(self.allow_insecure_http);
        let authenticator = match self.empty_body {
            Some(empty_body) => authenticator.with_empty_body(empty_body),
            None => authenticator,
        };
        Ok(Keys { credentials, authenticator: Arc::new(authenticator) })
    }
}

impl Keyring {
    fn new(config: &mut Config) -> Result<Self, Error> {
        let settings = Settings {
            provider: config.provider,
            empty_body: config.empty_body,
            allow_insecure_http: config.allow_insecure_http,
        };
        let keys = settings.keys(config.credentials()?)?;
        Ok(Self::of(settings, Arc::new(keys)))
    }

    fn of(settings: Settings, keys: Arc<Keys>) -> Self {
        let newest = AtomicPtr::new(address(&keys.authenticator));
        Self { settings, current: ArcSwap::new(keys), newest, turn: <_>::default() }
    }

    /// Whether no other keys came since these.
    fn has(&self, authenticator: &Arc<Authenticator>) -> bool {
        self.newest.load(Ordering::Acquire) == address(authenticator)
    }

    /// Reads files and functions again, once for all calls that wait for it. Whether there are other keys than `used`.
    pub async fn read_again(&self, used: &Arc<Authenticator>) -> Result<bool, Error> {
        let asked = Instant::now();
        let mut last = self.turn.lock().await;
        let current = self.current.load_full();
        if !Arc::ptr_eq(&current.authenticator, used) {
            return Ok(true);
        }
        if let Some(reading) = last.as_ref().filter(|reading| reading.at > asked) {
            return reading
                .problem
                .clone()
                .map_or(Ok(false), |text| Err(Error::configuration(text)));
        }
        let read = self.read(current.credentials.clone()).await;
        let problem = read.as_ref().err().map(|error| error.message().to_owned());
        *last = (!matches!(read, Ok(true))).then(|| LastRead { at: Instant::now(), problem });
        read
    }

    /// Puts others in their slots, and reads what is read again.
    pub async fn rotate(&self, given: Vec<(&'static str, Credential)>) -> Result<(), Error> {
        let mut last = self.turn.lock().await;
        let mut credentials = self.current.load().credentials.clone();
        let is_nothing = given.is_empty() && !credentials.are_read_again();
        if is_nothing {
            return Err(Error::configuration(format!(
                "{}: no credential comes from a file or a function, so that there is nothing to read again; pass new ones",
                self.settings.provider.title
            )));
        }
        credentials.replace(given);
        self.read(credentials).await?;
        *last = None;
        Ok(())
    }

    async fn read(&self, mut credentials: Credentials) -> Result<bool, Error> {
        let has_changed = credentials.read_again(self.settings.provider).await?;
        if has_changed {
            let keys = Arc::new(self.settings.keys(credentials)?);
            let newest = address(&keys.authenticator);
            self.current.store(keys);
            self.newest.store(newest, Ordering::Release);
        }
        Ok(has_changed)
    }

    /// The same with a lock of its own.
    fn after_fork(&self) -> Self {
        Self::of(self.settings, self.current.load_full())
    }
}

/// Its address, which is its own as long as somebody has it.
fn address(authenticator: &Arc<Authenticator>) -> *mut Authenticator {
    Arc::as_ptr(authenticator).cast_mut()
}

/// The hosts of a client with the keys of now.
pub(super) struct KeyedHosts {
    hosts: ArcSwap<Hosts>,
    pub keyring: Arc<Keyring>,
}

impl KeyedHosts {
    pub fn new(config: &mut Config) -> Result<Self, Error> {
        let keyring = Keyring::new(config)?;
        let hosts = Hosts::new(config, &keyring.current.load().authenticator)?;
        Ok(Self { hosts: ArcSwap::from_pointee(hosts), keyring: Arc::new(keyring) })
    }

    /// The hosts, with the keys of now.
    pub fn current(&self) -> Arc<Hosts> {
        let hosts = self.hosts.load_full();
        if self.keyring.has(&hosts.base.authenticator) { hosts } else { self.with_new_keys(&hosts) }
    }

    #[cold]
    fn with_new_keys(&self, hosts: &Hosts) -> Arc<Hosts> {
        let authenticator = self.keyring.current.load().authenticator.clone();
        let hosts = Arc::new(hosts.with_authenticator(&authenticator));
        self.hosts.store(hosts.clone());
        hosts
    }

    /// The same with connections of their own, and nothing that another process may hold a lock of.
    pub fn reconnect_after_fork(&self) -> Self {
        let keyring = Arc::new(self.keyring.after_fork());
        Self { keyring, ..self.with_own_connections() }
    }

    /// The same keys with connections of their own.
    pub fn with_own_connections(&self) -> Self {
        let hosts = self.current().reconnect_after_fork();
        Self { hosts: ArcSwap::from_pointee(hosts), keyring: self.keyring.clone() }
    }

    /// The same connections with the keys of another account.
    pub fn with_account(&self, config: &mut Config) -> Result<Self, Error> {
        Ok(self.with_keyring(Arc::new(Keyring::new(config)?)))
    }

    /// The same connections with other keys.
    pub fn with_keyring(&self, keyring: Arc<Keyring>) -> Self {
        let authenticator = keyring.current.load().authenticator.clone();
        let hosts = self.current().with_authenticator(&authenticator);
        Self { hosts: ArcSwap::from_pointee(hosts), keyring }
    }
}
