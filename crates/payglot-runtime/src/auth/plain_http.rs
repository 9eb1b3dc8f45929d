//! Where `http://` may lead: to this machine, or to where it was allowed. Whoever is between could read keys.

use http::Uri;

use super::Authenticator;
use crate::error::Error;
use crate::variables::ALLOW_INSECURE_HTTP;

impl Authenticator {
    /// Whether requests over `http://` to another machine are authenticated, as within a network of your own. Otherwise
    /// the environment's `PAYGLOT_ALLOW_INSECURE_HTTP=1` allows it.
    #[must_use]
    pub fn allow_insecure_http(mut self, allow: bool) -> Self {
        self.allows_insecure_http |= allow;
        self
    }

    /// Fails where a request would leave as plain text for another machine.
    /// Fails, too, where the API wants a token: a program's own HTTP client has none.
    pub fn check_destination(&self, uri: &Uri) -> Result<(), Error> {
        self.check_needs_no_token(self.default.unwrap_or_default())?;
        self.check_plain_http(uri)
    }

    /// Fails where a request would leave as plain text for another machine.
    pub(crate) fn check_plain_http(&self, uri: &Uri) -> Result<(), Error> {
        let is_refused = uri.scheme_str() == Some("http")
            && !self.allows_insecure_http
            && !uri.host().is_some_and(is_this_machine);
        if is_refused {
            return Err(Error::invalid_request(
                "url",
                format!(
                    "begins with http:// and leads to another machine, so that whoever is between could read keys and \
                     change payments; use https://, or, within a network of your own, set `allow_insecure_http` or \
                     {ALLOW_INSECURE_HTTP}=1. Nothing was sent"
                ),
            ));
        }
        Ok(())
    }
}

/// Whether a host is this machine, by its address or by a name that stands for it alone (RFC 6761).
pub(crate) fn is_this_machine(host: &str) -> bool {
    let name = host.trim_matches(['[', ']']).to_ascii_lowercase();
    let name = name.strip_suffix('.').unwrap_or(&name);
    name.parse::<std::net::IpAddr>().map_or_else(
        |_| name == "localhost" || name.ends_with(".localhost"),
        |address| address.to_canonical().is_loopback(),
    )
}
