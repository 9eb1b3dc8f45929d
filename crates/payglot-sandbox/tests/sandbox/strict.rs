//! A strict sandbox takes what the documents declare, and nothing else.

use payglot::EmptyBody;
use payglot_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::{Api, STATIC_SIGNATURE, json_of};

const CREATE: &str = "paywint-platform/users.create";
const EXTRA_FORBIDDEN: &str = "extra_forbidden";

async fn strict() -> Api {
    Api::with(Sandbox::builder().strict(true).static_signature(true)).await
}

/// The location of the undeclared input.
fn location(response: &Value) -> &Value {
    assert_eq!(response["detail"][0]["type"], EXTRA_FORBIDDEN, "{response}");
    &response["detail"][0]["loc"]
}

#[tokio::test]
async fn unknown_fields_are_refused_at_every_depth() {
    let api = strict().await;
    let (relaxed, user) = (Api::start().await, api.user());
    let mut body = json!({ "name": "Ada", "email": "ada@example.com", "nick": "A" });
    relaxed.ok(CREATE, &[], body.clone()).await;
    let (status, response) = api.op(CREATE, &[], body.clone()).await;
    assert_eq!((status, location(&response)), (422, &json!(["body", "nick"])));
    body.as_object_mut().unwrap().remove("nick");
    api.ok(CREATE, &[], body).await;

    let payee = api.new_payee("p@example.com").await;
    let mail = "paywint-platform/payments.mail_check";
    let check = json!({
        "payee_id": payee, "amount": 5, "payee_address_id": payee,
        "remittance": [{ "id": "INV-1" }, { "id": "INV-2", "colour": "red" }],
    });
    let (status, response) = api.op(mail, &[&user], check).await;
    assert_eq!((status, location(&response)), (422, &json!(["body", "remittance", 1, "colour"])));
    // Where the document takes any field, so does the sandbox.
    let verify = "paywint-platform/bank_accounts.verify_micro_deposits";
    let body = json!({ "bank_id": payee, "first": 0.07, "second": 0.15 });
    assert_eq!(api.no(verify, &[&user], body).await.0, 404);
    // Linora's errors are one line.
    let (status, message) =
        api.no("linora/cards.top_up", &[&user], json!({ "amount": 5, "x": 1 })).await;
    assert_eq!((status, message.as_str()), (400, "body.x: Extra inputs are not permitted"));
}

#[tokio::test]
async fn unknown_parameters_headers_and_bodies_are_refused() {
    let api = strict().await;
    let list = api.user_path("list");
    let (status, response) = api.call("GET", &format!("{list}?page=1"), "").await;
    assert_eq!((status, location(&response)), (422, &json!(["query", "page"])));
    let (status, response) = api.call("GET", &list, "{}").await;
    assert_eq!((status, location(&response)), (422, &json!(["body"])));
    let keyed = |name: &str, path: &[&str], body: &Value| {
        json_of(api.operation(name, path, body).header("Idempotency-Key", "k"))
    };
    let (status, response) =
        keyed("paywint-platform/cards.list", &[&api.user()], &Value::Null).await;
    assert_eq!((status, location(&response)), (422, &json!(["header", "idempotency-key"])));
    let bank = json!({ "user_id": api.user(), "account_holder_name": "Ada", "bank_name": "B" });
    assert_eq!(keyed("paywint-platform/bank_accounts.add", &[], &bank).await.0, 200);

    let body = r#"{"name":"Ada","email":"ada@example.com"}"#;
    let path = "/api/platform/users/create";
    let url = format!("{}{path}", api.sandbox.base_url());
    let untyped =
        api.http.post(url).header("X-Platform-ID", &api.sandbox.credentials().platform_id);
    let signature = api.signature("POST", path, body, EmptyBody::Hash);
    let untyped = untyped.header("X-Signature", signature).body(body);
    let (status, response) = json_of(untyped).await;
    assert_eq!((status, &response["detail"][0]["loc"]), (422, &json!(["body"])));
}

#[tokio::test]
async fn signatures_have_one_reading() {
    let api = strict().await;
    let list = api.user_path("list");
    for (signature, status) in [
        (STATIC_SIGNATURE.to_owned(), 401),
        (api.signature("GET", &list, "", EmptyBody::Omit), 401),
        (api.signature("GET", &list, "", EmptyBody::Hash), 200),
    ] {
        let request = api.request("GET", &list, "").header("X-Signature", signature);
        assert_eq!(json_of(request).await.0, status);
    }
    let omitting = Sandbox::builder().strict(true).empty_body(payglot_sandbox::EmptyBody::Omit);
    let api = Api::with(omitting).await;
    let list = api.user_path("list");
    let signature = api.signature("GET", &list, "", EmptyBody::Omit);
    let request = api.request("GET", &list, "").header("X-Signature", signature);
    assert_eq!(json_of(request).await.0, 200);
}
