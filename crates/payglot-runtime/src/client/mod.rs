//! The client behind every provider's client: sends a checked call, retries where that is safe, and turns what
//! comes back into an answer or an error.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures_core::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue};
use tracing::Instrument as _;

use crate::answer::Answer;
use crate::config::Config;
use crate::encode::{Args, Body};
use crate::error::{Error, ErrorKind, request_id};
use crate::failure;
use crate::receive::{WireAnswer, read};
use crate::retry::{Outcome, Verdict, backoff, decide, retry_after};
use crate::schema::{Operation, Provider, Replay};
use crate::transport::{Host, Wire, WireError, WireResult};

/// A generated provider's dispatcher: sends the operation with this index, once.
pub type Dispatch = for<'a> fn(Wire<'a>, usize, &'a Args) -> BoxFuture<'a, WireResult>;

/// What one call may override.
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    /// Time for the call with all its attempts.
    pub timeout: Option<Duration>,
    /// How many times it may be tried again where that is safe.
    pub max_retries: Option<u32>,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The `Idempotency-Key` of a keyed call, instead of a fresh one.
    pub idempotency_key: Option<String>,
}

/// A client of any provider. Cheap to clone; clones share the connection pool.
#[derive(Clone)]
pub struct Core(Arc<Inner>);

struct Inner {
    provider: &'static Provider,
    dispatch: Dispatch,
    host: Host,
    timeout: Duration,
    max_retries: u32,
    max_answer_bytes: usize,
    first_backoff: Duration,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct(self.0.provider.name)
            .field("base_url", &self.0.host.base_url.as_str())
            .finish_non_exhaustive()
    }
}

impl Core {
    /// Builds a client: credentials and host are checked here, not at the first call.
    pub fn new(mut config: Config, dispatch: Dispatch) -> Result<Self, Error> {
        let base_url = config.resolve()?;
        let host = Host::new(&config, base_url)?;
        Ok(Self(Arc::new(Inner {
            provider: config.provider,
            dispatch,
            host,
            timeout: config.timeout,
            max_retries: config.max_retries,
            max_answer_bytes: config.max_answer_bytes,
            first_backoff: config.first_backoff,
        })))
    }

    /// The same client with connections of its own, for the child of a fork: nothing is read again, neither from
    /// the environment nor from files.
    #[must_use]
    pub fn renewed(&self) -> Self {
        let Inner {
            provider, dispatch, timeout, max_retries, max_answer_bytes, first_backoff, ..
        } = *self.0;
        let host = self.0.host.renewed();
        Self(Arc::new(Inner {
            provider,
            dispatch,
            host,
            timeout,
            max_retries,
            max_answer_bytes,
            first_backoff,
        }))
    }

    /// The tables of its provider.
    pub fn provider(&self) -> &'static Provider {
        self.0.provider
    }

    /// Makes a call of the provider's document.
    pub async fn call(
        &self,
        operation: &'static Operation,
        args: &Args,
        options: &CallOptions,
    ) -> Result<Answer, Error> {
        let target = Target {
            name: operation.name,
            replay: operation.replay,
            reconcile: operation.reconcile,
        };
        let span = span(target, operation.method, operation.path);
        let headers = self.headers(target, options)?;
        let wire = Wire { host: &self.0.host, headers: &headers };
        let send = || (self.0.dispatch)(wire, operation.index, args);
        let answer = ended(&span, self.run(target, options, send).instrument(span.clone()).await)?;
        Answer::new(answer, operation, self.0.provider.envelope.as_ref())
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
    ) -> Result<Answer, Error> {
        let named = |error: Error| error.with_operation("request");
        let method = http::Method::from_bytes(method.to_ascii_uppercase().as_bytes())
            .map_err(|_| named(Error::invalid_request("method", "is not an HTTP method")))?;
        if !path.starts_with('/') || path.contains(['?', '#']) {
            return Err(named(Error::invalid_request(
                "path",
                "must begin with / and hold no query",
            )));
        }
        // URL rules fold dot segments and encode what a path cannot hold.
        let mut url = self.0.host.base_url.clone();
        url.set_path(path);
        let target =
            Target { name: "request", replay, reconcile: "Look up whether the call took effect." };
        let headers = self.headers(target, options)?;
        let wire = Wire { host: &self.0.host, headers: &headers };
        let body = body.map(Body::new);
        let send = || -> BoxFuture<'_, WireResult> {
            let mut draft = wire.request(method.clone(), url.path().to_owned());
            for (name, value) in query {
                draft = draft.query(name, value.as_str());
            }
            if let Some(body) = &body {
                draft = draft.json(body);
            }
            Box::pin(draft.send())
        };
        let span = span(target, method.as_str(), "");
        let answer = ended(&span, self.run(target, options, send).instrument(span.clone()).await)?;
        Ok(Answer::untyped(answer))
    }

    /// Headers that the attempts of one call share, the idempotency key included.
    fn headers(
        &self,
        target: Target,
        options: &CallOptions,
    ) -> Result<Vec<(HeaderName, HeaderValue)>, Error> {
        let authorizer = &self.0.host.authorizer;
        headers(options, target.replay, |name| authorizer.owns(name))
            .map_err(|error| error.with_operation(target.name))
    }

    /// Attempts until there is something to tell the caller.
    async fn run<'w, F>(
        &self,
        target: Target,
        options: &CallOptions,
        send: F,
    ) -> Result<WireAnswer, Error>
    where
        F: Fn() -> BoxFuture<'w, WireResult>,
    {
        let timeout = options.timeout.unwrap_or(self.0.timeout);
        let deadline = Instant::now().checked_add(timeout);
        let max_retries = options.max_retries.unwrap_or(self.0.max_retries);
        let mut attempt = 1;
        loop {
            let started = Instant::now();
            let remaining =
                deadline.map_or(timeout, |deadline| deadline.saturating_duration_since(started));
            let result = tokio::time::timeout(remaining, async {
                read(send().await?, self.0.max_answer_bytes).await
            })
            .await;
            let timed_out = result.is_err();
            let result = result.unwrap_or(Err(WireError::Lost(None)));
            trace(&result, attempt, started);
            let wait = match decide(target.replay, outcome(&result), attempt, max_retries) {
                Verdict::Retry(wait) if !timed_out => {
                    wait.unwrap_or_else(|| backoff(self.0.first_backoff, attempt, fastrand::f64()))
                }
                Verdict::Unknown => return Err(failure::outcome_unknown(target, result, attempt)),
                _ => return finish(target, result, attempt, timed_out),
            };
            let has_time = deadline
                .is_none_or(|deadline| deadline.saturating_duration_since(Instant::now()) > wait);
            if !has_time {
                return finish(target, result, attempt, false);
            }
            tracing::debug!(
                attempt,
                wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                "trying again"
            );
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }
}

/// The span of a call. The template of a URL is no URL: it holds no identifier.
fn span(target: Target, method: &str, template: &'static str) -> tracing::Span {
    tracing::debug_span!(
        "payglot.call",
        operation = target.name,
        method,
        url.template = template,
        status = tracing::field::Empty,
        attempts = tracing::field::Empty,
    )
}

/// Notes how a call ended: the status of its last attempt, where that was answered.
fn ended(span: &tracing::Span, result: Result<WireAnswer, Error>) -> Result<WireAnswer, Error> {
    let status = result.as_ref().map_or_else(Error::status, |answer| Some(answer.status));
    if let Some(status) = status {
        span.record("status", status);
    }
    result
}

/// What a failure says about the call it ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub name: &'static str,
    pub replay: Replay,
    pub reconcile: &'static str,
}

fn finish(
    target: Target,
    result: Result<WireAnswer, WireError>,
    attempt: u32,
    timed_out: bool,
) -> Result<WireAnswer, Error> {
    match result {
        Ok(answer) if (200..300).contains(&answer.status) => Ok(answer),
        Ok(answer) => Err(failure::status(target, answer, attempt)),
        Err(error) => Err(failure::transport(target, error, attempt, timed_out)),
    }
}

fn outcome(result: &Result<WireAnswer, WireError>) -> Outcome {
    match result {
        Ok(answer) => Outcome::Answered {
            status: answer.status,
            retry_after: retry_after(&answer.headers, SystemTime::now()),
        },
        Err(WireError::NotSent(_)) => Outcome::NotSent,
        // The vendor did answer: sending again would not make the answer smaller.
        Err(WireError::TooLarge { status, .. }) => {
            Outcome::Answered { status: *status, retry_after: None }
        }
        Err(WireError::Lost(_) | WireError::CutOff { .. }) => Outcome::Lost,
        Err(WireError::Refused) => Outcome::Answered { status: 0, retry_after: None },
    }
}

/// Never a URL, a query, a header value or a body.
fn trace(result: &Result<WireAnswer, WireError>, attempt: u32, started: Instant) {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let status = result.as_ref().ok().map(|answer| answer.status);
    let id = result.as_ref().ok().and_then(|answer| request_id(&answer.headers));
    let span = tracing::Span::current();
    span.record("attempts", attempt);
    let duration_ms = started.elapsed().as_secs_f64() * 1000.0;
    tracing::debug!(attempt, status, duration_ms, request_id = id, "attempt ended");
}

/// Headers that a call adds. Those that authenticate or frame the request are not the caller's to set.
fn headers(
    options: &CallOptions,
    replay: Replay,
    authenticates: impl Fn(&HeaderName) -> bool,
) -> Result<Vec<(HeaderName, HeaderValue)>, Error> {
    const RESERVED: [&str; 6] = [
        "accept-encoding",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
    ];
    let mut headers = Vec::new();
    for (name, value) in &options.headers {
        let refuse = |problem| Error::invalid_request("headers", problem);
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| refuse("has a name that is not one"))?;
        if RESERVED.contains(&name.as_str()) || authenticates(&name) {
            return Err(refuse("must not set authorization, content or host headers"));
        }
        let value = HeaderValue::from_str(value)
            .map_err(|_| refuse("has a value that a header cannot hold"))?;
        headers.push((name, value));
    }
    if replay == Replay::Keyed || options.idempotency_key.is_some() {
        let key =
            options.idempotency_key.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let value = HeaderValue::from_str(&key).ok().filter(|value| !value.is_empty()).ok_or_else(
            || Error::invalid_request("idempotency_key", "must be plain text that is not empty"),
        )?;
        headers.push((HeaderName::from_static("idempotency-key"), value));
    }
    Ok(headers)
}

/// The kind of error for a status that is not a success.
pub(crate) fn kind_of(status: u16) -> ErrorKind {
    ErrorKind::from_status(status)
}

/// Headers of an answer as pairs of text, for the bindings.
pub fn header_pairs(headers: &HeaderMap) -> Vec<(&str, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect()
}

/// The error for a provider that this build does not have.
pub fn no_provider(name: &str) -> Error {
    Error::configuration(format!("there is no provider `{name}` in this build"))
}
