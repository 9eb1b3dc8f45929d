//! Linora: users, wallets, cards with fees and limits, passwords, gift cards and exchange.

use serde_json::{Value, json};

use crate::support::{Api, NOBODY, text};

fn named(operation: &str) -> String {
    format!("linora/{operation}")
}

async fn user(api: &Api, funds: &str) -> String {
    let user = api.ok(&named("users.create"), &[], json!({ "firstName": "Ada" })).await;
    let id = text(&user["userId"]);
    api.fund(&id, funds).await;
    id
}

#[tokio::test]
async fn users_keep_what_was_sent_as_metadata() {
    let api = Api::start().await;
    let user = api.ok(&named("users.create"), &[], json!({ "firstName": "Ada", "n": [1] })).await;
    assert_eq!(user["metadata"], json!({ "firstName": "Ada", "n": [1] }));
    let id = text(&user["userId"]);
    assert_eq!(api.ok(&named("users.get"), &[&id], Value::Null).await, user);
    let wallet = api.ok(&named("wallets.get"), &[&id], Value::Null).await;
    assert_eq!(wallet, json!({ "userId": id, "balance": 0.0, "currency": "USD" }));
    assert_eq!(api.ok(&named("users.create"), &[], Value::Null).await["metadata"], json!({}));
    for id in [NOBODY, "ada"] {
        let response = api.op(&named("users.get"), &[id], Value::Null).await;
        let reason = "User not found";
        assert_eq!(response, (404, json!({ "error": reason, "message": reason })));
    }
}

#[tokio::test]
async fn a_card_costs_its_balance_and_fees() {
    let api = Api::start().await;
    let user = user(&api, "120.00").await;
    let create = named("cards.create");
    let order = |amount: f64| json!({ "cardName": "Travel", "initialBalance": amount });
    for amount in [4.99, 500.01] {
        assert_eq!(api.no(&create, &[&user], order(amount)).await.0, 400);
    }
    let error = api.no(&create, &[&user], order(118.0)).await;
    assert_eq!(error, (409, "Insufficient balance".to_owned()));
    let card = api.ok(&create, &[&user], order(100.0)).await;
    assert_eq!(card["balance"], 100.0);
    assert_eq!((&card["issuanceFee"], &card["serviceFee"]), (&json!(2.0), &json!(0.5)));
    assert_eq!((&card["minBalance"], &card["maxBalance"]), (&json!(5.0), &json!(500.0)));
    let wallet = api.ok(&named("wallets.get"), &[&user], Value::Null).await;
    assert_eq!(wallet["balance"], 17.5);

    let id = text(&card["cardId"]);
    let details = api.ok(&named("cards.get"), &[&id], Value::Null).await;
    assert_eq!((text(&details["number"]).len(), text(&details["cvv"]).len()), (16, 3));
    let top_up = named("cards.top_up");
    let topped = api.ok(&top_up, &[&id], json!({ "amount": 17.0 })).await;
    assert_eq!((&topped["balance"], &topped["amount"]), (&json!(117.0), &json!(17.0)));
    assert_eq!(api.no(&top_up, &[&id], json!({ "amount": 0.5 })).await.0, 409);
    api.fund(&user, "1000").await;
    assert_eq!(api.no(&top_up, &[&id], json!({ "amount": 383.01 })).await.0, 400);

    let spend = format!("linora/cards/{id}/spend");
    let (_, declined) = api.admin("POST", &spend, r#"{"amount": "117.01"}"#).await;
    let (_, paid) = api.admin("POST", &spend, r#"{"amount": 117}"#).await;
    assert_eq!((&declined["status"], &paid["status"]), (&json!("declined"), &json!("completed")));
    let list = api.ok(&named("cards.list"), &[&user], Value::Null).await;
    assert_eq!((&list[0]["balance"], &list[0]["status"]), (&json!(0.0), &json!("inactive")));
    let activity = api.ok(&named("cards.list_transactions"), &[&id], Value::Null).await;
    let kinds: Vec<_> = activity.as_array().unwrap().iter().map(|row| text(&row["type"])).collect();
    assert_eq!(kinds, ["payment", "payment", "topup", "load"]);
    assert_eq!(api.no(&named("cards.get"), &[NOBODY], Value::Null).await.0, 404);
    api.balanced();
}

#[tokio::test]
async fn a_password_is_the_same_until_it_expires() {
    let api = Api::start().await;
    let user = user(&api, "50").await;
    let order = json!({ "cardName": "A", "initialBalance": 10 });
    let card = text(&api.ok(&named("cards.create"), &[&user], order).await["cardId"]);
    let get = named("cards.get_otp");
    let first = api.ok(&get, &[&card], Value::Null).await;
    assert_eq!((text(&first["otp"]).len(), &first["cardId"]), (6, &json!(card)));
    assert_eq!(api.ok(&get, &[&card], Value::Null).await, first);
    api.advance_minutes(5);
    assert_ne!(api.ok(&get, &[&card], Value::Null).await["expiresAt"], first["expiresAt"]);
}

#[tokio::test]
async fn gift_cards_come_out_of_a_stock() {
    let api = Api::start().await;
    let products = api.ok(&named("gift_cards.list_products"), &[], Value::Null).await;
    let id = products[0]["productId"].clone();
    let order = |price: f64, quantity: f64| json!({ "productId": id, "unitPrice": price, "quantity": quantity, "recipientEmail": "a@example.com" });
    let done = api.ok(&named("gift_cards.order"), &[], order(20.0, 2.0)).await;
    assert!(done["transactionId"].is_u64());
    let balance = api.ok(&named("gift_cards.get_balance"), &[], Value::Null).await;
    assert_eq!(balance, json!({ "balance": 9959.0, "currencyCode": "USD" }));
    let mut unknown = order(20.0, 1.0);
    unknown["productId"] = json!(1);
    let mut nobody = order(20.0, 1.0);
    nobody["recipientEmail"] = json!("nobody");
    for body in [
        order(4.0, 1.0),
        order(20.0, 0.0),
        order(20.0, 1.5),
        order(20.0, 1e300),
        order(500.0, 100.0),
        unknown,
        nobody,
    ] {
        assert_eq!(api.no(&named("gift_cards.order"), &[], body.clone()).await.0, 400, "{body}");
    }
    api.balanced();
}

#[tokio::test]
async fn exchanges_have_exact_amounts() {
    let api = Api::start().await;
    let query = json!({ "fromCurrency": "BTC", "toCurrency": "usdt", "fromAmount": "0.1" });
    let estimate = api.ok(&named("exchange.estimate"), &[], query).await;
    assert_eq!((&estimate["fromAmount"], &estimate["toAmount"]), (&json!(0.1), &json!(6467.5)));
    for (from, to) in [("btc", "xmr"), ("btc", "nothing")] {
        let query = json!({ "fromCurrency": from, "toCurrency": to, "fromAmount": "1" });
        assert_eq!(api.no(&named("exchange.estimate"), &[], query).await.0, 400);
    }
    for amount in ["-1", "1e300", "-1e300"] {
        let query = json!({ "fromCurrency": "btc", "toCurrency": "eth", "fromAmount": amount });
        assert_eq!(api.no(&named("exchange.estimate"), &[], query).await.0, 400, "{amount}");
        let number: f64 = amount.parse().unwrap();
        let body = json!({ "fromCurrency": "btc", "toCurrency": "eth", "fromAmount": number });
        assert_eq!(api.no(&named("exchange.create"), &[], body).await.0, 400, "{amount}");
    }
    let body = json!({ "fromCurrency": "eth", "toCurrency": "usdt", "toNetwork": "trx" });
    let exchange = api.ok(&named("exchange.create"), &[], body).await;
    assert!(exchange["depositAddress"].is_string() && exchange.get("toAmount").is_none());
}

#[tokio::test]
async fn wrong_requests_are_400_in_linoras_shape() {
    let api = Api::start().await;
    let user = user(&api, "10").await;
    let (status, response) =
        api.op(&named("cards.create"), &[&user], json!({ "cardName": 1 })).await;
    assert_eq!(status, 400);
    assert_eq!(response["error"], "Invalid request parameters");
    assert_eq!(
        response["message"],
        "body.cardName: Input should be a valid string; body.initialBalance: Field required"
    );
    let request = api.request("GET", &format!("/api/users/{user}"), "");
    let (status, response) = crate::support::json_of(request).await;
    assert_eq!(status, 401);
    assert!(response["message"].is_string() && response.get("detail").is_none());
}
