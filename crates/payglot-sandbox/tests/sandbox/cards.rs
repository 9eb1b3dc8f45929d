//! The card operations, in the documented envelopes.

use payglot::schema::Type;
use serde_json::{Value, json};

use crate::support::{Api, PURPOSE};

/// Takes the time out of an envelope, which must have one.
fn without_time(mut envelope: Value) -> Value {
    let time = envelope.as_object_mut().unwrap().remove("queryGeneratedTime").unwrap();
    assert!(time.is_i64());
    envelope
}

#[tokio::test]
async fn a_card_is_added_listed_read_and_deleted_once() {
    let api = Api::start().await;
    assert!(api.cards().await.is_empty());
    let card = api.add_card("4242424242424242").await;
    assert_eq!(
        card,
        json!({
            "user_id": api.sandbox.user_id().to_string(),
            "card_id": card["card_id"],
            "card_number": "4242",
            "card_exp": "12/2099",
            "card_nick_name": "Visa 4242",
            "card_type": "CREDIT",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "address": "1 Main St",
            "city": null,
            "state": null,
            "zip": "94105",
            "country": "US",
            "is_blocked": false,
            "card_images_required": false,
            "withdrawal_confirm_required": false,
            "payment_confirm_required": false,
            "compliance_check_required": false,
            "is_limited": false,
        })
    );

    let path = format!("/api/platform/card/get-card/{}", card["card_id"].as_str().unwrap());
    let (_, single) = api.call("GET", &path, "").await;
    assert_eq!(
        without_time(single),
        json!({ "success": true, "message": "Success", "data": card })
    );
    let (_, list) = api.call("GET", &api.user_path("list"), "").await;
    assert_eq!(
        without_time(list),
        json!({
            "success": true,
            "status_code": 200,
            "message": "Success",
            "records": [card],
            "totalRecords": 1,
        })
    );

    let body = json!({ "card_id": card["card_id"] }).to_string();
    let (status, deleted) = api.call("DELETE", &api.user_path("delete"), &body).await;
    assert_eq!(status, 200);
    assert_eq!(
        without_time(deleted),
        json!({ "success": true, "message": "Success", "data": null })
    );
    let not_found = (404, json!({ "detail": "Card not found" }));
    assert_eq!(api.call("DELETE", &api.user_path("delete"), &body).await, not_found);
    assert_eq!(api.call("GET", &path, "").await, not_found);
    assert!(api.cards().await.is_empty());
}

#[tokio::test]
async fn a_card_has_every_documented_field() {
    let api = Api::start().await;
    let card = api.add_card("4242424242424242").await;
    let operations = payglot::paywint_platform::PROVIDER.operations;
    let list = operations.iter().find(|operation| operation.name == "cards.list").unwrap();
    let Type::Object(schema) = list.response else { panic!("{:?}", list.response) };
    let documented: Vec<_> = schema.fields.iter().map(|field| field.wire).collect();
    assert_eq!(card.as_object().unwrap().len(), documented.len());
    for field in documented {
        assert!(card.get(field).is_some(), "{field}");
    }
}

#[tokio::test]
async fn cards_are_listed_in_the_order_they_were_added() {
    let api = Api::start().await;
    for number in ["4242424242424242", "5555555555554444", "378282246310005"] {
        api.add_card(number).await;
    }
    let names: Vec<_> =
        api.cards().await.iter().map(|card| card["card_nick_name"].clone()).collect();
    assert_eq!(names, ["Visa 4242", "Mastercard 4444", "American Express 0005"]);
}

#[tokio::test]
async fn links_lead_to_this_sandbox_and_differ() {
    let api = Api::start().await;
    let (first, second) = (api.add_link().await, api.add_link().await);
    let prefix = format!("{}/hosted/cards/", api.sandbox.base_url());
    let token = first.strip_prefix(&prefix).unwrap();
    assert_eq!(token.len(), 32);
    assert_ne!(first, second);
}

#[tokio::test]
async fn ids_are_taken_in_any_case() {
    let api = Api::start().await;
    let path = format!(
        "/api/platform/card/add/secure-link/{}",
        api.sandbox.user_id().to_string().to_uppercase()
    );
    assert_eq!(api.call("POST", &path, PURPOSE).await.0, 200);
}
