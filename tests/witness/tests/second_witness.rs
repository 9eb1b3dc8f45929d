//! progenitor reads a document by itself: what its client sends is what payglot's client sends, byte for byte.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[rustfmt::skip]
#[path = "generated/calls.rs"]
mod calls;
#[path = "../../../crates/payglot/tests/support/recorder.rs"]
mod recorder;

use payglot_contract::Request;
use recorder::Recorder;

/// Headers that authenticate, by all of the schemes.
const AUTHENTICATION: [&str; 5] =
    ["authorization", "x-api-key", "x-api-secret", "x-platform-id", "x-signature"];

/// What two clients have in common: authentication, and headers that are arguments. Others are each client's own.
fn witnessed(request: &Request) -> (&str, &str, String, Vec<&(String, String)>) {
    let mut headers: Vec<_> = request
        .headers
        .iter()
        .filter(|(name, _)| {
            AUTHENTICATION.contains(&name.as_str())
                || name == "content-type"
                || name.starts_with("x-")
        })
        .collect();
    headers.sort();
    let body = String::from_utf8(request.body.clone()).unwrap();
    (&request.method, &request.target, body, headers)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_clients_send_the_same_for_every_operation() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let recorder = Recorder::start();
    let mut signed = 0;
    for operation in calls::OPERATIONS {
        let told = calls::facade(operation, &recorder.url).await;
        let ours = recorder.arrived().unwrap_or_else(|| panic!("{operation}: {told}"));
        let told = calls::progenitor(operation, &recorder.url, http.clone()).await;
        let theirs = recorder.arrived().unwrap_or_else(|| panic!("{operation}: {told}"));
        assert_eq!(witnessed(&ours), witnessed(&theirs), "{operation}");
        assert!(recorder.is_empty(), "{operation} was sent twice");
        assert!(theirs.headers.iter().all(|(name, _)| name != "api-version"), "{operation}");
        signed += usize::from(theirs.headers.iter().any(|(name, _)| name == "x-signature"));
    }
    assert!(signed > 0 && signed < calls::OPERATIONS.len(), "{signed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_cannot_lead_to_another_operation() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let recorder = Recorder::start();
    let builder = payglot_witness::linora::Client::builder().credentials("key");
    let client =
        builder.base_url(format!("{}/base/", recorder.url)).build_progenitor(http).unwrap();
    // URL rules would make `/base/api/cards` and `/base/api/users/u/cards` of the last two.
    for card_id in ["", "..", r"..\users\u\cards"] {
        let error = client.cards_get(card_id).await.unwrap_err();
        let refused =
            matches!(&error, payglot_witness::linora::progenitor::Error::InvalidRequest(_));
        assert!(refused, "{card_id}: {error}");
    }
    assert!(recorder.is_empty());
    assert_eq!(client.cards_get("c/1").await.unwrap().status().as_u16(), 200);
    assert_eq!(recorder.arrived().unwrap().target, "/base/api/cards/c%2F1");
}
