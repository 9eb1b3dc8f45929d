//! The deliveries of `tests/providers/*/deliveries.json` in Rust: what is read of each, and that a sample of every event is read
//! as that event. The same deliveries are played in Python and in Node, there with an inbox too.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use payglot_runtime::webhooks::{Event, EventData, Scheme, construct_event, parse, sample, sign};
use payglot_runtime::{Error, ErrorKind};
use payglot_witness::hooks::webhooks::Data;
use payglot_witness::hooks_nested::webhooks::Data as Nested;
use serde_json::Value;

const SECRET: &[u8] = b"whsec";

fn scheme() -> Scheme {
    Scheme { timestamp_header: None, ..Scheme::default() }
}

fn read<D: EventData>(case: &Value) -> Result<Event<D>, Error> {
    let (body, scheme) = (case["body"].as_str().unwrap().as_bytes(), scheme());
    let mut headers: Vec<(String, String)> = case["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    headers.push((scheme.signature_header.to_string(), sign(body, 0, SECRET, &scheme)));
    construct_event(body, &headers, SECRET, &scheme)
}

fn play<D: EventData>(cases: &str, class: fn(&D) -> &'static str) {
    let cases: Vec<Value> = serde_json::from_str(cases).unwrap();
    assert!(cases.len() > 4);
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let expected = &case["event"];
        match read::<D>(case) {
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::ResponseFormat, "{name}");
                assert!(
                    error.to_string().contains(case["message"].as_str().expect(name)),
                    "{error}"
                );
            }
            Ok(event) => {
                assert_eq!(class(&event.data), expected["class"], "{name}");
                assert_eq!((&*event.event, &*event.id), of(expected), "{name}");
                let time = event
                    .generated_at
                    .as_ref()
                    .and_then(payglot_runtime::webhooks::UnixTime::parsed);
                let wanted = expected["time"].as_str().map(|time| time.parse().unwrap());
                assert_eq!(time, wanted, "{name}");
                assert_eq!(event.text(), case["body"], "{name}");
            }
        }
    }
    for event in D::WEBHOOKS.events {
        let delivery =
            sample(D::WEBHOOKS, event.name, None, None).unwrap().signed(SECRET, &scheme());
        let read: Event<D> =
            construct_event(&delivery.body, &delivery.headers, SECRET, &scheme()).unwrap();
        assert_eq!(read.event, event.name);
        assert!(class(&read.data).to_lowercase().contains(&event.name.replace('.', "")));
    }
}

fn of(expected: &Value) -> (&str, &str) {
    (expected["event"].as_str().unwrap(), expected["id"].as_str().unwrap())
}

#[test]
fn a_whole_body_is_data_whose_name_is_in_a_header() {
    let cases = include_str!("../../providers/hooks/deliveries.json");
    play(cases, |data: &Data| match data {
        Data::OrderPaid(order) => {
            assert!(["12.50", "12.5"].contains(&&*order.total.unwrap().to_string()));
            "OrderPaidEvent"
        }
        Data::OrderNote(_) => "OrderNoteEvent",
        _ => "UnknownEvent",
    });
    let error = parse::<Data>(b"{}").unwrap_err();
    assert!(error.to_string().contains("pass the headers of the request"), "{error}");
}

#[test]
fn what_says_which_event_it_is_can_be_within_objects() {
    let cases = include_str!("../../providers/hooks-nested/deliveries.json");
    play(cases, |data: &Nested| match data {
        Nested::Moved(parcel) => {
            assert_eq!(parcel.number.as_deref(), Some("p_1"));
            "MovedEvent"
        }
        Nested::Gone(_) => "GoneEvent",
        _ => "UnknownEvent",
    });
}
