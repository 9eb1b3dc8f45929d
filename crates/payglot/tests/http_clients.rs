//! Every operation of every provider through each transport: the same request arrives, byte for byte but for the order
//! and the spelling of its headers.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::borrow::Cow;
use std::collections::BTreeMap;

use payglot::ErrorKind;
use payglot::paywint_platform::{Client, types};
use payglot::runtime::client::{CallOptions, Config, Core};
use payglot::runtime::json::{self, FloatMoney};
use payglot::runtime::request::{PreparedRequest, prepare};
use payglot::schema::{Operation, Paging, Provider, Replay};
use payglot::transport::{
    Delivery, ReqwestTransport, SendProgress, SharedTransport, Transport, TransportErrorKind,
};
use payglot_contract::{Request, signature};
use serde_json::Value;
use support::Recorder;

const OPERATIONS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/contract/generated_operations.json");

/// The transports that a user can bring, by name.
fn transports() -> Vec<(&'static str, SharedTransport)> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::new();
    let stack = reqwest_middleware::ClientBuilder::new(client.clone()).build();
    let built = ReqwestTransport::build(reqwest::Client::builder()).unwrap();
    vec![
        ("reqwest::Client", client.into()),
        ("ReqwestTransport::build", built.into()),
        ("reqwest_middleware", stack.into()),
    ]
}

type Call = (&'static Provider, &'static Operation, PreparedRequest);

/// The calls of the scenarios that every language plays, which are all operations.
fn calls() -> Vec<Call> {
    let scenarios: Value =
        serde_json::from_str(&std::fs::read_to_string(OPERATIONS).unwrap()).unwrap();
    let scenarios = scenarios["scenarios"].as_array().unwrap();
    scenarios.iter().map(prepared).collect()
}

fn prepared(scenario: &Value) -> Call {
    let provider = payglot::providers::find(scenario["provider"].as_str().unwrap()).unwrap();
    let operation =
        provider.operations.iter().find(|known| known.name == scenario["operation"]).unwrap();
    let path = scenario["path"].as_array().unwrap();
    let path: Vec<Cow<'_, str>> = path.iter().map(|text| text.as_str().unwrap().into()).collect();
    let mut params = scenario["params"].clone();
    if let (Some(paging), Paging::Paged) = (&provider.paging, operation.paging) {
        for (name, default) in [(paging.size, 100), (paging.page, 1)] {
            params.as_object_mut().unwrap().entry(name).or_insert(default.into());
        }
    }
    let text = params.to_string().replace("\"$free\"", r#"{"free":[1.10,"form"]}"#);
    let Some(json::Value::Object(fields)) = json::Value::from_json(&text) else { panic!("params") };
    (provider, operation, prepare(operation, &path, &fields, FloatMoney::Refuse).unwrap())
}

fn core(provider: &'static Provider, url: &str, transport: Option<SharedTransport>) -> Core {
    let mut config = Config::new(provider);
    // A path of its own before that of the operation.
    config.base_url(format!("{url}/base"));
    for credential in provider.credentials {
        config.credential(credential.name, "for-tests");
    }
    if let Some(transport) = transport {
        config.transport(transport);
    }
    Core::new(config).unwrap()
}

type Arrived = (String, String, BTreeMap<String, String>, Vec<u8>);

/// What arrives when a call is sent: method, target, headers, body.
async fn arriving(server: &Recorder, call: &Call, transport: Option<SharedTransport>) -> Arrived {
    let (provider, operation, request) = call;
    let options = CallOptions {
        max_retries: Some(0),
        // Given, so that it is the same each time.
        idempotency_key: (operation.replay == Replay::Keyed).then(|| "key-1".to_owned()),
        ..Default::default()
    };
    let core = core(provider, &server.url, transport);
    // What arrives counts here: the recorder's response does not fit every operation.
    drop(core.call(operation, request, &options).await);
    let Request { method, target, headers, body } = server.next();
    let count = headers.len();
    let headers: BTreeMap<_, _> = headers.into_iter().collect();
    assert_eq!(headers.len(), count, "{}: a header came twice", operation.name);
    (method, target, headers, body)
}

#[tokio::test]
async fn every_operation_arrives_alike_by_every_transport() {
    let calls = calls();
    let all: usize = payglot::providers::ALL.iter().map(|provider| provider.operations.len()).sum();
    assert_eq!(calls.len(), all);
    let server = Recorder::start();
    for (name, transport) in transports() {
        for call in &calls {
            let ours = arriving(&server, call, None).await;
            let theirs = arriving(&server, call, Some(transport.clone())).await;
            assert_eq!(ours, theirs, "{name}: {}", call.1.name);
            assert!(ours.1.starts_with("/base/"), "{ours:?}");
        }
    }
    assert!(server.is_empty(), "a request came twice");
}

#[tokio::test]
async fn a_builder_takes_each_of_them() {
    let server = Recorder::start();
    for (name, transport) in transports() {
        let builder = Client::builder().credentials("platform", "secret").base_url(&server.url);
        let client = builder.http_client(transport).build().unwrap();
        let user = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
        let called = client
            .cards()
            .delete(user, &types::PlatformCardDelete::builder().card_id(user).build().unwrap())
            .with_response()
            .await
            .unwrap();
        assert_eq!(called.response.status(), 200, "{name}");
        let request = server.next();
        let signed = signature("secret", &request);
        assert!(request.headers.iter().any(|(_, value)| Some(value) == signed.as_ref()), "{name}");
    }
}

#[tokio::test]
async fn settings_of_the_builtin_transport_are_refused_beside_a_client_of_ones_own() {
    for (name, transport) in transports() {
        let builder =
            Client::builder().credentials("platform", "secret").proxy("http://proxy:3128");
        let error = builder.http_client(transport).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{name}");
        assert!(error.to_string().contains("`proxy`"), "{name}: {error}");
    }
}

/// Whoever signs has signed the path as it was.
#[tokio::test]
async fn a_path_that_reqwest_would_write_otherwise_is_not_sent() {
    let server = Recorder::start();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let transport = ReqwestTransport::from(reqwest::Client::new());
    for target in ["/a/../b", "/a?b='c'"] {
        let request = http::Request::get(format!("{}{target}", server.url));
        let request = request.body(bytes::Bytes::new()).unwrap();
        let progress = SendProgress::default();
        let Err(error) = transport.send(request, &progress).await else { panic!("{target}") };
        assert_eq!((error.kind, error.delivery), (TransportErrorKind::Request, Delivery::NotSent));
    }
    assert!(server.is_empty());
}
