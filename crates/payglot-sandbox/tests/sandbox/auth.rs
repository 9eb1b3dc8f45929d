//! Authentication: who is let in, and the errors of everybody else.

use payglot::EmptyBody;
use payglot_sandbox::{EmptyBody as Accept, Sandbox};
use serde_json::{Value, json};

use crate::support::{Api, NOBODY, PURPOSE, STATIC_SIGNATURE, json_of};

/// The reason of a 401.
fn reason(response: (u16, Value)) -> String {
    let (status, body) = response;
    assert_eq!(status, 401, "{body}");
    body["detail"].as_str().or(body["message"].as_str()).unwrap().to_owned()
}

#[tokio::test]
async fn a_signed_request_is_accepted() {
    let api = Api::start().await;
    assert_eq!(api.call("POST", &api.user_path("add/secure-link"), PURPOSE).await.0, 200);
    assert_eq!(api.last_request().await["auth"]["result"], "passed");
}

#[tokio::test]
async fn query_and_path_count_as_received() {
    let api = Api::start().await;
    let path = api.user_path("list");
    assert_eq!(api.call("GET", &format!("{path}?b=2&a=%20x"), "").await.0, 200);
    let (parent, id) = path.rsplit_once('/').unwrap();
    let encoded = id.replacen('-', "%2D", 1);
    assert_eq!(api.call("GET", &format!("{parent}/{encoded}"), "").await.0, 200);
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let api = Api::start().await;
    let path = api.user_path("list");
    let signature = payglot::sign(b"another key", "GET", &path, "", b"", EmptyBody::Hash);
    let reason =
        reason(json_of(api.request("GET", &path, "").header("X-Signature", signature)).await);
    assert!(reason.starts_with("signature does not match: check the secret key"), "{reason}");
}

#[tokio::test]
async fn one_changed_byte_is_refused() {
    let api = Api::start().await;
    let path = api.user_path("add/secure-link");
    let signature = api.signature("POST", &path, PURPOSE, EmptyBody::Hash);
    let changed = PURPOSE.replace("PAYMENT", "PAYMENU");
    let request = api.request("POST", &path, &changed).header("X-Signature", signature);
    assert!(reason(json_of(request).await).starts_with("signature does not match"));
}

#[tokio::test]
async fn reasons_name_the_header() {
    let api = Api::start().await;
    let path = api.user_path("list");
    let url = format!("{}{path}", api.sandbox.base_url());
    let signature = api.signature("GET", &path, "", EmptyBody::Hash);

    assert_eq!(reason(json_of(api.http.get(&url)).await), "missing header X-Platform-ID");
    assert_eq!(reason(json_of(api.request("GET", &path, "")).await), "missing header X-Signature");
    let stranger =
        api.http.get(&url).header("X-Platform-ID", NOBODY).header("X-Signature", signature);
    assert_eq!(reason(json_of(stranger).await), "unknown platform id in X-Platform-ID");
}

#[tokio::test]
async fn usual_mistakes_are_named() {
    let api = Api::start().await;
    let path = api.user_path("add/secure-link");
    let pretty = "{ \"card_purpose\": \"PAYMENT\" }";
    let hash = EmptyBody::Hash;
    for (target, body, signature, hint) in [
        (
            format!("{path}?a=1"),
            PURPOSE,
            api.signature("POST", &path, PURPOSE, hash),
            "without the query",
        ),
        (
            format!("{path}?a=1"),
            PURPOSE,
            api.signature("POST", &format!("{path}a=1"), PURPOSE, hash),
            "question mark",
        ),
        (path.clone(), pretty, api.signature("POST", &path, PURPOSE, hash), "compact form"),
        (path.clone(), PURPOSE, api.signature("POST", &path, "", hash), "an empty body"),
        (
            path.clone(),
            PURPOSE,
            api.signature("POST", &path, "", EmptyBody::Omit),
            "nothing for the body",
        ),
        (
            path.clone(),
            PURPOSE,
            api.signature("POST", &path, &format!("{PURPOSE}\n"), hash),
            "a line break after it",
        ),
        (
            path.clone(),
            PURPOSE,
            api.signature("POST", &path, PURPOSE, hash).to_uppercase(),
            "64 lower-case hex",
        ),
    ] {
        let request = api.request("POST", &target, body).header("X-Signature", signature);
        let reason = reason(json_of(request).await);
        assert!(
            reason.starts_with("signature does not match: ") && reason.contains(hint),
            "{hint}: {reason}"
        );
    }
}

#[tokio::test]
async fn empty_bodies_count_as_configured() {
    for (accept, hashed, omitted) in
        [(Accept::Either, 200, 200), (Accept::Hash, 200, 401), (Accept::Omit, 401, 200)]
    {
        let api = Api::with(Sandbox::builder().empty_body(accept)).await;
        let path = api.user_path("list");
        for (empty_body, expected) in [(EmptyBody::Hash, hashed), (EmptyBody::Omit, omitted)] {
            let signature = api.signature("GET", &path, "", empty_body);
            let (status, _) =
                json_of(api.request("GET", &path, "").header("X-Signature", signature)).await;
            assert_eq!(status, expected, "{accept:?} {empty_body:?}");
        }
    }
}

#[tokio::test]
async fn the_static_signature_needs_its_option() {
    for (accept, expected) in [(false, 401), (true, 200)] {
        let api = Api::with(Sandbox::builder().static_signature(accept)).await;
        let request =
            api.request("GET", &api.user_path("list"), "").header("X-Signature", STATIC_SIGNATURE);
        assert_eq!(json_of(request).await.0, expected);
    }
}

#[tokio::test]
async fn plain_headers_authenticate_the_developer_api() {
    let api = Api::start().await;
    let credentials = api.sandbox.credentials();
    let (key, secret) = (credentials.api_key.expose(), credentials.api_secret.expose());
    let get = || api.http.get(format!("{}/api/user-api/wallet/get", api.sandbox.base_url()));

    assert_eq!(reason(json_of(get()).await), "missing header X-Api-Key");
    assert_eq!(
        reason(json_of(get().header("X-Api-Key", "x").header("X-Api-Secret", secret)).await),
        "unknown api key in X-Api-Key"
    );
    assert_eq!(
        reason(json_of(get().header("X-Api-Key", key).header("X-Api-Secret", "x")).await),
        "unknown api secret in X-Api-Secret"
    );
    let (status, _) = json_of(get().header("X-Api-Key", key).header("X-Api-Secret", secret)).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_bearer_key_authenticates_linora() {
    let api = Api::start().await;
    let key = api.sandbox.credentials().linora_api_key.expose();
    let get = || api.http.get(format!("{}/api/giftcards/products", api.sandbox.base_url()));

    assert_eq!(reason(json_of(get()).await), "missing header Authorization");
    let basic = reason(json_of(get().header("Authorization", format!("Basic {key}"))).await);
    assert!(basic.starts_with("Authorization does not have the form Bearer {"), "{basic}");
    assert!(reason(json_of(get().bearer_auth("x")).await).contains("in Authorization"));
    assert_eq!(json_of(get().bearer_auth(key)).await.0, 200);
}

#[tokio::test]
async fn the_log_spells_the_check_out_and_keeps_secrets() {
    let api = Api::start().await;
    let secret = api.sandbox.credentials().secret_key.expose();
    let path = format!("{}?pan=4242424242424242", api.user_path("list"));
    let wrong = "0".repeat(64);
    json_of(api.request("GET", &path, "").header("X-Signature", &wrong)).await;

    let entry = api.last_request().await;
    assert_eq!(entry["status"], 401);
    assert_eq!(entry["operation"], "cards.list");
    assert_eq!(entry["provider"], "paywint-platform");
    assert_eq!(entry["path"], api.user_path("list"));
    assert_eq!(entry["auth"]["result"], "failed");
    assert_eq!(entry["auth"]["signature_received"], json!(wrong));
    let canonical = format!(
        "GET{}?pan=[digits]e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        api.user_path("list")
    );
    assert_eq!(entry["auth"]["canonical_expected"], json!(canonical));

    // A secret sent as the signature by mistake does not stay in the log, nor does the right signature.
    json_of(api.request("GET", &path, "").header("X-Signature", secret)).await;
    let (_, log) = api.admin("GET", "requests", "").await;
    assert!(!log.to_string().contains(secret));
    assert!(!log.to_string().contains(&api.signature("GET", &path, "", EmptyBody::Hash)));
}
