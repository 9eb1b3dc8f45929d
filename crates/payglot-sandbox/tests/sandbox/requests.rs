//! Paths, methods and bodies that are not as the documents say.

use payglot::EmptyBody;
use payglot_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::{Api, NOBODY, PURPOSE, json_of};

/// `type` and `loc` of every problem of a 422.
fn problems(response: (u16, Value)) -> Vec<(String, Value)> {
    let (status, body) = response;
    assert_eq!(status, 422, "{body}");
    let detail = body["detail"].as_array().unwrap().iter();
    detail
        .map(|problem| (problem["type"].as_str().unwrap().to_owned(), problem["loc"].clone()))
        .collect()
}

#[tokio::test]
async fn unknown_paths_are_404_and_other_methods_405() {
    let api = Api::start().await;
    assert_eq!(
        api.call("GET", "/api/platform/nothing", "").await,
        (404, json!({ "detail": "Not Found" }))
    );
    assert_eq!(api.call("GET", "/_sandbox/api/nothing", "").await.0, 404);
    let response = api.request("PUT", &api.user_path("list"), "").send().await.unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "GET");
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "detail": "Method Not Allowed" }));
    assert_eq!(
        api.admin("GET", "reset", "").await,
        (405, json!({ "detail": "Method Not Allowed" }))
    );
}

#[tokio::test]
async fn every_operation_is_routed() {
    let api = Api::start().await;
    for provider in [
        &payglot::paywint_platform::PROVIDER,
        &payglot::paywint_developer::PROVIDER,
        &payglot::linora::PROVIDER,
    ] {
        for operation in provider.operations {
            let path = operation.path.replace(['{', '}'], "");
            let (status, response) = json_of(api.request(operation.method, &path, "")).await;
            assert_eq!(status, 401, "{} {}: {response}", provider.name, operation.name);
        }
    }
}

#[tokio::test]
async fn all_problems_are_told_at_once() {
    let api = Api::start().await;
    let path = "/api/platform/card/update/secure-link/nobody";
    assert_eq!(
        problems(api.call("POST", path, r#"{"card_id":"x","card_purpose":"FUNDING"}"#).await),
        [
            ("uuid_parsing".to_owned(), json!(["path", "user_id"])),
            ("uuid_parsing".to_owned(), json!(["body", "card_id"])),
            ("enum".to_owned(), json!(["body", "card_purpose"])),
        ]
    );
}

#[tokio::test]
async fn a_problem_has_fastapis_shape() {
    let api = Api::start().await;
    let path = api.user_path("update/secure-link");
    let missing = json!({ "type": "missing", "loc": ["body", "card_id"], "msg": "Field required", "input": null });
    assert_eq!(api.call("POST", &path, PURPOSE).await, (422, json!({ "detail": [missing] })));

    let body = json!({ "card_id": NOBODY, "card_purpose": "FUNDING" }).to_string();
    let expected = "'PAYMENT' or 'WITHDRAWAL'";
    let wrong = json!({
        "type": "enum",
        "loc": ["body", "card_purpose"],
        "msg": format!("Input should be {expected}"),
        "input": "FUNDING",
        "ctx": { "expected": expected },
    });
    assert_eq!(api.call("POST", &path, &body).await, (422, json!({ "detail": [wrong] })));
}

#[tokio::test]
async fn bodies_that_are_no_json_objects_are_422() {
    let api = Api::start().await;
    let path = api.user_path("add/secure-link");
    for (body, kind, loc) in [
        ("", "missing", json!(["body"])),
        ("{", "json_invalid", json!(["body", 1])),
        ("[]", "model_attributes_type", json!(["body"])),
        ("{}", "missing", json!(["body", "card_purpose"])),
    ] {
        assert_eq!(
            problems(api.call("POST", &path, body).await),
            [(kind.to_owned(), loc)],
            "{body}"
        );
    }

    let signature = api.signature("POST", &path, PURPOSE, EmptyBody::Hash);
    let request = api.http.post(format!("{}{path}", api.sandbox.base_url()));
    let request = request
        .header("X-Platform-ID", &api.sandbox.credentials().platform_id)
        .header("X-Signature", signature)
        .header("Content-Type", "text/plain")
        .body(PURPOSE);
    assert_eq!(
        problems(json_of(request).await),
        [("model_attributes_type".to_owned(), json!(["body"]))]
    );
}

#[tokio::test]
async fn a_body_over_two_megabytes_is_413() {
    let api = Api::start().await;
    let body = "x".repeat(2 * 1024 * 1024 + 1);
    assert_eq!(api.call("POST", &api.user_path("add/secure-link"), &body).await.0, 413);
}

#[tokio::test]
async fn ids_of_nothing_are_404() {
    let api = Api::start().await;
    let not_found = |what: &str| (404, json!({ "detail": format!("{what} not found") }));
    let card = json!({ "card_id": NOBODY, "card_purpose": "PAYMENT" }).to_string();
    for (method, path, body, what) in [
        ("POST", format!("/api/platform/card/add/secure-link/{NOBODY}"), PURPOSE, "User"),
        ("POST", format!("/api/platform/card/update/secure-link/{NOBODY}"), card.as_str(), "User"),
        ("POST", api.user_path("update/secure-link"), &card, "Card"),
        ("GET", format!("/api/platform/card/get-card/{NOBODY}"), "", "Card"),
        ("GET", format!("/api/platform/card/list/{NOBODY}"), "", "User"),
        ("DELETE", api.user_path("delete"), &card, "Card"),
    ] {
        assert_eq!(api.call(method, &path, body).await, not_found(what), "{method} {path}");
    }
}

#[tokio::test]
async fn a_seed_makes_everything_the_same() {
    let start = || async {
        let api = Api::with(Sandbox::builder().seed(42)).await;
        let link = api.add_link().await.replace(api.sandbox.base_url(), "");
        let card = api.add_card("4242424242424242").await;
        let mut environment = api.sandbox.environment();
        environment
            .retain(|(name, _)| !name.ends_with("_BASE_URL") && *name != "PAYGLOT_SANDBOX_TOKEN");
        (environment, api.sandbox.user_id(), link, card)
    };
    let first = start().await;
    assert_eq!(first, start().await);

    let other = Sandbox::start().await.unwrap();
    assert_ne!(first.1, other.user_id());
    assert_ne!(other.user_id(), Sandbox::start().await.unwrap().user_id());
}

#[tokio::test]
async fn a_dropped_or_shut_down_sandbox_stops_listening() {
    let http = crate::support::http();
    let sandbox = Sandbox::start().await.unwrap();
    let info = format!("{}/_sandbox/api/info", sandbox.base_url());
    assert!(http.get(&info).send().await.is_ok());
    sandbox.shutdown().await;
    assert!(http.get(&info).send().await.is_err());

    let sandbox = Sandbox::start().await.unwrap();
    let info = format!("{}/_sandbox/api/info", sandbox.base_url());
    assert!(http.get(&info).send().await.is_ok());
    drop(sandbox);
    for _ in 0..100 {
        if http.get(&info).send().await.is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("still listening");
}

#[tokio::test]
async fn a_busy_port_is_an_error_that_names_it() {
    let first = Sandbox::start().await.unwrap();
    let address = first.base_url().strip_prefix("http://").unwrap().parse().unwrap();
    let error = Sandbox::builder().listen(address).start().await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot listen on {address}: ")), "{error}");
}

#[tokio::test]
async fn every_provider_has_its_document() {
    let api = Api::start().await;
    for provider in [
        &payglot::paywint_platform::PROVIDER,
        &payglot::paywint_developer::PROVIDER,
        &payglot::linora::PROVIDER,
    ] {
        let path = format!("/_sandbox/openapi/{}.json", provider.name);
        let (status, document) = api.call("GET", &path, "").await;
        assert_eq!((status, &document["openapi"]), (200, &json!("3.1.0")));
        let requirement = document["security"][0].as_object().unwrap();
        assert!(!requirement.is_empty());
        for scheme in requirement.keys() {
            assert!(document["components"]["securitySchemes"][scheme].is_object(), "{scheme}");
        }
        for operation in provider.operations {
            let declared = &document["paths"][operation.path][operation.method.to_lowercase()];
            assert_eq!(declared["x-payglot-name"], operation.name);
            for status in ["200", "400", "401", "404", "409"] {
                assert!(declared["responses"][status].is_object(), "{} {status}", operation.name);
            }
        }
    }
    assert_eq!(api.call("GET", "/_sandbox/openapi/nobody.json", "").await.0, 404);
}
