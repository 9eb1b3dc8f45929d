//! Which proxy a host is reached by: the client's own, or the one that the environment names, by curl's rules.

use std::net::IpAddr;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use zeroize::Zeroizing;

use super::dial::without_brackets;
use crate::error::Error;
use crate::variables::{HTTP_PROXY, HTTPS_PROXY, NO_PROXY, Variables};

/// What a client was told about proxies.
#[derive(Clone, Default)]
pub(crate) enum ProxyChoice {
    /// What the environment or the system says.
    #[default]
    Environment,
    /// None, whatever the environment says.
    Direct,
    /// This one, whatever the environment says.
    Url(Zeroizing<String>),
}

/// The proxy that the client's host is reached by.
#[derive(Clone)]
pub(super) struct Proxy {
    pub uri: Uri,
    pub authorization: Option<HeaderValue>,
}

impl Proxy {
    /// The proxy for `host`, if there is one.
    pub fn choose(
        choice: &ProxyChoice,
        variables: &Variables,
        host: &Uri,
    ) -> Result<Option<Self>, Error> {
        match choice {
            ProxyChoice::Direct => Ok(None),
            ProxyChoice::Url(url) => Self::read(url, host, "`proxy`").map(Some),
            ProxyChoice::Environment => Self::of_environment(variables, host),
        }
    }

    fn of_environment(variables: &Variables, host: &Uri) -> Result<Option<Self>, Error> {
        if variables.first_of(&NO_PROXY).is_some_and(|list| is_listed(&list, host)) {
            return Ok(None);
        }
        let is_http = host.scheme_str() == Some("http");
        let names = if is_http { HTTP_PROXY.as_slice() } else { HTTPS_PROXY.as_slice() };
        let found = names.iter().find_map(|name| Some((name, variables.get(name)?)));
        match found {
            Some((name, url)) => {
                Self::read(&url, host, &format!("the environment variable {name}")).map(Some)
            }
            None => Ok(of_system(host)),
        }
    }

    /// Reads a proxy's URL; a name without a scheme is one that speaks HTTP. The URL is not repeated in the message:
    /// it may hold a password.
    fn read(url: &str, host: &Uri, name: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::configuration(format!(
                "{name} is not a URL such as http://host:3128; http and https proxies are known"
            ))
        };
        // A space at the end comes with copying.
        let text = url.trim();
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let whole = Zeroizing::new(whole);
        let parsed = url::Url::parse(&whole).map_err(|_| wrong())?;
        let is_bare = matches!(parsed.path(), "" | "/")
            && parsed.query().is_none()
            && parsed.fragment().is_none();
        if !matches!(parsed.scheme(), "http" | "https") || !is_bare {
            return Err(wrong());
        }
        let matcher = Matcher::builder().all(whole.as_str()).build();
        let found = matcher.intercept(host).ok_or_else(wrong)?;
        if found.uri().host().is_none_or(str::is_empty) {
            return Err(wrong());
        }
        Ok(found.into())
    }
}

impl From<Intercept> for Proxy {
    fn from(found: Intercept) -> Self {
        let authorization = found.basic_auth().cloned().map(|mut value| {
            value.set_sensitive(true);
            value
        });
        Self { uri: found.uri().clone(), authorization }
    }
}

/// The proxy in the settings of macOS and Windows. They are read together with the process's variables, so they are
/// left alone where there are any: what those say is for the language to hand down.
fn of_system(host: &Uri) -> Option<Proxy> {
    let has_settings = cfg!(any(target_os = "macos", windows));
    let process = Variables::default();
    let names = [HTTP_PROXY.as_slice(), &HTTPS_PROXY, &NO_PROXY, &["HTTP_PROXY", "REQUEST_METHOD"]];
    if !has_settings || names.iter().any(|names| process.first_of(names).is_some()) {
        return None;
    }
    Matcher::from_system().intercept(host).map(Proxy::from)
}

/// Whether `NO_PROXY` lists a host: `*` is every host, a name stands for itself and all names that end in it, with or
/// without a dot in front; an address may have brackets or be a network; a port behind it must be the host's.
fn is_listed(list: &str, host: &Uri) -> bool {
    let Some(name) = host.host() else { return false };
    let name = without_brackets(name);
    let name = name.strip_suffix('.').unwrap_or(name);
    let address: Option<IpAddr> = name.parse().ok();
    let default_port = if host.scheme_str() == Some("http") { 80 } else { 443 };
    let port = host.port_u16().unwrap_or(default_port);
    let mut entries = list.split(|c: char| c == ',' || c.is_whitespace());
    entries.any(|entry| {
        let (pattern, wanted_port) = with_port(entry);
        if wanted_port.is_some_and(|wanted| wanted != port) {
            return false;
        }
        match address {
            _ if pattern == "*" => true,
            Some(address) => is_in(pattern, address),
            None => is_name_of(pattern, name),
        }
    })
}

/// An entry without its port. An IPv6 address has colons of its own, unless it stands in brackets.
fn with_port(entry: &str) -> (&str, Option<u16>) {
    let split = match entry.rsplit_once(':') {
        Some((before, port)) if !before.contains(':') || before.ends_with(']') => {
            port.parse().ok().map(|port| (before, port))
        }
        _ => None,
    };
    split.map_or((entry, None), |(before, port)| (before, Some(port)))
}

/// Whether an address is the pattern's, or in its network.
fn is_in(pattern: &str, address: IpAddr) -> bool {
    let (network, bits) = match pattern.split_once('/') {
        Some((network, bits)) => match bits.parse::<u32>() {
            Ok(bits) => (network, Some(bits)),
            Err(_) => return false,
        },
        None => (pattern, None),
    };
    let Ok(network) = without_brackets(network).parse::<IpAddr>() else { return false };
    let (network, address, length) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            (u128::from(network.to_bits()), u128::from(address.to_bits()), 32)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let free = length - bits.unwrap_or(length).min(length);
    network.checked_shr(free).unwrap_or(0) == address.checked_shr(free).unwrap_or(0)
}

/// Whether a name is the pattern, or ends in a dot and the pattern.
fn is_name_of(pattern: &str, name: &str) -> bool {
    let pattern = pattern.strip_prefix('*').unwrap_or(pattern);
    let pattern = pattern.strip_prefix('.').unwrap_or(pattern);
    let pattern = pattern.strip_suffix('.').unwrap_or(pattern).as_bytes();
    let name = name.as_bytes();
    let Some(split) = name.len().checked_sub(pattern.len()) else { return false };
    let (before, end) = name.split_at(split);
    !pattern.is_empty()
        && end.eq_ignore_ascii_case(pattern)
        && matches!(before.last(), None | Some(b'.'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        let pairs = pairs.iter();
        let pairs =
            pairs.map(|(name, value)| ((*name).to_owned(), Zeroizing::new((*value).to_owned())));
        Variables::given(pairs.collect())
    }

    fn choose(pairs: &[(&str, &str)], host: &str) -> Result<Option<String>, Error> {
        let host = host.parse().unwrap();
        let found = Proxy::choose(&ProxyChoice::Environment, &variables(pairs), &host)?;
        Ok(found.map(|proxy| proxy.uri.to_string()))
    }

    #[test]
    fn issue_12_15_no_proxy_is_read_as_curl_reads_it() {
        for (list, host, is_direct) in [
            ("*", "https://api.example.com", true),
            (" * ", "https://api.example.com", true),
            ("a.test, *", "https://api.example.com", true),
            ("example.com", "https://example.com", true),
            ("example.com", "https://api.example.com", true),
            (".example.com", "https://api.example.com", true),
            (".example.com", "https://example.com", true),
            ("*.example.com", "https://api.example.com", true),
            ("example.com.", "https://api.example.com", true),
            ("EXAMPLE.com", "https://api.Example.COM.", true),
            ("ample.com", "https://example.com", false),
            ("api.example.com", "https://example.com", false),
            ("a.test b.test", "https://b.test", true),
            ("a.test,,\tb.test", "https://b.test", true),
            ("example.com:443", "https://example.com", true),
            ("example.com:8443", "https://example.com:8443", true),
            ("example.com:8443", "https://example.com", false),
            ("example.com:80", "http://api.example.com", true),
            ("127.0.0.1", "http://127.0.0.1:9", true),
            ("127.0.0.1:9", "http://127.0.0.1:9", true),
            ("127.0.0.1:8", "http://127.0.0.1:9", false),
            ("27.0.0.1", "http://127.0.0.1:9", false),
            ("127.0.0.0/8", "http://127.1.2.3", true),
            ("10.0.0.0/8", "http://127.1.2.3", false),
            ("0.0.0.0/0", "http://127.1.2.3", true),
            ("10.0.0.0/x", "http://10.1.2.3", false),
            ("[::1]", "http://[::1]:9", true),
            ("::1", "http://[::1]:9", true),
            ("[::1]:9", "http://[::1]:9", true),
            ("[::1]:8", "http://[::1]:9", false),
            ("fe80::/10", "http://[fe80::1]", true),
            ("::/0", "http://[fe80::1]", true),
            ("::1", "http://127.0.0.1", false),
            ("", "https://example.com", false),
            (".", "https://example.com", false),
            (",", "https://example.com", false),
        ] {
            let proxies = [("all_proxy", "http://proxy.test:3128"), ("no_proxy", list)];
            let found = choose(&proxies, host).unwrap();
            assert_eq!(found.is_none(), is_direct, "{list:?} {host}");
        }
    }

    #[test]
    fn issue_12_15_which_variable_counts() {
        for (pairs, host, wanted) in [
            (
                &[("http_proxy", "http://a:1"), ("https_proxy", "http://b:1")][..],
                "http://h",
                Some("a"),
            ),
            (
                &[("http_proxy", "http://a:1"), ("https_proxy", "http://b:1")],
                "https://h",
                Some("b"),
            ),
            (
                &[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "http://b:1")],
                "https://h",
                Some("b"),
            ),
            (&[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "")], "https://h", Some("a")),
            // What a CGI script finds there may be a header of a request.
            (&[("HTTP_PROXY", "http://a:1")], "http://h", None),
            (&[("ALL_PROXY", "http://a:1")], "http://h", Some("a")),
            (&[("all_proxy", "http://a:1"), ("no_proxy", ""), ("NO_PROXY", "h")], "http://h", None),
        ] {
            let found = choose(pairs, host).unwrap();
            assert_eq!(found, wanted.map(|name| format!("http://{name}:1/")), "{pairs:?} {host}");
        }
    }

    #[test]
    fn issue_12_15_a_proxy_is_used_or_refused() {
        for (url, wanted) in [
            ("http://p:3128", Some("http://p:3128/")),
            ("http://p:3128/", Some("http://p:3128/")),
            (" http://p:3128\t", Some("http://p:3128/")),
            ("p:3128", Some("http://p:3128/")),
            ("https://user:pass@p:3128", Some("https://p:3128/")),
            ("http://[::1]:3128", Some("http://[::1]:3128/")),
            ("not a url", None),
            ("http://", None),
            ("http://:3128", None),
            ("://p", None),
            ("http://p:99999", None),
            ("http://p:port", None),
            ("http://p/path", None),
            ("http://p?query", None),
            ("socks5://p:1080", None),
            ("ftp://p", None),
            ("http//p:3128", None),
        ] {
            let found = choose(&[("https_proxy", url)], "https://h");
            match (found, wanted) {
                (Ok(found), Some(wanted)) => assert_eq!(found.as_deref(), Some(wanted), "{url}"),
                (Err(error), None) => {
                    assert!(error.message().contains("variable https_proxy"), "{url}: {error}");
                }
                (found, _) => assert!(found.is_ok() == wanted.is_some(), "{url}: {found:?}"),
            }
        }
        let host = "https://h".parse().unwrap();
        let none = variables(&[("https_proxy", "nonsense at all")]);
        assert!(Proxy::choose(&ProxyChoice::Direct, &none, &host).unwrap().is_none());
        let own = ProxyChoice::Url(Zeroizing::new("http://own:1".to_owned()));
        let all = variables(&[("https_proxy", "http://p:3128"), ("no_proxy", "*")]);
        assert_eq!(Proxy::choose(&own, &all, &host).unwrap().unwrap().uri, "http://own:1/");
    }
}
