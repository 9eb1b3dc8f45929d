//! What every call of a client has unless it says otherwise, and clients that differ in nothing else.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

use super::{Core, Inner, headers};
use crate::error::Error;

/// What [`Core::with_options`] changes; what is not given stays as it is.
#[derive(Clone, Default)]
pub struct ClientDefaults {
    /// Time for a call with all its attempts.
    pub timeout: Option<Duration>,
    /// How many times a call may be tried again where that is safe.
    pub max_retries: Option<u32>,
    /// Headers of every call, beside those that the client has already; of two with one name this one counts.
    pub headers: Vec<(String, String)>,
    /// Whether a record that says that it failed is an error.
    pub raise_on_failed: Option<bool>,
}

/// Shows no value of a header: a caller may put a secret there.
impl std::fmt::Debug for ClientDefaults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientDefaults")
            .field("timeout", &self.timeout)
            .field("max_retries", &self.max_retries)
            .field("headers", &headers::names(&self.headers))
            .field("raise_on_failed", &self.raise_on_failed)
            .finish()
    }
}

impl ClientDefaults {
    /// Time for a call with all its attempts.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How many times a call may be tried again where that is safe.
    #[must_use]
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// Adds a header of every call.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Whether a record that says that it failed is an error.
    #[must_use]
    pub fn raise_on_failed(mut self, raise: bool) -> Self {
        self.raise_on_failed = Some(raise);
        self
    }
}

impl Core {
    /// The same client with other defaults: it shares connections, credentials and journal with this one.
    pub fn with_options(&self, defaults: &ClientDefaults) -> Result<Self, Error> {
        let Inner { hosts, settings } = &*self.0;
        let mut settings = settings.clone();
        let checked = checked_headers(&hosts.current().base.authenticator, &defaults.headers)
            .map_err(Error::configuration)?;
        settings.headers.retain(|(name, _)| checked.iter().all(|(new, _)| new != name));
        settings.headers.extend(checked);
        if let Some(timeout) = defaults.timeout {
            if timeout.is_zero() {
                return Err(Error::configuration("a timeout must be more than 0 seconds"));
            }
            settings.timeout = timeout;
        }
        settings.max_retries = defaults.max_retries.unwrap_or(settings.max_retries);
        settings.raise_on_failed = defaults.raise_on_failed.unwrap_or(settings.raise_on_failed);
        Ok(Self(Arc::new(Inner { hosts: hosts.clone(), settings })))
    }
}

/// Headers of every call, or what is wrong with them.
pub(super) fn checked_headers(
    authenticator: &crate::auth::Authenticator,
    given: &[(String, String)],
) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    if given.iter().any(|(name, _)| name.eq_ignore_ascii_case("idempotency-key")) {
        return Err("`headers` must not set idempotency-key: a key is of one call".to_owned());
    }
    headers::checked(given, |name| authenticator.is_reserved(name))
        .map_err(|problem| format!("`headers` {problem}"))
}

#[cfg(test)]
mod tests {
    use super::super::CallOptions;
    use super::*;

    #[test]
    fn values_of_headers_and_queries_are_not_shown() {
        let pair = || vec![("x-token".to_owned(), "canary-1".to_owned())];
        let defaults = ClientDefaults { headers: pair(), ..ClientDefaults::default() };
        let options = CallOptions {
            headers: pair(),
            extra_query: pair(),
            idempotency_key: Some("canary-1".to_owned()),
            ..CallOptions::default()
        };
        for shown in [format!("{defaults:?}"), format!("{options:?}")] {
            assert!(shown.contains("x-token") && !shown.contains("canary-1"), "{shown}");
        }
    }
}
