//! Who may use the sandbox: the host names it is known by, and the token that changes need.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::uri::Authority;
use subtle::ConstantTimeEq as _;

use crate::basics::{Error, Secret};

/// Shortest token taken, in characters.
const SHORTEST_TOKEN: usize = 16;

/// The host names that are served, and the token.
pub(crate) struct Access {
    /// In lower case.
    names: Vec<String>,
    listening: IpAddr,
    pub token: Secret,
}

impl Access {
    /// `names` are served beside those of this machine. Fails where one is no host name, or the token is too short or
    /// cannot stand in a header.
    pub fn new(names: &[String], listening: IpAddr, token: Secret) -> Result<Self, Error> {
        if let Some(name) = names.iter().find(|name| !is_host_name(name)) {
            let reason = format!("{name:?} is not a host name, which has no scheme, port or path");
            return Err(Error::Access(reason));
        }
        let text = token.expose();
        if text.len() < SHORTEST_TOKEN || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            let reason = "the token (PAYGLOT_SANDBOX_TOKEN) should have at least 16 visible characters of ASCII";
            return Err(Error::Access(reason.to_owned()));
        }
        let names = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        Ok(Self { names, listening, token })
    }

    /// Whether the value of a `Host` header, or the authority of a URL, names this sandbox. A page elsewhere can make its
    /// own name lead here, but not one of these.
    pub fn is_own(&self, authority: &str) -> bool {
        let Ok(authority) = authority.parse::<Authority>() else { return false };
        let host = authority.host();
        // With user information the authority is longer than host and port.
        if !authority.as_str().starts_with(host) {
            return false;
        }
        if let Some(ip) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            return ip.parse::<Ipv6Addr>().is_ok_and(|ip| self.is_own_address(ip.into()));
        }
        if let Ok(ip) = host.parse::<Ipv4Addr>() {
            return self.is_own_address(ip.into());
        }
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        host == "localhost" || self.names.contains(&host)
    }

    /// No name stands for an address that is given as such.
    fn is_own_address(&self, ip: IpAddr) -> bool {
        ip.is_loopback() || (ip == self.listening && !ip.is_unspecified())
    }

    pub fn is_token(&self, given: &[u8]) -> bool {
        self.token.expose().as_bytes().ct_eq(given).into()
    }
}

fn is_host_name(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !name.is_empty() && name.len() <= 253 && name.bytes().all(is_part) && !name.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(names: &[&str], listening: &str, token: &str) -> Result<Access, Error> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        Access::new(&names, listening.parse().unwrap(), Secret::new(token.to_owned()))
    }

    const TOKEN: &str = "0123456789abcdef";

    #[test]
    fn issue_12_28_only_names_of_this_machine_and_allowed_ones_are_own() {
        let access = access(&["Sandbox.Local"], "0.0.0.0", TOKEN).unwrap();
        for own in [
            "localhost",
            "localhost:8787",
            "LOCALHOST",
            "localhost.",
            "127.0.0.1:1",
            "127.9.8.7",
            "[::1]:8787",
            "[::1]",
            "sandbox.local",
            "SANDBOX.local:80",
        ] {
            assert!(access.is_own(own), "{own}");
        }
        for other in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "x@localhost",
            "localhost:1@evil",
            "0.0.0.0",
            "10.0.0.1",
            "[::2]",
            "::1",
            "127.1",
            "0x7f.0.0.1",
            "sandbox.local.evil",
            "local",
            "localhost/",
            "localhost,evil.example",
            "127.0.0.1@evil.example",
            " localhost",
        ] {
            assert!(!access.is_own(other), "{other}");
        }
    }

    #[test]
    fn issue_12_28_the_address_that_was_asked_for_is_own() {
        let access = access(&[], "192.0.2.7", TOKEN).unwrap();
        assert!(access.is_own("192.0.2.7:8787") && !access.is_own("192.0.2.8:8787"));
    }

    #[test]
    fn issue_12_28_settings_that_cannot_be_right_are_errors() {
        for name in ["", "http://x", "x:80", "*", "a b", "x/", "x."] {
            assert!(access(&[name], "127.0.0.1", TOKEN).is_err(), "{name}");
        }
        for token in ["", "short", "0123456789abcde f", "0123456789abcdeé"] {
            let Err(error) = access(&[], "127.0.0.1", token) else { panic!("{token}") };
            assert!(!error.to_string().contains("0123"), "{error}");
        }
    }
}
