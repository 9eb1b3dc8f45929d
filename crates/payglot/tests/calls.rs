//! What a call sends, and what it makes of the response, over a scripted server.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::time::Duration;

use payglot::paywint_platform::{Client, types};
use payglot::{Decimal, EmptyBody, ErrorKind, Nullable, dec, linora, paywint_developer, sign};
use support::{Server, Step};

const USER: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
const CARD: &str = "07f0a4aa-b890-4135-84d6-ec9c19b82bb3";

fn client(url: &str) -> Client {
    Client::builder().credentials("platform", "canary-secret").base_url(url).build().unwrap()
}

fn payment() -> types::PlatformPaymentCreate {
    types::PlatformPaymentCreate::builder()
        .user_id(USER)
        .payee_id(CARD)
        .amount(dec!(10.10))
        .payment_method(types::PaymentMethodType::Wallet)
        .invoice_no("INV-1")
        .receiving_method(types::ReceivingMethodType::Wallet)
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_signed_call_sends_exactly_this() {
    let server = Server::answering(200, r#"{"success":true,"data":{"secure_link":"https://x/s"}}"#);
    let body = types::PlatformCardUpdateLinkCreate::builder()
        .card_id(CARD)
        .card_purpose(types::CardUsageType::Payment)
        .build()
        .unwrap();
    let link = client(&server.url).cards().create_update_link(USER, &body).await.unwrap();
    assert_eq!(link.secure_link.as_deref(), Some("https://x/s"));
    let left = link.expires_at().unwrap().duration_since(payglot::jiff::Timestamp::now());
    assert!((1790..=1800).contains(&left.as_secs()), "{left}");
    assert_eq!(types::PlatformCardSecureLinkRead::default().expires_at(), None);

    let request = server.only();
    let path = format!("/api/platform/card/update/secure-link/{USER}");
    let sent = format!(r#"{{"card_id":"{CARD}","card_purpose":"PAYMENT"}}"#);
    assert_eq!(request.line, format!("POST {path} HTTP/1.1"));
    assert_eq!(request.body, sent);
    let signature = sign(b"canary-secret", "POST", &path, "", sent.as_bytes(), EmptyBody::Hash);
    assert_eq!(request.header("x-signature"), Some(signature.as_str()));
    assert_eq!(request.header("x-platform-id"), Some("platform"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert!(request.header("user-agent").unwrap().starts_with("payglot/"));
    assert_eq!(request.header("api-version"), None);
    assert_eq!(request.header("idempotency-key"), None);
}

#[tokio::test]
async fn the_other_two_schemes() {
    let server = Server::answering(200, r#"{"success":true,"data":{"id":"w"}}"#);
    let client = paywint_developer::Client::builder()
        .credentials("key", "secret")
        .base_url(&server.url)
        .build()
        .unwrap();
    assert_eq!(client.wallets().get().await.unwrap().id.as_deref(), Some("w"));
    let request = server.only();
    assert_eq!(request.line, "GET /api/user-api/wallet/get HTTP/1.1");
    assert_eq!(request.header("x-api-key"), Some("key"));
    assert_eq!(request.header("x-api-secret"), Some("secret"));

    let server = Server::answering(200, r#"{"toAmount": 0.00012345}"#);
    let client = linora::Client::builder()
        .credentials("token")
        .base_url(format!("{}/x/", server.url))
        .build()
        .unwrap();
    let query = linora::types::ExchangeEstimateQuery::builder()
        .from_currency("us d&+")
        .to_currency("btc")
        .from_amount(dec!(100.50))
        .build()
        .unwrap();
    let estimate = client.exchange().estimate(&query).await.unwrap();
    assert_eq!(estimate.to_amount, Some("0.00012345".parse().unwrap()));
    let request = server.only();
    assert_eq!(
        request.line,
        "GET /x/api/exchange/estimate?fromAmount=100.50&fromCurrency=us+d%26%2B&toCurrency=btc HTTP/1.1"
    );
    assert_eq!(request.header("authorization"), Some("Bearer token"));
}

#[tokio::test]
async fn an_empty_body_is_signed_as_asked() {
    for (empty_body, expected) in [
        (EmptyBody::Hash, "ac936261e6c7cc033a83f5332190694ec94a8791d73132802502ba5e4fd862a0"),
        (EmptyBody::Omit, "58d6ea289b2a22b19390d1c1f8c971ac4f4ee8301f93e7cb1436cca9757930f1"),
    ] {
        let server = Server::answering(200, r#"{"data":{}}"#);
        let client = Client::builder()
            .credentials("id", "your_platform_secret_key")
            .base_url(&server.url)
            .empty_body(empty_body)
            .build()
            .unwrap();
        client.wallets().get(USER).await.unwrap();
        assert_eq!(server.only().header("x-signature"), Some(expected));
    }
}

#[tokio::test]
async fn money_keeps_its_digits_both_ways() {
    let server = Server::answering(
        200,
        r#"{"success":true,"data":{"amount":10.10,"processing_fee":"0.30","delivery_fee":1e2}}"#,
    );
    let payment = client(&server.url).payments().create(&payment()).await.unwrap();
    assert!(server.only().body.contains(r#""amount":10.10,"#));
    assert_eq!(payment.amount.unwrap().to_string(), "10.10");
    assert_eq!(payment.processing_fee.unwrap().to_string(), "0.30");
    assert_eq!(payment.delivery_fee, Some(Decimal::from(100)));
}

/// Issue 12.1.
#[tokio::test]
async fn a_payment_that_failed_says_so() {
    let failed = r#"{"success":true,"data":{"status":"failed","amount":10.10,"failure_reason":"Insufficient funds"}}"#;
    let server = Server::answering(200, failed);
    let record = client(&server.url).payments().create(&payment()).await.unwrap();
    assert!(record.has_failed() && record.is_final());
    let server = Server::answering(200, failed);
    let client = client(&server.url);
    let error = client.payments().create(&payment()).raise_on_failed(true).await.unwrap_err();
    assert_eq!(error.kind(), payglot::ErrorKind::PaymentFailed);
    assert!(!error.may_have_happened());
    let record = error.record::<types::PlatformPaymentRead>().unwrap();
    assert_eq!(record.failure_reason.as_deref(), Some("Insufficient funds"));
    assert_eq!(record.amount, Some("10.10".parse().unwrap()));
    let mut unknown = types::PlatformPaymentRead::default();
    unknown.status = Some("new".into());
    assert!(!unknown.has_failed() && !unknown.is_final());
    let mut success = types::PlatformPaymentRead::default();
    success.status = Some("success".into());
    assert!(!success.has_failed() && success.is_final());
    assert!(!types::PlatformPaymentRead::default().has_failed());
}

#[tokio::test]
async fn an_answer_is_read_leniently_and_keeps_what_it_does_not_know() {
    let text = r#"{"success":true,"data":{"payment_id":"****-masked","transaction_id":"1501","amount":[1],
        "status":"brand_new","created_at":"yesterday","new_field":{"a":1.10}}}"#;
    let server = Server::answering(200, text);
    let payment = client(&server.url).payments().get(CARD).await.unwrap();
    assert_eq!(payment.payment_id.as_deref(), Some("****-masked"));
    assert_eq!(payment.transaction_id, Some(1501));
    assert_eq!(payment.amount, None);
    assert_eq!(payment.status, Some("brand_new".into()));
    let created = payment.created_at.clone().unwrap();
    assert_eq!((created.as_str(), created.parsed()), ("yesterday", None));
    assert_eq!(payment.extra["new_field"].get(), r#"{"a":1.10}"#);

    // A round trip through the caller's own storage keeps all of it.
    let stored = serde_json::to_string(&payment).unwrap();
    assert!(stored.contains(r#""new_field":{"a":1.10}"#), "{stored}");
    assert_eq!(serde_json::from_str::<types::PlatformPaymentRead>(&stored).unwrap(), payment);
}

/// Issue 12.8.
#[tokio::test]
async fn a_value_of_another_type_is_kept_and_told() {
    for odd in ["\"ten\"", "\"\"", "[]", "{}", "true", "\"1,000.00\"", "\"NaN\""] {
        let text = format!(
            r#"{{"success":true,"data":{{"payment_id":"p-1","amount":{odd},"processing_fee":0.30}}}}"#
        );
        let server = Server::answering(200, &text);
        let payment = client(&server.url).payments().create(&payment()).await.unwrap();
        assert_eq!(payment.amount, None, "{odd}");
        assert_eq!(payment.extra["amount"].get(), odd);
        // The rest stays readable.
        assert_eq!(payment.payment_id.as_deref(), Some("p-1"));
        assert_eq!(payment.processing_fee.unwrap().to_string(), "0.30");
        let error = payment.as_documented().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ResponseFormat);
        assert!(error.may_have_happened(), "the vendor took it");
        let message = error.to_string();
        assert!(message.contains("PlatformPaymentRead.amount is "), "{message}");
        assert!(message.contains("where the document has an amount"), "{message}");
        assert!(!message.contains("ten") && !message.contains("1,000"), "{message}");
        // It is there again after a round trip, and not twice.
        let stored = serde_json::to_string(&payment).unwrap();
        assert_eq!(stored.matches("\"amount\"").count(), 1, "{stored}");
        assert!(stored.contains(&format!("\"amount\":{odd}")), "{stored}");
        assert_eq!(serde_json::from_str::<types::PlatformPaymentRead>(&stored).unwrap(), payment);
    }
    let absent = types::PlatformPaymentRead::default();
    assert!(absent.as_documented().is_ok());
    let null: types::PlatformPaymentRead =
        serde_json::from_str(r#"{"amount":null,"new":[1]}"#).unwrap();
    assert_eq!(null.as_documented().unwrap().amount, None);
    assert_eq!(null.extra.keys().collect::<Vec<_>>(), ["new"]);
}

#[tokio::test]
async fn everything_around_the_payload_is_reachable() {
    let server = Server::start(vec![Step::Answer(
        200,
        &["x-request-id: req-1"],
        r#"{"success":true,"message":"Fine","data":{"id":"w"}}"#.into(),
    )]);
    let response = client(&server.url).wallets().get(USER).with_response().await.unwrap();
    assert_eq!(response.value.id().unwrap(), "w");
    assert_eq!(response.response.status(), 200);
    assert_eq!(response.response.message(), Some("Fine"));
    assert_eq!(response.response.request_id().as_deref(), Some("req-1"));
    assert!(response.response.text().contains("Fine"));
}

#[tokio::test]
async fn statuses_become_kinds_and_keep_the_answer() {
    for (status, kind) in [
        (400, ErrorKind::BadRequest),
        (401, ErrorKind::Authentication),
        (403, ErrorKind::PermissionDenied),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (418, ErrorKind::Api),
        (422, ErrorKind::UnprocessableEntity),
        (429, ErrorKind::RateLimit),
        (500, ErrorKind::InternalServer),
        (302, ErrorKind::Api),
    ] {
        let body = r#"{"detail":[{"loc":["body","card_id"],"msg":"Field required","type":"missing"}],"code":"c1"}"#;
        let server = Server::start(vec![Step::Answer(
            status,
            &["retry-after: 7", "x-request-id: r"],
            body.into(),
        )]);
        let error = client(&server.url).cards().get(CARD).max_retries(0).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status}");
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.operation(), "cards.get");
        assert_eq!(error.code(), Some("c1"));
        assert_eq!(error.request_id(), Some("r"));
        assert_eq!(error.body(), Some(body));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        assert!(error.detail().unwrap().contains("Field required"));
        let problem = payglot::Problem {
            location: vec!["body".into(), "card_id".into()],
            message: "Field required".into(),
            kind: "missing".into(),
        };
        assert_eq!(error.problems(), [problem]);
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("body.card_id: Field required"), "{shown}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}

#[tokio::test]
async fn success_false_under_200_is_an_error() {
    let server = Server::answering(200, r#"{"success":false,"message":"No funds","data":null}"#);
    let error = client(&server.url).payments().create(&payment()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.to_string(), "payments.create: the vendor refused the call: No funds");
}

#[tokio::test]
async fn an_answer_that_is_not_understood_says_that_the_vendor_answered() {
    for body in ["<html>", "{\"success\":", "[1]", "null"] {
        let server = Server::answering(200, body);
        let error = client(&server.url).payments().create(&payment()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{body}");
        assert!(error.may_have_happened() && error.reconcile().is_some(), "{body}");
        assert_eq!((error.status(), error.body()), (Some(200), Some(body)));
        assert!(error.to_string().contains("the vendor answered 200"), "{error}");
    }
}

#[tokio::test]
async fn a_read_is_tried_again_and_a_payment_is_not() {
    let server = Server::start(vec![
        Step::Drop,
        Step::Answer(503, &["retry-after: 0"], String::new()),
        Step::Answer(200, &[], r#"{"data":{"id":"w"}}"#.into()),
    ]);
    assert_eq!(client(&server.url).wallets().get(USER).await.unwrap().id().unwrap(), "w");
    assert_eq!(server.received().len(), 3);

    for step in [
        Step::Drop,
        Step::Answer(500, &[], "{}".into()),
        Step::Answer(408, &[], "{}".into()),
        Step::Bytes("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"succ".into()),
    ] {
        let server = Server::start(vec![step, Step::Answer(200, &[], r#"{"data":null}"#.into())]);
        let error = client(&server.url).payments().create(&payment()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error:?}");
        assert!(error.reconcile().is_some_and(|text| error.to_string().contains(text)));
        assert_eq!((error.operation(), error.attempts()), ("payments.create", 1));
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn a_payment_is_tried_again_when_it_was_turned_away() {
    let server = Server::start(vec![
        Step::Answer(429, &["retry-after: 0"], String::new()),
        Step::Answer(200, &[], r#"{"success":true,"data":{"status":"success"}}"#.into()),
    ]);
    let payment = client(&server.url).payments().create(&payment()).await.unwrap();
    assert_eq!(payment.status, Some("success".into()));
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn nothing_listening_is_a_connection_error() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let client = client(&format!("http://127.0.0.1:{port}"));
    let error = client.payments().create(&payment()).max_retries(1).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::ApiConnection, 2));
    assert!(error.to_string().contains("nothing was sent"), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn time_runs_out() {
    let server = Server::start(vec![Step::Silence(Duration::from_secs(2))]);
    let call = client(&server.url);
    let error = call.wallets().get(USER).timeout(Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ApiTimeout);
    assert!(error.kind().is_a(ErrorKind::ApiConnection));

    let server = Server::start(vec![Step::Silence(Duration::from_secs(2))]);
    let call = client(&server.url);
    let error =
        call.payments().create(&payment()).timeout(Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
}

#[tokio::test]
async fn a_keyed_call_keeps_its_key_over_retries() {
    let ok = r#"{"success":true,"data":{"id":"b1"}}"#;
    let server = Server::start(vec![Step::Drop, Step::Answer(200, &[], ok.into())]);
    let body = types::PlatformBankAccountCreate::builder()
        .user_id(USER)
        .account_holder_name("A")
        .bank_name("B")
        .build()
        .unwrap();
    client(&server.url).bank_accounts().add(&body).await.unwrap();
    let keys: Vec<_> = server
        .received()
        .iter()
        .map(|request| request.header("idempotency-key").unwrap().to_owned())
        .collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);

    let server = Server::answering(200, ok);
    client(&server.url).bank_accounts().add(&body).idempotency_key("mine").await.unwrap();
    assert_eq!(server.only().header("idempotency-key"), Some("mine"));
}

#[tokio::test]
async fn bad_input_is_refused_before_sending_and_named() {
    let server = Server::start(vec![]);
    let client = client(&server.url);
    let refused = async |call: payglot::Call<'_, types::PlatformPaymentRead>| {
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
        // The page on errors says so.
        assert_eq!(error.to_string(), format!("{}: {}", error.operation(), error.message()));
        (error.argument().unwrap().to_owned(), error.to_string())
    };
    let (argument, message) = refused(client.payments().get("not-a-uuid")).await;
    assert_eq!(
        (argument.as_str(), message.as_str()),
        ("payment_id", "payments.get: `payment_id` must be a UUID")
    );
    let mut long = payment();
    long.invoice_no = "canary".repeat(4);
    let (argument, message) = refused(client.payments().create(&long)).await;
    assert_eq!(argument, "invoice_no");
    assert_eq!(message, "payments.create: `invoice_no` must have at most 20 characters");
    let mut unknown = payment();
    unknown.payment_method = "CASH".into();
    assert_eq!(refused(client.payments().create(&unknown)).await.0, "payment_method");
    let mut check = types::PlatformMailCheckCreate::builder()
        .payee_id(CARD)
        .payee_address_id(CARD)
        .amount(dec!(0.99))
        .build()
        .unwrap();
    let (argument, message) = refused(client.payments().mail_check(USER, &check)).await;
    assert_eq!(
        (argument.as_str(), message.as_str()),
        ("amount", "payments.mail_check: `amount` must be at least 1")
    );
    check.amount = dec!(1.00);
    check.remittance = Some(vec![types::CheckRemittanceItem::default(); 51].into());
    assert_eq!(refused(client.payments().mail_check(USER, &check)).await.0, "remittance");
    for id in ["", ".", ".."] {
        let linora =
            linora::Client::builder().credentials("k").base_url(&server.url).build().unwrap();
        assert_eq!(
            linora.users().get(id).await.unwrap_err().kind(),
            ErrorKind::InvalidRequest,
            "{id:?}"
        );
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn absent_null_and_a_value_are_three_things() {
    let address = |line: Option<Nullable<String>>| {
        let builder = paywint_developer::types::PayeeAddressUpdate::builder();
        let mut address = builder.payee_id(USER).address_id(CARD).build().unwrap();
        address.address_line_2 = line;
        address
    };
    for (line, sent) in [
        (None, ""),
        (Some(Nullable::Null), r#","address_line_2":null"#),
        (Some("Apt 4B".into()), r#","address_line_2":"Apt 4B""#),
    ] {
        let server = Server::answering(200, r#"{"data":{"fist_name":"Jo"}}"#);
        let client = paywint_developer::Client::builder()
            .credentials("k", "s")
            .base_url(&server.url)
            .build()
            .unwrap();
        let response = client.payee_addresses().update(&address(line)).await.unwrap().unwrap();
        assert_eq!(response.first_name.as_deref(), Some("Jo"));
        let expected = format!(r#"{{"payee_id":"{USER}","address_id":"{CARD}"{sent}}}"#);
        assert_eq!(server.only().body, expected);
    }
}

#[tokio::test]
async fn sensitive_values_stay_out_of_debug() {
    let server = Server::answering(
        200,
        r#"{"cardId":"c1","number":"4242424242424242","cvv":"123","expiryDate":"12/30","unknown":"4000"}"#,
    );
    let client =
        linora::Client::builder().credentials("canary").base_url(&server.url).build().unwrap();
    let card = client.cards().get("c1").await.unwrap();
    assert_eq!(card.number.as_deref(), Some("4242424242424242"));
    let shown = format!("{card:?}");
    for hidden in ["4242", "123", "12/30", "4000"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    assert!(shown.contains("[redacted]") && shown.contains("c1"));
    // A client shows its port too, which may have any digits.
    let shown = format!("{client:?}");
    assert!(shown.contains(&server.url) && !shown.contains("canary"), "{shown}");
    let mut kyb = types::PlatformKybCreate::default();
    kyb.ein = "canary-ein".into();
    assert!(!format!("{kyb:?}").contains("canary"));
}

#[tokio::test]
async fn a_large_answer_is_refused_and_a_redirect_is_not_followed() {
    let server = Server::answering(200, &format!("\"{}\"", "x".repeat(4096)));
    let client = Client::builder()
        .credentials("p", "s")
        .base_url(&server.url)
        .max_response_bytes(1024)
        .build()
        .unwrap();
    let error = client.payments().create(&payment()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::OutcomeUnknown, Some(200)));

    let server = Server::start(vec![
        Step::Answer(307, &["location: /elsewhere"], String::new()),
        Step::Answer(200, &[], "{}".into()),
    ]);
    let error = self::client(&server.url).wallets().get(USER).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(307)));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn the_escape_hatch_is_signed_and_careful() {
    let server = Server::answering(200, r#"{"any":1.10}"#);
    let client = client(&server.url);
    let response = client.request("post", "/api/new").query("a", "b c").json(&["x"]).await.unwrap();
    assert_eq!((response.status(), response.text()), (200, r#"{"any":1.10}"#));
    let request = server.only();
    assert_eq!(
        (request.line.as_str(), request.body.as_str()),
        ("POST /api/new?a=b+c HTTP/1.1", r#"["x"]"#)
    );
    let signature =
        sign(b"canary-secret", "POST", "/api/new", "?a=b+c", br#"["x"]"#, EmptyBody::Hash);
    assert_eq!(request.header("x-signature"), Some(signature.as_str()));

    // Issue 12.23.
    let server = Server::answering(200, "\u{feff}{\"any\":1}");
    let response = self::client(&server.url).request("GET", "/x").await.unwrap();
    assert_eq!(response.payload().unwrap().json(), r#"{"any":1}"#);

    let server = Server::start(vec![Step::Drop]);
    let error = self::client(&server.url).request("POST", "/x").await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::OutcomeUnknown, "request"));

    let server = Server::start(vec![Step::Drop, Step::Answer(200, &[], "{}".into())]);
    self::client(&server.url)
        .request("GET", "/x")
        .replay(payglot::schema::Replay::Read)
        .await
        .unwrap();
    for path in ["x", "/x?a=1", "/x#y"] {
        let error = self::client(&server.url).request("GET", path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{path}");
    }
}

#[test]
fn a_client_that_cannot_work_is_not_built() {
    let builder = || Client::builder().credentials("p", "s");
    for (client, message) in [
        (Client::builder().credentials("", "s").base_url("https://x"), "platform_id"),
        (Client::builder().credentials("p", "canary\nkey").base_url("https://x"), "secret_key"),
        (builder().base_url("ftp://x"), "https://"),
        (builder().base_url("canary"), "base_url"),
        (builder().base_url("https://x?canary=1"), "query"),
        (builder().base_url("https://user:canary@x"), "password"),
        (builder().base_url("https://x").timeout(Duration::ZERO), "timeout"),
    ] {
        let error = client.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(message), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
    let error = linora::Client::builder().credentials("k").build().unwrap_err();
    assert!(error.to_string().contains("LINORA_BASE_URL"), "{error}");
}
