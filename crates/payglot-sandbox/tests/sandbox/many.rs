//! Many sandboxes in one process, each with state of its own.

use std::collections::BTreeSet;

use serde_json::json;
use tokio::task::JoinSet;

use crate::support::Api;

const MANY: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_start_at_once_and_know_nothing_of_each_other() {
    let mut starting = JoinSet::new();
    for number in 0..MANY {
        starting.spawn(async move {
            let api = Api::start().await;
            let body = json!({ "name": "Ada", "email": format!("ada{number}@example.com") });
            api.ok("paywint-platform/users.create", &[], body).await;
            api
        });
    }
    let all = starting.join_all().await;
    let (mut addresses, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for api in &all {
        addresses.insert(api.sandbox.base_url().to_owned());
        keys.insert(api.sandbox.credentials().secret_key.expose().to_owned());
        let page = json!({ "rows_per_page": 10, "page_no": 1 });
        let users = api.ok("paywint-platform/users.list", &[], page).await;
        assert_eq!(users.as_array().unwrap().len(), 2);
    }
    assert_eq!((addresses.len(), keys.len()), (MANY, MANY));
    // The key of one accepts no other.
    let (one, other) = (&all[0], &all[1]);
    let path = one.user_path("list");
    let signature = one.signature("GET", &path, "", payglot::EmptyBody::Hash);
    let request = other.request("GET", &path, "").header("X-Signature", signature);
    assert_eq!(crate::support::json_of(request).await.0, 401);
    for api in all {
        api.sandbox.shutdown().await;
    }
}
