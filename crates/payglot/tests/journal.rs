//! What a client asks of a journal and tells it (issue 13), over a scripted server and a journal in memory.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::collections::VecDeque;
use std::future::ready;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use payglot::paywint_platform::{Client, types};
use payglot::runtime::journal::{
    Begin, Ended, IntentCall, Journal, Lease, Obstacle, RecordedResponse, SharedJournal,
};
use payglot::{Error, ErrorKind, schema::Replay};
use support::wire::payment;
use support::{Server, Step};

const USER: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
const OK: &str = r#"{"success":true,"data":{"payment_id":"p-1","amount":10.10,"new":"x"}}"#;

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Says what a test tells it, and keeps what it was asked and told, in order.
#[derive(Clone, Default)]
struct Script(Arc<Inner>);

#[derive(Default)]
struct Inner {
    says: Mutex<VecDeque<Result<RecordedResponse, Obstacle>>>,
    heard: Mutex<Vec<String>>,
    ended: Mutex<Vec<Ended>>,
}

impl Script {
    fn saying(result: Result<RecordedResponse, Obstacle>) -> Self {
        let script = Self::default();
        script.0.says.lock().unwrap().push_back(result);
        script
    }

    fn heard(&self) -> Vec<String> {
        self.0.heard.lock().unwrap().clone()
    }

    fn ended(&self) -> Ended {
        let ended = self.0.ended.lock().unwrap();
        assert_eq!(ended.len(), 1, "{ended:?}");
        ended[0].clone()
    }

    fn client(&self, url: &str) -> Client {
        let builder = Client::builder().credentials("platform", "canary-secret").base_url(url);
        builder.journal(SharedJournal::new(self.clone())).max_retries(0).build().unwrap()
    }
}

impl Journal for Script {
    fn begin<'a>(&'a self, call: IntentCall<'a>) -> BoxFuture<'a, Result<Begin, Obstacle>> {
        let IntentCall { name, provider, account, operation, .. } = call;
        assert!(!format!("{call:?}").contains("INV-1"));
        self.0.heard.lock().unwrap().push(format!("{provider} {account} {operation} {name}"));
        let says = self.0.says.lock().unwrap().pop_front();
        Box::pin(ready(match says {
            None => Ok(Begin::Send(Box::new(Held(Some(self.clone()))))),
            Some(recorded) => recorded.map(Begin::Replay),
        }))
    }
}

struct Held(Option<Script>);

impl Lease for Held {
    fn end(mut self: Box<Self>, ended: Ended) -> BoxFuture<'static, ()> {
        let script = self.0.take().unwrap();
        script.0.ended.lock().unwrap().push(ended);
        Box::pin(ready(()))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(script) = &self.0 {
            script.0.heard.lock().unwrap().push("dropped".to_owned());
        }
    }
}

/// A payment under an intent against one step of a server, with what the journal was told.
async fn pay(step: Step) -> (Result<(), Error>, Ended) {
    let server = Server::start(vec![step]);
    let script = Script::default();
    let client = script.client(&server.url);
    let timeout = Duration::from_millis(300);
    let result = client.payments().create(&payment()).intent("invoice 1").timeout(timeout).await;
    assert_eq!(script.heard(), ["paywint-platform platform payments.create invoice 1"]);
    (result.map(drop), script.ended())
}

#[tokio::test]
async fn the_journal_is_told_what_became_of_a_call() {
    let (result, ended) = pay(Step::Answer(200, &["x-request-id: r-1"], OK.to_owned())).await;
    result.unwrap();
    let Ended::Succeeded(recorded) = ended else { panic!("{ended:?}") };
    assert_eq!((recorded.status, recorded.request_id.as_deref()), (200, Some("r-1")));
    // What the model does not know may be anything, and is not written down.
    assert_eq!(recorded.payload.as_deref(), Some(r#"{"payment_id":"p-1","amount":10.10}"#));

    let refusals = [
        (Step::Answer(422, &[], r#"{"detail":"no"}"#.to_owned()), 422),
        (Step::Answer(200, &[], r#"{"success":false,"message":"no"}"#.to_owned()), 200),
        (Step::Answer(429, &[], String::new()), 429),
    ];
    for (step, expected) in refusals {
        let (result, ended) = pay(step).await;
        assert!(!result.unwrap_err().may_have_happened());
        assert!(matches!(ended, Ended::Rejected { status, .. } if status == expected), "{ended:?}");
    }

    let doubtful = [
        (Step::Answer(503, &[], String::new()), Some(503)),
        (Step::Answer(200, &[], "<html>".to_owned()), Some(200)),
        (Step::Drop, None),
        (Step::Silence(Duration::from_secs(2)), None),
    ];
    for (step, expected) in doubtful {
        let (result, ended) = pay(step).await;
        assert_eq!(result.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
        assert!(matches!(ended, Ended::Unknown { status, .. } if status == expected), "{ended:?}");
    }
}

#[tokio::test]
async fn what_is_sensitive_or_has_another_shape_is_not_written_down() {
    let body = types::PlatformCardUpdateLinkCreate::builder()
        .card_id(USER)
        .card_purpose(types::CardUsageType::Payment)
        .build()
        .unwrap();
    let data = r#"{"success":true,"message":"for canary","data":{"secure_link":"https://canary"}}"#;
    let server = Server::answering(200, data);
    let script = Script::default();
    let client = script.client(&server.url);
    let link = client.cards().create_update_link(USER, &body).intent("a").await.unwrap();
    assert_eq!(link.secure_link.as_deref(), Some("https://canary"));
    let Ended::Succeeded(recorded) = script.ended() else { panic!() };
    assert_eq!(recorded.payload.as_deref(), Some("{}"));
    // What is left is still the response of a call that was made.
    let client = Script::saying(Ok(recorded)).client(&server.url);
    let link = client.cards().create_update_link(USER, &body).intent("a").await.unwrap();
    assert_eq!(link.secure_link, None);

    let data = r#"{"success":true,"data":{"payment_id":{"canary":1},"amount":1}}"#;
    let (_, ended) = pay(Step::Answer(200, &[], data.to_owned())).await;
    let Ended::Succeeded(recorded) = ended else { panic!("{ended:?}") };
    assert_eq!(recorded.payload.as_deref(), Some(r#"{"amount":1}"#));
}

#[tokio::test]
async fn a_call_that_was_not_sent_is_told_as_that() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let script = Script::default();
    let error = script.client(&url).payments().create(&payment()).intent("a").await.unwrap_err();
    assert!(!error.may_have_happened());
    assert!(matches!(script.ended(), Ended::NotSent));
}

#[tokio::test]
async fn a_call_that_is_given_up_drops_its_lease() {
    let server = Server::start(vec![Step::Silence(Duration::from_secs(2))]);
    let script = Script::default();
    let client = script.client(&server.url);
    let body = payment();
    let call = client.payments().create(&body).intent("a");
    let wait = Duration::from_millis(200);
    assert!(tokio::time::timeout(wait, call.into_future()).await.is_err());
    assert_eq!(script.heard().last().map(String::as_str), Some("dropped"));
    assert!(script.0.ended.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_recorded_response_is_given_again_and_nothing_is_sent() {
    let server = Server::answering(500, "");
    let recorded = RecordedResponse {
        status: 200,
        request_id: Some("r-1".to_owned()),
        payload: Some(r#"{"payment_id":"p-1","amount":10.10}"#.to_owned()),
    };
    assert!(!format!("{recorded:?}").contains("p-1"));
    let client = Script::saying(Ok(recorded)).client(&server.url);
    let payment = client.payments().create(&payment()).intent("a").with_response().await.unwrap();
    assert!(payment.response.is_replay());
    assert_eq!(payment.response.request_id().as_deref(), Some("r-1"));
    assert_eq!(payment.value.amount, Some("10.10".parse().unwrap()));
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_first_response_is_no_replay() {
    let server = Server::answering(200, OK);
    let client = Script::default().client(&server.url);
    let payment = client.payments().create(&payment()).intent("a").with_response().await.unwrap();
    assert!(!payment.response.is_replay());
}

#[tokio::test]
async fn what_the_journal_forbids_is_an_error_and_is_not_sent() {
    let source = std::io::Error::other("disk");
    let obstacles = [
        (Obstacle::Mismatch, ErrorKind::IntentMismatch, false, "used with other arguments"),
        (Obstacle::InProgress, ErrorKind::IntentInProgress, true, "did not end within the time"),
        (Obstacle::Unknown, ErrorKind::OutcomeUnknown, true, "Resolve it in the journal"),
        (
            Obstacle::Unusable("is full: make room".into(), Some(source.into())),
            ErrorKind::Journal,
            false,
            "the journal is full: make room; nothing was sent",
        ),
    ];
    for (obstacle, kind, may_have_happened, text) in obstacles {
        let server = Server::answering(200, OK);
        let client = Script::saying(Err(obstacle)).client(&server.url);
        let error = client.payments().create(&payment()).intent("a").await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(error.may_have_happened(), may_have_happened, "{error}");
        assert_eq!(error.operation(), "payments.create");
        assert!(error.to_string().contains(text), "{error}");
        assert!(server.received().is_empty());
    }
}

#[tokio::test]
async fn money_needs_an_intent_and_other_calls_do_not() {
    let server = Server::answering(200, "{}");
    let script = Script::default();
    let client = script.client(&server.url);
    for error in [
        client.payments().create(&payment()).await.unwrap_err(),
        client.request("POST", "/x").await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.argument()), (ErrorKind::InvalidRequest, Some("intent")));
        assert!(error.to_string().contains("require_intent"), "{error}");
    }
    client.request("GET", "/x").replay(Replay::Read).await.unwrap();
    assert_eq!(server.received().len(), 1);
    let server = Server::answering(200, OK);
    let builder = Client::builder().credentials("platform", "canary-secret").base_url(&server.url);
    let client =
        builder.journal(SharedJournal::new(script.clone())).require_intent(false).build().unwrap();
    client.payments().create(&payment()).await.unwrap();
    assert!(script.heard().is_empty());
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn an_intent_that_nothing_would_remember_or_that_is_no_name_is_refused() {
    let server = Server::answering(200, OK);
    let refused = |error: Error| {
        assert_eq!((error.kind(), error.argument()), (ErrorKind::InvalidRequest, Some("intent")));
    };
    let plain = Client::builder().credentials("platform", "canary-secret").base_url(&server.url);
    let plain = plain.build().unwrap();
    refused(plain.payments().create(&payment()).intent("a").await.unwrap_err());
    let script = Script::default();
    let client = script.client(&server.url);
    for name in ["", "a\nb", "a\u{7f}", "a\tb", &"é".repeat(256)] {
        refused(client.payments().create(&payment()).intent(name).await.unwrap_err());
    }
    assert!(script.heard().is_empty() && server.received().is_empty());
    client.payments().create(&payment()).intent("é".repeat(255)).await.unwrap();
}

#[tokio::test]
async fn the_key_of_a_keyed_call_is_made_from_its_intent() {
    let key = async |intent: &str, secret: &str| {
        let server = Server::answering(200, "{}");
        let client = Client::builder().credentials("platform", secret).base_url(&server.url);
        let client = client.journal(SharedJournal::new(Script::default())).build().unwrap();
        client.request("POST", "/x").replay(Replay::Keyed).intent(intent).await.unwrap();
        server.only().header("idempotency-key").unwrap().to_owned()
    };
    let first = key("a", "canary-secret").await;
    assert_eq!(first.len(), 36);
    // A secret that was replaced makes no other key.
    assert_eq!(key("a", "new-secret").await, first);
    assert_ne!(key("b", "canary-secret").await, first);

    let server = Server::answering(200, "{}");
    let client = Script::default().client(&server.url);
    let call = client.request("POST", "/x").replay(Replay::Keyed).intent("a");
    let error = call.header("Idempotency-Key", "k").await.unwrap_err();
    assert_eq!(error.argument(), Some("idempotency_key"));
    assert!(server.received().is_empty());
}
