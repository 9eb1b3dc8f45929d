//! Webhooks as a receiver meets them: names, amounts, signatures, attempts, duplicates and order.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use payglot::webhooks::{Scheme, verify};
use payglot::{paywint_developer, paywint_platform};
use payglot_sandbox::{Sandbox, Webhook};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};

use crate::support::{Api, form, text};

/// A machine is slow at times; a receiver that waits longer has missed something.
const LONG: Duration = Duration::from_secs(30);
const LINK: &str = "paywint-platform/payments.create_link";
const DEVELOPER_LINK: &str = "paywint-developer/payments.create_link";

/// What a receiver does with deliveries.
struct Desk {
    arrived: mpsc::UnboundedSender<(HeaderMap, Bytes)>,
    /// The next statuses; 200 when there are none left.
    statuses: Mutex<VecDeque<u16>>,
    /// A delivery gets its response when it gets a permit.
    gate: Semaphore,
}

/// An endpoint of the test.
struct Receiver {
    url: String,
    desk: Arc<Desk>,
    arrivals: mpsc::UnboundedReceiver<(HeaderMap, Bytes)>,
}

impl Receiver {
    async fn start() -> Self {
        Self::answering(&[]).await
    }

    async fn answering(statuses: &[u16]) -> Self {
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let statuses = Mutex::new(statuses.iter().copied().collect());
        let desk = Arc::new(Desk { arrived, statuses, gate: Semaphore::new(1000) });
        let router = Router::new().route("/hook", post(receive)).with_state(Arc::clone(&desk));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, desk, arrivals }
    }

    async fn next(&mut self) -> (HeaderMap, Bytes) {
        tokio::time::timeout(LONG, self.arrivals.recv()).await.expect("nothing came").unwrap()
    }

    /// The next event's name and JSON.
    async fn event(&mut self) -> (String, Value) {
        let (_, body) = self.next().await;
        let event: Value = serde_json::from_slice(&body).unwrap();
        (text(&event["event"]), event)
    }

    async fn names(&mut self, count: usize) -> Vec<String> {
        let mut names = Vec::new();
        for _ in 0..count {
            names.push(self.event().await.0);
        }
        names
    }
}

async fn receive(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    desk.arrived.send((headers, body)).unwrap();
    let _permit = desk.gate.acquire().await.unwrap();
    let status = desk.statuses.lock().unwrap().pop_front().unwrap_or(200);
    StatusCode::from_u16(status).unwrap()
}

/// The log of events, oldest first.
async fn log(api: &Api) -> Vec<Value> {
    let (status, response) = api.admin("GET", "webhooks/events", "").await;
    assert_eq!(status, 200, "{response}");
    response["events"].as_array().unwrap().iter().rev().cloned().collect()
}

/// Waits until the first delivery of the last event has had so many attempts.
async fn attempts(api: &Api, count: usize) -> Value {
    let wait = async {
        loop {
            let delivery = log(api).await.last().unwrap()["deliveries"][0].clone();
            if delivery["attempts"].as_array().unwrap().len() >= count {
                return delivery;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, wait).await.expect("no such attempt")
}

/// One event of one delivery each: a page is opened.
async fn open_a_link(api: &Api, operation: &str, amount: Value) -> Value {
    let path = [api.user()];
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let is_platform = operation == LINK;
    let link =
        api.ok(operation, if is_platform { &path } else { &[] }, json!({ "amount": amount })).await;
    assert_eq!(api.open(&text(&link["payment_link"])).await.0, 200);
    link
}

/// The events that a document lists, by its own text.
fn documented(document: &str) -> BTreeSet<String> {
    let document: serde_yaml_ng::Value = serde_yaml_ng::from_str(document).unwrap();
    let events = document["webhooks"].as_mapping().unwrap().keys();
    events.map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_event_of_the_documents_comes_about_and_no_other() {
    let api = Api::start().await;
    let user = api.user();
    // People and businesses.
    for status in ["pending", "approved", "rejected", "failed"] {
        api.decide("kyc", status).await;
    }
    for status in ["rejected", "approved"] {
        api.decide("kyb", status).await;
    }
    for kind in ["kyc", "kyb"] {
        assert_eq!(api.admin("DELETE", &format!("{kind}/{user}"), "").await.0, 200);
        assert_eq!(api.admin("DELETE", &format!("{kind}/{user}"), "").await.0, 404);
    }
    let wrong = json!({ "status": "failed" }).to_string();
    assert_eq!(api.admin("POST", &format!("kyb/{user}"), &wrong).await.0, 422);
    let inquiry = api.ok("paywint-platform/kyc.get_inquiry", &[&user], Value::Null).await;
    let mut fields = crate::compliance::IDENTITY;
    fields[8].1 = "fail";
    let (status, page) = api.submit(&text(&inquiry["inquiry_url"]), &fields).await;
    assert_eq!((status, page.contains("The check failed")), (200, true));
    // Cards.
    let card = api.add_card("4000000000000010").await;
    let page = api.update_link(&card).await;
    assert_eq!(api.submit(&page, &[("confirm", "yes")]).await.0, 200);
    // Money in and out, well and badly, and rejected on the way.
    let good = api.verified_bank("1234567890").await;
    let bad = api.verified_bank("0000009995").await;
    let fund = "paywint-platform/wallets.fund";
    let funding = api.ok(fund, &[&user], json!({ "amount": 1, "bank_id": good })).await;
    let rejected = format!("payments/{}/reject", text(&funding["payment"]["payment_id"]));
    assert_eq!(
        api.admin("POST", &rejected, r#"{"reason": "too soon"}"#).await.1["status"],
        "rejected"
    );
    assert_eq!(api.admin("POST", &rejected, "").await.0, 409);
    for bank in [&good, &bad] {
        api.ok(fund, &[&user], json!({ "amount": 100, "bank_id": bank })).await;
    }
    api.advance_hours(84);
    let withdraw = "paywint-platform/withdrawals.create";
    let mut out = Vec::new();
    for bank in [&good, &bad, &good] {
        let body = json!({ "amount": 5, "transfer_method": "bank_withdrawal", "bank_id": bank });
        out.push(text(&api.ok(withdraw, &[&user], body).await["withdrawal_payment_id"]));
    }
    assert_eq!(api.admin("POST", &format!("payments/{}/reject", out[2]), "").await.0, 200);
    api.advance_hours(84);
    // A payment with a fee goes well and back again.
    let payee = api.new_payee("p@example.com").await;
    let good_card = text(&api.add_card("4242424242424242").await["card_id"]);
    let body = json!({
        "user_id": user, "payee_id": payee, "amount": 10, "payment_method": "CARD",
        "receiving_method": "WALLET", "card_id": good_card,
        "invoice_no": "INV-1", "description": "June",
    });
    let payment = api.ok("paywint-platform/payments.create", &[], body).await;
    api.advance_hours(36);
    let refund = format!("payments/{}/refund", text(&payment["payment_id"]));
    assert_eq!(api.admin("POST", &refund, "").await.1["status"], "refunded");
    assert_eq!(api.admin("POST", &refund, "").await.0, 409);
    // Links: paid, failed and tried again, slow, rejected, too late.
    for operation in [LINK, DEVELOPER_LINK] {
        let link = open_a_link(&api, operation, json!(2)).await;
        let page = text(&link["payment_link"]);
        for number in ["4000000000000127", "4000000000000069"] {
            assert_eq!(api.submit(&page, &form(&[("card_number", number)])).await.0, 422);
        }
        let slow = form(&[("card_number", "4000000000000077")]);
        let (status, shown) = api.submit(&page, &slow).await;
        assert_eq!((status, shown.contains("are being paid")), (200, true), "{shown}");
        let link = open_a_link(&api, operation, json!(2)).await;
        let page = text(&link["payment_link"]);
        let rejected = form(&[("card_number", "4000000000000119")]);
        assert_eq!(api.submit(&page, &rejected).await.0, 403);
        assert_eq!(api.submit(&page, &form(&[])).await.0, 410);
        open_a_link(&api, operation, json!(2)).await;
    }
    api.advance_hours(36);
    api.balanced();

    let events = log(&api).await;
    let emitted = |provider: &str| -> BTreeSet<String> {
        let own = events.iter().filter(|event| event["provider"] == provider);
        own.map(|event| text(&event["event"])).collect()
    };
    let platform = include_str!("../../../../openapi/paywint-platform/openapi.yaml");
    let developer = include_str!("../../../../openapi/paywint-developer/openapi.yaml");
    assert_eq!(emitted("paywint-platform"), documented(platform));
    assert_eq!(emitted("paywint-developer"), documented(developer));
    let page = include_str!("../../../../docs/sandbox.md");
    for event in &events {
        assert!(page.contains(&format!("`{}`", text(&event["event"]))), "docs/sandbox.md: {event}");
        let body = &event["body"];
        assert_eq!((&body["event"], &body["id"]), (&event["event"], &event["id"]));
        assert!(body["data"].is_object() && body["eventGeneratedTime"].is_number(), "{event}");
    }
    let retried = events.iter().find(|event| event["event"] == "payment.retried").unwrap();
    let again = text(&retried["body"]["data"]["retry_payment_id"]);
    let failed = events.iter().rfind(|event| event["event"] == "payment.failed").unwrap();
    assert_eq!(failed["body"]["data"]["failed_reason"], "the card has expired");
    assert!(events.iter().any(|event| event["body"]["data"]["payment_id"] == again.as_str()));
}

#[tokio::test]
async fn a_delivery_is_signed_and_has_its_apis_amounts() {
    let api = Api::start().await;
    let mut receiver = Receiver::start().await;
    let secret = api.sandbox.add_webhook(Webhook::new(&receiver.url).secret("s3cret")).unwrap();
    assert_eq!(secret.secret.expose(), "s3cret");
    open_a_link(&api, LINK, json!(5.99)).await;
    open_a_link(&api, DEVELOPER_LINK, json!(5.99)).await;
    for amount in [json!("5.99"), json!(599)] {
        let (headers, body) = receiver.next().await;
        assert_eq!(headers["content-type"], "application/json");
        verify(&body, &headers, b"s3cret", &Scheme::default()).unwrap();
        assert!(verify(&body, &headers, b"other", &Scheme::default()).is_err());
        // Read as what the provider delivers: the Platform API has dollars, the Developer API cents.
        if amount.is_string() {
            let event = paywint_platform::webhooks::parse(&body).unwrap();
            assert!(matches!(event.data, paywint_platform::webhooks::Data::PaymentOpened(_)));
        } else {
            let event = paywint_developer::webhooks::parse(&body).unwrap();
            assert!(matches!(event.data, paywint_developer::webhooks::Data::PaymentOpened(_)));
        }
        let event: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(event["data"]["amount"], amount);
        assert_eq!(event["data"]["status"], "opened");
        assert_eq!(event["eventGeneratedTime"].is_i64(), amount.is_string());
    }
}

#[tokio::test]
async fn another_scheme_and_one_provider_alone() {
    let api = Api::start().await;
    let mut receiver = Receiver::start().await;
    let body = json!({
        "url": receiver.url, "provider": "paywint-developer", "signature_header": "X-Sig",
        "timestamp_header": null, "prefix": "sha256=", "encoding": "base64",
    });
    let (status, endpoint) = api.admin("POST", "webhooks/endpoints", &body.to_string()).await;
    assert_eq!(status, 200, "{endpoint}");
    let secret = text(&endpoint["secret"]);
    open_a_link(&api, LINK, json!(1)).await;
    open_a_link(&api, DEVELOPER_LINK, json!(1)).await;
    let (headers, body) = receiver.next().await;
    let event: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(event["data"]["amount"], 100);
    let scheme = Scheme {
        signature_header: "X-Sig".into(),
        timestamp_header: None,
        prefix: "sha256=".into(),
        encoding: payglot::schema::Encoding::Base64,
        ..Scheme::default()
    };
    let header = headers["x-sig"].to_str().unwrap();
    assert!(header.starts_with("sha256="));
    verify(&body, [("x-sig", header)], secret.as_bytes(), &scheme).unwrap();

    let (_, listed) = api.admin("GET", "webhooks/endpoints", "").await;
    assert!(!listed.to_string().contains(&secret), "{listed}");
    let (_, snapshot) = api.admin("GET", "snapshot", "").await;
    assert!(!snapshot.to_string().contains(&secret));
    let path = format!("webhooks/endpoints/{}", text(&endpoint["id"]));
    assert_eq!(api.admin("DELETE", &path, "").await.0, 200);
    assert_eq!(api.admin("DELETE", &path, "").await.0, 404);
    for wrong in [
        json!({ "url": "ftp://example.com/" }),
        json!({ "url": "nonsense" }),
        json!({ "url": receiver.url, "secret": "" }),
        json!({ "url": receiver.url, "provider": "linora" }),
        json!({ "url": receiver.url, "signature_header": "a b" }),
        json!({ "url": receiver.url, "timestamp_header": "" }),
        json!({ "url": receiver.url, "prefix": "a\nb" }),
        json!({ "url": receiver.url, "copies": 0 }),
        json!({ "url": receiver.url, "colour": "red" }),
    ] {
        let (status, response) = api.admin("POST", "webhooks/endpoints", &wrong.to_string()).await;
        assert_eq!(status, 422, "{wrong}: {response}");
    }
    let wrong = api.sandbox.add_webhook(Webhook::new("nonsense")).unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "the webhook endpoint: url: Input should be an http or https URL"
    );
}

#[tokio::test]
async fn three_attempts_a_minute_and_five_minutes_apart() {
    let api = Api::start().await;
    let mut receiver = Receiver::answering(&[500, 302, 404, 500, 204]).await;
    api.sandbox.add_webhook(Webhook::new(&receiver.url)).unwrap();
    open_a_link(&api, LINK, json!(1)).await;
    let (_, first) = receiver.next().await;
    let delivery = attempts(&api, 1).await;
    assert_eq!(
        (&delivery["state"], &delivery["attempts"][0]["status"]),
        (&json!("waiting"), &json!(500))
    );
    let event = log(&api).await.pop().unwrap();
    let after = |delivery: &Value| -> i64 {
        let time = |value: &Value| text(value).parse::<jiff::Timestamp>().unwrap();
        time(&delivery["next_attempt_at"]).duration_since(time(&event["at"])).as_secs()
    };
    assert_eq!(after(&delivery), 60);
    api.advance_minutes(1);
    assert_eq!(receiver.next().await.1, first);
    let delivery = attempts(&api, 2).await;
    assert_eq!((after(&delivery), &delivery["attempts"][1]["status"]), (360, &json!(302)));
    api.advance_minutes(5);
    assert_eq!(receiver.next().await.1, first);
    let delivery = attempts(&api, 3).await;
    assert_eq!(
        (&delivery["state"], &delivery["next_attempt_at"]),
        (&json!("given_up"), &json!(null))
    );

    // What is far in the past by now happens at once, and any 2xx ends it.
    open_a_link(&api, LINK, json!(1)).await;
    receiver.next().await;
    attempts(&api, 1).await;
    api.advance_hours(1);
    receiver.next().await;
    let delivery = attempts(&api, 2).await;
    assert_eq!(
        (&delivery["state"], &delivery["next_attempt_at"]),
        (&json!("delivered"), &json!(null))
    );

    // An event that was given up can be sent again by hand.
    let resend = format!("webhooks/events/{}/resend", text(&event["id"]));
    assert_eq!(api.admin("POST", &resend, "").await.1["endpoints"], 1);
    assert_eq!(receiver.next().await.1, first);
    let nothing = format!("webhooks/events/{}/resend", crate::support::NOBODY);
    assert_eq!(api.admin("POST", &nothing, "").await.0, 404);
}

#[tokio::test]
async fn duplicates_and_reordering_come_on_demand() {
    let api = Api::start().await;
    let mut receiver = Receiver::start().await;
    let id = api.sandbox.add_webhook(Webhook::new(&receiver.url).copies(2)).unwrap().id;
    open_a_link(&api, LINK, json!(1)).await;
    assert_eq!(receiver.next().await.1, receiver.next().await.1);

    let id_again = api.sandbox.add_webhook(Webhook::new(&receiver.url)).unwrap().id;
    assert_eq!(id, id_again);
    let endpoint = |what: &str| format!("webhooks/endpoints/{id}/{what}");
    for (body, reversed) in [("", false), (r#"{"order": "reversed"}"#, true)] {
        let (_, held) = api.admin("POST", &endpoint("hold"), "").await;
        assert_eq!(held["held"], true);
        let link = open_a_link(&api, LINK, json!(1)).await;
        api.admin("POST", &format!("payments/{}/pay", text(&link["payment_id"])), "").await;
        let (status, released) = api.admin("POST", &endpoint("release"), body).await;
        assert_eq!((status, &released["held"]), (200, &json!(false)));
        let mut expected = ["payment.opened", "payment.initiated", "payment.success"];
        if reversed {
            expected.reverse();
        }
        assert_eq!(receiver.names(3).await, expected);
    }
    let nobody = format!("webhooks/endpoints/{}/hold", crate::support::NOBODY);
    assert_eq!(api.admin("POST", &nobody, "").await.0, 404);
}

#[tokio::test]
async fn what_is_to_be_told_survives_a_restart_and_settings_survive_a_reset() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let mut receiver = Receiver::answering(&[503]).await;
    let api = Api::with(Sandbox::builder().state(&file)).await;
    api.sandbox.add_webhook(Webhook::new(&receiver.url).secret("unchanged")).unwrap();
    open_a_link(&api, LINK, json!(1)).await;
    let (_, first) = receiver.next().await;
    attempts(&api, 1).await;
    let (_, snapshot) = api.admin("GET", "snapshot", "").await;
    api.sandbox.shutdown().await;

    let api = Api::with(Sandbox::builder().state(&file)).await;
    api.advance_minutes(1);
    let (headers, second) = receiver.next().await;
    assert_eq!(first, second);
    verify(&second, &headers, b"unchanged", &Scheme::default()).unwrap();
    assert_eq!(attempts(&api, 2).await["state"], "delivered");

    // A snapshot restores the deliveries that were queued then.
    assert_eq!(api.admin("POST", "restore", &snapshot.to_string()).await.0, 200);
    assert_eq!(log(&api).await[0]["deliveries"][0]["state"], "waiting");
    api.advance_minutes(1);
    assert_eq!(receiver.next().await.1, first);

    assert_eq!(api.admin("POST", "reset", "").await.0, 200);
    assert!(log(&api).await.is_empty());
    open_a_link(&api, LINK, json!(1)).await;
    assert_eq!(receiver.event().await.0, "payment.opened");
}

#[tokio::test]
async fn an_endpoint_that_hangs_or_is_gone_holds_up_nobody() {
    let api = Api::start().await;
    let mut hanging = Receiver::start().await;
    hanging.desk.gate.forget_permits(1000);
    let mut quick = Receiver::start().await;
    api.sandbox.add_webhook(Webhook::new(&hanging.url)).unwrap();
    api.sandbox.add_webhook(Webhook::new(&quick.url)).unwrap();
    let unreachable = Receiver::start().await.url.replace("/hook", "");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    api.sandbox.add_webhook(Webhook::new(closed)).unwrap();
    api.sandbox.add_webhook(Webhook::new(unreachable)).unwrap();
    let link = open_a_link(&api, LINK, json!(1)).await;
    hanging.next().await;
    // The first delivery has no response yet, and everything goes on.
    let pay = format!("payments/{}/pay", text(&link["payment_id"]));
    assert_eq!(api.admin("POST", &pay, "").await.0, 200);
    assert_eq!(quick.names(3).await, ["payment.opened", "payment.initiated", "payment.success"]);
    let wait = async {
        loop {
            let first = log(&api).await[0].clone();
            let attempts: Vec<_> =
                (0..4).map(|index| first["deliveries"][index]["attempts"][0].clone()).collect();
            if attempts.iter().all(Value::is_object) {
                return attempts;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let attempts = tokio::time::timeout(LONG, wait).await.unwrap();
    assert_eq!(attempts[0]["problem"], "no response within 5 seconds");
    assert_eq!(attempts[1]["status"], 200);
    assert_eq!(attempts[2]["problem"], "no connection");
    assert_eq!(attempts[3]["status"], 404);
}

#[tokio::test]
async fn secrets_in_an_address_are_not_shown() {
    let api = Api::start().await;
    let url = "http://ada:pass@127.0.0.1:1/hook?token=t0ken";
    api.sandbox.add_webhook(Webhook::new(url)).unwrap();
    open_a_link(&api, LINK, json!(1)).await;
    let delivery = attempts(&api, 1).await;
    assert_eq!(delivery["attempts"][0]["problem"], "no connection");
    let (_, listed) = api.admin("GET", "webhooks/endpoints", "").await;
    assert_eq!(listed["endpoints"][0]["url"], "http://127.0.0.1:1/hook?…");
}
