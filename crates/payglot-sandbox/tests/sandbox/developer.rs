//! The Developer API: payees with one default address, issued cards, links and the wallet.

use serde_json::{Value, json};

use crate::support::{Api, NOBODY, form, text};

fn named(operation: &str) -> String {
    format!("paywint-developer/{operation}")
}

async fn payee(api: &Api) -> String {
    let body = json!({ "name": "Jordan", "email": "jordan@example.com" });
    text(&api.ok(&named("payees.create"), &[], body).await["payee_id"])
}

fn address(payee: &str, is_default: bool) -> Value {
    json!({
        "payee_id": payee,
        "first_name": "Jordan",
        "last_name": "Rivera",
        "address_line_1": "100 Main Street",
        "city": "Austin",
        "state": "TX",
        "zipcode": "78701",
        "country": "US",
        "is_default": is_default,
    })
}

#[tokio::test]
async fn payees_are_renamed_listed_and_removed() {
    let api = Api::start().await;
    assert_eq!(api.no(&named("payees.create"), &[], json!({ "name": "J" })).await.0, 422);
    let id = payee(&api).await;
    let rename = json!({ "payee_id": id, "name": "Jo" });
    let renamed = api.ok(&named("payees.update"), &[], rename.clone()).await;
    assert_eq!((&renamed["name"], &renamed["email"]), (&json!("Jo"), &json!("jordan@example.com")));
    assert_eq!(api.ok(&named("payees.get"), &[&id], Value::Null).await, renamed);
    let page = json!({ "rows_per_page": 10, "page_no": 1 });
    assert_eq!(api.ok(&named("payees.list"), &[], page).await, json!([renamed]));
    // A payee of a platform's user is somebody else's.
    let other = api.new_payee("other@example.com").await;
    assert_eq!(api.no(&named("payees.get"), &[&other], Value::Null).await.0, 404);
    api.ok(&named("payees.delete"), &[&id], Value::Null).await;
    assert_eq!(api.no(&named("payees.delete"), &[&id], Value::Null).await.0, 404);
    assert_eq!(api.no(&named("payees.update"), &[], rename).await.0, 404);
}

#[tokio::test]
async fn one_address_at_most_is_the_default() {
    let api = Api::start().await;
    let id = payee(&api).await;
    let create = named("payee_addresses.create");
    let mut ids = Vec::new();
    for is_default in [false, true, true] {
        let made = api.ok(&create, &[], address(&id, is_default)).await;
        assert_eq!(made["is_default"], is_default);
        assert_eq!(made["fist_name"], "Jordan");
        ids.push(text(&made["address_id"]));
    }
    let list = named("payee_addresses.list");
    let defaults = async || {
        let listed = api.ok(&list, &[&id], Value::Null).await;
        let rows = listed.as_array().unwrap().clone();
        rows.iter().map(|row| row["is_default"] == true).collect::<Vec<_>>()
    };
    assert_eq!(defaults().await, [false, false, true]);
    let body = |number: usize| json!({ "payee_id": id, "address_id": ids[number] });
    api.ok(&named("payee_addresses.set_default"), &[], body(0)).await;
    assert_eq!(defaults().await, [true, false, false]);
    let mut change = body(0);
    change["is_default"] = json!(false);
    change["last_name"] = Value::Null;
    let changed = api.ok(&named("payee_addresses.update"), &[], change).await;
    assert_eq!((&changed["is_default"], &changed["last_name"]), (&json!(true), &json!("Rivera")));
    let mut change = body(1);
    change["is_default"] = json!(true);
    api.ok(&named("payee_addresses.update"), &[], change).await;
    assert_eq!(defaults().await, [false, true, false]);

    let delete = named("payee_addresses.delete");
    assert_eq!(api.no(&delete, &[], body(1)).await.0, 400);
    let mut with = body(1);
    with["new_default_address_id"] = json!(ids[1]);
    assert_eq!(api.no(&delete, &[], with.clone()).await.0, 400);
    with["new_default_address_id"] = json!(NOBODY);
    assert_eq!(api.no(&delete, &[], with.clone()).await.0, 404);
    with["new_default_address_id"] = json!(ids[2]);
    api.ok(&delete, &[], with).await;
    assert_eq!(defaults().await, [false, true]);
    api.ok(&delete, &[], body(0)).await;
    api.ok(&delete, &[], body(2)).await;
    assert!(defaults().await.is_empty());
    assert_eq!(api.no(&named("payee_addresses.get"), &[&ids[0]], Value::Null).await.0, 404);
}

#[tokio::test]
async fn a_card_is_charged_approved_and_loaded_again() {
    let api = Api::start().await;
    let id = payee(&api).await;
    let (issue, get) = (named("paywint_cards.issue"), named("paywint_cards.get"));
    let order = |amount: f64| json!({ "payee_id": id, "amount": amount });
    assert_eq!(api.no(&issue, &[], order(1.99)).await.0, 422);
    let error = api.no(&issue, &[], order(50.0)).await;
    assert_eq!(error, (400, "The payee has no default address".to_owned()));
    api.ok(&named("payee_addresses.create"), &[], address(&id, true)).await;
    let error = api.no(&issue, &[], order(50.0)).await;
    assert_eq!(error, (400, "Insufficient wallet balance".to_owned()));
    api.fund(&api.developer(), "100.00").await;
    let request = api.ok(&issue, &[], order(50.0)).await;
    assert_eq!(request["status"], "pending");
    assert_eq!(request["card_nick_name"], "My Paywint Card");
    let wallet = api.ok(&named("wallets.get"), &[], Value::Null).await;
    assert_eq!(wallet["available_balance"], 50.0);

    let request_id = text(&request["request_id"]);
    let pending = api.ok(&get, &[&request_id], Value::Null).await;
    assert_eq!((&pending["payee_card_id"], &pending["card_number"]), (&Value::Null, &Value::Null));
    api.advance_minutes(1);
    let card = api.ok(&get, &[&request_id], Value::Null).await;
    assert_eq!(card["status"], "approved");
    let number = text(&card["card_number"]);
    assert!(number.len() == 6 && number.starts_with("**"), "{number}");

    let reload = named("paywint_cards.reload");
    let load = |card: &Value, amount: f64| json!({ "payee_card_id": card, "amount": amount, "memo": "More" });
    assert_eq!(api.no(&reload, &[], load(&request["request_id"], 10.0)).await.0, 404);
    let loaded = api.ok(&reload, &[], load(&card["payee_card_id"], 10.0)).await;
    assert_eq!((&loaded["status"], &loaded["description"]), (&json!("success"), &json!("More")));
    assert_eq!(api.no(&reload, &[], load(&card["payee_card_id"], 40.01)).await.0, 400);
    let page = json!({ "rows_per_page": 10, "page_no": 1 });
    let sent = api.ok(&named("payments.list_sent"), &[], page).await;
    assert_eq!(sent.as_array().unwrap().len(), 2);
    assert_eq!(sent[1]["payment_id"], request["payment_id"]);
    api.ok(&named("payees.delete"), &[&id], Value::Null).await;
    assert_eq!(api.no(&issue, &[], order(5.0)).await, (404, "Payee not found".to_owned()));
    assert_eq!(api.ok(&named("paywint_cards.list"), &[], Value::Null).await, json!([card]));
    api.balanced();
}

#[tokio::test]
async fn a_link_fills_the_accounts_wallet() {
    let api = Api::start().await;
    let body = json!({ "amount": 12.5, "invoice_number": "INV-7" });
    let link = api.ok(&named("payments.create_link"), &[], body).await;
    let id = text(&link["payment_id"]);
    assert_eq!(api.submit(&text(&link["payment_link"]), &form(&[])).await.0, 200);
    let payment = api.ok(&named("payments.get"), &[&id], Value::Null).await;
    assert_eq!(
        (&payment["status"], &payment["payer_name"]),
        (&json!("success"), &json!("Ada Lovelace"))
    );
    let page = json!({ "rows_per_page": 10, "page_no": 1 });
    assert_eq!(api.ok(&named("payments.list_received"), &[], page).await, json!([payment]));
    // The two APIs do not see each other's payments.
    assert_eq!(api.no("paywint-platform/payments.get", &[&id], Value::Null).await.0, 404);
    api.balanced();
}

#[tokio::test]
async fn checkout_tokens_name_a_payer() {
    let api = Api::start().await;
    let create = named("checkout.create_token");
    assert_eq!(api.no(&create, &[], json!({ "amount": 5 })).await.0, 422);
    let body = json!({ "amount": 5, "phone": "5550001234", "phone_country_code": "+1" });
    assert!(api.ok(&create, &[], body).await["checkout_token"].is_string());
}
