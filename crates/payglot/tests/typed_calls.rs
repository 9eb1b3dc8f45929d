//! What a described call takes and gives beside its payload, and that every future can move between threads (issue 15.9).

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used)]

mod support;

use payglot::paywint_platform::{Client, types};
use payglot::schema::Replay;
use payglot::{ErrorKind, linora};
use support::{Server, Step};

const PAGE: &str = r#"{"success":true,"records":[{"user_id":"u1"}],"totalRecords":1}"#;

fn client(url: &str) -> Client {
    Client::builder().credentials("platform", "secret").base_url(url).build().unwrap()
}

#[tokio::test]
async fn a_paged_call_takes_headers_and_gives_its_response() {
    let page = |_| Step::Answer(200, &["x-request-id: r-1"], PAGE.into());
    let server = Server::start((0..2).map(page).collect());
    let client = client(&server.url);
    let page = client.users().list().header("x-trace", "t-1").with_response().await.unwrap();
    assert_eq!(page.value.records.len(), 1);
    assert_eq!(page.value.total, Some(1));
    assert_eq!(page.response.request_id().as_deref(), Some("r-1"));
    assert_eq!(page.response.text(), PAGE);

    let mut users = client.users().list().header("x-trace", "t-2").records();
    assert_eq!(users.next().await.unwrap().unwrap().user_id().unwrap(), "u1");
    assert!(users.next().await.is_none());
    let received = server.received();
    let traces: Vec<_> = received.iter().map(|request| request.header("x-trace")).collect();
    assert_eq!(traces, [Some("t-1"), Some("t-2")]);
}

#[tokio::test]
async fn a_call_outside_the_document_takes_an_idempotency_key_where_it_is_keyed() {
    let server = Server::answering(200, "{}");
    let client = client(&server.url);
    let call = || client.request("POST", "/own").idempotency_key("k-1");
    let error = call().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    call().replay(Replay::Keyed).await.unwrap();
    assert_eq!(server.only().header("idempotency-key"), Some("k-1"));
}

/// Only compiles for what can move between threads.
fn sent<T: Send>(value: T) -> T {
    value
}

/// It is enough that this compiles.
#[allow(dead_code)]
async fn every_future_is_send(client: Client, linora: linora::Client) {
    let body = types::PlatformPaymentCreate::default();
    let _ = sent(client.payments().create(&body).intent("i").into_future()).await;
    let _ = sent(client.payments().create(&body).with_response()).await;
    let _ = sent(client.cards().list("u").into_future()).await;
    let _ = sent(client.users().list().into_future()).await;
    let _ = sent(client.users().list().with_response()).await;
    let _ = sent(client.users().list().records().next()).await;
    let _ = sent(client.users().list().pages().next()).await;
    let _ = sent(client.request("GET", "/own").into_future()).await;
    let _ = sent(linora.cards().get("c").into_future()).await;
    let _ = sent(async {
        let page = client.users().list().await?;
        let first = page.records.first();
        linora.gift_cards().list_products().await.map(|_| first.is_some())
    })
    .await;
    let _ = tokio::spawn(async move { client.kyc().get("u").await }).await;
}
