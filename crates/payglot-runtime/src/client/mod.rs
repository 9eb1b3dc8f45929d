//! The client behind every provider's client: sends a checked call, retries where that is safe, and turns what comes
//! back into a response or an error.
//!
//! May use every layer above. Knows no provider by name: what it is told is a table of [`schema`](crate::schema).

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderName, HeaderValue};
use tracing::Instrument as _;

use crate::error::Error;
use crate::journal::{Budget, SharedJournal};
use crate::request::{PreparedRequest, push_query};
use crate::response::{BufferedResponse, Response};
use crate::schema::{EmptyBody, Operation, Provider, Replay, ResponseForm, Security};

mod accounts;
mod attempt;
mod call;
mod config;
mod defaults;
mod download;
mod endpoint;
mod error_mapping;
mod events;
mod fate;
mod headers;
mod hooks;
mod hosts;
mod journalled;
mod keyring;
mod link;
#[cfg(feature = "progenitor")]
pub mod progenitor;
mod receive;
mod request;
mod rotation;
mod streamed;
mod tokens;

pub(crate) use call::fields;
pub use call::{Call, Payload, WithResponse, certain_payload, is_list, other_shape};
pub use config::Config;
pub use defaults::ClientDefaults;
pub use events::{EventCall, EventStream, ServerEvents};
pub use fate::CallFate;
pub use headers::header_pairs;
pub use hooks::{Hook, Hooks, RequestEvent, ResponseEvent};
pub use receive::apart;
pub use request::Request;

use attempt::Attempts;
use keyring::KeyedHosts;
pub(crate) use link::next_of;
use streamed::StreamSlot;

/// What one call may override.
#[derive(Clone, Default)]
pub struct CallOptions {
    /// Time for the call with all its attempts.
    pub timeout: Option<Duration>,
    /// How many times it may be tried again where that is safe.
    pub max_retries: Option<u32>,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// Further query parameters, for what the document does not know.
    pub extra_query: Vec<(String, String)>,
    /// The `Idempotency-Key` of a keyed call, instead of a fresh one.
    pub idempotency_key: Option<String>,
    /// Whether a record that says that it failed is an error.
    pub raise_on_failed: Option<bool>,
    /// Told what became of the call if its future is dropped.
    pub fate: Option<CallFate>,
    /// The name under which the client's journal remembers the call, 1 to 255 printable characters.
    pub intent: Option<String>,
    /// What the call may spend together with others of its journal.
    pub budget: Option<Arc<Budget>>,
}

/// Shows no value of a header or of a query parameter: a caller may put a secret there.
impl std::fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallOptions")
            .field("timeout", &self.timeout)
            .field("max_retries", &self.max_retries)
            .field("headers", &headers::names(&self.headers))
            .field("extra_query", &headers::names(&self.extra_query))
            .field("raise_on_failed", &self.raise_on_failed)
            .field("intent", &self.intent)
            .finish_non_exhaustive()
    }
}

impl CallOptions {
    /// The same for reads that are made beside a call: they are no intents of their own, and a record that failed is a record.
    pub(crate) fn for_reading(&self) -> Self {
        Self {
            intent: None,
            budget: None,
            idempotency_key: None,
            fate: None,
            raise_on_failed: Some(false),
            ..self.clone()
        }
    }
}

/// A client of any provider. Cheap to clone; clones share the connection pool.
#[derive(Clone)]
pub struct Core(Arc<Inner>);

struct Inner {
    /// Shared by clients that differ in their settings alone.
    hosts: Arc<KeyedHosts>,
    settings: Settings,
}

/// What a client is told, beside where it connects to.
#[derive(Clone)]
struct Settings {
    provider: &'static Provider,
    timeout: Duration,
    max_retries: u32,
    max_response_bytes: usize,
    first_backoff: Duration,
    raise_on_failed: bool,
    journal: Option<SharedJournal>,
    require_intent: bool,
    tag: bool,
    /// Whose intents they are.
    account: String,
    /// Headers of every call.
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What an empty body adds to a signature, where that was set.
    empty_body: Option<EmptyBody>,
    /// Told of each attempt, where there are any.
    hooks: Option<Arc<Hooks>>,
}

/// What an error says about the call it ended.
#[derive(Debug, Clone, Copy)]
pub struct CallContext {
    /// Name of the operation.
    pub operation: &'static str,
    /// Whether the call may be repeated.
    pub replay: Replay,
    /// What to look up where the outcome is not known.
    pub reconcile: &'static str,
}

impl CallContext {
    /// For a call of the provider's document.
    pub const fn of(operation: &Operation) -> Self {
        let Operation { name, replay, reconcile, .. } = *operation;
        Self { operation: name, replay, reconcile }
    }

    /// For a call outside the document.
    pub const fn raw(replay: Replay) -> Self {
        let reconcile = "Look up whether the call took effect.";
        Self { operation: "request", replay, reconcile }
    }

    /// What tells what became of the call when it is given up; nothing for one that can be repeated.
    pub fn fate(self) -> Option<CallFate> {
        (!self.replay.is_repeatable()).then(CallFate::default)
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct(self.0.settings.provider.name)
            .field("base_url", &self.base_url())
            .finish_non_exhaustive()
    }
}

impl Core {
    /// Builds a client: credentials and host are checked here, not at the first call.
    pub fn new(mut config: Config) -> Result<Self, Error> {
        let account = config.account()?;
        let hosts = Arc::new(KeyedHosts::new(&mut config)?);
        let authenticator = &hosts.current().base.authenticator;
        let headers = defaults::checked_headers(authenticator, &config.headers)
            .map_err(Error::configuration)?;
        let settings = Settings {
            provider: config.provider,
            timeout: config.timeout,
            max_retries: config.max_retries,
            max_response_bytes: config.max_response_bytes,
            first_backoff: config.first_backoff,
            raise_on_failed: config.raise_on_failed,
            journal: config.journal,
            require_intent: config.require_intent,
            tag: config.tag,
            account,
            headers,
            empty_body: config.empty_body,
            hooks: config.hooks.shared(),
        };
        Ok(Self(Arc::new(Inner { hosts, settings })))
    }

    /// The same client with connections of its own, for the child of a fork: nothing is read again, neither from
    /// the environment nor from files.
    #[must_use]
    pub fn reconnect_after_fork(&self) -> Self {
        let Inner { hosts, settings } = &*self.0;
        let (hosts, settings) = (Arc::new(hosts.reconnect_after_fork()), settings.clone());
        Self(Arc::new(Inner { hosts, settings }))
    }

    /// The same client with connections of its own, for another runtime of the same process.
    #[must_use]
    pub fn with_own_connections(&self) -> Self {
        let Inner { hosts, settings } = &*self.0;
        let (hosts, settings) = (Arc::new(hosts.with_own_connections()), settings.clone());
        Self(Arc::new(Inner { hosts, settings }))
    }

    /// Where its calls lead, as it was given or found in the environment, with the API's base path.
    pub fn base_url(&self) -> String {
        self.0.hosts.current().base.base_url.to_string()
    }

    /// The tables of its provider.
    pub fn provider(&self) -> &'static Provider {
        self.0.settings.provider
    }

    /// The credentials that are no secrets, such as a platform's id; empty where all are secrets. Intents are told apart
    /// by it.
    pub fn account(&self) -> &str {
        &self.0.settings.account
    }

    /// The journal of its calls, where it has one.
    pub fn journal(&self) -> Option<&SharedJournal> {
        self.0.settings.journal.as_ref()
    }

    /// Makes a call of the provider's document.
    pub async fn call(
        &self,
        operation: &'static Operation,
        request: &PreparedRequest,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let context = CallContext::of(operation);
        // In a box, so that calls without any are no larger for it.
        let extended = request.with_query(&options.extra_query, operation)?;
        let request = extended.as_deref().unwrap_or(request);
        let response = self.call_or_replay(context, Some(operation), request, options).await?;
        if options.raise_on_failed.unwrap_or(self.0.settings.raise_on_failed) {
            response.or_failed(operation)
        } else {
            Ok(response)
        }
    }

    /// The escape hatch: any method and path of the host, authenticated and retried like the rest.
    ///
    /// `path` begins with `/`; `replay` decides retries, and is [`Replay::Money`] unless the caller knows
    /// better.
    pub async fn request(
        &self,
        method: &str,
        path: &str,
        query: &[(String, String)],
        body: Option<String>,
        replay: Replay,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let context = CallContext::raw(replay);
        let request = undocumented(method, path, query, body)
            .map_err(|error| error.with_operation(context.operation))?;
        self.call_or_replay(context, None, &request, options).await
    }

    /// Makes a call, or gives the response that a journal has of it.
    async fn call_or_replay(
        &self,
        context: CallContext,
        operation: Option<&'static Operation>,
        request: &PreparedRequest,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        match self.journalled(context, options)? {
            None => self.call_once(context, operation, request, options).await,
            // In a box, so that calls without an intent are no larger for it.
            Some(journalled) => {
                Box::pin(self.call_journalled(journalled, context, operation, request, options))
                    .await
            }
        }
    }

    /// Makes a call and reads its response.
    async fn call_once(
        &self,
        context: CallContext,
        operation: Option<&'static Operation>,
        request: &PreparedRequest,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let response = self.send(context, operation, request, options, None).await?;
        match operation {
            Some(operation) => {
                Response::new(response, operation, self.0.settings.provider.envelope.as_ref())
            }
            None => Ok(Response::untyped(response)),
        }
    }

    /// Sends one call, in a span of its own; the body of a success is left in `slot`, where there is one. The template of a
    /// URL is no URL: it holds no identifier.
    async fn send(
        &self,
        context: CallContext,
        operation: Option<&'static Operation>,
        request: &PreparedRequest,
        options: &CallOptions,
        slot: Option<&StreamSlot>,
    ) -> Result<BufferedResponse, Error> {
        let span = tracing::debug_span!(
            target: "payglot",
            "payglot.call",
            operation = context.operation,
            method = request.method.as_str(),
            url.template = operation.map_or("", |operation| operation.path),
            status = tracing::field::Empty,
            attempts = tracing::field::Empty,
        );
        let security = operation.map_or(Security::Provider, |operation| operation.security);
        let named = |error: Error| error.with_operation(context.operation);
        let timeout = options.timeout.unwrap_or(self.0.settings.timeout);
        let mut hosts = self.0.hosts.current();
        if hosts.base.authenticator.is_pending() {
            hosts = Box::pin(self.read_first(hosts, timeout)).await.map_err(named)?;
        }
        let is_reserved = |name: &HeaderName| hosts.base.authenticator.is_reserved(name);
        let call_headers: Vec<(HeaderName, HeaderValue)> =
            headers::of_call(options, &self.0.settings.headers, context.replay, is_reserved)
                .map_err(named)?;
        let attempts = Attempts {
            context,
            max_retries: options.max_retries.unwrap_or(self.0.settings.max_retries),
            max_response_bytes: self.0.settings.max_response_bytes,
            first_backoff: self.0.settings.first_backoff,
            is_json: operation.is_none_or(|known| known.returns.form == ResponseForm::Json),
            fate: options.fate.as_ref(),
            slot,
            method: &request.method,
            hooks: self.0.settings.hooks.as_deref(),
        };
        let is_read_again = hosts.base.authenticator.is_read_again();
        let started = is_read_again.then(Instant::now);
        let mut refused = None;
        let result = loop {
            let (endpoint, base_path) = hosts.of(operation).map_err(named)?;
            let chosen = endpoint.authenticator.choose(security).map_err(named)?;
            let uri = endpoint.uri(base_path, &request.target).map_err(named)?;
            let build = |token: Option<&_>| {
                endpoint.build_request(request, &uri, chosen, &call_headers, token)
            };
            let remaining = || started.map_or(timeout, |at| timeout.saturating_sub(at.elapsed()));
            let within = if refused.is_some() { remaining() } else { timeout };
            let result = if let Some(source) = hosts.token_source(chosen) {
                // In a box, so that calls without a token are no larger for it.
                let run = Box::pin(source.run(&hosts.base, &attempts, within, endpoint, build));
                run.instrument(span.clone()).await
            } else {
                // Pinned where it is: the span would move it.
                let run = pin!(attempts.run(within, &endpoint.transport, || build(None)));
                run.instrument(span.clone()).await
            };
            let Err(error) = result else { break result };
            let error = error.with_may_have_happened(refused.unwrap_or_default());
            if !is_read_again || refused.is_some() || !rotation::is_refusal(&error) {
                break Err(error);
            }
            refused = Some(error.may_have_happened());
            // In a box, as it is seldom.
            match Box::pin(self.after_refusal(error, &hosts, context, remaining())).await {
                Ok(others) => hosts = others,
                Err(error) => break Err(error),
            }
        };
        if let Some(fate) = &options.fate {
            fate.ended();
        }
        let status = result.as_ref().map_or_else(Error::status, |response| Some(response.status));
        if let Some(status) = status {
            span.record("status", status);
        }
        result
    }
}

/// A request that no document describes.
fn undocumented(
    method: &str,
    path: &str,
    query: &[(String, String)],
    body: Option<String>,
) -> Result<PreparedRequest, Error> {
    let method = http::Method::from_bytes(method.to_ascii_uppercase().as_bytes())
        .map_err(|_| Error::invalid_request("method", "is not an HTTP method"))?;
    check_path(path)?;
    let mut target = path.to_owned();
    for (name, value) in query {
        push_query(&mut target, name, value);
    }
    PreparedRequest::new(method, target, body)
}

/// A path goes out as it is given, or not at all: what URL rules would rewrite could end at another object.
fn check_path(path: &str) -> Result<(), Error> {
    let invalid = |problem: &str| Err(Error::invalid_request("path", problem));
    if !path.starts_with('/') || path.contains(['?', '#']) {
        return invalid("must begin with / and hold no query");
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&byte);
    if let Some(at) = path.bytes().position(|byte| !plain(byte)) {
        return invalid(&format!(
            "has a character at {at} that a path cannot hold; percent-encode what belongs to an identifier"
        ));
    }
    let is_hex = |digit: Option<&u8>| digit.is_some_and(u8::is_ascii_hexdigit);
    let bytes = path.as_bytes();
    for (at, _) in path.match_indices('%') {
        if !is_hex(bytes.get(at + 1)) || !is_hex(bytes.get(at + 2)) {
            return invalid(&format!("has a % at {at} without two hexadecimal digits"));
        }
    }
    for segment in path.split('/').skip(1) {
        let decoded = segment.replace("%2e", ".").replace("%2E", ".");
        if decoded == "." || decoded == ".." {
            return invalid("has a dot segment, which would lead to another path");
        }
    }
    if path.contains("//") {
        return invalid("has an empty segment (//): an identifier may be missing");
    }
    if ["%5c", "%5C", "%00", "%0a", "%0A", "%0d", "%0D", "%09"]
        .iter()
        .any(|code| path.contains(code))
    {
        return invalid("has an encoded backslash or control character");
    }
    Ok(())
}

/// The error for a provider that this build does not have.
pub fn unknown_provider(name: &str) -> Error {
    Error::configuration(format!("there is no provider `{name}` in this build"))
}
