//! The pages behind secure links, filled as a browser without JavaScript does.

use crate::support::{Api, form};

const FLAGS: [&str; 5] = [
    "card_images_required",
    "withdrawal_confirm_required",
    "payment_confirm_required",
    "compliance_check_required",
    "is_limited",
];

/// Every test number and the flags it raises.
const FLAGGED: [(&str, &[&str]); 7] = [
    ("4242424242424242", &[]),
    ("4000000000000002", &["payment_confirm_required"]),
    ("4000000000000010", &["card_images_required"]),
    ("4000000000000028", &["withdrawal_confirm_required"]),
    ("4000000000000036", &["compliance_check_required"]),
    ("4000000000000044", &["is_limited"]),
    (
        "4000000000000051",
        &["card_images_required", "withdrawal_confirm_required", "payment_confirm_required"],
    ),
];
/// Every number that fails, and what is said.
const FAILING: [(&str, &str); 4] = [
    ("4000000000009995", "The card was declined: too little money"),
    ("4000000000000069", "The card was declined: the card has expired"),
    ("4000000000000127", "The card was declined: the CVV is wrong"),
    ("4000000000000119", "This card cannot be used here"),
];
const SLOW: &str = "4000000000000077";

/// A number in groups, as the page shows it.
fn grouped(number: &str) -> String {
    format!("{} {} {} {}", &number[..4], &number[4..8], &number[8..12], &number[12..])
}

#[tokio::test]
async fn the_form_is_a_plain_accessible_page() {
    let api = Api::start().await;
    let response = api.http.get(api.add_link().await).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["referrer-policy"], "no-referrer");
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");

    let page = response.text().await.unwrap();
    assert!(page.contains("<html lang=\"en\">") && page.contains("width=device-width"));
    assert!(page.contains("prefers-color-scheme: dark"));
    assert!(!page.contains("<script") && !page.contains("src="));
    for (name, _) in form(&[]) {
        assert!(page.contains(&format!("<label for=\"{name}\">")), "{name}");
        assert!(page.contains(&format!("<input id=\"{name}\" name=\"{name}\"")), "{name}");
    }
    for (number, flags) in FLAGGED {
        assert!(page.contains(&grouped(number)), "{number}");
        assert!(flags.iter().all(|flag| page.contains(flag)));
    }
    let failing = FAILING.map(|(number, _)| number);
    for number in failing.into_iter().chain([SLOW]) {
        assert!(page.contains(&grouped(number)), "{number}");
    }
}

#[tokio::test]
async fn each_test_number_raises_its_flags() {
    let api = Api::start().await;
    for (number, flags) in FLAGGED {
        let card = api.add_card(number).await;
        assert_eq!(card["card_number"], number[12..]);
        for flag in FLAGS {
            assert_eq!(card[flag], flags.contains(&flag), "{number} {flag}");
        }
    }
}

#[tokio::test]
async fn a_declined_card_is_not_added_and_the_link_stays_usable() {
    let api = Api::start().await;
    let link = api.add_link().await;
    for (number, message) in FAILING {
        let (status, page) = api.submit(&link, &form(&[("card_number", number)])).await;
        assert_eq!(status, 422);
        assert!(page.contains(message), "{number}: {page}");
    }
    assert!(api.cards().await.is_empty());
    assert_eq!(api.submit(&link, &form(&[])).await.0, 200);
    assert_eq!(api.cards().await.len(), 1);
}

#[tokio::test]
async fn each_wrong_field_gets_its_message() {
    let api = Api::start().await;
    let link = api.add_link().await;
    for (name, value, message) in [
        ("cardholder_name", "  ", "Name on card is missing"),
        ("card_number", "", "Card number is missing"),
        ("card_number", "4242424242424241", "This is not a card number"),
        ("expiry", "13/99", "Enter the expiry date as MM"),
        ("expiry", "01/20", "This card has expired"),
        ("cvv", "12", "The CVV has 3 or 4 digits"),
        ("cvv", "12a", "The CVV has 3 or 4 digits"),
        ("address", "", "Address is missing"),
        ("postal_code", "", "Postal code is missing"),
        ("country", "USA", "Enter the country as two letters"),
    ] {
        let (status, page) = api.submit(&link, &form(&[(name, value)])).await;
        assert_eq!(status, 422, "{name} {value}");
        assert!(page.contains(&format!("<a href=\"#{name}\">{message}")), "{name}: {page}");
        assert!(page.contains(&format!("id=\"{name}-error\">{message}")), "{name}");
        assert_eq!(page.matches("aria-invalid").count(), 1, "{name}");
        assert!(page.contains("<title>Error: "));
    }
    let (status, page) = api.submit(&link, &[]).await;
    assert_eq!((status, page.matches("aria-invalid").count()), (422, 7));
    assert!(api.cards().await.is_empty());
}

#[tokio::test]
async fn a_form_shown_again_keeps_values_but_not_the_number_or_the_cvv() {
    let api = Api::start().await;
    let link = api.add_link().await;
    let evil = "\"><script>alert(1)</script>";
    let (_, page) = api
        .submit(
            &link,
            &form(&[("expiry", "1"), ("address", evil), ("card_number", "4000056655665556")]),
        )
        .await;
    assert!(page.contains("value=\"Ada Lovelace\"") && page.contains("value=\"94105\""));
    assert!(!page.contains("<script"));
    assert!(page.contains("&lt;script&gt;"));
    for confidential in ["4000056655665556", "4000 0566", "737"] {
        assert!(!page.contains(confidential), "{confidential}");
    }
}

#[tokio::test]
async fn a_used_link_is_gone() {
    let api = Api::start().await;
    let link = api.add_link().await;
    let (status, page) = api.submit(&link, &form(&[])).await;
    assert_eq!(status, 200);
    assert!(page.contains("Card added") && page.contains("ending in 4242"));
    for (status, page) in [api.open(&link).await, api.submit(&link, &form(&[])).await] {
        assert_eq!(status, 410);
        assert!(page.contains("This link was already used"));
    }
    assert_eq!(api.cards().await.len(), 1);
}

#[tokio::test]
async fn an_expired_link_is_gone() {
    let api = Api::start().await;
    let link = api.add_link().await;
    api.advance_minutes(29);
    assert_eq!(api.open(&link).await.0, 200);
    api.advance_minutes(1);
    for (status, page) in [api.open(&link).await, api.submit(&link, &form(&[])).await] {
        assert_eq!(status, 410);
        assert!(page.contains("This link has expired"));
    }
    assert!(api.cards().await.is_empty());
}

#[tokio::test]
async fn an_unknown_link_is_not_found() {
    let api = Api::start().await;
    let link = format!("{}/hosted/cards/nothing", api.sandbox.base_url());
    let (status, page) = api.open(&link).await;
    assert_eq!(status, 404);
    assert!(page.contains("Page not found"));
    assert_eq!(api.submit(&link, &form(&[])).await.0, 404);
}

#[tokio::test]
async fn an_update_link_completes_the_missing_steps() {
    let api = Api::start().await;
    let card = api.add_card("4000000000000051").await;
    let link = api.update_link(&card).await;
    let (status, page) = api.open(&link).await;
    assert_eq!(status, 200);
    assert!(page.contains("ending in 0051"));
    for flag in ["card_images_required", "withdrawal_confirm_required", "payment_confirm_required"]
    {
        assert!(page.contains(flag), "{flag}");
    }
    assert!(!page.contains("is_limited"));

    let (status, page) = api.submit(&link, &[("confirm", "yes")]).await;
    assert_eq!(status, 200);
    assert!(page.contains("Card updated"));
    let card = api.cards().await.pop().unwrap();
    assert!(FLAGS.iter().all(|flag| card[flag] == false));
    assert_eq!(api.open(&link).await.0, 410);
}

#[tokio::test]
async fn an_update_link_leaves_the_daily_limit() {
    let api = Api::start().await;
    let card = api.add_card("4000000000000044").await;
    let link = api.update_link(&card).await;
    let (_, page) = api.open(&link).await;
    assert!(page.contains("No step is missing") && page.contains("is_limited"));
    api.submit(&link, &[]).await;
    assert_eq!(api.cards().await[0]["is_limited"], true);
}

#[tokio::test]
async fn an_update_link_of_a_removed_card_is_gone() {
    let api = Api::start().await;
    let card = api.add_card("4000000000000002").await;
    let link = api.update_link(&card).await;
    let body = serde_json::json!({ "card_id": card["card_id"] }).to_string();
    assert_eq!(api.call("DELETE", &api.user_path("delete"), &body).await.0, 200);
    for (status, page) in [api.open(&link).await, api.submit(&link, &[]).await] {
        assert_eq!(status, 410);
        assert!(page.contains("This card was removed"));
    }
}

#[tokio::test]
async fn neither_numbers_nor_tokens_reach_the_log() {
    let api = Api::start().await;
    let link = api.add_link().await;
    api.submit(&link, &form(&[])).await;
    api.call("GET", "/api/platform/card/4242424242424242", "").await;
    let (_, log) = api.admin("GET", "requests", "").await;
    let token = link.rsplit('/').next().unwrap();
    let log = log.to_string();
    assert!(log.contains("/hosted/cards/{token}"));
    for confidential in [token, "4242424242424242", "4242 4242"] {
        assert!(!log.contains(confidential), "{confidential}");
    }
}
