//! Authenticates requests by the provider's scheme in the tables. Written independently of the client's signing,
//! so that each is a test of the other.
//!
//! May use [`crate::basics`] and the tables of [`payglot::schema`]. Must not know operations, state or HTTP servers.

mod canonical;
mod hint;
mod hmac;
mod signature_check;
mod template;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payglot::schema::{Auth, Provider, Security};
use serde::Serialize;
use subtle::ConstantTimeEq;

use crate::basics::Credentials;

/// What an empty body adds to the canonical string. Upstream does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EmptyBody {
    /// The SHA-256 of nothing.
    Hash,
    /// Nothing.
    Omit,
    /// Both.
    #[default]
    Either,
}

/// The parts of a request that authentication reads, exactly as received.
#[derive(Clone, Copy)]
pub(crate) struct ReceivedRequest<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub query: Option<&'a str>,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// The outcome of authentication, for the log. It never holds a secret or an expected signature.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Check {
    result: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What a correct signature signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    canonical_expected: Option<String>,
    /// What the signature was made over, if the usual mistakes explain it.
    #[serde(skip_serializing_if = "Option::is_none")]
    canonical_received: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_received: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    #[default]
    NotNeeded,
    Passed,
    Failed,
}

impl Check {
    fn passed() -> Self {
        Self { result: Outcome::Passed, ..Self::default() }
    }

    fn failed(reason: impl Into<String>) -> Self {
        Self { result: Outcome::Failed, reason: Some(reason.into()), ..Self::default() }
    }

    /// The same with every text changed.
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        let change = |text: &Option<String>| text.as_deref().map(&change);
        Self {
            result: self.result,
            reason: change(&self.reason),
            canonical_expected: change(&self.canonical_expected),
            canonical_received: change(&self.canonical_received),
            signature_received: change(&self.signature_received),
        }
    }

    /// What should have been signed and what was, as far as it is known.
    pub fn canonical(&self) -> (Option<&str>, Option<&str>) {
        (self.canonical_expected.as_deref(), self.canonical_received.as_deref())
    }

    pub fn signature(&self) -> Option<&str> {
        self.signature_received.as_deref()
    }

    /// Why authentication failed; `None` if it did not.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    pub fn result(&self) -> &'static str {
        match self.result {
            Outcome::NotNeeded => "not_needed",
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
        }
    }
}

/// The sandbox's credentials and how strictly signatures are read.
pub(crate) struct Verifier {
    pub credentials: Credentials,
    pub empty_body: EmptyBody,
    pub static_signature: bool,
    /// Whether input that the documents do not declare is an error.
    pub strict: bool,
}

impl Verifier {
    /// What an operation asks for: one of its alternatives, whole.
    pub fn verify(
        &self,
        provider: &Provider,
        security: Security,
        received: &ReceivedRequest<'_>,
    ) -> Check {
        let (schemes, alternatives) = match (provider.auth, security) {
            (_, Security::AnyOf([])) => return Check::default(),
            (Auth::Schemes(all), Security::AnyOf(alternatives)) => (all.schemes, alternatives),
            (Auth::Schemes(all), Security::Provider) => (all.schemes, all.default),
            (one, _) => return self.scheme(provider, &one, received),
        };
        let mut last = Check::default();
        for combination in alternatives {
            let checks = combination.iter().filter_map(|scheme| schemes.get(*scheme));
            let failed = checks
                .map(|scheme| self.scheme(provider, scheme, received))
                .find(|check| check.reason().is_some());
            let Some(failed) = failed else { return Check::passed() };
            last = failed;
        }
        last
    }

    fn scheme(&self, provider: &Provider, auth: &Auth, received: &ReceivedRequest<'_>) -> Check {
        let outcome = match auth {
            Auth::None | Auth::Schemes(_) => return Check::default(),
            Auth::Hmac(scheme) => return self.hmac(provider, scheme, received),
            Auth::Headers(headers) => headers.iter().try_for_each(|(header, template)| {
                self.credentials_in(provider, received, header, template).map(drop)
            }),
            Auth::Bearer(name) => {
                let template = format!("Bearer {{{name}}}");
                self.credentials_in(provider, received, "Authorization", &template).map(drop)
            }
            Auth::Basic(user, password) => self.basic(provider, received, user, password),
            Auth::Query(parameter, name) => self.query_key(provider, received, parameter, name),
            // None of the providers that the sandbox stands in for takes one.
            Auth::ClientCredentials(_) => Err("the sandbox gives no tokens".to_owned()),
        };
        outcome.map_or_else(Check::failed, |()| Check::passed())
    }

    /// Reads a header by its template, checks the credentials in it, and returns the other values.
    fn credentials_in<'t, 'r>(
        &self,
        provider: &Provider,
        received: &ReceivedRequest<'r>,
        header: &str,
        template: &'t str,
    ) -> Result<Vec<(&'t str, &'r str)>, String> {
        let text = header_text(received.headers, header)?;
        // One header has all cookies.
        let own = template.split_once('=').map_or(template, |(name, _)| name);
        let is_own = |cookie: &&str| cookie.split_once('=').is_some_and(|(name, _)| name == own);
        let text = if header.eq_ignore_ascii_case("cookie") {
            text.split("; ").find(is_own).unwrap_or(text)
        } else {
            text
        };
        let values = template::read(template, text)
            .ok_or_else(|| format!("{header} does not have the form {template}"))?;
        let mut others = Vec::new();
        for (name, value) in values {
            match self.credential(provider, name) {
                Some(expected) if same(expected, value) => {}
                Some(_) => return Err(unknown(name, header)),
                None => others.push((name, value)),
            }
        }
        Ok(others)
    }

    fn basic(
        &self,
        provider: &Provider,
        received: &ReceivedRequest<'_>,
        user: &str,
        password: &str,
    ) -> Result<(), String> {
        let text = header_text(received.headers, "Authorization")?;
        let expected = self.credential(provider, user).zip(self.credential(provider, password));
        let expected =
            expected.map(|(user, password)| STANDARD.encode(format!("{user}:{password}")));
        match expected {
            Some(expected) if same(&format!("Basic {expected}"), text) => Ok(()),
            _ => Err(unknown(user, "Authorization")),
        }
    }

    fn query_key(
        &self,
        provider: &Provider,
        received: &ReceivedRequest<'_>,
        parameter: &str,
        name: &str,
    ) -> Result<(), String> {
        let mut pairs = form_urlencoded::parse(received.query.unwrap_or_default().as_bytes());
        let (_, value) = pairs
            .find(|(key, _)| key == parameter)
            .ok_or_else(|| format!("missing query parameter {parameter}"))?;
        match self.credential(provider, name) {
            Some(expected) if same(expected, &value) => Ok(()),
            _ => Err(unknown(name, &format!("query parameter {parameter}"))),
        }
    }

    /// The value of a provider's credential by the name its templates use.
    fn credential(&self, provider: &Provider, name: &str) -> Option<&str> {
        let credential = provider.credentials.iter().find(|credential| credential.name == name)?;
        self.credentials.by_env(credential.env)
    }
}

fn header_text<'r>(headers: &'r HeaderMap, header: &str) -> Result<&'r str, String> {
    let value = headers.get(header).ok_or_else(|| format!("missing header {header}"))?;
    value.to_str().map_err(|_| format!("{header} is not plain text"))
}

fn unknown(credential: &str, location: &str) -> String {
    format!("unknown {} in {location}", credential.replace('_', " "))
}

/// Compares in constant time.
fn same(expected: &str, received: &str) -> bool {
    expected.as_bytes().ct_eq(received.as_bytes()).into()
}
