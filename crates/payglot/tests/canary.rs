//! Known values are planted everywhere; then everything that was printed or logged, at the most verbose level, is
//! searched for them.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::error::Error as _;
use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use payglot::paywint_platform::{Client, types};
use payglot::{Error, dec, linora, paywint_developer};
use support::{Server, Step};
use tracing_subscriber::fmt::format::FmtSpan;

const ID: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
/// The planted values. Digits are a card's, an account's and a person's.
const CANARIES: [&str; 5] =
    ["canary", "4000123412341234", "000123456789", "078-05-1120", "Y2FuYXJ5"];

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Everything that an error shows when nobody asks for its body.
fn shown(out: &mut String, error: &Error) {
    writeln!(out, "{error} {error:?} {error:#?}").unwrap();
    let mut source = error.source();
    while let Some(cause) = source {
        writeln!(out, "{cause} {cause:?}").unwrap();
        source = cause.source();
    }
}

#[tokio::test]
async fn no_planted_value_is_shown_or_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let mut out = String::new();

    let echo = r#"{"detail":"card 4000123412341234, account 000123456789, person 078-05-1120 refused",
        "secret":"canary-echo","data":{"ssn":"canary-ssn"}}"#;
    let steps = vec![
        Step::Answer(422, &["x-secret: canary-header", "set-cookie: canary=1"], echo.into()),
        Step::Answer(500, &[], echo.into()),
        Step::Answer(200, &[], "canary-not-json".into()),
        Step::Answer(
            200,
            &[],
            r#"{"success":false,"message":"no: 4000123412341234","data":"canary"}"#.into(),
        ),
        Step::Bytes("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\ncanary".into()),
        Step::Bytes("canary-no-http\r\n\r\n".into()),
        Step::Drop,
        Step::Silence(Duration::from_millis(300)),
    ];
    let count = steps.len();
    let server = Server::start(steps);
    let client = Client::builder()
        .credentials("canary-platform", "canary-secret")
        .base_url(&server.url)
        .build()
        .unwrap();
    write!(out, "{client:?}").unwrap();
    let account = types::ExternalContactBankCreate::builder()
        .payee_id(ID)
        .account_holder_name("canary-name")
        .account_number("000123456789")
        .routing_number("canary-route")
        .bank_nick_name("nick")
        .account_type(types::PayeeBankAccountType::PersonalChecking)
        .build()
        .unwrap();
    // A name is the caller's own business in Debug of his own model; numbers are not.
    let debug = format!("{account:?}").replace("canary-name", "");
    out.push_str(&debug);
    for _ in 0..count {
        let call = client.payee_bank_accounts().add(ID, &account);
        let result =
            call.header("x-note", "canary-header").timeout(Duration::from_millis(150)).await;
        shown(&mut out, &result.unwrap_err());
    }

    // Refused before sending: the value is not repeated.
    let too_long = types::PlatformPaymentLinkCreate::builder()
        .amount(dec!(1))
        .description("canary".repeat(60))
        .build()
        .unwrap();
    shown(&mut out, &client.payments().create_link(ID, &too_long).await.unwrap_err());
    shown(&mut out, &client.cards().get("canary-id").await.unwrap_err());
    let mut typed = types::PlatformPaymentCreate::default();
    typed.payment_method = "canary-method".into();
    shown(&mut out, &client.payments().create(&typed).await.unwrap_err());
    shown(&mut out, &client.request("GET", "/x").header("canary header", "x").await.unwrap_err());
    shown(&mut out, &client.request("GET", "/x").header("x-a", "canary\n").await.unwrap_err());

    // Answers with what must not be shown, and a key in headers.
    let server = Server::start(vec![
        Step::Answer(
            200,
            &[],
            r#"{"cardId":"c","number":"4000123412341234","cvv":"canary-cvv","more":"canary"}"#
                .into(),
        ),
        Step::Answer(200, &[], r#"{"otp":"canary-otp","cardId":"c"}"#.into()),
    ]);
    let client =
        linora::Client::builder().credentials("canary-key").base_url(&server.url).build().unwrap();
    write!(out, "{:?}", client.cards().get("c").await.unwrap()).unwrap();
    write!(out, "{:?}", client.cards().get_otp("c").await.unwrap()).unwrap();
    let client = paywint_developer::Client::builder()
        .credentials("canary-key", "canary-secret")
        .base_url("http://127.0.0.1:9/canary-path")
        .max_retries(0)
        .build()
        .unwrap();
    shown(&mut out, &client.wallets().get().await.unwrap_err());

    clients_that_cannot_be_built(&mut out);

    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("payee_bank_accounts.add"), "the log is empty");
    for (origin, text) in [("shown", &out), ("logged", &logged)] {
        for canary in CANARIES {
            if let Some(position) = text.find(canary) {
                let start = position.saturating_sub(120);
                panic!("{canary} is {origin}: …{}", text.get(start..position + 40).unwrap_or(text));
            }
        }
    }
}

fn clients_that_cannot_be_built(out: &mut String) {
    for builder in [
        Client::builder().credentials("p", "canary\nsecret"),
        Client::builder().credentials("p", "s").base_url("https://canary:canary@x"),
        Client::builder().credentials("p", "s").base_url("https://x").proxy("canary proxy"),
        Client::builder().credentials("p", "s").base_url("https://x").ca_certificates("canary"),
    ] {
        write!(out, "{builder:?}").unwrap();
        shown(out, &builder.build().unwrap_err());
    }
}
