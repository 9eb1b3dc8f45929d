//! Puts authentication on a request, by the scheme of the provider's table, or by those of its schemes that the operation
//! names.
//!
//! Runs once per attempt, last, so that a signature is always fresh and always over the bytes that leave. May use the
//! layers above; knows nothing of connections, retries or the client that sends the request.

use http::header::{HeaderName, HeaderValue};
use http::request::Parts;

use crate::error::Error;
use crate::schema::{Alternatives, Auth, EmptyBody, Provider, Security};

mod credentials;
mod grant;
mod keys;
#[cfg(feature = "tower")]
mod layer;
#[cfg(feature = "reqwest-middleware")]
mod middleware;
mod plain_http;
#[cfg(any(feature = "progenitor", feature = "reqwest-middleware"))]
mod reqwest;
mod sign;
mod source;

pub use credentials::Credentials;
pub(crate) use grant::Grant;
use keys::{Keys, wanted};
#[cfg(feature = "tower")]
pub use layer::{AuthFuture, AuthLayer, AuthService};
#[cfg(feature = "reqwest-middleware")]
pub use middleware::AuthMiddleware;
pub(crate) use plain_http::is_this_machine;
pub(crate) use sign::keyed;
pub use sign::{canonical_string, sign};
pub use source::{Credential, Raised};

/// Authentication ready for use: keys checked, static headers built.
pub struct Authenticator {
    provider: &'static Provider,
    /// By the position of their scheme; none where the client lacks a credential.
    schemes: Vec<Option<Keys>>,
    /// The schemes of a request of which no operation says more; none where the client has too few credentials.
    default: Option<Chosen>,
    /// Whether plain HTTP may lead to another machine.
    allows_insecure_http: bool,
    /// Whether a credential was not read yet: nothing can be authenticated before that.
    is_pending: bool,
    /// Whether a file or function gives some of the credentials.
    is_read_again: bool,
}

/// Positions of the schemes that authenticate a request.
pub(crate) type Chosen = &'static [usize];

/// Shows nothing of it.
impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

impl Authenticator {
    /// Builds the keys of a provider. What is missing comes from the environment. Files and functions are read once, here.
    pub fn new(provider: &'static Provider, credentials: Credentials) -> Result<Self, Error> {
        let mut credentials = credentials;
        credentials.resolve(provider)?;
        let authenticator = Self::of(provider, &credentials)?;
        if authenticator.is_pending {
            return Err(Error::configuration(format!(
                "{}: a credential has to be awaited, which payglot's own client does; pass its value",
                provider.title
            )));
        }
        Ok(authenticator)
    }

    /// Builds the keys of credentials that were resolved; some may be pending.
    pub(crate) fn of(
        provider: &'static Provider,
        credentials: &Credentials,
    ) -> Result<Self, Error> {
        let mut authenticator = Self {
            provider,
            schemes: Vec::new(),
            default: None,
            allows_insecure_http: credentials.allow_insecure_http(),
            is_pending: credentials.is_pending(),
            is_read_again: credentials.are_read_again(),
        };
        let Auth::Schemes(all) = provider.auth else {
            let keys = Keys::new(&provider.auth, provider.title, credentials)?;
            authenticator.schemes = vec![Some(keys)];
            authenticator.default = Some(&[0]);
            return Ok(authenticator);
        };
        let schemes = all.schemes.iter().map(|scheme| {
            let has_all = names(provider, scheme).all(|name| credentials.get(name).is_some());
            has_all.then(|| Keys::new(scheme, provider.title, credentials)).transpose()
        });
        authenticator.schemes = schemes.collect::<Result<_, _>>()?;
        authenticator.default = authenticator.first(all.default);
        Ok(authenticator)
    }

    /// Whether a credential was not read yet.
    pub(crate) fn is_pending(&self) -> bool {
        self.is_pending
    }

    /// Whether a file or function gives some of the credentials, so that others may come.
    pub(crate) fn is_read_again(&self) -> bool {
        self.is_read_again
    }

    /// Signs with another contribution of an empty body than the provider's. Where nothing is signed, this changes
    /// nothing.
    #[must_use]
    pub fn with_empty_body(mut self, empty_body: EmptyBody) -> Self {
        for keys in self.schemes.iter_mut().flatten() {
            keys.set_empty_body(empty_body);
        }
        self
    }

    /// The schemes that authenticate an operation. Fails where the client has the credentials of none of its
    /// alternatives.
    pub(crate) fn choose(&self, security: Security) -> Result<Chosen, Error> {
        if self.is_pending {
            return Err(Error::configuration("a credential was not read; nothing was sent"));
        }
        let (found, alternatives) = match (security, self.provider.auth) {
            (Security::AnyOf(alternatives), _) => (self.first(alternatives), alternatives),
            (Security::Provider, Auth::Schemes(all)) => (self.default, all.default),
            (Security::Provider, _) => (self.default, [].as_slice()),
        };
        found.ok_or_else(|| missing(self.provider, alternatives))
    }

    /// The first combination that the client has the credentials of.
    fn first(&self, alternatives: Alternatives) -> Option<Chosen> {
        let has = |scheme: &usize| self.schemes.get(*scheme).is_some_and(Option::is_some);
        match alternatives {
            [] => Some(&[]),
            some => some.iter().copied().find(|chosen| chosen.iter().all(has)),
        }
    }

    /// Whether these are the schemes of a request of which no operation says more.
    pub(crate) fn is_default(&self, chosen: Chosen) -> bool {
        self.default == Some(chosen)
    }

    /// Every header that the default schemes set on a request, with its value where that is the same on all of them.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&HeaderName, Option<&HeaderValue>)> {
        self.keys(self.default.unwrap_or_default()).flat_map(Keys::headers)
    }

    /// Whether a header is one of those that authenticate, and so not the caller's to set.
    pub fn is_reserved(&self, name: &HeaderName) -> bool {
        self.schemes.iter().flatten().flat_map(Keys::headers).any(|(own, _)| own == name)
    }

    /// Authenticates one request: sets its headers, or its query parameter. `body` is the bytes that leave.
    ///
    /// Path and query are signed as they stand in the URI, so nothing may change them afterwards. Where an API has several
    /// schemes, these are the first that it takes and that there are credentials for.
    pub fn authenticate(&self, parts: &mut Parts, body: &[u8]) {
        self.authenticate_by(self.default.unwrap_or_default(), parts, body);
    }

    /// Authenticates one request by the schemes that were chosen for it.
    pub(crate) fn authenticate_by(&self, chosen: Chosen, parts: &mut Parts, body: &[u8]) {
        for keys in self.keys(chosen) {
            keys.authenticate(parts, body);
        }
    }

    /// What tokens are asked for by, with the positions of their schemes.
    pub(crate) fn grants(&self) -> impl Iterator<Item = (usize, &Grant)> {
        let schemes = self.schemes.iter().enumerate();
        schemes.filter_map(|(position, keys)| Some((position, keys.as_ref()?.grant()?)))
    }

    /// Fails where a request needs a token: only payglot's own client fetches one.
    pub(crate) fn check_needs_no_token(&self, chosen: Chosen) -> Result<(), Error> {
        if self.keys(chosen).any(|keys| keys.grant().is_some()) {
            return Err(Error::invalid_request(
                "authentication",
                "needs a token, which payglot's own client fetches and renews; make the call with it. Nothing was sent",
            ));
        }
        Ok(())
    }

    fn keys(&self, chosen: Chosen) -> impl Iterator<Item = &Keys> {
        chosen.iter().filter_map(|scheme| self.schemes.get(*scheme)?.as_ref())
    }
}

/// The credentials that a scheme takes.
fn names<'p>(provider: &'p Provider, scheme: &Auth) -> impl Iterator<Item = &'p str> {
    wanted(scheme, provider.credentials.iter().map(|credential| credential.name))
}

/// The error for a client that has the credentials of no alternative.
fn missing(provider: &'static Provider, alternatives: Alternatives) -> Error {
    let Auth::Schemes(all) = provider.auth else {
        return Error::configuration(format!("{}: credentials are missing", provider.title));
    };
    let combination = |chosen: &&Chosen| {
        let schemes = chosen.iter().filter_map(|scheme| all.schemes.get(*scheme));
        let names = schemes.flat_map(|scheme| names(provider, scheme));
        names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")
    };
    let wanted: Vec<String> = alternatives.iter().map(|chosen| combination(&chosen)).collect();
    Error::configuration(format!(
        "{}: the call needs {}, and the client has no such credentials; pass them to the client or set their variables",
        provider.title,
        wanted.join(", or ")
    ))
}

/// The error for a body that is not in memory as a whole.
#[cfg(any(feature = "progenitor", feature = "reqwest-middleware", feature = "tower"))]
fn streaming_body() -> Error {
    Error::invalid_request(
        "body",
        "is a stream, which cannot be signed; pass bytes. Nothing was sent",
    )
}
