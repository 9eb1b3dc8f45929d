//! Tokens that the client fetches by itself (OAuth 2.0, client credentials): one fetch for all calls that wait for it, a new
//! token before the old one runs out, and after a 401 where the call can be repeated.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::header::AUTHORIZATION;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::CallContext;
use super::attempt::Attempts;
use super::config::Config;
use super::endpoint::Endpoint;
use crate::auth::{Authenticator, Grant};
use crate::error::{Error, ErrorKind};
use crate::request::PreparedRequest;
use crate::response::BufferedResponse;
use crate::schema::{ClientCredentials, Replay};

/// A token is fetched anew so long before it runs out, or a tenth of its life before where that is less: a request is on its way
/// for a while, and clocks differ.
const MARGIN: Duration = Duration::from_secs(60);
/// The form's media type, which RFC 6749 asks for.
const FORM: &str = "application/x-www-form-urlencoded";
/// Asking for a token changes nothing, so it can be repeated.
const CONTEXT: CallContext =
    CallContext { operation: "token", replay: Replay::Read, reconcile: "" };

/// Where the tokens of a scheme come from.
pub(super) struct TokenSource {
    /// Position of the scheme.
    scheme: usize,
    settings: &'static ClientCredentials,
    /// Where tokens are given by another host than the base URL's.
    host: Option<Endpoint>,
    /// None where the environment does not say which host gives them.
    uri: Option<Uri>,
    request: PreparedRequest,
    token: Mutex<Option<Token>>,
    /// Held by the one call that fetches, with how the fetch before it failed.
    turn: tokio::sync::Mutex<Option<Failure>>,
}

#[derive(Clone)]
struct Token {
    /// The header, which shows nothing of itself.
    authorization: HeaderValue,
    /// When another is fetched; none where the vendor does not say how long this one lives.
    renew_at: Option<Instant>,
}

impl Token {
    /// Whether another is fetched before the next call.
    fn is_due(&self, now: Instant) -> bool {
        self.renew_at.is_some_and(|renew_at| now >= renew_at)
    }
}

/// Why there is no token.
struct Failure {
    at: Instant,
    kind: ErrorKind,
    message: String,
    response: Option<(u16, Box<HeaderMap>)>,
}

/// A response as RFC 6749 has it, section 5.1.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    /// Seconds; text in the responses of some vendors.
    expires_in: Option<Value>,
}

impl TokenSource {
    pub fn new(
        config: &Config,
        base: &Endpoint,
        scheme: usize,
        grant: &Grant,
    ) -> Result<Self, Error> {
        let settings = grant.scheme;
        let unusable = || Error::configuration("the URL that gives tokens is not a URL");
        let path =
            |text: &str| -> Result<PathAndQuery, Error> { text.parse().map_err(|_| unusable()) };
        let (host, uri) = if settings.token_url.starts_with('/') {
            (None, Some(base.uri(Some(""), &path(settings.token_url)?)?))
        } else {
            let url = Url::parse(settings.token_url).map_err(|_| unusable())?;
            let query = url.query().map(|query| ["?", query].concat()).unwrap_or_default();
            let target = path(&[url.path(), &query].concat());
            // A server that stands in for the vendor stands in for all its hosts.
            if config.has_base_url() || base.is_host_of(&url) {
                (None, Some(base.uri(Some(""), &target?)?))
            } else if config.is_default_environment() {
                let host = Endpoint::new(config, url, base.authenticator.clone())?;
                let uri = host.uri(Some(""), &target?)?;
                host.authenticator.check_plain_http(&uri)?;
                (Some(host), Some(uri))
            } else {
                (None, None)
            }
        };
        Ok(Self::with(scheme, settings, host, uri, request(grant)))
    }

    fn with(
        scheme: usize,
        settings: &'static ClientCredentials,
        host: Option<Endpoint>,
        uri: Option<Uri>,
        request: PreparedRequest,
    ) -> Self {
        let (token, turn) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { scheme, settings, host, uri, request, token, turn }
    }

    /// The same without a token, and without locks that another process may hold.
    pub fn reconnect_after_fork(&self) -> Self {
        let host = self.host.as_ref().map(Endpoint::reconnect_after_fork);
        Self::with(self.scheme, self.settings, host, self.uri.clone(), self.request.clone())
    }

    /// The same for another account, over the same connections.
    pub fn with_grant(&self, grant: &Grant, authenticator: Arc<Authenticator>) -> Self {
        let host = self.host.as_ref().map(|host| host.with_authenticator(authenticator));
        Self::with(self.scheme, self.settings, host, self.uri.clone(), request(grant))
    }

    /// Position of the scheme.
    pub fn scheme(&self) -> usize {
        self.scheme
    }

    /// Runs the attempts of a call with a token, all within `timeout`. After a 401 the token is dropped, and a call that can
    /// be repeated goes out once more with a new one.
    pub async fn run(
        &self,
        base: &Endpoint,
        attempts: &Attempts<'_>,
        timeout: Duration,
        endpoint: &Endpoint,
        build: impl Fn(Option<&HeaderValue>) -> Request<Bytes>,
    ) -> Result<BufferedResponse, Error> {
        let started = Instant::now();
        let mut may_have_happened = false;
        let mut is_renewed = false;
        loop {
            let remaining = timeout.saturating_sub(started.elapsed());
            let token = self.fetched(base, attempts, remaining).await.map_err(|error| {
                error
                    .with_operation(attempts.context.operation)
                    .with_may_have_happened(may_have_happened)
            })?;
            let remaining = timeout.saturating_sub(started.elapsed());
            let send = || build(Some(&token));
            let result = attempts.run(remaining, &endpoint.transport, send).await;
            let Err(error) = result else { return result };
            let error = error.with_may_have_happened(may_have_happened);
            if error.status() != Some(401) {
                return Err(error);
            }
            self.drop_token(&token);
            if is_renewed || !attempts.context.goes_out_with_other_keys(&error) {
                return Err(error);
            }
            is_renewed = true;
            may_have_happened = error.may_have_happened();
        }
    }

    /// The token that is held, or a new one.
    async fn fetched(
        &self,
        base: &Endpoint,
        attempts: &Attempts<'_>,
        timeout: Duration,
    ) -> Result<HeaderValue, Error> {
        let asked = Instant::now();
        if let Some(token) = self.current() {
            return Ok(token);
        }
        let Ok(mut failed) = tokio::time::timeout(timeout, self.turn.lock()).await else {
            return Err(Failure::late().error());
        };
        if let Some(token) = self.current() {
            return Ok(token);
        }
        if let Some(cause) = failed.as_ref().filter(|cause| cause.at > asked) {
            return Err(cause.error());
        }
        let remaining = timeout.saturating_sub(asked.elapsed());
        match self.fetch(base, attempts, remaining).await {
            Ok(token) => {
                *failed = None;
                *self.slot() = Some(token.clone());
                Ok(token.authorization)
            }
            Err(cause) => {
                let error = cause.error();
                // Those who wait may have more time than this call had.
                *failed = (cause.kind != ErrorKind::ApiTimeout).then_some(cause);
                Err(error)
            }
        }
    }

    async fn fetch(
        &self,
        base: &Endpoint,
        attempts: &Attempts<'_>,
        timeout: Duration,
    ) -> Result<Token, Failure> {
        let endpoint = self.host.as_ref().unwrap_or(base);
        let Some(uri) = &self.uri else {
            let message = format!(
                "tokens are given at {}, and nothing says where for this environment; pass `base_url`",
                self.settings.token_url
            );
            return Err(Failure::new(ErrorKind::Configuration, message));
        };
        let attempts =
            Attempts { context: CONTEXT, is_json: false, fate: None, slot: None, ..*attempts };
        let build = || endpoint.build_request(&self.request, uri, &[], &[], None);
        let asked = Instant::now();
        let result = attempts.run(timeout, &endpoint.transport, build).await;
        match result {
            Ok(response) => read(response, asked),
            Err(error) => Err(self.cause(&error)),
        }
    }

    /// Why an error leaves the call without a token. The vendor's own words are left out, but for the code of RFC 6749: they
    /// could repeat what was sent.
    fn cause(&self, error: &Error) -> Failure {
        let Some(status) = error.status() else {
            let (kind, problem) = (error.kind(), error.message());
            let problem = problem.strip_suffix("; nothing was sent").unwrap_or(problem);
            return Failure::new(kind, format!("no token: {problem}; the call was not sent"));
        };
        let body: Value =
            error.body().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
        let is_code = |code: &&str| {
            code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        let code = body.get("error").and_then(Value::as_str).filter(is_code);
        let code = code.map(|code| format!(" ({code})")).unwrap_or_default();
        let ClientCredentials { client_id, client_secret, .. } = self.settings;
        let way_out = match status {
            400..=407 => format!("; check `{client_id}` and `{client_secret}`"),
            _ => String::new(),
        };
        let message = format!(
            "no token: the vendor answered {status}{code} where it gives them; the call was not sent{way_out}"
        );
        let response = Some((status, Box::new(error.headers().clone())));
        Failure { response, ..Failure::new(ErrorKind::Authentication, message) }
    }

    /// The token that is held, unless it is about to run out.
    fn current(&self) -> Option<HeaderValue> {
        let slot = self.slot();
        let token = slot.as_ref().filter(|token| !token.is_due(Instant::now()))?;
        Some(token.authorization.clone())
    }

    /// Drops a token that the vendor did not take, unless another took its slot already.
    fn drop_token(&self, refused: &HeaderValue) {
        let mut slot = self.slot();
        if slot.as_ref().is_some_and(|token| token.authorization == *refused) {
            *slot = None;
        }
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Token>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The request for a token; its target is that of the source.
fn request(grant: &Grant) -> PreparedRequest {
    let headers = grant.authorization.iter().map(|value| (AUTHORIZATION, value.clone()));
    PreparedRequest {
        method: Method::POST,
        target: PathAndQuery::from_static("/"),
        body: Some(grant.body.clone()),
        media_type: FORM,
        headers: headers.collect(),
    }
}

/// Reads a token that was given to a request of this time.
fn read(response: BufferedResponse, asked: Instant) -> Result<Token, Failure> {
    let BufferedResponse { status, headers, body, .. } = response;
    let body = Zeroizing::new(body);
    let granted = serde_json::from_slice::<Granted>(&body).ok();
    let expires_in = granted.as_ref().and_then(|granted| seconds(granted.expires_in.as_ref()?));
    let token = granted.map(|granted| Zeroizing::new(granted.access_token));
    let header = token.filter(|token| !token.trim().is_empty()).and_then(|token| {
        let value = Zeroizing::new(["Bearer ", &token].concat());
        HeaderValue::from_str(&value).ok()
    });
    let Some(mut authorization) = header else {
        let message = format!(
            "no token: the response ({status}) has no `access_token` that can be sent; the call was not sent"
        );
        let response = Some((status, Box::new(headers)));
        return Err(Failure { response, ..Failure::new(ErrorKind::Authentication, message) });
    };
    authorization.set_sensitive(true);
    let renew_at = expires_in
        .and_then(|lifetime| asked.checked_add(lifetime.saturating_sub(MARGIN.min(lifetime / 10))));
    Ok(Token { authorization, renew_at })
}

fn seconds(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    Duration::try_from_secs_f64(seconds?).ok()
}

impl Failure {
    fn new(kind: ErrorKind, message: String) -> Self {
        Self { at: Instant::now(), kind, message, response: None }
    }

    fn late() -> Self {
        let message = "no token within the time for the call; the call was not sent";
        Self::new(ErrorKind::ApiTimeout, message.into())
    }

    fn error(&self) -> Error {
        let error = Error::new(self.kind, self.message.clone()).with_nothing_sent();
        match &self.response {
            Some((status, headers)) => {
                error.with_response(*status, HeaderMap::clone(headers), String::new())
            }
            None => error,
        }
    }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
