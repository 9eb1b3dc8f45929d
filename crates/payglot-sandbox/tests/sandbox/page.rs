//! The page `/_sandbox/` as a browser without its script meets it.

use serde_json::{Value, json};

use crate::support::{Api, form, text};

const VIEWS: [&str; 6] = ["", "objects", "ledger", "webhooks", "faults", "clock"];

/// Opens a view.
async fn view(api: &Api, name: &str) -> String {
    let (status, page) = api.open(&format!("{}/_sandbox/{name}", api.sandbox.base_url())).await;
    assert_eq!(status, 200, "{name}: {page}");
    page.replace("&#x2f;", "/")
}

/// Sends a form of the page, and gives the page that it leads to.
async fn act(api: &Api, action: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let mut all = vec![("token", api.sandbox.token().expose())];
    all.extend_from_slice(fields);
    api.submit(&format!("{}/_sandbox/actions/{action}", api.sandbox.base_url()), &all).await
}

#[tokio::test]
async fn views_load_nothing_and_run_only_their_own_script() {
    let api = Api::start().await;
    let bare = api.http.get(format!("{}/_sandbox", api.sandbox.base_url())).send().await.unwrap();
    assert_eq!(bare.url().path(), "/_sandbox/");
    for name in VIEWS {
        let url = format!("{}/_sandbox/{name}", api.sandbox.base_url());
        let response = api.http.get(url).send().await.unwrap();
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        for part in ["default-src 'none'", "script-src 'sha256-", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert_eq!(response.headers()["cache-control"], "no-store");
        let page = response.text().await.unwrap();
        assert!(!page.contains("src=") && !page.contains("@import"), "{name}");
        assert_eq!(page.matches("aria-current=\"page\"").count(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_wrong_signature_is_spelled_out() {
    let api = Api::start().await;
    let path = "/api/platform/users/list";
    let without_query = api.signature("POST", path, "{}", payglot::EmptyBody::Hash);
    let target = format!("{path}?a=1");
    let request = api.request("POST", &target, "{}").header("X-Signature", without_query);
    assert_eq!(crate::support::json_of(request).await.0, 401);
    let page = view(&api, "").await;
    assert!(page.contains("POST/api/platform/users/list<mark>?a=1</mark>44136fa3"), "{page}");
    assert!(page.contains("POST/api/platform/users/list<mark>(nothing)</mark>44136fa3"), "{page}");
    assert!(page.contains("it was made without the query"));
    let entry = api.last_request().await;
    assert!(
        text(&entry["auth"]["canonical_received"]).starts_with("POST/api/platform/users/list4")
    );

    // A body that was signed itself is not shown: it may hold anything.
    let body = r#"{"name":"hidden name"}"#;
    let key = api.sandbox.credentials().secret_key.expose();
    let raw = raw_body_signature(key, "POST", path, body);
    let request = api.request("POST", path, body).header("X-Signature", raw);
    assert_eq!(crate::support::json_of(request).await.0, 401);
    let page = view(&api, "").await;
    assert!(page.contains("[the body itself]") && !page.contains("hidden name"), "{page}");
}

/// A signature over the body instead of its hash.
fn raw_body_signature(key: &str, method: &str, path: &str, body: &str) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
    hex::encode(mac.chain_update(format!("{method}{path}{body}")).finalize().into_bytes())
}

#[tokio::test]
async fn what_is_confidential_is_on_no_view() {
    let api = Api::start().await;
    let user = api.user();
    let mut secrets: Vec<String> =
        api.sandbox.environment().into_iter().map(|pair| pair.1).collect();
    // The page holds the token, for its own forms.
    let token = api.sandbox.token().expose();
    secrets.retain(|value| value != api.sandbox.base_url() && value != token);
    api.add_card("4000000000000010").await;
    api.verified_bank("987654321098").await;
    let inquiry = api.ok("paywint-platform/kyc.get_inquiry", &[&user], Value::Null).await;
    let page = text(&inquiry["inquiry_url"]);
    api.submit(&page, &crate::compliance::IDENTITY).await;
    let holder = api.ok("linora/users.create", &[], json!({})).await;
    let holder = text(&holder["id"].as_str().map_or(holder["userId"].clone(), |id| json!(id)));
    api.fund(&holder, "100").await;
    let body = json!({ "cardName": "Travel", "initialBalance": 20 });
    let card = api.ok("linora/cards.create", &[&holder], body).await;
    let card = text(&card["cardId"]);
    let details = api.ok("linora/cards.get", &[&card], Value::Null).await;
    let otp = api.ok("linora/cards.get_otp", &[&card], Value::Null).await;
    secrets.extend([text(&details["number"]), text(&otp["otp"]), "987654321098".to_owned()]);
    secrets.extend(["4000000000000010".to_owned(), "1990-12-10".to_owned()]);
    secrets.push(page.rsplit('/').next().unwrap().to_owned());
    let fields = [("url", "http://ada:pa55@127.0.0.1:1/hook?token=t0ken"), ("secret", "wh-s3cret")];
    assert_eq!(act(&api, "endpoints", &fields).await.0, 200);
    secrets.extend(["pa55", "t0ken", "wh-s3cret"].map(str::to_owned));
    // issue 15.11: the first page has the credentials to paste, and no page anything of people and cards.
    let credentials: Vec<String> =
        api.sandbox.environment().into_iter().map(|pair| pair.1).collect();
    for name in VIEWS {
        let page = view(&api, name).await;
        for secret in &secrets {
            let may_be_shown = *secret == api.sandbox.credentials().platform_id || name.is_empty();
            let is_credential = credentials.contains(secret);
            assert!(may_be_shown && is_credential || !page.contains(secret), "{name}");
        }
    }
    assert!(view(&api, "objects").await.contains("Travel"));
}

#[tokio::test]
async fn everything_on_the_page_works_without_its_script() {
    let api = Api::start().await;
    let fault =
        [("operation", "paywint-platform/*"), ("kind", "status"), ("times", ""), ("status", "503")];
    let (status, page) = act(&api, "faults", &fault).await;
    assert!(status == 200 && page.contains("The fault will happen"), "{page}");
    assert!(page.contains("every call, until it is taken away"));
    let mut wrong = fault;
    wrong[3].1 = "5x3";
    let (status, page) = act(&api, "faults", &wrong).await;
    assert!(status == 422 && page.contains("Not done: body.status: Input should be"), "{page}");
    assert_eq!(api.no("paywint-platform/users.list", &[], json!({})).await.0, 503);
    assert_eq!(act(&api, "faults/1/remove", &[]).await.0, 200);
    assert_eq!(api.admin("GET", "faults", "").await.1, json!({ "faults": [] }));

    // issue 12.10
    let late =
        [("operation", "*"), ("kind", "delay_after_commit"), ("times", "1"), ("delay_ms", "60000")];
    let (status, page) = act(&api, "faults", &late).await;
    assert!(status == 200 && page.contains("60000 ms late"), "{page}");
    let list = api.operation("paywint-platform/users.list", &[], &json!({}));
    assert!(list.timeout(std::time::Duration::from_millis(200)).send().await.is_err());
    assert!(view(&api, "").await.contains("no response yet"));

    let link = api.add_link().await;
    let (status, page) = act(&api, "advance", &[("amount", "30"), ("unit", "60")]).await;
    assert!(status == 200 && page.contains("Ahead of this machine: 30 min"), "{page}");
    assert_eq!(api.submit(&link, &form(&[])).await.0, 410);
    assert_eq!(act(&api, "advance", &[("amount", "0"), ("unit", "60")]).await.0, 422);

    let hook = [("url", "http://127.0.0.1:1/"), ("secret", "s"), ("copies", "2")];
    assert_eq!(act(&api, "endpoints", &hook).await.0, 200);
    let (_, listed) = api.admin("GET", "webhooks/endpoints", "").await;
    let id = text(&listed["endpoints"][0]["id"]);
    // issue 15.11: what cannot be undone asks.
    assert_eq!(act(&api, &format!("endpoints/{id}/remove"), &[]).await.0, 422);
    for (what, shown) in
        [("hold", "held"), ("reverse", "the newest first"), ("remove", "forgotten")]
    {
        let (status, page) = act(&api, &format!("endpoints/{id}/{what}"), &[("sure", "yes")]).await;
        assert!(status == 200 && page.contains(shown), "{page}");
    }
    api.decide("kyc", "approved").await;
    let (_, log) = api.admin("GET", "webhooks/events", "").await;
    let event = text(&log["events"][0]["id"]);
    let (status, page) = act(&api, &format!("events/{event}/resend"), &[]).await;
    assert!(status == 200 && page.contains("kyc.completed"), "{page}");

    assert_eq!(act(&api, "reset", &[]).await.0, 422);
    assert_eq!(act(&api, "reset", &[("sure", "yes")]).await.0, 200);
    assert_eq!(api.sandbox.clock().offset_seconds(), 0);
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let api = Api::start().await;
    let base = api.sandbox.base_url();
    for (origin, status) in [("https://evil.example", 403), ("null", 403), (base, 200)] {
        let request = api.http.post(format!("{base}/_sandbox/api/reset")).header("Origin", origin);
        let request = request.bearer_auth(api.sandbox.token().expose());
        assert_eq!(request.send().await.unwrap().status(), status, "{origin}");
    }
    let read = api.http.get(format!("{base}/_sandbox/")).header("Origin", "https://evil.example");
    assert_eq!(read.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn issue_15_11_objects_are_acted_on_without_the_script() {
    let api = Api::start().await;
    let link = json!({ "amount": 150.75 });
    let link = api.ok("paywint-platform/payments.create_link", &[&api.user()], link).await;
    let payment = text(&link["payment_id"]);
    let (status, page) = act(&api, &format!("objects/pay/{payment}"), &[]).await;
    assert!(status == 200 && page.contains("The payment is made."), "{page}");
    // What cannot be undone needs its box ticked.
    let refund = format!("objects/refund/{payment}");
    let (status, page) = act(&api, &refund, &[]).await;
    assert!(status == 422 && page.contains("Tick the box"), "{page}");
    let (status, page) = act(&api, &refund, &[("sure", "yes")]).await;
    assert!(status == 200 && page.contains("The money went back."), "{page}");
    // What can no longer be done says why.
    let (status, page) = act(&api, &refund, &[("sure", "yes")]).await;
    assert!(status == 422 && page.contains("did not go well"), "{page}");
    for (what, fields) in [("fund", vec![("amount", "1.001")]), ("burn", vec![]), ("pay", vec![])] {
        let action = format!("objects/{what}/{}", api.user());
        assert_eq!(act(&api, &action, &fields).await.0, 422, "{what}");
    }
}
