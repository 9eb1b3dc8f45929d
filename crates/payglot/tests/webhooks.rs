//! The webhook vectors that all languages share.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use payglot::schema::Encoding;
use payglot::webhooks::{Event, EventData, Scheme, parse, sign, verify_at};
use payglot::{Error, Json, paywint_developer, paywint_platform};
use serde_json::{Value, json};

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/contract/webhooks.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(value.as_str().unwrap()).unwrap()
}

fn scheme(given: &Value, defaults: &Value) -> Scheme {
    let of = |name: &str| given.get(name).unwrap_or(&defaults[name]);
    let text = |name: &str| of(name).as_str().map(str::to_owned);
    Scheme {
        signature_header: text("signature_header").unwrap().into(),
        timestamp_header: text("timestamp_header").map(Into::into),
        separator: text("separator").unwrap().into(),
        prefix: text("prefix").unwrap().into(),
        encoding: Encoding::from_name(&text("encoding").unwrap()).unwrap(),
        tolerance: Duration::from_secs(of("tolerance").as_u64().unwrap()),
    }
}

fn check(result: Result<(), Error>, case: &Value) {
    let name = &case["name"];
    match (result, &case["error"]) {
        (Ok(()), Value::Null) => {}
        (Err(error), wanted) if !wanted.is_null() => {
            assert_eq!(error.kind().name(), wanted["class"], "{name}");
            let message = error.to_string();
            assert!(message.contains(wanted["message_has"].as_str().unwrap()), "{name}: {message}");
            assert!(!message.contains("100.00"), "{name}: {message}");
        }
        (result, wanted) => panic!("{name}: {result:?}, not {wanted}"),
    }
}

#[test]
fn every_delivery_holds_or_does_not() {
    let vectors = vectors();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() > 50);
    // What the defaults are is part of the contract.
    let defaults = Scheme::default();
    let written = scheme(&json!({}), &vectors["default_scheme"]);
    assert_eq!(format!("{written:?}"), format!("{defaults:?}"));
    for case in cases {
        let headers: Vec<(String, String)> =
            serde_json::from_value(case["headers"].clone()).unwrap();
        let secrets: Vec<Vec<u8>> =
            case["secrets_base64"].as_array().unwrap().iter().map(bytes).collect();
        let scheme = scheme(&case["scheme"], &vectors["default_scheme"]);
        let now = UNIX_EPOCH + Duration::from_secs(case["now"].as_u64().unwrap());
        let body = bytes(&case["body_base64"]);
        check(verify_at(&body, headers, &secrets, &scheme, now), case);
    }
}

#[test]
fn signing_gives_what_the_vectors_have() {
    let vectors = vectors();
    let first = &vectors["cases"][0];
    let scheme = scheme(&first["scheme"], &vectors["default_scheme"]);
    let secret = bytes(&first["secrets_base64"][0]);
    let signature = sign(&bytes(&first["body_base64"]), 1_718_006_400, &secret, &scheme);
    assert_eq!(signature, first["headers"][0][1].as_str().unwrap());
}

#[test]
fn every_event_is_read_as_written() {
    let vectors = vectors();
    let cases = vectors["events"].as_array().unwrap();
    assert!(cases.len() > 10);
    for case in cases {
        let body = bytes(&case["body_base64"]);
        match case["provider"].as_str().unwrap() {
            "paywint-platform" => compare(parse::<paywint_platform::webhooks::Data>(&body), case),
            _ => compare(parse::<paywint_developer::webhooks::Data>(&body), case),
        }
    }
}

fn compare<D: EventData + std::fmt::Debug>(read: Result<Event<D>, Error>, case: &Value) {
    let name = &case["name"];
    let event = match read {
        Ok(event) => event,
        Err(error) => return check(Err(error), case),
    };
    let wanted = &case["event"];
    assert_eq!(event.event, wanted["event"], "{name}");
    assert_eq!(event.id, wanted["id"], "{name}");
    let instant = event.generated_at.as_ref().and_then(payglot::webhooks::UnixTime::parsed);
    assert_eq!(instant.map(|at| at.to_string()), wanted["generated_at"].as_str().map(Into::into));
    let shown = format!("{:?}", event.data);
    assert_eq!(!shown.starts_with("Other("), wanted["known"], "{name}");
    // Amounts and other scalars, by the names that a user sees.
    for (field, value) in wanted["data"].as_object().into_iter().flatten() {
        if shown.contains('{') && value.is_string() {
            let text = value.as_str().unwrap();
            let is_amount = field.starts_with("amount");
            // A status is one of an enum that is open.
            let is_status = field == "status";
            let expected = match text.chars().next() {
                _ if is_amount => format!("{field}: {text}"),
                Some(first) if is_status => {
                    format!("{field}: {}{}", first.to_ascii_uppercase(), &text[1..])
                }
                _ => format!("{field}: {text:?}"),
            };
            assert!(shown.contains(&expected), "{name}: {shown} lacks {expected}");
        }
    }
    assert!(!format!("{event:?}").contains("data"), "{name}");
}

#[test]
fn a_sample_takes_the_place_of_a_vendor() {
    use paywint_developer::webhooks::{Data, construct_event, sample_delivery};
    let scheme = Scheme::default();
    let data = Json::new(r#"{"amount":1234,"brand_new":true}"#).unwrap();
    let delivery = sample_delivery("payment.success", Some(&data), b"secret", &scheme).unwrap();
    let event = construct_event(&delivery.body, &delivery.headers, "secret", &scheme).unwrap();
    let Data::PaymentSuccess(payment) = event.data else { panic!("another event") };
    assert_eq!(payment.amount_cents, Some(1234.into()));
    assert_eq!(payment.status, Some("success".into()));
    assert!(payment.extra.contains_key("brand_new"));
    assert!(!format!("{delivery:?}").contains("1234"));

    let mut tampered = delivery.body.clone();
    tampered.push(b' ');
    assert!(construct_event(&tampered, &delivery.headers, "secret", &scheme).is_err());

    let other = sample_delivery("payment.success", None, b"secret", &scheme).unwrap();
    let id = |body: &[u8]| paywint_developer::webhooks::parse(body).unwrap().id;
    assert_ne!(id(&other.body), id(&delivery.body));

    let unknown = sample_delivery("no.such", None, b"secret", &scheme).unwrap_err();
    assert!(unknown.to_string().contains("payment.retried"), "{unknown}");
    let list = Json::new("[]").unwrap();
    assert!(sample_delivery("payment.success", Some(&list), b"secret", &scheme).is_err());
}
