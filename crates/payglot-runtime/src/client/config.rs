//! Building a client: credentials, host and limits, from arguments or the environment.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use zeroize::Zeroizing;

use super::{Hooks, RequestEvent, ResponseEvent};
#[cfg(feature = "progenitor")]
use crate::auth::Authenticator;
use crate::auth::{Credential, Credentials, is_this_machine};
use crate::error::Error;
use crate::journal::SharedJournal;
use crate::retry::FIRST_BACKOFF;
use crate::schema::{Auth, EmptyBody, Provider};
use crate::transport::SharedTransport;
use crate::transport::hyper::{ConnectOptions, ProxyChoice};
use crate::variables::{ALLOW_INSECURE_HTTP, Variable, Variables, file_variable, read_file};

/// Everything a client can be told. The generated builders of the providers wrap it.
pub struct Config {
    pub(crate) provider: &'static Provider,
    credentials: Credentials,
    environment: Option<String>,
    base_url: Option<String>,
    pub(crate) allow_insecure_http: bool,
    pub(crate) timeout: Duration,
    pub(crate) max_retries: u32,
    pub(crate) max_response_bytes: usize,
    pub(crate) empty_body: Option<EmptyBody>,
    /// How the built-in transport connects.
    pub(crate) connect: ConnectOptions,
    /// Sends instead of the built-in transport.
    pub(crate) transport: Option<SharedTransport>,
    pub(crate) first_backoff: Duration,
    pub(crate) raise_on_failed: bool,
    pub(crate) journal: Option<SharedJournal>,
    pub(crate) require_intent: bool,
    pub(crate) tag: bool,
    pub(crate) user_agent: String,
    pub(crate) headers: Vec<(String, String)>,
    app_info: Option<(String, String)>,
    pub(crate) hooks: Hooks,
}

/// Seconds for a call with all its attempts: 30.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The most connections that a client can be allowed: as many as a host has ports for them.
const MAX_CONNECTIONS: usize = 65_535;
/// Largest response that is read: 32 MiB.
const MAX_RESPONSE_BYTES: usize = 32 * 1024 * 1024;

impl Config {
    /// The defaults for a provider.
    pub fn new(provider: &'static Provider) -> Self {
        Self {
            provider,
            credentials: Credentials::default(),
            environment: None,
            base_url: None,
            allow_insecure_http: false,
            timeout: TIMEOUT,
            max_retries: 2,
            max_response_bytes: MAX_RESPONSE_BYTES,
            empty_body: None,
            connect: ConnectOptions::default(),
            transport: None,
            first_backoff: FIRST_BACKOFF,
            raise_on_failed: false,
            journal: None,
            require_intent: true,
            tag: false,
            user_agent: format!("payglot/{} rust", env!("CARGO_PKG_VERSION")),
            headers: Vec::new(),
            app_info: None,
            hooks: Hooks::default(),
        }
    }

    /// Sets a credential by its name in the provider's table: its value, or a file or function that gives it.
    pub fn credential(&mut self, name: &'static str, credential: impl Into<Credential>) {
        self.credentials.set(name, credential);
    }

    /// Chooses a published host by name.
    pub fn environment(&mut self, name: impl Into<String>) {
        self.environment = Some(name.into());
    }

    /// Sets the host and base path.
    pub fn base_url(&mut self, url: impl Into<String>) {
        self.base_url = Some(url.into());
    }

    /// Allows `http://` to another machine than this one, as within a network of containers.
    pub fn allow_insecure_http(&mut self, allow: bool) {
        self.allow_insecure_http = allow;
    }

    /// Reads these variables instead of those of the process.
    pub fn variables(&mut self, variables: Variables) {
        self.credentials.variables(variables.clone());
        self.connect.variables = variables;
    }

    /// Time for a call with all its attempts.
    pub fn timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// Time to connect.
    pub fn connect_timeout(&mut self, timeout: Duration) {
        self.connect.timeout = timeout;
    }

    /// How many times a call may be tried again where that is safe.
    pub fn max_retries(&mut self, retries: u32) {
        self.max_retries = retries;
    }

    /// Largest response that is read, in bytes.
    pub fn max_response_bytes(&mut self, bytes: usize) {
        self.max_response_bytes = bytes;
    }

    /// Whether a payment or card whose record says that it failed is an error instead of a record.
    pub fn raise_on_failed(&mut self, raise: bool) {
        self.raise_on_failed = raise;
    }

    /// Remembers calls under their intents in this journal.
    pub fn journal(&mut self, journal: SharedJournal) {
        self.journal = Some(journal);
    }

    /// Whether, with a journal, a call that moves money must have an intent.
    pub fn require_intent(&mut self, require: bool) {
        self.require_intent = require;
    }

    /// Whether calls under an intent carry its [`reference`](crate::journal::reference), where their operation has a field for
    /// one that is left free.
    pub fn tag(&mut self, tag: bool) {
        self.tag = tag;
    }

    /// What an empty body contributes to a signature.
    pub fn empty_body(&mut self, empty_body: EmptyBody) {
        self.empty_body = Some(empty_body);
    }

    /// Sends everything through this proxy, `http://user:password@host:port`, instead of the one that the
    /// environment names.
    pub fn proxy(&mut self, url: impl Into<String>) {
        self.connect.proxy = ProxyChoice::Url(Zeroizing::new(url.into()));
    }

    /// Sends everything to the host itself, whatever proxy the environment names.
    pub fn no_proxy(&mut self) {
        self.connect.proxy = ProxyChoice::Direct;
    }

    /// Trusts these certificates (PEM) beside the system's.
    pub fn ca_certificates(&mut self, pem: impl Into<Vec<u8>>) {
        self.connect.ca_certificates = pem.into();
    }

    /// How many connections may be open at once; further calls wait their turn within their time.
    pub fn max_connections(&mut self, connections: usize) {
        self.connect.max_connections = connections;
    }

    /// Sends through this transport instead of the built-in one.
    pub fn transport(&mut self, transport: SharedTransport) {
        self.transport = Some(transport);
    }

    /// First wait before a retry. For simulations of many faults: users have no reason to change it.
    pub fn first_backoff(&mut self, wait: Duration) {
        self.first_backoff = wait;
    }

    /// The `User-Agent`, `payglot/<version> <language>/<version>`.
    pub fn user_agent(&mut self, user_agent: impl Into<String>) {
        self.user_agent = user_agent.into();
    }

    /// Adds a header of every call. Those that authenticate or frame a request are not taken.
    pub fn default_header(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.headers.push((name.into(), value.into()));
    }

    /// Names the program that uses the client in its `User-Agent`, such as `shop` and `2.1`.
    pub fn app_info(&mut self, name: impl Into<String>, version: impl Into<String>) {
        self.app_info = Some((name.into(), version.into()));
    }

    /// Tells `hook` of each attempt before it is sent. It runs on the thread of the call, which waits for it.
    pub fn on_request(&mut self, hook: impl Fn(&RequestEvent) + Send + Sync + 'static) {
        self.hooks.on_request = Some(Arc::new(hook));
    }

    /// Tells `hook` of each attempt when it has ended. It runs on the thread of the call, which waits for it.
    pub fn on_response(&mut self, hook: impl Fn(&ResponseEvent) + Send + Sync + 'static) {
        self.hooks.on_response = Some(Arc::new(hook));
    }

    /// The `User-Agent` with the program's name behind it.
    pub(crate) fn whole_user_agent(&self) -> Result<HeaderValue, Error> {
        let mut text = self.user_agent.clone();
        if let Some((name, version)) = &self.app_info {
            let is_token = |text: &str| {
                let is_plain =
                    |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
                !text.is_empty() && text.bytes().all(is_plain)
            };
            if !is_token(name) || !(version.is_empty() || is_token(version)) {
                return Err(Error::configuration(
                    "`app_info` must be a name and a version without spaces, such as shop and 2.1",
                ));
            }
            text.push(' ');
            text.push_str(name);
            if !version.is_empty() {
                text.push('/');
                text.push_str(version);
            }
        }
        HeaderValue::from_str(&text)
            .map_err(|_| Error::configuration("the user agent is not plain text"))
    }

    /// Whose intents a journal has: the credentials that are no secrets. Not the others, which are replaced at times,
    /// and an intent must be known again after that.
    pub(crate) fn account(&mut self) -> Result<String, Error> {
        self.credentials.resolve(self.provider)?;
        let public = self.provider.credentials.iter().filter(|credential| !credential.secret);
        let values = public.filter_map(|credential| self.credentials.get(credential.name));
        Ok(values.collect::<Vec<_>>().join(" "))
    }

    /// The credentials, from the environment where none were given.
    pub(crate) fn credentials(&mut self) -> Result<Credentials, Error> {
        self.credentials.resolve(self.provider)?;
        Ok(std::mem::take(&mut self.credentials))
    }

    /// Builds the keys, from the credentials that the environment holds where none were given.
    #[cfg(feature = "progenitor")]
    pub(crate) fn authenticator(&mut self) -> Result<Authenticator, Error> {
        let credentials = std::mem::take(&mut self.credentials);
        let authenticator = Authenticator::new(self.provider, credentials)?
            .allow_insecure_http(self.allow_insecure_http);
        Ok(match self.empty_body {
            Some(empty_body) => authenticator.with_empty_body(empty_body),
            None => authenticator,
        })
    }

    /// Whether the host is the user's choice: in the arguments, or in the environment.
    pub(crate) fn has_base_url(&self) -> bool {
        let variable = || self.connect.variables.has(self.provider.base_url_env);
        self.base_url.is_some() || self.environment.is_none() && variable()
    }

    /// Whether the host is the published one that is taken when nothing is said.
    pub(crate) fn is_default_environment(&self) -> bool {
        let default = self.provider.default_environment;
        let is_default = self.environment.as_deref().is_none_or(|name| Some(name) == default);
        !self.has_base_url() && is_default
    }

    /// Checks the limits, and finds the host in the arguments or the environment.
    pub(crate) fn resolve(&self) -> Result<url::Url, Error> {
        if self.empty_body.is_some() && !matches!(self.provider.auth, Auth::Hmac(_)) {
            return Err(Error::configuration(
                "`empty_body` is not an option of this client: its API asks for no signature",
            ));
        }
        if self.transport.is_some() && self.connect.is_customized() {
            return Err(Error::configuration(
                "`proxy`, `ca_certificates`, `connect_timeout` and `max_connections` belong to the built-in \
                 transport; set them on the HTTP client that you pass",
            ));
        }
        if !(1..=MAX_CONNECTIONS).contains(&self.connect.max_connections) {
            return Err(Error::configuration(format!(
                "`max_connections` must be 1 to {MAX_CONNECTIONS}"
            )));
        }
        if self.timeout.is_zero() || self.connect.timeout.is_zero() {
            return Err(Error::configuration("a timeout must be more than 0 seconds"));
        }
        self.resolve_base_url()
    }

    fn resolve_base_url(&self) -> Result<url::Url, Error> {
        let provider = self.provider;
        if self.base_url.is_some() && self.environment.is_some() {
            return Err(Error::configuration("give `base_url` or `environment`, not both"));
        }
        let variables = &self.connect.variables;
        let url = match (&self.base_url, &self.environment) {
            (Some(url), _) => url.clone(),
            (None, Some(name)) => published(provider, name)?,
            (None, None) => match (base_url_of(variables, provider)?, provider.default_environment)
            {
                (Some(url), _) => url,
                (None, Some(name)) => published(provider, name)?,
                (None, None) => {
                    let (env, file) = (provider.base_url_env, file_variable(provider.base_url_env));
                    return Err(Error::configuration(format!(
                        "{}: `base_url` is missing, and there is no public host; pass it or set {env} or {file}",
                        provider.title
                    )));
                }
            },
        };
        let mut url = check_base_url(&url)?;
        if url.path() == "/" {
            url.set_path(provider.base_path);
        }
        if url.scheme() == "http"
            && !url.host_str().is_some_and(is_this_machine)
            && !self.allow_insecure_http
            && !variables.allow_insecure_http()
        {
            return Err(Error::configuration(format!(
                "`base_url` begins with http:// and leads to another machine, so that whoever is between could read \
                 keys and change payments; use https://, or, within a network of your own, set `allow_insecure_http` \
                 or {ALLOW_INSECURE_HTTP}=1"
            )));
        }
        Ok(url)
    }
}

/// Shows no credential.
impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config").field("provider", &self.provider.name).finish_non_exhaustive()
    }
}

/// The base URL that the environment holds.
fn base_url_of(variables: &Variables, provider: &Provider) -> Result<Option<String>, Error> {
    let wrong =
        |problem: String| Error::configuration(format!("{}: `base_url` {problem}", provider.title));
    Ok(match variables.either(provider.base_url_env).map_err(wrong)? {
        Some(Variable::Value(url)) => Some(url.to_string()),
        Some(Variable::File(name, path)) => {
            let url = read_file(&path).map_err(|problem| {
                wrong(format!("could not be read from the file that {name} names: {problem}"))
            })?;
            Some(url.to_string())
        }
        None => None,
    })
}

fn published(provider: &'static Provider, name: &str) -> Result<String, Error> {
    provider
        .environments
        .iter()
        .find(|environment| environment.name == name)
        .map(|found| found.url.to_owned())
        .ok_or_else(|| {
            let known: Vec<_> =
                provider.environments.iter().map(|environment| environment.name).collect();
            let way_out = if known.is_empty() {
                "there is no public host; pass `base_url`".to_owned()
            } else {
                format!("known are {}", known.join(", "))
            };
            Error::configuration(format!("{}: no environment `{name}`; {way_out}", provider.title))
        })
}

fn check_base_url(text: &str) -> Result<url::Url, Error> {
    // The URL is not repeated in the message: it may hold a password.
    let refuse = |problem: &str| Error::configuration(format!("`base_url` {problem}"));
    let url = url::Url::parse(text)
        .map_err(|_| refuse("is not a URL such as https://api.example.com"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse("must begin with https:// or http://"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("must have no query and no fragment"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("must hold no user name and no password"));
    }
    Ok(url)
}
