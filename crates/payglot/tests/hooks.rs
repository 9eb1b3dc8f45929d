//! Hooks of a client: each attempt is told, and one that panics changes nothing (issue 15.2).

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use payglot::ClientDefaults;
use payglot::paywint_platform::{Client, ClientBuilder};
use support::{Server, Step};

const CARD: &str = "07f0a4aa-b890-4135-84d6-ec9c19b82bb3";

fn builder(server: &Server) -> ClientBuilder {
    Client::builder().credentials("platform", "canary-secret").base_url(&server.url)
}

#[tokio::test]
async fn hooks_hear_each_attempt_with_what_it_came_to() {
    let server = Server::start(vec![
        Step::Drop,
        Step::Answer(503, &["retry-after: 0", "x-request-id: second"], String::new()),
        Step::Answer(200, &["x-request-id: third"], r#"{"data":{}}"#.into()),
    ]);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (begun, ended) = (heard.clone(), heard.clone());
    let client = builder(&server)
        .on_request(move |event| begun.lock().unwrap().push(format!("{event:?}")))
        .on_response(move |event| {
            assert!(event.duration > Duration::ZERO);
            let event =
                (event.operation, &event.method, event.attempt, event.status, &event.request_id);
            ended.lock().unwrap().push(format!("{event:?}"));
        })
        .build()
        .unwrap();
    // Clients that are made of it have its hooks.
    let client =
        client.with_options(&ClientDefaults::default().header("x-token", "canary")).unwrap();
    client.cards().get(CARD).await.unwrap();
    let sent = |attempt| {
        format!(r#"RequestEvent {{ operation: "cards.get", method: GET, attempt: {attempt} }}"#)
    };
    let expected = [
        sent(1),
        r#"("cards.get", GET, 1, None, None)"#.to_owned(),
        sent(2),
        r#"("cards.get", GET, 2, Some(503), Some("second"))"#.to_owned(),
        sent(3),
        r#"("cards.get", GET, 3, Some(200), Some("third"))"#.to_owned(),
    ];
    assert_eq!(*heard.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_hook_that_panics_neither_breaks_nor_repeats_a_call() {
    let server = Server::answering(200, r#"{"data":{}}"#);
    let client = builder(&server)
        .on_request(|_| panic!("of a hook"))
        .on_response(|_| panic!("of a hook"))
        .build()
        .unwrap();
    client.cards().get(CARD).await.unwrap();
    server.only();
}
