//! Request and response models as values that a program makes, stores and reads again (issue 15.9).

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used)]

use std::str::FromStr as _;

use payglot::linora;
use payglot::paywint_platform::types;
use payglot::{Decimal, ErrorKind, Json, Nullable, dec};
use serde::{Deserialize, Serialize};

const USER: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
const PAYEE: &str = "07f0a4aa-b890-4135-84d6-ec9c19b82bb3";

fn payment() -> types::PlatformPaymentCreate {
    types::PlatformPaymentCreate::builder()
        .user_id(USER)
        .payee_id(PAYEE)
        .amount(dec!(10.10))
        .payment_method(types::PaymentMethodType::Wallet)
        .invoice_no("INV-1")
        .receiving_method("WALLET")
        .description("June")
        .build()
        .unwrap()
}

#[test]
fn a_builder_makes_what_fields_set_one_by_one_make() {
    let mut assigned = types::PlatformPaymentCreate::default();
    assigned.user_id = USER.into();
    assigned.payee_id = PAYEE.into();
    assigned.amount = dec!(10.10);
    assigned.payment_method = types::PaymentMethodType::Wallet;
    assigned.invoice_no = "INV-1".into();
    assigned.receiving_method = types::ReceivingMethodType::Wallet;
    assigned.description = Some("June".into());
    assert_eq!(payment(), assigned);
    let open = linora::types::CreateUserRequest::builder()
        .extra_field("name", Json::new("\"Ada\"").unwrap())
        .build()
        .unwrap();
    assert_eq!(serde_json::to_string(&open).unwrap(), r#"{"name":"Ada"}"#);
}

#[test]
fn a_builder_names_the_field_that_a_request_must_have() {
    let error = types::PlatformPaymentCreate::builder().amount(dec!(1)).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.to_string(), "`user_id` is required");
    let builder = types::PlatformKybCreate::builder().ein("12-canary");
    assert!(!format!("{builder:?}").contains("canary"), "{builder:?}");
}

/// An amount, an enum and models in a struct of the user's own.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    total: Decimal,
    method: types::PaymentMethodType,
    request: types::PlatformPaymentCreate,
    response: types::PlatformPaymentRead,
}

#[test]
fn models_survive_being_stored_with_every_digit_and_field() {
    let response = r#"{"payment_id":"p1","amount":10.10,"status":"brand_new","future":{"a":1.10}}"#;
    let order = Order {
        total: dec!(10.10),
        method: "NEW_METHOD".into(),
        request: payment(),
        response: serde_json::from_str(response).unwrap(),
    };
    let text = serde_json::to_string(&order).unwrap();
    assert!(text.contains(r#""total":"10.10","method":"NEW_METHOD""#), "{text}");
    assert!(text.contains(r#""amount":10.10,"payment_method":"WALLET""#), "{text}");
    assert!(text.contains(r#""future":{"a":1.10}"#), "{text}");
    let read: Order = serde_json::from_str(&text).unwrap();
    assert_eq!(read, order);
    assert_eq!(read.request.amount.to_string(), "10.10");
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
}

#[test]
fn null_and_nothing_stay_apart_and_sensitive_values_are_stored() {
    let update = types::ExternalContactAddressUpdate::builder()
        .payee_id(PAYEE)
        .address_id(USER)
        .company_name(Nullable::Null)
        .city("Denver")
        .build()
        .unwrap();
    let text = serde_json::to_string(&update).unwrap();
    let read: types::ExternalContactAddressUpdate = serde_json::from_str(&text).unwrap();
    assert_eq!((&read.company_name, &read.state), (&Some(Nullable::Null), &None));
    assert_eq!(read, update);
    // Whoever writes a model down does so on purpose.
    let link = r#"{"secure_link":"https://pay.example/s"}"#;
    let read: types::PlatformCardSecureLinkRead = serde_json::from_str(link).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), link);
    assert!(!format!("{read:?}").contains("pay.example"), "{read:?}");
}

#[test]
fn a_request_that_would_lose_something_is_not_read() {
    for (change, says) in [
        (r#""amount":10.10"#, ""),
        (r#""amount":null"#, "amount is null"),
        (r#""amount":[1]"#, "amount is of another type"),
        (r#""amount":10.10,"surprise":1"#, "surprise is a field that the model does not know"),
        (r#""sum":1"#, "amount is missing"),
    ] {
        let text = serde_json::to_string(&payment()).unwrap().replace(r#""amount":10.10"#, change);
        let read = serde_json::from_str::<types::PlatformPaymentCreate>(&text);
        match read {
            Ok(read) => assert_eq!((read, says), (payment(), "")),
            Err(error) => assert!(!says.is_empty() && error.to_string().contains(says), "{error}"),
        }
    }
}

#[test]
fn enums_are_read_from_text_and_shown_as_text() {
    let known = types::PaymentMethodType::from_str("WALLET").unwrap();
    assert_eq!(known, types::PaymentMethodType::Wallet);
    assert_eq!(known.to_string(), "WALLET");
    let other: types::PaymentMethodType = "LATER".parse().unwrap();
    assert_eq!(other, types::PaymentMethodType::Other("LATER".into()));
    assert_eq!(types::PaymentMethodType::from("CARD".to_owned()).to_string(), "CARD");
}
