//! What `x-payglot-certain` may mark, and what is refused; over the document of the Paywint Platform API (issue 15.8).

#![allow(clippy::unwrap_used, reason = "a test that fails says where")]

use std::path::Path;

use payglot_codegen::Generator;
use payglot_codegen::model::{Provider, Schema};
use payglot_codegen::source;
use serde_json::{Value, json};

const SCHEMAS: &str = "$.components.schemas";

/// With one mark more.
fn with(target: &str, mark: &Value) -> Result<Provider, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/paywint-platform");
    let mut vendored = source::provider(&folder).unwrap();
    let all = vendored.overlay.get_mut("actions").and_then(Value::as_array_mut).unwrap();
    all.push(json!({"target": target, "update": {"x-payglot-certain": mark}}));
    Generator::default().provider(vendored).map_err(|error| format!("{error:#}"))
}

fn schema<'p>(provider: &'p Provider, name: &str) -> &'p Schema {
    provider.schemas.iter().find(|schema| schema.pascal == name).unwrap()
}

#[test]
fn issue_15_8_a_mark_is_on_what_it_stands_at_alone() {
    let provider =
        with(&format!("{SCHEMAS}.PlatformPaymentRead.properties.payer_id"), &json!(true));
    let provider = provider.unwrap();
    let fields = &schema(&provider, "PlatformPaymentRead").fields;
    let certain = fields.iter().filter(|field| field.certain).map(|field| field.wire.as_str());
    assert_eq!(
        certain.collect::<Vec<_>>(),
        ["payment_id", "payer_id", "amount", "currency", "status"]
    );
    let is_certain = |name: &str| {
        provider.operations.iter().any(|operation| operation.name == name && operation.certain)
    };
    assert!(is_certain("payments.get") && !is_certain("payee_addresses.update"));
    let off = with(&format!("{SCHEMAS}.PlatformPaymentRead.properties.status"), &json!(false));
    let fields = schema(&off.unwrap(), "PlatformPaymentRead").fields.clone();
    assert!(fields.iter().any(|field| field.wire == "status" && !field.certain));
}

#[test]
fn issue_15_8_a_mark_that_means_nothing_is_refused() {
    let payments = "$.paths['/api/platform/payment/list-received-payment/{user_id}'].post";
    let deletes = "$.paths['/api/platform/card/delete/{user_id}'].delete";
    for (target, mark, expected) in [
        (
            format!("{SCHEMAS}.PlatformPaymentRead.properties.amount"),
            json!("yes"),
            "must be true or false",
        ),
        (
            format!("{SCHEMAS}.PlatformPaymentCreate.properties.amount"),
            json!(true),
            "is for an operation, or for a field of a model that responses have",
        ),
        (
            format!("{SCHEMAS}.PlatformPaymentRead"),
            json!(true),
            "is for an operation, or for a field of a model that responses have",
        ),
        (
            format!("{SCHEMAS}.PlatformPaymentRead.properties.nothing"),
            json!(true),
            "matches nothing",
        ),
        (payments.to_owned(), json!(true), "is not for a list, which is always there"),
        (deletes.to_owned(), json!(true), "is for an operation that returns one model"),
    ] {
        let refused = with(&target, &mark).err().unwrap_or_default();
        assert!(refused.contains(expected), "{target}: {refused}");
    }
}
