//! Linked bank accounts, Paywint's own, and the funding of wallets.

use serde_json::{Value, json};

use crate::support::{Api, NOBODY, json_of, text};

const ADD: &str = "paywint-platform/bank_accounts.add";
const LIST: &str = "paywint-platform/bank_accounts.list";
const VERIFY: &str = "paywint-platform/bank_accounts.verify_micro_deposits";
const OPEN: &str = "paywint-platform/pw_bank_accounts.open";

fn account(api: &Api) -> Value {
    json!({
        "user_id": api.user(),
        "account_holder_name": "Some User",
        "bank_name": "Example Bank",
        "account_number": "1234567890",
    })
}

#[tokio::test]
async fn an_account_is_verified_by_its_two_deposits_in_any_order() {
    let api = Api::start().await;
    let user = api.user();
    let bank = api.ok(ADD, &[], account(&api)).await;
    assert_eq!(bank["account_number"], "7890");
    assert_eq!(bank["verification_status"], "not_applied");
    let id = text(&bank["id"]);
    let amounts =
        |one: f64, other: f64| json!({ "bank_id": id, "amount_1": one, "amount_2": other });
    assert_eq!(api.no(VERIFY, &[&user], amounts(0.07, 0.15)).await.0, 400);
    api.advance_hours(36);
    let get = "paywint-platform/bank_accounts.get";
    assert_eq!(api.ok(get, &[&id], Value::Null).await["verification_status"], "applied");
    assert_eq!(api.no(VERIFY, &[&user], amounts(0.07, 0.16)).await.0, 400);
    assert_eq!(api.no(VERIFY, &[&user], json!({ "amount_1": 0.07 })).await.0, 422);
    let other = json!({ "bank_id": NOBODY, "amounts": [0.07, 0.15] });
    assert_eq!(api.no(VERIFY, &[&user], other).await.0, 404);
    assert_eq!(api.ok(VERIFY, &[&user], amounts(0.15, 0.07)).await["is_verified"], true);
    assert_eq!(api.no(VERIFY, &[&user], amounts(0.15, 0.07)).await.0, 409);

    let second = text(&api.ok(ADD, &[], account(&api)).await["id"]);
    api.advance_hours(36);
    let body = json!({ "account": second, "deposits": ["0.07", "0.15"] });
    assert_eq!(api.ok(VERIFY, &[&user], body).await["verification_status"], "verified");
}

#[tokio::test]
async fn the_newest_account_follows_a_deleted_default() {
    let api = Api::start().await;
    let user = api.user();
    let mut ids = Vec::new();
    for is_default in [false, true, false] {
        let mut body = account(&api);
        body["is_default"] = json!(is_default);
        ids.push(text(&api.ok(ADD, &[], body).await["id"]));
    }
    let listed = api.ok(LIST, &[&user], Value::Null).await;
    let shown: Vec<_> = listed.as_array().unwrap().iter().map(|bank| text(&bank["id"])).collect();
    assert_eq!(shown, [ids[2].clone(), ids[1].clone(), ids[0].clone()]);
    let defaults: Vec<_> =
        listed.as_array().unwrap().iter().map(|bank| bank["is_default"] == true).collect();
    assert_eq!(defaults, [false, true, false]);
    let delete = "paywint-platform/bank_accounts.delete";
    assert_eq!(api.ok(delete, &[&user], json!({ "bank_id": ids[1] })).await, Value::Null);
    assert_eq!(api.no(delete, &[&user], json!({ "bank_id": ids[1] })).await.0, 404);
    let listed = api.ok(LIST, &[&user], Value::Null).await;
    assert_eq!((&listed[0]["id"], &listed[0]["is_default"]), (&json!(ids[2]), &json!(true)));
}

#[tokio::test]
async fn a_wallet_is_funded_from_a_verified_account_over_days() {
    let api = Api::start().await;
    let user = api.user();
    let fund = "paywint-platform/wallets.fund";
    assert_eq!(api.no(fund, &[&user], json!({ "amount": 50, "bank_id": null })).await.0, 404);
    let unverified = text(&api.ok(ADD, &[], account(&api)).await["id"]);
    let body = json!({ "amount": 50, "bank_id": unverified });
    assert_eq!(api.no(fund, &[&user], body).await.0, 400);
    let bank = api.verified_bank("1234567890").await;
    let body = json!({ "amount": 50, "bank_id": bank });
    let first = api.ok(fund, &[&user], body.clone()).await;
    assert_eq!(first["is_first_payment"], true);
    assert_eq!(first["payment"]["status"], "processing");
    assert_eq!(api.balances(&user).await, (50.0, 0.0));
    api.advance_hours(84);
    assert_eq!(api.balances(&user).await, (50.0, 50.0));
    assert_eq!(api.ok(fund, &[&user], body).await["is_first_payment"], false);

    let returning = api.verified_bank("000000009995").await;
    let before = api.balances(&user).await;
    let body = json!({ "amount": 7, "bank_id": returning });
    api.ok(fund, &[&user], body).await;
    api.advance_hours(84);
    assert_eq!(api.balances(&user).await, (100.0, 100.0), "{before:?}");
    api.balanced();
}

#[tokio::test]
async fn a_key_gets_the_same_answer_again_and_no_other_body() {
    let api = Api::start().await;
    let path = "/api/platform/accounts/add-account";
    let send = |body: Value, key: &str| {
        let request = api.authentic("paywint-platform", "POST", path, &body.to_string());
        json_of(request.header("Idempotency-Key", key))
    };
    let first = send(account(&api), "key-1").await;
    assert_eq!(first.0, 200);
    assert_eq!(send(account(&api), "key-1").await, first);
    let mut other = account(&api);
    other["bank_name"] = json!("Other Bank");
    assert_eq!(send(other.clone(), "key-1").await.0, 409);
    assert_ne!(send(other, "key-2").await.1["data"]["id"], first.1["data"]["id"]);
    let listed = api.ok(LIST, &[&api.user()], Value::Null).await;
    assert_eq!(listed.as_array().unwrap().len(), 2);

    let mut nobodys = account(&api);
    nobodys["user_id"] = json!(NOBODY);
    assert_eq!(send(nobodys, "key-3").await.0, 404);
    assert_eq!(send(account(&api), "key-3").await.0, 200);
    api.advance_hours(25);
    assert_ne!(send(account(&api), "key-1").await.1["data"]["id"], first.1["data"]["id"]);
}

#[tokio::test]
async fn paywint_accounts_need_kyc_and_kyb() {
    let api = Api::start().await;
    let user = api.user();
    let open = |name: &str, kind: &str| json!({ "bank_nick_name": name, "account_type": kind });
    assert_eq!(api.no(OPEN, &[&user], open("A", "PAYWINT_SAVINGS")).await.0, 400);
    api.decide("kyc", "approved").await;
    let bank = api.ok(OPEN, &[&user], open("A", "PAYWINT_SAVINGS")).await;
    assert_eq!(bank["status"], "initiated");
    assert_eq!(api.no(OPEN, &[&user], open("B", "PAYWINT_BUSINESS")).await.0, 400);
    api.decide("kyb", "approved").await;
    api.ok(OPEN, &[&user], open("B", "PAYWINT_BUSINESS")).await;
    assert_eq!(api.no(OPEN, &[&user], open("A", "PAYWINT_BUSINESS")).await.0, 409);
    for name in ["C", "D", "E"] {
        api.ok(OPEN, &[&user], open(name, "PAYWINT_SAVINGS")).await;
    }
    assert_eq!(api.no(OPEN, &[&user], open("F", "PAYWINT_SAVINGS")).await.0, 400);
    let mut linked = account(&api);
    linked["account_type"] = json!("PAYWINT_SAVINGS");
    assert_eq!(api.no(ADD, &[], linked).await.0, 422);
}

#[tokio::test]
async fn what_a_bank_sends_back_is_in_the_history() {
    let api = Api::start().await;
    let user = api.user();
    api.decide("kyc", "approved").await;
    let opened = api.ok(OPEN, &[&user], json!({ "bank_nick_name": "A" })).await;
    let bank = text(&opened["pw_bank_id"]);
    api.fund(&bank, "100.00").await;
    let returning = api.verified_bank("9995").await;
    let body = json!({ "amount": 10, "from_bank_id": bank, "destination": "ACH", "to_bank_id": returning });
    api.ok("paywint-platform/withdrawals.transfer_from_pw_bank", &[&user], body).await;
    let list = "paywint-platform/pw_bank_accounts.list_transactions";
    let page = json!({ "rows_per_page": 10, "page_no": 1, "pw_bank_id": bank });
    api.ok(list, &[&user], page.clone()).await;
    api.advance_hours(84);
    let history = api.ok(list, &[&user], page).await;
    let rows: Vec<_> = history.as_array().unwrap().iter().collect();
    let seen: Vec<_> = rows.iter().map(|row| (&row["is_credit"], &row["amount"])).collect();
    assert_eq!(seen, [(&json!(true), &json!(10.5)), (&json!(false), &json!(10.5))]);
    let got = "paywint-platform/bank_accounts.get";
    assert_eq!(api.ok(got, &[&bank], Value::Null).await["account_balance"], 100.0);
    api.balanced();
}

#[tokio::test]
async fn paywint_accounts_have_a_history_after_a_minute() {
    let api = Api::start().await;
    let user = api.user();
    api.decide("kyc", "approved").await;
    let opened = api.ok(OPEN, &[&user], json!({ "bank_nick_name": "A" })).await;
    let bank = text(&opened["pw_bank_id"]);
    api.fund(&bank, "100.00").await;
    let transfer = "paywint-platform/withdrawals.transfer_from_pw_bank";
    let to_wallet =
        json!({ "amount": 40, "from_bank_id": bank, "destination": "WALLET", "memo": "Rent" });
    let moved = api.ok(transfer, &[&user], to_wallet).await;
    assert_eq!((&moved["amount_credited"], &moved["failed_reason"]), (&json!(40.0), &Value::Null));
    assert_eq!(api.balances(&user).await.1, 40.0);
    let too_much = json!({ "amount": 61, "from_bank_id": bank, "destination": "WALLET" });
    assert!(api.ok(transfer, &[&user], too_much).await["failed_reason"].is_string());
    for (destination, field) in [("CARD", "card_id"), ("ACH", "to_bank_id")] {
        let mut body = json!({ "amount": 1, "from_bank_id": bank, "destination": destination });
        assert_eq!(api.no(transfer, &[&user], body.clone()).await.0, 422);
        body[field] = json!(NOBODY);
        assert_eq!(api.no(transfer, &[&user], body).await.0, 404);
    }
    let outside = api.verified_bank("1234567890").await;
    let to_bank =
        json!({ "amount": 10, "from_bank_id": bank, "destination": "ACH", "to_bank_id": outside });
    api.ok(transfer, &[&user], to_bank).await;

    let list = "paywint-platform/pw_bank_accounts.list_transactions";
    let page = json!({ "rows_per_page": 10, "page_no": 1, "pw_bank_id": bank });
    assert_eq!(api.ok(list, &[&user], page.clone()).await, json!([]));
    api.advance_minutes(1);
    let history = api.ok(list, &[&user], page).await;
    let amounts: Vec<_> =
        history.as_array().unwrap().iter().map(|row| row["amount"].as_f64().unwrap()).collect();
    assert_eq!(amounts, [10.5, 40.0]);
    assert_eq!(history[1]["is_internal_payment"], true);
    assert_eq!(history[1]["description"], "Rent");
    let delete = "paywint-platform/bank_accounts.delete";
    let this = json!({ "bank_id": bank });
    assert_eq!(api.no(delete, &[&user], this.clone()).await.0, 409);
    let rest =
        json!({ "amount": 49, "from_bank_id": bank, "destination": "ACH", "to_bank_id": outside });
    api.ok(transfer, &[&user], rest).await;
    api.fund(&bank, "0.01").await;
    let rest = json!({ "amount": 0.01, "from_bank_id": bank, "destination": "WALLET" });
    api.ok(transfer, &[&user], rest).await;
    assert_eq!(api.no(delete, &[&user], this.clone()).await.0, 409);
    api.advance_hours(84);
    api.ok(delete, &[&user], this).await;
    api.balanced();
}

#[tokio::test]
async fn a_refund_is_in_the_history_and_needs_the_money_and_the_account() {
    let api = Api::start().await;
    let user = api.user();
    api.decide("kyc", "approved").await;
    let opened = api.ok(OPEN, &[&user], json!({ "bank_nick_name": "A" })).await;
    let bank = text(&opened["pw_bank_id"]);
    api.fund(&bank, "100.00").await;
    let transfer = "paywint-platform/withdrawals.transfer_from_pw_bank";
    let body = json!({ "amount": 40, "from_bank_id": bank, "destination": "WALLET" });
    let first = api.ok(transfer, &[&user], body.clone()).await;
    let refund =
        |moved: &Value| format!("payments/{}/refund", text(&moved["withdrawal_payment_id"]));
    assert_eq!(api.admin("POST", &refund(&first), "").await.0, 200);
    let list = "paywint-platform/pw_bank_accounts.list_transactions";
    let page = json!({ "rows_per_page": 10, "page_no": 1, "pw_bank_id": bank });
    api.ok(list, &[&user], page.clone()).await;
    api.advance_minutes(1);
    let history = api.ok(list, &[&user], page).await;
    let credits: Vec<_> =
        history.as_array().unwrap().iter().map(|row| row["is_credit"].clone()).collect();
    assert_eq!(credits, [json!(true), json!(false)]);
    assert_eq!(api.balances(&user).await.1, 0.0);

    // Money that is spent does not come back, nor to an account that was deleted.
    let second = api.ok(transfer, &[&user], body).await;
    let outside = api.verified_bank("1234567890").await;
    let out = json!({ "amount": 30, "transfer_method": "bank_withdrawal", "bank_id": outside });
    api.ok("paywint-platform/withdrawals.create", &[&user], out).await;
    assert_eq!(api.admin("POST", &refund(&second), "").await.0, 409);
    api.fund(&user, "100.00").await;
    let rest = json!({ "amount": 60, "from_bank_id": bank, "destination": "WALLET" });
    api.ok(transfer, &[&user], rest).await;
    let delete = "paywint-platform/bank_accounts.delete";
    api.ok(delete, &[&user], json!({ "bank_id": bank })).await;
    assert_eq!(api.admin("POST", &refund(&second), "").await.0, 409);
    api.balanced();
}
