//! The interface for tests is what its document says, and Rust's helpers are generated from it.

use std::collections::BTreeSet;
use std::time::Duration;

use payglot_sandbox::api::{
    AddFaultOptions, AddPayeeCardOptions, BusinessDecision, Decision, FaultKind, PayOptions,
    RejectOptions, ReleaseOrder, ReleaseWebhooksOptions,
};
use payglot_sandbox::{Sandbox, Webhook};
use serde_json::{Value, json};

use crate::support::{Api, NOBODY, text};

/// The document, as the sandbox serves it.
struct Interface {
    document: Value,
    /// Operations that responded with 200.
    seen: BTreeSet<String>,
}

impl Interface {
    async fn of(api: &Api) -> Self {
        let (status, document) = api.call("GET", "/_sandbox/openapi/sandbox.json", "").await;
        assert_eq!(status, 200);
        Self { document, seen: BTreeSet::new() }
    }

    /// The path, the method and the operation of every operation.
    fn operations(&self) -> Vec<(String, String, Value)> {
        let paths = self.document["paths"].as_object().unwrap();
        let of_path = |(path, methods): (&String, &Value)| {
            let methods = methods.as_object().unwrap().clone();
            let path = path.clone();
            methods.into_iter().map(move |(method, operation)| (path.clone(), method, operation))
        };
        paths.iter().flat_map(of_path).collect()
    }

    /// Calls an operation with these path parameters; the response must be as documented.
    async fn call(&mut self, api: &Api, id: &str, path: &[&str], body: &Value) -> Value {
        let operations = self.operations();
        let (template, method, operation) =
            operations.iter().find(|(_, _, operation)| operation["operationId"] == id).expect(id);
        let mut values = path.iter();
        let segments = template.trim_start_matches("/_sandbox/api/").split('/');
        let segments =
            segments.map(
                |segment| {
                    if segment.starts_with('{') { values.next().expect(id) } else { segment }
                },
            );
        let path = segments.collect::<Vec<_>>().join("/");
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let (status, response) = api.admin(&method.to_uppercase(), &path, &text).await;
        assert_eq!(status, 200, "{id}: {response}");
        let documented = self.resolved(&operation["responses"]["200"]);
        let schema = &documented["content"]["application/json"]["schema"];
        self.conforms(id, schema, &response);
        self.seen.insert(id.to_owned());
        response
    }

    fn resolved<'d>(&'d self, value: &'d Value) -> &'d Value {
        match value["$ref"].as_str() {
            Some(reference) => self.document.pointer(reference.trim_start_matches('#')).unwrap(),
            None => value,
        }
    }

    /// Fails unless the value has the schema's type, all its required properties and no others.
    fn conforms(&self, location: &str, schema: &Value, value: &Value) {
        let schema = self.resolved(schema);
        let types: Vec<_> = match &schema["type"] {
            Value::Array(types) => types.iter().map(text).collect(),
            Value::String(name) => vec![name.clone()],
            _ => return,
        };
        let found = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        assert!(types.iter().any(|name| name == found), "{location}: {value} is not {types:?}");
        if let Some(values) = schema["enum"].as_array() {
            assert!(values.contains(value), "{location}: {value} is not documented");
        }
        for (position, item) in value.as_array().into_iter().flatten().enumerate() {
            self.conforms(&format!("{location}[{position}]"), &schema["items"], item);
        }
        let Some(object) = value.as_object() else { return };
        for name in schema["required"].as_array().into_iter().flatten().map(text) {
            assert!(object.contains_key(&name), "{location} has no {name}");
        }
        for (name, value) in object {
            let property = schema["properties"].get(name);
            let property =
                property.unwrap_or_else(|| panic!("{location}.{name} is not documented"));
            self.conforms(&format!("{location}.{name}"), property, value);
        }
    }
}

#[tokio::test]
async fn every_operation_of_the_document_responds_as_documented() {
    let api = Api::start().await;
    let mut interface = Interface::of(&api).await;
    let user = api.sandbox.user_id().to_string();
    let user = user.as_str();
    let none = Value::Null;
    let i = &mut interface;

    i.call(&api, "info", &[], &none).await;
    let hook = json!({ "url": "http://127.0.0.1:1/", "copies": 2, "encoding": "base64" });
    let endpoint = text(&i.call(&api, "add_webhook", &[], &hook).await["id"]);
    i.call(&api, "webhook_endpoints", &[], &none).await;
    i.call(&api, "hold_webhooks", &[&endpoint], &none).await;
    i.call(&api, "fund", &[user], &json!({ "amount": "100.50" })).await;
    i.call(&api, "kyc", &[user], &json!({ "status": "approved" })).await;
    i.call(&api, "kyb", &[user], &json!({ "status": "rejected" })).await;
    i.call(&api, "forget_kyc", &[user], &none).await;
    i.call(&api, "forget_kyb", &[user], &none).await;
    let snapshot = i.call(&api, "snapshot", &[], &none).await;

    let payee = json!({ "name": "Pat", "email": "pat@example.com" });
    let payee = text(&api.ok("paywint-platform/payees.create", &[user], payee).await["payee_id"]);
    let card = json!({ "last_four": "4242", "expiry": "01/2099", "nick_name": "red" });
    i.call(&api, "add_payee_card", &[&payee], &card).await;
    for next in ["pay", "reject"] {
        let link = json!({ "amount": 12.5, "description": "A book" });
        let link = api.ok("paywint-platform/payments.create_link", &[user], link).await;
        let payment = text(&link["payment_id"]);
        i.call(&api, next, &[&payment], &none).await;
        if next == "pay" {
            i.call(&api, "refund", &[&payment], &none).await;
        }
    }
    let linora = text(&api.ok("linora/users.create", &[], json!({})).await["userId"]);
    i.call(&api, "fund", &[&linora], &json!({ "amount": "500" })).await;
    let card = json!({ "cardName": "c", "initialBalance": 50 });
    let card = api.ok("linora/cards.create", &[&linora], card).await;
    i.call(&api, "spend", &[&text(&card["cardId"])], &json!({ "amount": "1.00" })).await;

    let fault = json!({ "operation": "*", "kind": "delay", "delay_ms": 1, "times": null });
    let faults = i.call(&api, "add_fault", &[], &fault).await;
    api.cards().await;
    i.call(&api, "faults", &[], &none).await;
    i.call(&api, "remove_fault", &[&faults["id"].to_string()], &none).await;
    i.call(&api, "clear_faults", &[], &none).await;
    let wrong = api.request("GET", &api.user_path("list"), "").header("X-Signature", "wrong");
    assert_eq!(wrong.send().await.unwrap().status(), 401);
    i.call(&api, "requests", &[], &none).await;

    i.call(&api, "advance", &[], &json!({ "seconds": 60 })).await;
    i.call(&api, "release_webhooks", &[&endpoint], &json!({ "order": "reversed" })).await;
    let events = loop {
        let events = i.call(&api, "webhook_events", &[], &none).await;
        let has_attempt = |event: &Value| event["deliveries"][0]["attempts"][0].is_object();
        if events["events"].as_array().unwrap().iter().any(has_attempt) {
            break events;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    i.call(&api, "resend_webhook", &[&text(&events["events"][0]["id"])], &none).await;
    i.call(&api, "remove_webhook", &[&endpoint], &none).await;
    i.call(&api, "ledger", &[], &none).await;
    i.call(&api, "restore", &[], &snapshot).await;
    i.call(&api, "reset", &[], &none).await;

    let operations = interface.operations();
    let ids: BTreeSet<_> =
        operations.iter().map(|(_, _, operation)| text(&operation["operationId"])).collect();
    assert_eq!(interface.seen, ids);
}

#[tokio::test]
async fn bodies_are_checked_as_documented() {
    let api = Api::start().await;
    let interface = Interface::of(&api).await;
    let mut checked = 0;
    for (path, method, operation) in interface.operations() {
        let path = path.replace("/_sandbox/api/", "");
        let path = path.split('/').map(|part| if part.starts_with('{') { NOBODY } else { part });
        let path = path.collect::<Vec<_>>().join("/");
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let schema = interface.resolved(schema);
        let Some(properties) = schema["properties"].as_object() else { continue };
        let sample = |property: &Value| {
            let property = interface.resolved(property);
            match (&property["enum"][0], property["format"].as_str()) {
                (Value::String(value), _) => json!(value),
                (_, Some("decimal")) => json!("1.00"),
                _ if property["type"] == "array" => json!([]),
                _ if property["minimum"].is_number() => property["minimum"].clone(),
                _ if property["type"] == "integer" => json!(1),
                _ => json!("http://127.0.0.1:1/"),
            }
        };
        let body: serde_json::Map<_, _> =
            properties.iter().map(|(name, property)| (name.clone(), sample(property))).collect();
        let id = text(&operation["operationId"]);
        for name in schema["required"].as_array().into_iter().flatten().map(text) {
            let mut lacking = body.clone();
            lacking.remove(&name);
            let (status, response) =
                api.admin(&method.to_uppercase(), &path, &json!(lacking).to_string()).await;
            assert_eq!(status, 422, "{id} without {name}: {response}");
            assert!(response.to_string().contains(&name), "{id}: {response}");
            checked += 1;
        }
        let mut extended = body.clone();
        extended.insert("no_such_property".to_owned(), json!(1));
        let (status, response) =
            api.admin(&method.to_uppercase(), &path, &json!(extended).to_string()).await;
        assert_eq!(status, 422, "{id}: {response}");
        checked += 1;
    }
    assert!(checked > 20, "{checked}");
}

#[tokio::test]
async fn rust_has_the_helpers() {
    let sandbox = Sandbox::start().await.unwrap();
    let user = sandbox.user_id();
    assert_eq!(sandbox.info().await.unwrap().user_id, user.to_string());
    let start = sandbox.snapshot().await.unwrap();
    assert_eq!(sandbox.fund(user, "100.50").await.unwrap().balance, "100.50");
    assert_eq!(sandbox.advance(Duration::from_secs(60)).await.unwrap().offset_seconds, 60);
    let decision = sandbox.kyc(user, Decision::Approved).await.unwrap();
    assert_eq!(decision.kyc_status, Decision::Approved);
    assert_eq!(sandbox.forget_kyc(user).await.unwrap().user_id, user.to_string());
    let decision = sandbox.kyb(user, BusinessDecision::Rejected).await.unwrap();
    assert_eq!(decision.status, BusinessDecision::Rejected);
    sandbox.forget_kyb(user).await.unwrap();
    assert!(sandbox.ledger().await.unwrap().balanced);
    sandbox.restore(&start).await.unwrap();
    assert_eq!(sandbox.fund(user, 1).await.unwrap().balance, "1.00");
    assert_eq!(sandbox.reset().await.unwrap().user_id, user.to_string());

    let errors = [
        sandbox.pay(user, &PayOptions::default()).await.map(drop),
        sandbox.reject(user, &RejectOptions::default()).await.map(drop),
        sandbox.refund(user).await.map(drop),
        sandbox.add_payee_card(user, &AddPayeeCardOptions::default()).await.map(drop),
        sandbox.spend(user, "1.00").await.map(drop),
        sandbox.fund("a/b?c", "1.00").await.map(drop),
    ];
    for error in errors {
        let error = error.unwrap_err().to_string();
        assert!(error.contains("404") || error.contains("400"), "{error}");
    }
}

#[tokio::test]
async fn rust_has_clients_and_faults_and_webhooks() {
    let sandbox = Sandbox::start().await.unwrap();
    let user = sandbox.user_id();
    let client = sandbox.paywint_platform().max_retries(0).build().unwrap();
    sandbox.fund(user, "10.10").await.unwrap();
    let wallet = client.wallets().get(user).await.unwrap();
    assert_eq!(wallet.current_balance.unwrap().to_string(), "10.10");
    let linora = sandbox.linora().build().unwrap();
    assert!(linora.gift_cards().list_products().await.is_ok());
    let developer = sandbox.paywint_developer().build().unwrap();
    assert!(developer.wallets().get().await.is_ok());

    let options =
        AddFaultOptions { status: Some(429), retry_after: Some(2), ..AddFaultOptions::default() };
    let operation = "paywint-platform/wallets.get";
    sandbox.add_fault(operation, FaultKind::Status, &options).await.unwrap();
    let error = client.wallets().get(user).await.unwrap_err();
    assert_eq!(error.status(), Some(429));
    assert!(sandbox.faults().await.unwrap().is_empty());
    let forever = AddFaultOptions { times: None, ..AddFaultOptions::default() };
    let fault = sandbox.add_fault("*", FaultKind::Refuse, &forever).await.unwrap();
    assert_eq!(fault.times, None);
    assert!(sandbox.remove_fault(fault.id).await.unwrap().is_empty());
    sandbox.clear_faults().await.unwrap();
    let requests = sandbox.requests().await.unwrap();
    assert_eq!(requests.iter().filter(|request| request.status == Some(429)).count(), 1);

    let webhook = Webhook::new("http://127.0.0.1:1/").secret("s");
    let endpoint = sandbox.add_webhook(webhook).unwrap().id;
    assert!(sandbox.hold_webhooks(endpoint).await.unwrap().held);
    sandbox.kyc(user, Decision::Rejected).await.unwrap();
    let events = sandbox.webhook_events().await.unwrap();
    assert_eq!(events[0].event, "kyc.completed");
    assert_eq!(sandbox.resend_webhook(&events[0].id).await.unwrap().endpoints, 1);
    let order = ReleaseWebhooksOptions { order: Some(ReleaseOrder::Reversed) };
    assert!(!sandbox.release_webhooks(endpoint, &order).await.unwrap().held);
    sandbox.remove_webhook(endpoint).await.unwrap();
    assert!(sandbox.webhook_endpoints().await.unwrap().is_empty());
}
