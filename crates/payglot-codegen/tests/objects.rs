//! What `x-payglot-object` may say, and what is refused; over the document of the Paywint Developer API.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says where"
)]

use std::path::Path;

use payglot_codegen::Generator;
use payglot_codegen::model::Provider;
use payglot_codegen::source;
use serde_json::{Value, json};

const EVENT: &str = "$.webhooks['payment.success'].post";

/// With this object instead of the one of `payment.success`, and further overlay actions.
fn with(object: &Value, actions: Vec<Value>) -> Result<Provider, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/paywint-developer");
    let mut vendored = source::provider(&folder).unwrap();
    let all = vendored.overlay["actions"].as_array_mut().unwrap();
    all.push(json!({"target": format!("{EVENT}['x-payglot-object']"), "remove": true}));
    all.push(json!({"target": EVENT, "update": {"x-payglot-object": object}}));
    all.extend(actions);
    Generator::default().provider(vendored).map_err(|error| format!("{error:#}"))
}

fn right() -> Value {
    json!({
        "kind": "payment",
        "id": "payment_id",
        "step": 3,
        "read": "payments.get",
        "list": "payments.list_received",
        "where": {"status": "success"},
    })
}

#[test]
fn every_rule_of_an_object_is_checked_against_the_document() {
    with(&right(), Vec::new()).unwrap();
    for (change, expected) in [
        (json!({"kind": "Payment"}), "`kind` is lower-case letters"),
        (json!({"id": "payer"}), "the data has no field `payer`"),
        (json!({"id": "amount"}), "`amount` of the data is no identifier"),
        (json!({"time": "amount"}), "`amount` of the data is no time"),
        (json!({"read": "payments.read"}), "there is no operation `payments.read`"),
        (json!({"read": "payees.list"}), "does not read one record by its identifier alone"),
        (json!({"list": "payments.get"}), "does not list records without being told more"),
        (json!({"where": {"state": "success"}}), "a record has no field `state`"),
        (json!({"where": {"status": 1}}), "`status` of a record is never 1"),
        (json!({"colour": "red"}), "unknown field `colour`"),
    ] {
        let mut object = right();
        for (name, value) in change.as_object().unwrap() {
            object[name] = value.clone();
        }
        let refused =
            with(&object, Vec::new()).err().unwrap_or_else(|| panic!("{change} was taken"));
        assert!(refused.contains(expected), "{change}: {refused}");
    }
    let lone = json!({"kind": "payment", "id": "payment_id", "where": {"status": "success"}});
    assert!(with(&lone, Vec::new()).unwrap_err().contains("no operation reads or lists one"));
    let sensitive = json!({
        "target": "$.components.schemas.PaymentWebhookData.properties.payment_id",
        "update": {"x-payglot-sensitive": true},
    });
    let refused = with(&right(), vec![sensitive]).unwrap_err();
    assert!(refused.contains("`payment_id` must not be stored: it is sensitive"), "{refused}");
}
