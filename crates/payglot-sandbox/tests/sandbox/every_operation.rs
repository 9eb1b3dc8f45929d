//! Every operation of the tables is served, and its response has every documented field with its type.

use std::collections::BTreeSet;

use jiff::Timestamp;
use payglot::schema::{Field, Operation, Paging, Type};
use payglot_sandbox::{Builder, Sandbox};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Api, PROVIDERS, find, text};

/// A walk over the operations that remembers which it called.
struct Story {
    api: Api,
    called: BTreeSet<String>,
}

impl Story {
    /// Calls an operation, which must respond as documented.
    async fn call(&mut self, name: &str, path: &[&str], body: Value) -> Value {
        let payload = self.api.ok(name, path, body).await;
        let (_, operation) = find(name);
        check(operation, &payload);
        self.called.insert(name.to_owned());
        payload
    }
}

/// Fails where the payload is not as documented.
pub fn check(operation: &Operation, payload: &Value) {
    if operation.paging == Paging::None {
        return fits(operation.name, &operation.response, payload);
    }
    let records = payload.as_array().expect(operation.name);
    assert!(!records.is_empty(), "{}: nothing to check", operation.name);
    for record in records {
        fits(operation.name, &operation.response, record);
    }
}

fn fits(location: &str, ty: &Type, value: &Value) {
    let text = || value.as_str().unwrap_or_else(|| panic!("{location}: {value} is no text"));
    let good = match ty {
        Type::Text | Type::File => value.is_string(),
        Type::Uuid => text().parse::<Uuid>().is_ok(),
        Type::DateTime => text().parse::<Timestamp>().is_ok(),
        Type::Date => text().parse::<jiff::civil::Date>().is_ok(),
        Type::Boolean => value.is_boolean(),
        Type::Integer => value.is_i64(),
        Type::Number | Type::Money(_) => value.is_number(),
        Type::Enum(known) => known.values.contains(&text()),
        Type::List(item) => {
            let items =
                value.as_array().unwrap_or_else(|| panic!("{location}: {value} is no list"));
            for value in items {
                fits(location, item, value);
            }
            true
        }
        Type::Map(item) => {
            let fields =
                value.as_object().unwrap_or_else(|| panic!("{location}: {value} is no object"));
            for value in fields.values() {
                fits(location, item, value);
            }
            true
        }
        Type::Object(schema) => {
            for field in schema.fields {
                field_fits(location, field, value);
            }
            true
        }
        Type::Any => true,
    };
    assert!(good, "{location}: {value} is not {ty:?}");
}

fn field_fits(location: &str, field: &Field, object: &Value) {
    let location = format!("{location}.{}", field.wire);
    let value = object
        .get(field.wire)
        .or_else(|| field.aliases.iter().find_map(|alias| object.get(*alias)));
    let value = value.unwrap_or_else(|| panic!("{location} is not there: {object}"));
    assert!(!value.is_null() || field.nullable, "{location} is null");
    if !value.is_null() {
        fits(&location, &field.ty, value);
    }
}

#[tokio::test]
async fn every_operation_answers_as_documented() {
    run_every_operation(Sandbox::builder()).await;
}

#[tokio::test]
async fn a_strict_sandbox_serves_every_operation_too() {
    run_every_operation(Sandbox::builder().strict(true)).await;
}

async fn run_every_operation(builder: Builder) {
    let mut story = Story { api: Api::with(builder).await, called: BTreeSet::new() };
    platform(&mut story).await;
    cards_and_payees(&mut story).await;
    developer(&mut story).await;
    linora(&mut story).await;
    let all: BTreeSet<_> = PROVIDERS
        .iter()
        .flat_map(|provider| {
            provider
                .operations
                .iter()
                .map(|operation| format!("{}/{}", provider.name, operation.name))
        })
        .collect();
    let missing: Vec<_> = all.difference(&story.called).collect();
    assert!(missing.is_empty(), "not called: {missing:?}");
    story.api.balanced();
}

fn page() -> Value {
    json!({ "rows_per_page": 10, "page_no": 1 })
}

async fn platform(story: &mut Story) {
    let p = |name: &str| format!("paywint-platform/{name}");
    let user = story.api.user();
    let u = [user.as_str()];
    let body = json!({ "name": "Ben", "email": "ben@example.com" });
    story.call(&p("users.create"), &[], body).await;
    story.call(&p("users.list"), &[], page()).await;
    story.call(&p("kyc.get_inquiry"), &u, Value::Null).await;
    story.api.decide("kyc", "approved").await;
    story.call(&p("kyc.get"), &u, Value::Null).await;
    let business = json!({
        "business_name": "Example Corp",
        "business_phone": "5550001234",
        "address": "1 Main St",
        "city": "Austin",
        "state": "TX",
        "zip": "78701",
        "country": "US",
        "mcc": "5734",
        "entity_type": "ent1",
        "formation_date": "09-15-2015",
        "ein": "12-3456789",
        "document_1": "https://example.com/1.pdf",
        "document_2": "https://example.com/2.pdf",
    });
    story.call(&p("kyb.submit"), &u, business).await;
    story.call(&p("kyb.get"), &u, Value::Null).await;
    story.call(&p("wallets.get"), &u, Value::Null).await;
    story.api.fund(&user, "1000.00").await;

    let account = json!({
        "user_id": user,
        "account_holder_name": "User",
        "bank_name": "Bank",
        "account_number": "123456789",
        "routing_number": "021000021",
    });
    let bank = text(&story.call(&p("bank_accounts.add"), &[], account).await["id"]);
    story.call(&p("bank_accounts.get"), &[&bank], Value::Null).await;
    story.api.advance_hours(36);
    let amounts = json!({ "bank_id": bank, "amounts": [0.07, 0.15] });
    story.call(&p("bank_accounts.verify_micro_deposits"), &u, amounts).await;
    let body = json!({ "amount": 50.25, "bank_id": bank });
    story.call(&p("wallets.fund"), &u, body).await;
    let body = json!({ "amount": 5, "transfer_method": "bank_withdrawal", "bank_id": bank });
    story.call(&p("withdrawals.create"), &u, body).await;

    let body = json!({ "bank_nick_name": "Savings" });
    let opened = story.call(&p("pw_bank_accounts.open"), &u, body).await;
    let savings = text(&opened["pw_bank_id"]);
    story.api.fund(&savings, "100").await;
    let body = json!({ "amount": 5, "from_bank_id": savings, "destination": "WALLET" });
    story.call(&p("withdrawals.transfer_from_pw_bank"), &u, body).await;
    let body = json!({ "rows_per_page": 10, "page_no": 1, "pw_bank_id": savings });
    story.api.ok(&p("pw_bank_accounts.list_transactions"), &u, body.clone()).await;
    story.api.advance_minutes(2);
    story.call(&p("pw_bank_accounts.list_transactions"), &u, body).await;
    story.call(&p("bank_accounts.list"), &u, Value::Null).await;
    story.call(&p("bank_accounts.delete"), &u, json!({ "bank_id": bank })).await;
}

async fn cards_and_payees(story: &mut Story) {
    let p = |name: &str| format!("paywint-platform/{name}");
    let user = story.api.user();
    let u = [user.as_str()];
    let purpose = json!({ "card_purpose": "PAYMENT" });
    story.call(&p("cards.create_add_link"), &u, purpose).await;
    let card = text(&story.api.add_card("4242424242424242").await["card_id"]);
    let body = json!({ "card_id": card, "card_purpose": "PAYMENT" });
    story.call(&p("cards.create_update_link"), &u, body).await;
    story.call(&p("cards.get"), &[&card], Value::Null).await;
    story.call(&p("cards.list"), &u, Value::Null).await;

    let body = json!({ "name": "Ben", "email": "ben@example.com" });
    let payee = text(&story.call(&p("payees.create"), &u, body).await["payee_id"]);
    let body = json!({
        "payee_id": payee,
        "account_holder_name": "Ben",
        "account_type": "PERSONAL_CHECKING",
        "bank_nick_name": "Ben's",
        "account_number": "6200000075",
        "routing_number": "021000021",
    });
    let payee_bank = text(&story.call(&p("payee_bank_accounts.add"), &u, body).await["bank_id"]);
    let body = json!({ "bank_id": payee_bank });
    story.call(&p("payee_bank_accounts.get"), &u, body).await;
    let (_, payee_card) = story.api.admin("POST", &format!("payees/{payee}/cards"), "{}").await;
    let body = json!({ "card_id": payee_card["card_id"] });
    story.call(&p("payee_cards.get"), &u, body.clone()).await;
    story.call(&p("payee_cards.list"), &u, json!({ "payee_id": payee })).await;
    story.call(&p("payee_cards.delete"), &u, body).await;

    story.call(&p("cards.delete"), &u, json!({ "card_id": card })).await;
    checks_and_payments(story, &payee).await;
}

async fn checks_and_payments(story: &mut Story, payee: &str) {
    let p = |name: &str| format!("paywint-platform/{name}");
    let user = story.api.user();
    let u = [user.as_str()];
    let address_fields = json!({
        "address_line_1": "1 Main St",
        "city": "Austin",
        "state": "TX",
        "zipcode": "78701",
        "country": "US",
    });
    let mut payees = address_fields.clone();
    payees["payee_id"] = json!(payee);
    payees["first_name"] = json!("Ben");
    let address = story.call(&p("payee_addresses.create"), &u, payees).await;
    let address = json!({ "payee_id": payee, "address_id": address["address_id"] });
    story.call(&p("payee_addresses.list"), &u, json!({ "payee_id": payee })).await;
    story.call(&p("payee_addresses.update"), &u, address.clone()).await;
    story.call(&p("checks.add_address"), &u, address_fields).await;
    story.call(&p("checks.update_address"), &u, json!({ "city": "Dallas" })).await;
    story.call(&p("checks.update_config"), &u, json!({ "set_default_logo": true })).await;
    let check = json!({
        "payee_id": payee,
        "amount": 15,
        "payee_address_id": address["address_id"],
        "remittance": [{ "id": "INV-1", "amount": 15 }],
    });
    story.call(&p("payments.mail_check"), &u, check).await;
    let payment = json!({
        "user_id": user,
        "payee_id": payee,
        "amount": 10,
        "payment_method": "WALLET",
        "receiving_method": "WALLET",
        "invoice_no": "INV-1",
    });
    let payment = text(&story.call(&p("payments.create"), &[], payment).await["payment_id"]);
    story.call(&p("payments.get"), &[&payment], Value::Null).await;
    let link = story.call(&p("payments.create_link"), &u, json!({ "amount": 1.5 })).await;
    let pay = format!("payments/{}/pay", text(&link["payment_id"]));
    assert_eq!(story.api.admin("POST", &pay, "").await.0, 200);
    story.call(&p("payments.list_received"), &u, page()).await;
    let body = json!({ "user_id": user, "amount": 1.5 });
    story.call(&p("checkout.create_token"), &[], body).await;
    story.call(&p("payee_addresses.delete"), &u, address).await;
}

async fn developer(story: &mut Story) {
    let d = |name: &str| format!("paywint-developer/{name}");
    let body = json!({ "name": "Jordan", "email": "jordan@example.com" });
    let payee = text(&story.call(&d("payees.create"), &[], body).await["payee_id"]);
    let body = json!({ "payee_id": payee, "name": "Jo" });
    story.call(&d("payees.update"), &[], body).await;
    story.call(&d("payees.get"), &[&payee], Value::Null).await;
    story.call(&d("payees.list"), &[], page()).await;
    let address = json!({
        "payee_id": payee,
        "first_name": "Jordan",
        "last_name": "Rivera",
        "address_line_1": "100 Main Street",
        "city": "Austin",
        "state": "TX",
        "zipcode": "78701",
        "country": "US",
    });
    let made = story.call(&d("payee_addresses.create"), &[], address).await;
    let id = text(&made["address_id"]);
    let address = json!({ "payee_id": payee, "address_id": id });
    story.call(&d("payee_addresses.set_default"), &[], address.clone()).await;
    story.call(&d("payee_addresses.update"), &[], address.clone()).await;
    story.call(&d("payee_addresses.list"), &[&payee], Value::Null).await;
    story.call(&d("payee_addresses.get"), &[&id], Value::Null).await;

    story.api.fund(&story.api.developer(), "100").await;
    story.call(&d("wallets.get"), &[], Value::Null).await;
    let body = json!({ "payee_id": payee, "amount": 50 });
    let request = text(&story.call(&d("paywint_cards.issue"), &[], body).await["request_id"]);
    story.call(&d("paywint_cards.list"), &[], Value::Null).await;
    story.api.advance_minutes(1);
    let card = story.call(&d("paywint_cards.get"), &[&request], Value::Null).await;
    let body = json!({ "payee_card_id": card["payee_card_id"], "amount": 5 });
    story.call(&d("paywint_cards.reload"), &[], body).await;
    let link = story.call(&d("payments.create_link"), &[], json!({ "amount": 7.5 })).await;
    let payment = text(&link["payment_id"]);
    story.api.admin("POST", &format!("payments/{payment}/pay"), "").await;
    story.call(&d("payments.get"), &[&payment], Value::Null).await;
    story.call(&d("payments.list_received"), &[], page()).await;
    story.call(&d("payments.list_sent"), &[], page()).await;
    let body = json!({ "amount": 5, "email": "jane@example.com" });
    story.call(&d("checkout.create_token"), &[], body).await;
    story.call(&d("payee_addresses.delete"), &[], address).await;
    story.call(&d("payees.delete"), &[&payee], Value::Null).await;
}

async fn linora(story: &mut Story) {
    let l = |name: &str| format!("linora/{name}");
    let user = story.call(&l("users.create"), &[], json!({ "firstName": "Ada" })).await;
    let user = text(&user["userId"]);
    story.call(&l("users.get"), &[&user], Value::Null).await;
    story.api.fund(&user, "200").await;
    story.call(&l("wallets.get"), &[&user], Value::Null).await;
    let body = json!({ "cardName": "Travel", "initialBalance": 20 });
    let card = text(&story.call(&l("cards.create"), &[&user], body).await["cardId"]);
    story.call(&l("cards.list"), &[&user], Value::Null).await;
    story.call(&l("cards.get"), &[&card], Value::Null).await;
    story.call(&l("cards.top_up"), &[&card], json!({ "amount": 5 })).await;
    story.call(&l("cards.list_transactions"), &[&card], Value::Null).await;
    story.call(&l("cards.get_otp"), &[&card], Value::Null).await;
    let products = story.call(&l("gift_cards.list_products"), &[], Value::Null).await;
    let order = json!({
        "productId": products[0]["productId"],
        "unitPrice": 20,
        "recipientEmail": "a@example.com",
    });
    story.call(&l("gift_cards.order"), &[], order).await;
    story.call(&l("gift_cards.get_balance"), &[], Value::Null).await;
    story.call(&l("exchange.list_currencies"), &[], Value::Null).await;
    let pair = json!({ "fromCurrency": "btc", "toCurrency": "eth", "fromAmount": 0.5 });
    story.call(&l("exchange.estimate"), &[], pair.clone()).await;
    story.call(&l("exchange.create"), &[], pair).await;
}
