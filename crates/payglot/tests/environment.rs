//! What a client takes from its environment, and where it may lead: variables, plain HTTP, proxies, certificates.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use payglot::paywint_platform::{Client, ClientBuilder};
use payglot::runtime::client::{Config, Core};
use payglot::runtime::variables::Variables;
use payglot::{Error, ErrorKind};

fn client(base_url: &str) -> ClientBuilder {
    Client::builder().credentials("platform", "secret").base_url(base_url)
}

/// A client that sees these variables alone.
fn seeing(variables: &[(&str, &str)], base_url: Option<&str>) -> Result<Core, Error> {
    let mut config = Config::new(payglot::providers::find("linora").unwrap());
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned().into());
    config.variables(Variables::given(variables.iter().map(owned).collect()));
    if let Some(url) = base_url {
        config.base_url(url);
    }
    Core::new(config)
}

fn refused<T>(made: Result<T, Error>, words: &str) {
    let error = made.err().expect("refused");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.message().contains(words), "{error}");
}

const KEY: (&str, &str) = ("LINORA_API_KEY", "key");

#[test]
fn issue_12_11_variables_that_are_handed_down_are_all_there_is() {
    let all = [KEY, ("LINORA_BASE_URL", "https://from.variables.test")];
    let core = seeing(&all, None).unwrap();
    assert!(format!("{core:?}").contains("https://from.variables.test"));
    refused(seeing(&all[..1], None), "set LINORA_BASE_URL");
    refused(seeing(&all[1..], None), "set LINORA_API_KEY");
    let proxy = [KEY, ("https_proxy", "nonsense at all")];
    refused(seeing(&proxy, Some("https://localhost")), "https_proxy is not a URL");
    let certificates = [KEY, ("SSL_CERT_FILE", "/no/such/file")];
    refused(seeing(&certificates, Some("https://localhost")), "SSL_CERT_FILE");
}

#[test]
fn issue_12_14_plain_http_leads_to_this_machine_alone() {
    for url in
        ["http://api.example.com", "http://10.0.0.1:1", "http://localhost.test", "http://[::2]"]
    {
        refused(client(url).build(), "PAYGLOT_ALLOW_INSECURE_HTTP=1");
        client(url).allow_insecure_http(true).build().unwrap();
        refused(seeing(&[KEY], Some(url)), "another machine");
        refused(seeing(&[KEY, ("PAYGLOT_ALLOW_INSECURE_HTTP", "0")], Some(url)), "another machine");
        seeing(&[KEY, ("PAYGLOT_ALLOW_INSECURE_HTTP", "1")], Some(url)).unwrap();
        // Whatever sends: the key is the same.
        refused(client(url).http_client(reqwest_client()).build(), "another machine");
    }
    for url in [
        "http://localhost:1",
        "http://LOCALHOST.",
        "http://a.localhost",
        "http://127.9.9.9",
        "http://[::1]:1",
        "http://[::ffff:127.0.0.1]",
    ] {
        client(url).build().unwrap();
    }
}

fn reqwest_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

#[test]
fn issue_12_15_nonsense_is_no_proxy() {
    for proxy in ["not a url", "http://", "socks5://localhost:1080", "http://p:port", "http//p:1"] {
        refused(client("https://localhost").proxy(proxy).build(), "`proxy` is not a URL");
        client("https://localhost").proxy(proxy).no_proxy().build().unwrap();
        refused(
            seeing(&[KEY, ("ALL_PROXY", proxy)], Some("https://localhost")),
            "variable ALL_PROXY",
        );
        let listed = [KEY, ("ALL_PROXY", proxy), ("NO_PROXY", "localhost:443")];
        seeing(&listed, Some("https://localhost")).unwrap();
    }
}

#[test]
fn issue_12_31_a_bundle_with_one_bad_certificate_says_which() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/contract/tls");
    let good = std::fs::read_to_string(format!("{folder}/test-only-ca.pem")).unwrap();
    let bad = good.replacen("MII", "AII", 1);
    for (bundle, number) in [(format!("{good}{bad}"), 2), (format!("{bad}{good}"), 1)] {
        let words = format!("certificate {number} of `ca_certificates` cannot be read");
        refused(client("https://localhost").ca_certificates(bundle).build(), &words);
    }
    refused(client("https://localhost").ca_certificates("none").build(), "holds no certificate");
    client("https://localhost").ca_certificates(format!("{good}{good}")).build().unwrap();
}
