//! Checks, payment links, withdrawals and checkout tokens.

use serde_json::{Value, json};

use crate::support::{Api, NOBODY, form, text};
use crate::town::{status_of, with};

#[tokio::test]
async fn checks_need_both_addresses_and_at_least_a_dollar() {
    let api = Api::start().await;
    let user = api.user();
    let payee = api.new_payee("p@example.com").await;
    let other = api.new_payee("q@example.com").await;
    let address = json!({
        "payee_id": payee,
        "first_name": "Ada",
        "address_line_1": "1 Main St",
        "city": "Austin",
        "state": "TX",
        "zipcode": "78701",
        "country": "US",
    });
    let create = "paywint-platform/payee_addresses.create";
    let address = api.ok(create, &[&user], address).await;
    let mail = "paywint-platform/payments.mail_check";
    let body = json!({
        "payee_id": payee,
        "amount": 25.0,
        "payee_address_id": address["address_id"],
        "mail_type": "TWO_DAY",
    });
    let error = api.no(mail, &[&user], body.clone()).await;
    assert_eq!(error, (400, "The user has no check address".to_owned()));
    let own = json!({
        "address_line_1": "2 Main St",
        "city": "Austin",
        "state": "TX",
        "zipcode": "78701",
        "country": "US",
    });
    let add = "paywint-platform/checks.add_address";
    api.ok(add, &[&user], own.clone()).await;
    assert_eq!(api.no(add, &[&user], own).await.0, 409);

    let mut wrong = body.clone();
    wrong["amount"] = json!(0.99);
    assert_eq!(api.no(mail, &[&user], wrong).await.0, 422);
    assert_eq!(api.no(mail, &[&user], with(body.clone(), "payee_id", &other)).await.0, 404);
    let link = with(body.clone(), "attachment_url", "http://example.com/a.pdf");
    assert_eq!(api.no(mail, &[&user], link).await.0, 422);
    let mut long = body.clone();
    long["remittance"] = json!(vec![json!({ "id": "INV-1" }); 51]);
    assert_eq!(api.no(mail, &[&user], long).await.0, 422);
    assert_eq!(api.ok(mail, &[&user], body.clone()).await["status"], "failed");

    api.fund(&user, "100.00").await;
    let check = api.ok(mail, &[&user], body).await;
    assert_eq!(
        (&check["status"], &check["receiving_method"]),
        (&json!("processing"), &json!("CHECK_MAIL"))
    );
    assert_eq!(api.balances(&user).await.1, 60.0);
    api.advance_hours(48);
    assert_eq!(status_of(&api, &check).await, "success");
    api.balanced();
}

#[tokio::test]
async fn a_link_waits_for_a_payer_and_pays_once() {
    let api = Api::start().await;
    let user = api.user();
    let create = "paywint-platform/payments.create_link";
    let body = json!({ "amount": 150.75, "description": "June & <July>" });
    let link = api.ok(create, &[&user], body.clone()).await;
    let page = text(&link["payment_link"]);
    assert_eq!(status_of(&api, &link).await, "pending");
    let (status, shown) = api.open(&page).await;
    assert_eq!(status, 200);
    assert!(shown.contains("150.75 USD") && shown.contains("June &amp; &lt;July&gt;"), "{shown}");
    assert_eq!(status_of(&api, &link).await, "opened");

    let declined = form(&[("card_number", "4000000000009995")]);
    let (status, shown) = api.submit(&page, &declined).await;
    assert_eq!((status, shown.contains("declined: too little money")), (422, true), "{shown}");
    assert_eq!(status_of(&api, &link).await, "failed");
    // Trying again is another payment, as upstream has it.
    assert_eq!(api.open(&page).await.0, 200);
    assert_eq!(api.submit(&page, &form(&[])).await.0, 200);
    assert_eq!(status_of(&api, &link).await, "failed");
    assert_eq!(api.balances(&user).await, (150.75, 150.75));
    assert_eq!(api.submit(&page, &form(&[])).await.0, 410);

    let late = api.ok(create, &[&user], body.clone()).await;
    api.advance_minutes(30);
    assert_eq!(status_of(&api, &late).await, "expired");
    assert_eq!(api.open(&text(&late["payment_link"])).await.0, 410);
    let pay = |link: &Value| format!("payments/{}/pay", text(&link["payment_id"]));
    assert_eq!(api.admin("POST", &pay(&late), "").await.0, 409);
    let third = api.ok(create, &[&user], body).await;
    assert_eq!(api.admin("POST", &pay(&third), "").await.0, 200);
    let page = json!({ "rows_per_page": 10, "page_no": 1 });
    let received = api.ok("paywint-platform/payments.list_received", &[&user], page).await;
    assert_eq!(received.as_array().unwrap().len(), 2);
    api.balanced();
}

#[tokio::test]
async fn money_leaves_a_wallet_for_banks_and_cards() {
    let api = Api::start().await;
    let user = api.user();
    let bank = api.verified_bank("1234567890").await;
    let create = "paywint-platform/withdrawals.create";
    let body = json!({ "amount": 20.0, "transfer_method": "bank_withdrawal" });
    assert_eq!(api.no(create, &[&user], body.clone()).await.0, 422);
    let poor = api.ok(create, &[&user], with(body.clone(), "bank_id", &bank)).await;
    assert_eq!((&poor["status"], &poor["amount_credited"]), (&json!("failed"), &json!(0.0)));
    assert!(poor["failed_reason"].is_string());
    api.fund(&user, "100.00").await;
    let out = api.ok(create, &[&user], with(body.clone(), "bank_id", &bank)).await;
    assert_eq!((&out["status"], &out["processing_fees"]), (&json!("pending"), &json!(0.5)));
    assert_eq!(api.no(create, &[&user], with(body, "bank_id", "not-an-id")).await.0, 404);

    let card = text(&api.add_card("4000000000000028").await["card_id"]);
    let body = json!({ "amount": 10.0, "transfer_method": "card_withdrawal", "card_id": card });
    assert_eq!(api.ok(create, &[&user], body.clone()).await["status"], "failed");
    let card = text(&api.add_card("4000000000000044").await["card_id"]);
    let out = api.ok(create, &[&user], with(body, "card_id", &card)).await;
    assert_eq!(out["status"], "pending");
    assert_eq!(api.balances(&user).await.1, 68.5);
    api.advance_hours(96);
    let payment = json!({ "payment_id": out["withdrawal_payment_id"] });
    assert_eq!(status_of(&api, &payment).await, "success");
    api.balanced();
}

#[tokio::test]
async fn checkout_tokens_have_a_limit() {
    let api = Api::start().await;
    let create = "paywint-platform/checkout.create_token";
    let body = |amount: f64| json!({ "user_id": api.user(), "amount": amount });
    assert!(api.ok(create, &[], body(100_000.0)).await["expires_at"].is_string());
    assert_eq!(api.no(create, &[], body(100_000.01)).await.0, 422);
    assert_eq!(api.no(create, &[], json!({ "user_id": NOBODY, "amount": 1 })).await.0, 404);
}
