//! The sandbox's own JSON interface.

use serde_json::{Value, json};

use crate::support::Api;

#[tokio::test]
async fn info_tells_what_is_served() {
    let api = Api::start().await;
    let (status, info) = api.admin("GET", "info", "").await;
    assert_eq!(status, 200);
    assert_eq!(info["base_url"], api.sandbox.base_url());
    assert_eq!(info["user_id"], api.sandbox.user_id().to_string());
    let providers = info["providers"].as_array().unwrap();
    assert_eq!(providers.len(), 3);
    let operations: Vec<_> =
        providers.iter().flat_map(|provider| provider["operations"].as_array().unwrap()).collect();
    assert_eq!(operations.len(), 77);
    assert!(operations.iter().all(|operation| operation["served"] == true));

    let credentials = api.sandbox.credentials();
    assert!(!info.to_string().contains(credentials.secret_key.expose()));
}

#[test]
fn the_documentation_lists_every_call() {
    let page = include_str!("../../../../docs/sandbox.md");
    let document: Value = serde_yaml_ng::from_str(include_str!("../../api.yaml")).unwrap();
    let paths = document["paths"].as_object().unwrap();
    for path in paths.keys() {
        assert!(page.contains(&format!("{path}`")), "docs/sandbox.md has no {path}");
    }
    assert!(paths.len() > 15, "{}", paths.len());
}

#[tokio::test]
async fn the_log_is_in_order_and_leaves_this_interface_out() {
    let api = Api::start().await;
    api.cards().await;
    api.call("GET", "/nowhere", "").await;
    let (_, log) = api.admin("GET", "requests", "").await;
    let requests = log["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 2);
    assert_eq!(
        (&requests[0]["operation"], &requests[0]["status"]),
        (&json!("cards.list"), &json!(200))
    );
    assert_eq!((&requests[1]["operation"], &requests[1]["status"]), (&json!(null), &json!(404)));
    assert_eq!(requests[1]["auth"], json!({ "result": "not_needed" }));
    assert!(requests[0]["duration_us"].is_u64() && requests[0]["at"].is_string());
}

#[tokio::test]
async fn reset_goes_back_to_the_start() {
    let api = Api::start().await;
    api.add_card("4242424242424242").await;
    let link = api.add_link().await;
    api.advance_minutes(60);
    let (status, response) = api.admin("POST", "reset", "").await;
    assert_eq!(status, 200);
    assert_eq!(response["user_id"], api.sandbox.user_id().to_string());
    assert_eq!(api.admin("GET", "requests", "").await.1, json!({ "requests": [] }));
    assert!(api.cards().await.is_empty());
    assert_eq!(api.open(&link).await.0, 404);
    assert_eq!(api.sandbox.clock().offset_seconds(), 0);
}

#[tokio::test]
async fn the_clock_can_be_advanced() {
    let api = Api::start().await;
    let link = api.add_link().await;
    let (status, clock) = api.admin("POST", "clock/advance", r#"{"seconds": 1801}"#).await;
    assert_eq!((status, &clock["offset_seconds"]), (200, &json!(1801)));
    assert_eq!(api.open(&link).await.0, 410);
    let (_, clock) = api.admin("POST", "clock/advance", r#"{"seconds": 60.0}"#).await;
    assert_eq!(clock["offset_seconds"], 1861);
    for body in ["", "{}", r#"{"seconds": -1}"#, r#"{"seconds": "60"}"#, r#"{"seconds": 1e12}"#] {
        assert_eq!(api.admin("POST", "clock/advance", body).await.0, 422, "{body}");
    }
}

#[tokio::test]
async fn the_clock_never_runs_off_its_end() {
    let api = Api::start().await;
    for _ in 0..200 {
        let (status, _) = api.admin("POST", "clock/advance", r#"{"seconds": 3155760000}"#).await;
        assert_eq!(status, 200);
    }
    assert_eq!(api.call("GET", &api.user_path("list"), "").await.0, 200);
}
