//! Users, KYC by the hosted page, KYB, payees and addresses of the Platform API, and paging.

use serde_json::{Value, json};

use crate::support::{Api, NOBODY, text};

const CREATE: &str = "paywint-platform/users.create";
const KYC: &str = "paywint-platform/kyc.get";
const INQUIRY: &str = "paywint-platform/kyc.get_inquiry";
const KYB: &str = "paywint-platform/kyb.get";
const SUBMIT: &str = "paywint-platform/kyb.submit";

#[tokio::test]
async fn users_need_a_contact_of_their_own() {
    let api = Api::start().await;
    for body in [
        json!({ "name": "A" }),
        json!({ "name": "A", "email": "nonsense" }),
        json!({ "name": "A", "email": "" }),
        json!({ "name": "A", "email": "", "phone": "123", "phone_country_code": "+1" }),
        json!({ "name": "A", "phone": "123" }),
    ] {
        assert_eq!(api.no(CREATE, &[], body.clone()).await.0, 422, "{body}");
    }
    let phone = json!({ "name": "A", "phone": "123", "phone_country_code": "+1" });
    let user = api.ok(CREATE, &[], phone.clone()).await;
    assert_eq!(api.balances(&text(&user["user_id"])).await, (0.0, 0.0));
    assert_eq!(api.no(CREATE, &[], phone).await.0, 409);
    assert_eq!(api.no("paywint-platform/wallets.get", &[NOBODY], Value::Null).await.0, 404);
    assert_eq!(
        api.no("paywint-platform/wallets.get", &[&api.developer()], Value::Null).await.0,
        404
    );
}

#[tokio::test]
async fn pages_end_where_the_records_end() {
    let api = Api::start().await;
    for number in 0..24 {
        api.new_user(&format!("user{number}@example.com")).await;
    }
    let mut sizes = Vec::new();
    for page in 1..=4 {
        let body = json!({ "rows_per_page": 10, "page_no": page });
        let (status, response) = api.op("paywint-platform/users.list", &[], body).await;
        assert_eq!((status, &response["totalRecords"]), (200, &json!(25)));
        sizes.push(response["records"].as_array().unwrap().len());
    }
    assert_eq!(sizes, [10, 10, 5, 0]);
    for body in [
        json!({ "rows_per_page": 11, "page_no": 1 }),
        json!({ "rows_per_page": 10, "page_no": 0 }),
        json!({ "rows_per_page": 10 }),
    ] {
        assert_eq!(api.no("paywint-platform/users.list", &[], body).await.0, 422);
    }
    let far = json!({ "rows_per_page": 100, "page_no": 9_007_199_254_740_991_i64 });
    assert_eq!(api.ok("paywint-platform/users.list", &[], far).await, json!([]));
}

pub const IDENTITY: [(&str, &str); 9] = [
    ("first_name", "Ada"),
    ("last_name", "Lovelace"),
    ("dob", "1990-12-10"),
    ("address", "1 Main St"),
    ("city", "Austin"),
    ("state", "TX"),
    ("zip", "78701"),
    ("country", "US"),
    ("decision", "approve"),
];

#[tokio::test]
async fn the_identity_page_decides_kyc() {
    let api = Api::start().await;
    let user = api.user();
    assert_eq!(api.no(KYC, &[&user], Value::Null).await.0, 404);
    let inquiry = api.ok(INQUIRY, &[&user], Value::Null).await;
    assert_eq!(inquiry["is_kyc_pending"], true);
    let page = text(&inquiry["inquiry_url"]);
    assert_eq!(api.ok(INQUIRY, &[&user], Value::Null).await["inquiry_url"], page);
    let (status, shown) = api.open(&page).await;
    assert_eq!(status, 200);
    assert!(shown.contains(r#"<label for="dob">"#) && !shown.contains("Test card numbers"));

    assert_eq!(api.submit(&page, &[("first_name", "Ada")]).await.0, 422);
    let mut rejected = IDENTITY;
    rejected[8].1 = "reject";
    assert_eq!(api.submit(&page, &rejected).await.0, 200);
    assert_eq!(api.ok(KYC, &[&user], Value::Null).await["kyc_status"], "rejected");
    assert_eq!(api.submit(&page, &IDENTITY).await.0, 410);
    let again = text(&api.ok(INQUIRY, &[&user], Value::Null).await["inquiry_url"]);
    assert_ne!(again, page);
    assert_eq!(api.submit(&again, &IDENTITY).await.0, 200);
    let kyc = api.ok(KYC, &[&user], Value::Null).await;
    assert_eq!((&kyc["kyc_status"], &kyc["last_name"]), (&json!("approved"), &json!("Lovelace")));
    let inquiry = api.ok(INQUIRY, &[&user], Value::Null).await;
    assert_eq!(inquiry, json!({ "inquiry_url": null, "is_kyc_pending": false }));
}

fn business() -> Value {
    json!({
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
    })
}

#[tokio::test]
async fn a_business_is_checked_within_a_day() {
    let api = Api::start().await;
    let user = api.user();
    assert_eq!(api.no(KYB, &[&user], Value::Null).await.0, 404);
    for (field, value) in [
        ("document_2", "http://example.com/2.pdf"),
        ("document_3", "https://127.0.0.1/x.pdf"),
        ("formation_date", "15-09-2015"),
    ] {
        let mut body = business();
        body[field] = json!(value);
        assert_eq!(api.no(SUBMIT, &[&user], body).await.0, 422, "{field}");
    }
    let submitted = api.ok(SUBMIT, &[&user], business()).await;
    assert_eq!(submitted["status"], "pending");
    assert!(submitted.get("ein").is_none());
    assert_eq!(api.no(SUBMIT, &[&user], business()).await.0, 409);
    api.advance_hours(24);
    assert_eq!(api.ok(KYB, &[&user], Value::Null).await["status"], "approved");
    api.decide("kyb", "rejected").await;
    let mut body = business();
    body["formation_date"] = json!("2015-09-15");
    assert_eq!(api.ok(SUBMIT, &[&user], body).await["status"], "pending");
}

#[tokio::test]
async fn addresses_belong_to_a_payee_of_the_user() {
    let api = Api::start().await;
    let user = api.user();
    let payee = api.new_payee("p@example.com").await;
    let stranger = api.new_user("other@example.com").await;
    let create = "paywint-platform/payee_addresses.create";
    let body = json!({
        "payee_id": payee,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "address_line_1": "1 Main St",
        "address_line_2": "Apt 1",
        "city": "Austin",
        "state": "TX",
        "zipcode": "78701",
        "country": "US",
    });
    assert_eq!(api.no(create, &[&stranger], body.clone()).await.0, 404);
    let address = api.ok(create, &[&user], body.clone()).await;
    assert_eq!(address["name"], "Ada Lovelace");
    let change = json!({
        "payee_id": payee,
        "address_id": address["address_id"],
        "name": "Grace Brewster Hopper",
        "city": "Dallas",
        "state": null,
        "address_line_2": null,
    });
    let changed = api.ok("paywint-platform/payee_addresses.update", &[&user], change).await;
    assert_eq!(changed["name"], "Grace Brewster Hopper");
    assert_eq!((&changed["city"], &changed["state"]), (&json!("Dallas"), &json!("TX")));
    assert_eq!(changed["address_line_2"], Value::Null);
    for _ in 0..4 {
        api.ok(create, &[&user], body.clone()).await;
    }
    assert_eq!(api.no(create, &[&user], body).await.0, 400);
    let one = json!({ "payee_id": payee, "address_id": address["address_id"] });
    let delete = "paywint-platform/payee_addresses.delete";
    api.ok(delete, &[&user], one.clone()).await;
    assert_eq!(api.no(delete, &[&user], one).await.0, 404);
    let list = "paywint-platform/payee_addresses.list";
    let listed = api.ok(list, &[&user], json!({ "payee_id": payee })).await;
    assert_eq!(listed.as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn check_settings_take_public_links_and_go_back_to_the_default() {
    let api = Api::start().await;
    let user = api.user();
    let update = "paywint-platform/checks.update_config";
    let logo = "https://cdn.example.com/logo.png";
    let body = json!({ "logo_url": logo, "signature_url": logo });
    assert_eq!(api.ok(update, &[&user], body).await, json!({ "logo": logo, "signature": logo }));
    let body = json!({ "logo_url": logo, "set_default_logo": true });
    assert_eq!(api.ok(update, &[&user], body).await, json!({ "logo": null, "signature": logo }));
    let body = json!({ "logo_url": "http://cdn.example.com/logo.png" });
    assert_eq!(api.no(update, &[&user], body).await.0, 422);
    let address = "paywint-platform/checks.update_address";
    assert_eq!(api.no(address, &[&user], json!({ "city": "Austin" })).await.0, 404);
}
