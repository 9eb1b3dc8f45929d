//! What `[webhooks]` may say of a delivery, and what is refused; and what bodies of several parts may have. Over the documents of
//! `tests/providers`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says where"
)]

use std::path::Path;

use payglot_codegen::Generator;
use payglot_codegen::model::{BodyForm, Delivery, DeliveryField, Provider, Type};
use payglot_codegen::source::{self, ProviderSource};
use serde_json::json;

fn vendored(name: &str) -> ProviderSource {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/providers").join(name);
    source::provider(&folder).unwrap()
}

fn provider(source: ProviderSource) -> Result<Provider, String> {
    Generator::default().provider(source).map_err(|error| format!("{error:#}"))
}

fn names(provider: &Provider) -> Vec<&str> {
    provider.events.iter().map(|event| event.name.as_str()).collect()
}

#[test]
fn a_body_can_be_the_data_and_its_name_a_header() {
    let provider = provider(vendored("hooks")).unwrap();
    assert_eq!(names(&provider), ["order.paid", "order.note"]);
    assert_eq!(provider.events[0].data, Type::Object { name: "Order".into() });
    assert_eq!(
        provider.events[0].sample,
        r#"{"id":"o_1","total":12.5,"event":"fair","pin":"1234"}"#
    );
    assert!(matches!(provider.events[1].data, Type::List { .. }));
}

#[test]
fn callbacks_and_the_webhooks_of_older_documents_are_events() {
    let nested = provider(vendored("hooks-nested")).unwrap();
    assert_eq!(names(&nested), ["gone", "moved"]);
    assert!(nested.events.iter().all(|event| event.time_is_text));
    let mut silent = vendored("hooks-nested");
    silent.config.webhooks = None;
    silent.overlay["actions"].as_array_mut().unwrap().truncate(3);
    assert!(provider(silent).unwrap().events.is_empty());
}

#[test]
fn several_events_need_something_that_tells_them_apart() {
    let mut two = vendored("hooks");
    two.config.webhooks = Some(Delivery::default());
    let error = provider(two).unwrap_err();
    assert!(error.contains("nothing says which of 2 events a delivery is"), "{error}");

    let mut one = vendored("hooks");
    one.config.webhooks = Some(Delivery::default());
    one.document["webhooks"].as_object_mut().unwrap().shift_remove("order.note");
    assert_eq!(names(&provider(one).unwrap()), ["order.paid"]);
}

#[test]
fn the_only_webhook_of_a_document_is_as_many_events_as_it_has_names() {
    let mut several = vendored("hooks");
    let webhooks = several.document["webhooks"].as_object_mut().unwrap();
    webhooks.shift_remove("order.note");
    webhooks["order.paid"]["post"]["parameters"] = json!([{
        "name": "x-hook-event", "in": "header", "schema": {"type": "string", "enum": ["paid", "void"]},
    }]);
    let provider = provider(several).unwrap();
    assert_eq!(names(&provider), ["paid", "void"]);
    assert_eq!(provider.events[1].class, "VoidEvent");
    assert_eq!(provider.events[0].data, provider.events[1].data);
}

#[test]
fn what_no_delivery_has_is_refused() {
    let mut wrong = vendored("hooks-nested");
    wrong.config.webhooks.as_mut().unwrap().id = Some(DeliveryField::of("event.number"));
    let error = provider(wrong).unwrap_err();
    assert!(error.contains("a delivery has no `event.number`"), "{error}");
    let unknown: Result<Delivery, _> = toml::from_str("id = { query = \"id\" }");
    assert!(unknown.is_err());
}

#[test]
fn a_header_of_a_part_is_always_the_same_or_left_out() {
    let parts = |source: ProviderSource, name: &str| {
        let provider = provider(source)?;
        let operation = provider.operations.iter().find(|known| known.name == name).unwrap();
        let BodyForm::Multipart(parts) = operation.content.form.clone() else { panic!("no parts") };
        Ok::<_, String>((operation.content.media_type.clone(), parts))
    };
    let (kind, related) = parts(vendored("uploads"), "documents.attach").unwrap();
    assert_eq!(kind, "multipart/related");
    assert_eq!(related[1].headers, [("X-Kind".to_owned(), "scan".to_owned())]);

    let mut uploads = vendored("uploads");
    uploads.document["components"]["headers"]["Level"]["schema"] = json!({"type": "integer"});
    let error = parts(uploads, "documents.mix").unwrap_err();
    assert!(
        error.contains("the header X-Level of the part scans is not always the same"),
        "{error}"
    );
    let target = "$.components.requestBodies['Mixed'].content['multipart/mixed'].encoding['scans'].headers['X-Level']";
    assert!(error.contains(target), "{error}");

    // What new-provider does about it.
    let mut without = vendored("uploads");
    without.document["components"]["headers"]["Level"]["schema"] = json!({"type": "integer"});
    let action = json!({"target": target, "remove": true});
    without.overlay["actions"].as_array_mut().unwrap().push(action);
    let (_, mixed) = parts(without, "documents.mix").unwrap();
    assert!(mixed.is_empty(), "{mixed:?}");
}
