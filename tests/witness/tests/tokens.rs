//! The cases of `tests/providers/tokens/tokens.json` in Rust: what arrives over several calls, and what an error shows. The same
//! cases are played in Python and in Node with a workspace that is generated outside the repository.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;
use std::io::BufReader;
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use payglot_contract::{Request, send_response};
use payglot_runtime::client::{CallOptions, Config, Core};
use payglot_runtime::json::FloatMoney;
use payglot_runtime::request::prepare;
use payglot_runtime::variables::Variables;
use payglot_witness::tokens::PROVIDER;
use serde_json::Value as Json;

const CASES: &str = include_str!("../../providers/tokens/tokens.json");

/// A server with these responses, in their order.
fn serve(responses: Vec<Json>) -> (String, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let (sender, arrived) = channel();
    std::thread::spawn(move || {
        // One response for each connection, and so one after the other.
        let close = BTreeMap::from([("connection".to_owned(), "close".to_owned())]);
        for (stream, response) in listener.incoming().zip(responses) {
            let mut stream = stream.unwrap();
            let request = Request::read(&mut BufReader::new(stream.try_clone().unwrap())).unwrap();
            let _ = sender.send(request);
            let status = response["status"].as_u64().unwrap_or(200);
            let body =
                response.get("body").map_or(r#"{"name":"a"}"#.to_owned(), ToString::to_string);
            send_response(&mut stream, status.try_into().unwrap(), &close, body.as_bytes());
        }
    });
    (url, arrived)
}

async fn play(case: &Json) {
    let (url, arrived) = serve(case["responses"].as_array().unwrap().clone());
    let mut config = Config::new(&PROVIDER);
    config.variables(Variables::given(BTreeMap::new()));
    config.base_url(url);
    config.credential("client_id", "id/1");
    config.credential("client_secret", "s:canary");
    config.credential("app_key", "app-canary");
    let client = Core::new(config).unwrap();
    for step in case["calls"].as_array().unwrap() {
        let name = step["call"].as_str().unwrap();
        let operation = PROVIDER.operations.iter().find(|known| known.name == name).expect(name);
        let request = prepare(operation, &[], &Vec::new(), FloatMoney::Refuse).unwrap();
        let result = client.call(operation, &request, &CallOptions::default()).await;
        let Some(kind) = step["raised"].as_str() else {
            result.unwrap();
            continue;
        };
        let error = result.unwrap_err();
        assert_eq!(error.kind().name(), kind);
        assert_eq!(error.status().map(u64::from), step["status"].as_u64());
        assert!(error.to_string().contains(step["message"].as_str().unwrap()), "{error}");
        assert!(!error.may_have_happened());
        assert!(!format!("{error} {error:?} {:?}", error.body()).contains("canary"));
    }
    assert!(!format!("{client:?}").contains("canary"));
    for expected in case["arrived"].as_array().unwrap() {
        let seen = arrived.try_recv().unwrap();
        for (name, value) in expected.as_object().unwrap() {
            let header = || seen.headers.iter().find(|(known, _)| known == name);
            let found = match name.as_str() {
                "target" => Some(format!("{} {}", seen.method, seen.target)),
                "body" => Some(String::from_utf8(seen.body.clone()).unwrap()),
                _ => header().map(|(_, value)| value.clone()),
            };
            assert_eq!(found.as_deref(), value.as_str(), "{name}");
        }
    }
    assert!(arrived.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_fetched_and_renewed_as_the_cases_say() {
    let cases: Vec<Json> = serde_json::from_str(CASES).unwrap();
    assert!(!cases.is_empty());
    for case in &cases {
        println!("{}", case["name"]);
        play(case).await;
    }
}
