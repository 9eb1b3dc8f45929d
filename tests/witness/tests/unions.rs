//! Values that are one of several types, in generated Rust: an enum whose members are sent as they are, and which is read by
//! its discriminator, or by what fits.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../../../crates/payglot/tests/support/recorder.rs"]
mod recorder;

use std::collections::BTreeMap;

use payglot_runtime::{Extra, Json, dec};
use payglot_witness::shapes::{Client, types};
use recorder::{Answer, Recorder};

fn answering(body: &str) -> (Recorder, Client) {
    let headers = BTreeMap::new();
    let recorder =
        Recorder::answering(Answer { status: 200, headers, body: body.as_bytes().to_vec() });
    let client = Client::builder().base_url(&recorder.url).build().unwrap();
    (recorder, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_sent_and_read_as_what_it_is() {
    let body = r#"{"source":{"kind":"card","number":"4111","limit":10.10},"more":[{"kind":"bank_account","iban":"DE1","fee":0.30},{"kind":"cash","notes":[5]}]}"#;
    let (recorder, client) = answering(body);
    let card =
        types::CardInput::builder().kind("card").number("4111").limit(dec!(10.10)).build().unwrap();
    let sent = types::ToldInput::builder().source(card).build().unwrap();
    let told = client.told().put(&sent).await.unwrap().unwrap();
    let arrived = recorder.next().body;
    assert_eq!(arrived, br#"{"source":{"kind":"card","number":"4111","limit":10.10}}"#);
    let Some(types::Source::Card(card)) = &told.source else { panic!("{told:?}") };
    assert_eq!(card.limit.unwrap().to_string(), "10.10");
    let Some([types::Source::Bank(bank), types::Source::Other(cash)]) = told.more.as_deref() else {
        panic!("{told:?}")
    };
    assert_eq!(bank.fee.unwrap().to_string(), "0.30");
    assert_eq!(cash.get(), r#"{"kind":"cash","notes":[5]}"#);
    // What is sensitive within a member is hidden, and nothing of what came is lost.
    let shown = format!("{told:?}");
    assert!(!shown.contains("4111") && shown.contains("bank_account"), "{shown}");
    assert_eq!(serde_json::to_string(&told).unwrap(), body);
    let again: types::Told = serde_json::from_str(body).unwrap();
    assert_eq!(again, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_no_member_is_refused_before_it_is_sent() {
    let (recorder, client) = answering("{}");
    let mut sent =
        types::ToldInput::builder().source(types::SourceInput::default()).build().unwrap();
    let error = client.told().put(&sent).await.unwrap_err().to_string();
    assert!(error.contains("`source`"), "{error}");
    sent.source = Some(types::SourceInput::Other(Json::new(r#"{"kind":"cash"}"#).unwrap()));
    let error = client.told().put(&sent).await.unwrap_err().to_string();
    assert!(error.contains("`source.kind` must be card or bank_account"), "{error}");
    assert!(recorder.is_empty());
    // Other JSON goes out where it is one of the members.
    sent.source = Some(types::SourceInput::Other(
        Json::new(r#"{"kind":"bank_account","iban":"a"}"#).unwrap(),
    ));
    client.told().put(&sent).await.unwrap();
    assert_eq!(recorder.next().body, br#"{"source":{"kind":"bank_account","iban":"a"}}"#);
}

#[test]
fn plain_values_of_several_types() {
    let read = |text: &str| serde_json::from_str::<types::Fit>(text).unwrap();
    assert_eq!(read(r#"{"id":"5"}"#).id, Some(types::FitId::Text("5".into())));
    assert_eq!(read(r#"{"id":5}"#).id, Some(types::FitId::Integer(5)));
    let Some(types::FitAmount::Amount(amount)) = read(r#"{"amount":10.10}"#).amount else {
        panic!("no amount")
    };
    assert_eq!(amount.to_string(), "10.10");
    // A list is no text, and no number: it is where fields of another type are.
    let odd = read(r#"{"id":[1]}"#);
    assert_eq!((odd.id.is_none(), odd.extra.keys().next().map(String::as_str)), (true, Some("id")));
    assert!(odd.as_documented().is_err());
}

#[test]
fn what_extends_a_base_is_a_member_of_its_union() {
    let text = r#"{"pet":{"type":"Puppy","name":"Rex","price":10.10,"weeks":6,"chip":"c-1"},"all":[{"type":"Fish","fins":2}]}"#;
    let pets: types::Pets = serde_json::from_str(text).unwrap();
    let Some(types::AnyPet::Puppy(puppy)) = &pets.pet else { panic!("{pets:?}") };
    assert_eq!((puppy.weeks, puppy.price.unwrap().to_string()), (Some(6), "10.10".into()));
    let Some([types::AnyPet::Pet(fish)]) = pets.all.as_deref() else { panic!("{pets:?}") };
    assert_eq!(fish.extra, Extra::from([("fins".to_owned(), Json::new("2").unwrap())]));
    assert!(!format!("{pets:?}").contains("c-1"));
    assert_eq!(serde_json::to_string(&pets).unwrap(), text);
}
