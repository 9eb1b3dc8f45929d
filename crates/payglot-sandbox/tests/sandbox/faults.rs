//! Faults on demand, as a client meets them.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Api, json_of};

const CREATE: &str = "paywint-platform/users.create";
const LIST: &str = "paywint-platform/users.list";

async fn fault(api: &Api, fault: Value) {
    let (status, response) = api.admin("POST", "faults", &fault.to_string()).await;
    assert_eq!(status, 200, "{response}");
}

fn ada() -> Value {
    json!({ "name": "Ada", "email": "ada@example.com" })
}

/// How many users there are.
async fn users(api: &Api) -> usize {
    let page = json!({ "rows_per_page": 10, "page_no": 1 });
    api.ok(LIST, &[], page).await.as_array().unwrap().len()
}

#[tokio::test]
async fn a_status_comes_so_often_and_nothing_is_done() {
    let api = Api::start().await;
    fault(&api, json!({ "operation": CREATE, "kind": "status", "status": 429, "retry_after": 7, "times": 2 })).await;
    for _ in 0..2 {
        let response = api.operation(CREATE, &[], &ada()).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["retry-after"]),
            (429, &"7".parse().unwrap())
        );
    }
    assert_eq!(api.last_request().await["fault"], "status");
    assert_eq!(users(&api).await, 1);
    api.ok(CREATE, &[], ada()).await;
    assert_eq!(api.admin("GET", "faults", "").await.1, json!({ "faults": [] }));
}

#[tokio::test]
async fn connections_are_cut_before_or_after_the_work_is_done() {
    let api = Api::start().await;
    for (kind, is_done) in
        [("reset_before", false), ("refuse", false), ("reset_after_commit", true)]
    {
        let before = users(&api).await;
        fault(&api, json!({ "operation": "paywint-platform/*", "kind": kind })).await;
        let error = api.operation(CREATE, &[], &ada()).send().await.unwrap_err();
        assert!(!error.is_timeout() && !error.is_connect(), "{kind}: {error:?}");
        let is_reset = format!("{error:?}").contains("ConnectionReset");
        assert_eq!(is_reset, kind != "refuse", "{kind}: {error:?}");
        assert_eq!(users(&api).await, before + usize::from(is_done), "{kind}");
    }
}

#[tokio::test]
async fn half_of_a_body_arrives() {
    let api = Api::start().await;
    fault(&api, json!({ "operation": "*", "kind": "truncate" })).await;
    let mut response = api.operation(CREATE, &[], &ada()).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let declared = response.content_length().unwrap();
    let half = response.chunk().await.unwrap().unwrap();
    assert_eq!(half.len() as u64, declared / 2);
    assert!(response.chunk().await.is_err());
    assert_eq!(users(&api).await, 2);
}

#[tokio::test]
async fn an_answer_can_be_late() {
    let api = Api::start().await;
    fault(&api, json!({ "operation": CREATE, "kind": "delay", "delay_ms": 200 })).await;
    let started = Instant::now();
    api.ok(CREATE, &[], ada()).await;
    assert!(started.elapsed() >= Duration::from_millis(200));
    // Who hangs up while waiting has done nothing.
    fault(&api, json!({ "operation": CREATE, "kind": "delay", "delay_ms": 200 })).await;
    let other = json!({ "name": "Ben", "email": "ben@example.com" });
    let request = api.operation(CREATE, &[], &other).timeout(Duration::from_millis(50));
    assert!(request.send().await.unwrap_err().is_timeout());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(users(&api).await, 2);
}

/// The entries of the log that have no response yet.
async fn waiting(api: &Api) -> Vec<Value> {
    let (_, log) = api.admin("GET", "requests", "").await;
    let entries = log["requests"].as_array().unwrap().iter();
    entries.filter(|entry| entry["status"].is_null()).cloned().collect()
}

/// The double payment that everybody makes once: the call times out, it is made again, and both were done.
#[tokio::test]
async fn issue_12_10_a_late_response_can_be_of_a_call_that_was_done_at_once() {
    let api = Api::start().await;
    let late = json!({ "operation": CREATE, "kind": "delay_after_commit", "delay_ms": 60_000 });
    fault(&api, late).await;
    let request = api.operation(CREATE, &[], &ada()).timeout(Duration::from_millis(300));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(users(&api).await, 2);
    let entry = waiting(&api).await.remove(0);
    assert_eq!(
        (&entry["operation"], &entry["fault"]),
        (&json!("users.create"), &json!("delay_after_commit"))
    );
    assert_eq!((&entry["auth"]["result"], &entry["duration_us"]), (&json!("passed"), &Value::Null));
    // Who waits long enough gets the response.
    fault(&api, json!({ "operation": CREATE, "kind": "delay_after_commit", "delay_ms": 100 }))
        .await;
    let started = Instant::now();
    api.ok(CREATE, &[], json!({ "name": "Ben", "email": "ben@example.com" })).await;
    assert!(started.elapsed() >= Duration::from_millis(100));
    assert_eq!(users(&api).await, 3);
}

#[tokio::test]
async fn issue_12_10_a_request_that_waits_stands_in_the_log_until_it_has_its_response() {
    for kind in ["delay", "delay_after_commit"] {
        let api = Api::start().await;
        fault(&api, json!({ "operation": CREATE, "kind": kind, "delay_ms": 700 })).await;
        let (status, seen) = tokio::join!(api.op(CREATE, &[], ada()), async {
            loop {
                let mut entries = waiting(&api).await;
                if let Some(entry) = entries.pop() {
                    let done = users(&api).await == 2;
                    return (entry["operation"].clone(), entry["fault"].clone(), done);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        assert_eq!(status.0, 200);
        assert_eq!(seen, (json!("users.create"), json!(kind), kind == "delay_after_commit"));
        assert!(waiting(&api).await.is_empty());
        let (_, log) = api.admin("GET", "requests", "").await;
        assert_eq!(
            (&log["requests"][0]["status"], &log["requests"][0]["fault"]),
            (&json!(200), &json!(kind))
        );
    }
}

#[tokio::test]
async fn issue_12_29_adding_a_fault_responds_with_it_alone_and_there_are_not_endlessly_many() {
    let api = Api::start().await;
    let one = json!({ "operation": CREATE, "kind": "refuse" }).to_string();
    for id in 1..=1000 {
        let (status, added) = api.admin("POST", "faults", &one).await;
        assert_eq!((status, &added["id"], &added["kind"]), (200, &json!(id), &json!("refuse")));
    }
    let (status, refused) = api.admin("POST", "faults", &one).await;
    assert_eq!(status, 409, "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("remove some"), "{refused}");
    assert_eq!(api.admin("DELETE", "faults/1", "").await.0, 200);
    assert_eq!(api.admin("POST", "faults", &one).await.0, 200);
}

#[tokio::test]
async fn faults_are_checked_kept_and_taken_away() {
    let api = Api::start().await;
    for wrong in [
        json!({ "operation": "users.create", "kind": "refuse" }),
        json!({ "operation": "paywint-platform/users.destroy", "kind": "refuse" }),
        json!({ "operation": CREATE, "kind": "explode" }),
        json!({ "operation": CREATE, "kind": "status" }),
        json!({ "operation": CREATE, "kind": "delay" }),
        json!({ "operation": CREATE, "kind": "delay_after_commit" }),
        json!({ "operation": CREATE, "kind": "delay_after_commit", "delay_ms": 600_001 }),
        json!({ "operation": CREATE, "kind": "refuse", "times": 0 }),
        json!({ "operation": CREATE, "kind": "refuse", "often": 1 }),
    ] {
        assert_eq!(api.admin("POST", "faults", &wrong.to_string()).await.0, 422, "{wrong}");
    }
    let forever =
        json!({ "operation": "linora/*", "kind": "status", "status": 503, "times": null });
    fault(&api, forever).await;
    // A request that nobody signed uses no fault up, and other operations are as they were.
    assert_eq!(json_of(api.request("GET", "/api/giftcards/balance", "")).await.0, 401);
    assert_eq!(users(&api).await, 1);
    for _ in 0..3 {
        let (status, response) = api.op("linora/gift_cards.get_balance", &[], Value::Null).await;
        assert_eq!((status, response["message"].is_string()), (503, true));
    }
    assert_eq!(api.admin("DELETE", "faults", "").await.1, json!({ "faults": [] }));
    api.ok("linora/gift_cards.get_balance", &[], Value::Null).await;
}
