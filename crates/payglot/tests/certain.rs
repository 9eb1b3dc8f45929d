//! What the vendor always sends: typed without an option, and an error where it is left out after all (issue 15.8).

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used)]

mod support;

use payglot::paywint_platform::{Client, types};
use payglot::{ErrorKind, dec};
use support::Server;

const USER: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
/// Not in any text that a person sees.
const CANARY: &str = "canary-7313";

fn client(server: &Server) -> Client {
    Client::builder().credentials("platform", "secret").base_url(&server.url).build().unwrap()
}

fn payment(json: &str) -> types::PlatformPaymentRead {
    serde_json::from_str(json).unwrap()
}

#[tokio::test]
async fn issue_15_8_what_is_certain_needs_no_guard() {
    let server = Server::answering(
        200,
        r#"{"success":true,"data":{"id":"w1","user_id":"u1","available_balance":10.10}}"#,
    );
    let wallet = client(&server).wallets().get(USER).await.unwrap();
    assert_eq!(wallet.id().unwrap(), "w1");
    assert_eq!(wallet.available_balance().unwrap(), dec!(10.10));
    // A field that is not marked has no accessor, and needs its guard.
    assert_eq!(wallet.wallet_type, None::<String>);

    let payment = payment(r#"{"payment_id":"p1","amount":5,"currency":"USD","status":"settling"}"#);
    assert_eq!(payment.status().unwrap(), &types::PlatformPaymentReadStatus::Settling);
    assert_eq!(payment.amount().unwrap(), dec!(5));
}

#[test]
fn issue_15_8_what_is_left_out_takes_nothing_with_it() {
    let text = format!(r#"{{"amount":5,"payment_id":null,"status":"success","new":"{CANARY}"}}"#);
    let payment = payment(&text);
    for (error, field) in [
        (payment.payment_id().unwrap_err(), "PlatformPaymentRead.payment_id is missing"),
        (payment.currency().unwrap_err(), "PlatformPaymentRead.currency is missing"),
    ] {
        assert_eq!(error.kind(), ErrorKind::ResponseFormat);
        assert!(error.may_have_happened());
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(field) && !shown.contains(CANARY), "{shown}");
    }
    assert_eq!(payment.amount().unwrap(), dec!(5));
    assert_eq!(payment.extra.get("new").unwrap().get(), format!("\"{CANARY}\""));
    let written = serde_json::to_string(&payment).unwrap();
    assert!(written.contains(r#""amount":5"#) && written.contains(CANARY), "{written}");
}

#[test]
fn issue_15_8_what_is_of_another_type_is_told_without_its_value() {
    let payment = payment(&format!(r#"{{"amount":{{"{CANARY}":1}},"status":"success"}}"#));
    let error = payment.amount().unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("PlatformPaymentRead.amount is an object"), "{shown}");
    assert!(shown.contains("`extra` has it") && !shown.contains(CANARY), "{shown}");
}

#[test]
fn issue_15_8_a_sensitive_field_says_that_a_journal_has_none() {
    let link = types::PlatformCardSecureLinkRead::default();
    let error = link.secure_link().unwrap_err().to_string();
    assert!(error.contains("a journal that replays a response has none either"), "{error}");
}
