//! Payments over every method, links, checks and withdrawals, and when the money arrives.

use serde_json::{Value, json};

use crate::support::{Api, NOBODY, text};
use crate::town::{status_of, with};

const CREATE: &str = "paywint-platform/payments.create";

/// A payment of the first user to a payee.
fn order(api: &Api, payee: &str, amount: f64, from: &str, to: &str) -> Value {
    json!({
        "user_id": api.user(),
        "payee_id": payee,
        "amount": amount,
        "payment_method": from,
        "receiving_method": to,
        "invoice_no": "INV-1",
    })
}

#[tokio::test]
async fn a_wallet_pays_a_wallet_at_once() {
    let api = Api::start().await;
    let ben = api.new_user("ben@example.com").await;
    let payee = api.new_payee("Ben@Example.com").await;
    api.fund(&api.user(), "100.00").await;
    let payment = api.ok(CREATE, &[], order(&api, &payee, 30.25, "WALLET", "WALLET")).await;
    assert_eq!(payment["status"], "success");
    assert!(payment["payment_date"].is_string());
    assert_eq!(api.balances(&api.user()).await, (69.75, 69.75));
    assert_eq!(api.balances(&ben).await, (30.25, 30.25));

    let page = json!({ "rows_per_page": 10, "page_no": 1 });
    let received = api.ok("paywint-platform/payments.list_received", &[&ben], page.clone()).await;
    assert_eq!(received[0]["payment_id"], payment["payment_id"]);
    let none = api.ok("paywint-platform/payments.list_received", &[&api.user()], page).await;
    assert_eq!(none, json!([]));
    api.balanced();
}

#[tokio::test]
async fn amounts_are_json_numbers_with_two_digits() {
    let api = Api::start().await;
    api.fund(&api.user(), "0.1").await;
    api.fund(&api.user(), "0.2").await;
    let request = api.operation("paywint-platform/wallets.get", &[&api.user()], &Value::Null);
    let wallet = request.send().await.unwrap().text().await.unwrap();
    assert!(wallet.contains(r#""available_balance":0.30"#), "{wallet}");
}

#[tokio::test]
async fn amounts_are_exact_positive_and_have_two_decimals_at_most() {
    let api = Api::start().await;
    let payee = api.new_payee("p@example.com").await;
    let whole = order(&api, &payee, 7.0, "WALLET", "WALLET").to_string();
    for amount in ["0", "-1", "0.001", "1e-3", "1.0000000000000000000000000000000000001", "1e25"] {
        let body = whole.replace("7.0", amount);
        let path = "/api/platform/payment/create-payment";
        assert_eq!(api.call("POST", path, &body).await.0, 422, "{amount}");
    }
    for amount in ["1e1", "10.10", "7"] {
        let body = whole.replace("7.0", amount);
        let path = "/api/platform/payment/create-payment";
        assert_eq!(api.call("POST", path, &body).await.0, 200, "{amount}");
    }
}

#[tokio::test]
async fn too_little_money_is_a_failed_payment_that_moves_nothing() {
    let api = Api::start().await;
    let payee = api.new_payee("p@example.com").await;
    api.fund(&api.user(), "10.00").await;
    let payment = api.ok(CREATE, &[], order(&api, &payee, 10.01, "WALLET", "WALLET")).await;
    assert_eq!(payment["status"], "failed");
    assert_eq!(payment["failure_reason"], "Insufficient wallet balance");
    assert_eq!(api.balances(&api.user()).await, (10.0, 10.0));
    api.balanced();
}

#[tokio::test]
async fn banks_take_three_to_four_days_and_fees_come_on_top() {
    let api = Api::start().await;
    let payee = api.new_payee("p@example.com").await;
    let account = |number: &str| {
        json!({
            "payee_id": payee,
            "account_holder_name": "P",
            "account_type": "PERSONAL_CHECKING",
            "bank_nick_name": "P",
            "account_number": number,
            "routing_number": "021000021",
        })
    };
    let add = "paywint-platform/payee_bank_accounts.add";
    let bank = api.ok(add, &[&api.user()], account("6200000075")).await;
    assert_eq!(
        (&bank["account_number"], &bank["routing_number"]),
        (&json!("62****75"), &json!("021****21"))
    );
    api.fund(&api.user(), "100.00").await;
    let body = order(&api, &payee, 20.0, "WALLET", "ACH");
    assert_eq!(api.no(CREATE, &[], body.clone()).await.0, 422);
    assert_eq!(api.no(CREATE, &[], with(body.clone(), "payee_bank_id", NOBODY)).await.0, 404);
    let payment =
        api.ok(CREATE, &[], with(body.clone(), "payee_bank_id", &text(&bank["bank_id"]))).await;
    assert_eq!(payment["status"], "processing");
    assert_eq!(payment["delivery_fee"], 0.5);
    assert_eq!(api.balances(&api.user()).await.1, 79.5);
    api.advance_hours(72);
    assert_eq!(status_of(&api, &payment).await, "processing");
    api.advance_hours(24);
    assert_eq!(status_of(&api, &payment).await, "success");

    let bad = api.ok(add, &[&api.user()], account("0000009995")).await;
    let payment = api.ok(CREATE, &[], with(body, "payee_bank_id", &text(&bad["bank_id"]))).await;
    assert_eq!(api.balances(&api.user()).await.1, 59.0);
    api.advance_hours(96);
    assert_eq!(status_of(&api, &payment).await, "failed");
    assert_eq!(api.balances(&api.user()).await.1, 79.5);
    api.balanced();
}

#[tokio::test]
async fn rtp_and_fednow_need_a_bank_account_and_arrive_at_once() {
    let api = Api::start().await;
    let payee = api.new_payee("p@example.com").await;
    api.fund(&api.user(), "100.00").await;
    let account = json!({
        "payee_id": payee,
        "account_holder_name": "P",
        "account_type": "PERSONAL_CHECKING",
        "bank_nick_name": "P",
        "account_number": "62",
        "routing_number": "02",
    });
    let add = "paywint-platform/payee_bank_accounts.add";
    let bank = text(&api.ok(add, &[&api.user()], account).await["bank_id"]);
    for network in ["RTP", "FEDNOW"] {
        let body = order(&api, &payee, 5.0, "WALLET", network);
        assert_eq!(api.no(CREATE, &[], body.clone()).await.0, 422);
        let payment = api.ok(CREATE, &[], with(body, "payee_bank_id", &bank)).await;
        assert_eq!(payment["status"], "success");
    }
    assert_eq!(api.balances(&api.user()).await.1, 88.0);
}

#[tokio::test]
async fn cards_pay_in_one_to_two_days_when_they_are_complete() {
    let api = Api::start().await;
    let payee = api.new_payee("p@example.com").await;
    let body = order(&api, &payee, 100.0, "CARD", "WALLET");
    assert_eq!(api.no(CREATE, &[], body.clone()).await.0, 422);
    assert_eq!(api.no(CREATE, &[], with(body.clone(), "card_id", NOBODY)).await.0, 404);
    let card = api.add_card("4242424242424242").await;
    let body = with(body, "card_id", &text(&card["card_id"]));
    let payment = api.ok(CREATE, &[], body.clone()).await;
    assert_eq!(
        (&payment["status"], &payment["processing_fee"]),
        (&json!("processing"), &json!(2.9))
    );
    api.advance_hours(24);
    assert_eq!(status_of(&api, &payment).await, "processing");
    api.advance_hours(24);
    assert_eq!(status_of(&api, &payment).await, "success");

    for (number, outcome) in [
        ("4000000000000002", "failed"),
        ("4000000000000010", "failed"),
        ("4000000000000028", "processing"),
        ("4000000000000036", "failed"),
        ("4000000000000044", "failed"),
    ] {
        let card = api.add_card(number).await;
        let payment =
            api.ok(CREATE, &[], with(body.clone(), "card_id", &text(&card["card_id"]))).await;
        assert_eq!(payment["status"], outcome, "{number}");
        assert_eq!(payment["failure_reason"].is_string(), outcome == "failed");
    }
    api.decide("kyc", "approved").await;
    let card = api.add_card("4000000000000036").await;
    let payment = api.ok(CREATE, &[], with(body, "card_id", &text(&card["card_id"]))).await;
    assert_eq!(payment["status"], "processing");
    api.balanced();
}

#[tokio::test]
async fn a_payees_card_gets_money() {
    let api = Api::start().await;
    let payee = api.new_payee("p@example.com").await;
    api.fund(&api.user(), "100.00").await;
    let body = order(&api, &payee, 10.0, "WALLET", "CARD");
    assert_eq!(api.no(CREATE, &[], body.clone()).await.0, 422);
    let (_, card) = api.admin("POST", &format!("payees/{payee}/cards"), "{}").await;
    let payment = api.ok(CREATE, &[], with(body, "payee_card_id", &text(&card["card_id"]))).await;
    assert_eq!(payment["status"], "processing");
    api.advance_hours(48);
    assert_eq!(status_of(&api, &payment).await, "success");
}

#[tokio::test]
async fn a_paywint_account_pays_and_is_paid_at_once() {
    let api = Api::start().await;
    let payee = api.new_payee("user@sandbox.example").await;
    let body = order(&api, &payee, 10.0, "WALLET", "PW_BANK");
    let payment = api.ok(CREATE, &[], body.clone()).await;
    assert_eq!(payment["failure_reason"], "The payee has no Paywint account");
    api.decide("kyc", "approved").await;
    let open = "paywint-platform/pw_bank_accounts.open";
    let bank = api.ok(open, &[&api.user()], json!({ "bank_nick_name": "Mine" })).await;
    let bank = text(&bank["pw_bank_id"]);
    api.fund(&api.user(), "100.00").await;
    assert_eq!(api.ok(CREATE, &[], body).await["status"], "success");
    let body = order(&api, &payee, 4.0, "PW_BANK", "WALLET");
    assert_eq!(api.no(CREATE, &[], body.clone()).await.0, 422);
    assert_eq!(api.ok(CREATE, &[], with(body, "bank_id", &bank)).await["status"], "success");
    assert_eq!(api.balances(&api.user()).await.1, 94.0);
    api.balanced();
}
