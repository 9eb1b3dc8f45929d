//! What is signed is what is sent: a server works out the signature from the raw bytes it received, with an
//! implementation of its own, for any path parameter, query and body.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::borrow::Cow;
use std::collections::BTreeMap;

use payglot::runtime::client::{CallOptions, Config, Core};
use payglot::runtime::json::{FloatMoney, Value};
use payglot::runtime::request::prepare;
use payglot::schema::{Operation, Provider};
use payglot::{linora, paywint_platform};
use payglot_contract::{Request, signature};
use proptest::prelude::*;
use support::Recorder;

const SECRET: &str = "kéy";

/// Linora's operations, which have free text in paths, queries and bodies, under Paywint's signature.
static PROVIDER: Provider = Provider {
    name: "signed",
    title: "Signed",
    operations: linora::PROVIDER.operations,
    schemas: linora::PROVIDER.schemas,
    environments: &[],
    default_environment: None,
    base_url_env: "NO_SUCH_VARIABLE",
    base_path: "",
    credentials: paywint_platform::PROVIDER.credentials,
    auth: paywint_platform::PROVIDER.auth,
    envelope: None,
    paging: None,
    batch: None,
    webhooks: None,
};

struct Signed {
    server: Recorder,
    core: Core,
    runtime: tokio::runtime::Runtime,
}

impl Signed {
    fn new() -> Self {
        let server = Recorder::start();
        let mut config = Config::new(&PROVIDER);
        config.credential("platform_id", "id");
        config.credential("secret_key", SECRET);
        config.base_url(&server.url);
        let core = Core::new(config).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { server, core, runtime }
    }

    /// Makes a call and gives the request that arrived, whose signature must hold.
    fn call(&self, name: &str, path: &[&str], params: &[(&str, &str)]) -> Request {
        let operation = operation(name);
        let path: Vec<Cow<'_, str>> = path.iter().map(|text| (*text).into()).collect();
        let params: Vec<_> = params
            .iter()
            .map(|(name, text)| ((*name).into(), Value::Text((*text).into())))
            .collect();
        let args = prepare(operation, &path, &params, FloatMoney::Refuse).unwrap();
        self.runtime.block_on(self.core.call(operation, &args, &CallOptions::default())).unwrap();
        let request = self.server.next();
        let there =
            request.headers.iter().find(|(name, _)| name == "x-signature").map(|(_, value)| value);
        assert_eq!(
            there,
            signature(SECRET, &request).as_ref(),
            "{} {}",
            request.method,
            request.target
        );
        request
    }
}

fn operation(name: &str) -> &'static Operation {
    PROVIDER.operations.iter().find(|known| known.name == name).unwrap()
}

/// Any text, and often what URLs and JSON trip over.
fn text() -> impl Strategy<Value = String> {
    let awkward = prop::sample::select(vec![
        "%", "%2F", "%2f", "/", "//", "+", " ", ";", ":", "@", "&", "=", "?", "#", "..", "./",
        "\\", "\"", "'", "\u{0}", "é", "e\u{301}", "日本", "🙂", "\u{202e}", "\n", "\t", "~", "*",
        "(", "[", "{", "|", "^", "`", "<",
    ]);
    let pieces =
        prop::collection::vec(prop_oneof![awkward.prop_map(str::to_owned), any::<String>()], 0..6);
    pieces.prop_map(|pieces| pieces.concat())
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn for_any_path_parameter(id in text()) {
        thread_local!(static SIGNED: Signed = Signed::new());
        prop_assume!(!matches!(id.as_str(), "" | "." | ".."));
        let request = SIGNED.with(|signed| signed.call("users.get", &[&id], &[]));
        // It arrives as one segment, and as what it was.
        let segment = request.target.strip_prefix("/api/users/").unwrap();
        prop_assert!(!segment.contains(['/', '?', '#']));
        prop_assert_eq!(decoded(segment), id);
    }

    #[test]
    fn for_any_query(from in text(), to in text()) {
        thread_local!(static SIGNED: Signed = Signed::new());
        let params = [("fromCurrency", from.as_str()), ("toCurrency", &to), ("fromAmount", "10.10")];
        let request = SIGNED.with(|signed| signed.call("exchange.estimate", &[], &params));
        let (_, query) = request.target.split_once('?').unwrap();
        let pairs: BTreeMap<_, _> = query.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
        prop_assert_eq!(decoded(&pairs["fromCurrency"].replace('+', " ")), from);
        prop_assert_eq!(decoded(&pairs["toCurrency"].replace('+', " ")), to);
        prop_assert_eq!(pairs["fromAmount"], "10.10");
    }

    #[test]
    fn for_any_body(name in text(), value in text()) {
        thread_local!(static SIGNED: Signed = Signed::new());
        let request = SIGNED.with(|signed| signed.call("users.create", &[], &[(&name, &value)]));
        let body: BTreeMap<String, String> = serde_json::from_slice(&request.body).unwrap();
        prop_assert_eq!(body, BTreeMap::from([(name, value)]));
    }
}
