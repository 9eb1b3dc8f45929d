//! Who may use the sandbox: host names, other sites' pages, and the token (issue 12.28).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use payglot_sandbox::Sandbox;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Api, NOBODY, json_of};

/// One path of each interface.
const PATHS: [&str; 5] = [
    "/_sandbox/",
    "/_sandbox/api/snapshot",
    "/_sandbox/openapi/linora.json",
    "/hosted/pay/12345678-1234-4234-8234-123456789012",
    "/api/giftcards/balance",
];

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn issue_12_28_only_host_names_of_this_machine_are_served() {
    let api = Api::with(Sandbox::builder().allow_host("sandbox.test")).await;
    for path in PATHS {
        let get = |host: &str| api.request("GET", path, "").header("Host", host);
        let usual = status(api.request("GET", path, "")).await;
        assert_ne!(usual, 403, "{path}");
        for host in [
            "localhost:8787",
            "127.0.0.1",
            "127.1.2.3:80",
            "[::1]:1",
            "sandbox.test",
            "SANDBOX.test:8787",
        ] {
            assert_eq!(status(get(host)).await, usual, "{path} {host}");
        }
        for host in
            ["evil.example", "localhost.evil.example", "10.0.0.1", "127.0.0.1.nip.io", "other.test"]
        {
            let (status, response) = json_of(get(host)).await;
            assert_eq!(status, 403, "{path} {host}");
            assert!(response["detail"].as_str().unwrap().contains("--allow-host"), "{response}");
        }
    }
    // The name of the request's target counts too, and there must be one.
    let address = api.sandbox.base_url().strip_prefix("http://").unwrap();
    for head in [
        format!("GET http://evil.example/_sandbox/api/info HTTP/1.1\r\nHost: {address}"),
        format!("GET /_sandbox/api/info HTTP/1.1\r\nHost: {address}\r\nHost: evil.example"),
        "GET /_sandbox/api/info HTTP/1.0".to_owned(),
    ] {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "{head}\r\nConnection: close\r\n\r\n").unwrap();
        let mut response = String::new();
        let read = tokio::task::spawn_blocking(move || {
            stream.read_to_string(&mut response).unwrap();
            response
        });
        let response = read.await.unwrap();
        let line = response.lines().next().unwrap_or_default();
        assert!(line.contains(" 403 ") || line.contains(" 400 "), "{head}: {line}");
    }
}

#[tokio::test]
async fn issue_12_28_what_other_sites_ask_for_is_refused() {
    let api = Api::start().await;
    let link = api.add_link().await;
    let hosted = link.strip_prefix(api.sandbox.base_url()).unwrap();
    for path in PATHS.into_iter().chain([hosted]) {
        let get = |site: &str| api.request("GET", path, "").header("Sec-Fetch-Site", site);
        assert_eq!(status(get("cross-site")).await, 403, "{path}");
        for site in ["same-origin", "none"] {
            assert_ne!(status(get(site)).await, 403, "{path} {site}");
        }
        let framed = get("cross-site")
            .header("Sec-Fetch-Mode", "navigate")
            .header("Sec-Fetch-Dest", "iframe");
        assert_eq!(status(framed).await, 403, "{path}");
        // A shop's link to a hosted page is what these pages are for.
        let followed = get("cross-site")
            .header("Sec-Fetch-Mode", "navigate")
            .header("Sec-Fetch-Dest", "document");
        assert_eq!(status(followed).await == 403, !path.starts_with("/hosted/"), "{path}");
    }
    let posted = api.request("POST", hosted, "").header("Sec-Fetch-Site", "cross-site");
    let posted = posted.header("Sec-Fetch-Mode", "navigate").header("Sec-Fetch-Dest", "document");
    assert_eq!(status(posted).await, 403);
    assert_eq!(api.open(&link).await.0, 200);
}

#[tokio::test]
async fn issue_12_28_every_change_needs_the_token() {
    let api = Api::with(Sandbox::builder().token("a-token-of-the-test")).await;
    assert_eq!(api.sandbox.token().expose(), "a-token-of-the-test");
    let environment = api.sandbox.environment();
    assert!(environment.contains(&("PAYGLOT_SANDBOX_TOKEN", "a-token-of-the-test".to_owned())));
    let (_, before) = api.admin("GET", "snapshot", "").await;
    let document: Value = serde_yaml_ng::from_str(include_str!("../../api.yaml")).unwrap();
    let mut changes = 0;
    for (template, methods) in document["paths"].as_object().unwrap() {
        let path =
            template.split('/').map(|part| if part.starts_with('{') { NOBODY } else { part });
        let path = path.collect::<Vec<_>>().join("/");
        for (method, operation) in methods.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let request = || api.request(method.as_str(), &path, "");
            let is_change = method != "GET";
            assert_eq!(operation["security"] == json!([{ "token": [] }]), is_change, "{template}");
            if !is_change {
                assert_eq!(status(request()).await, 200, "{template}");
                continue;
            }
            changes += 1;
            for given in [
                None,
                Some("Bearer "),
                Some("Bearer another-token-of-the-test"),
                Some("a-token-of-the-test"),
            ] {
                let request = match given {
                    Some(given) => request().header("Authorization", given),
                    None => request(),
                };
                let (status, response) = json_of(request).await;
                assert_eq!(status, 401, "{method} {template} {given:?}");
                let detail = response["detail"].as_str().unwrap();
                assert!(
                    detail.contains("PAYGLOT_SANDBOX_TOKEN") && !detail.contains("a-token-of"),
                    "{detail}"
                );
            }
            assert_ne!(
                status(request().bearer_auth("a-token-of-the-test")).await,
                401,
                "{template}"
            );
        }
    }
    assert!(changes > 15, "{changes}");
    let (_, after) = api.admin("GET", "snapshot", "").await;
    assert_eq!(before["clock_offset_seconds"], after["clock_offset_seconds"]);
}

#[tokio::test]
async fn issue_12_28_the_page_holds_the_token_and_its_forms_need_it() {
    let api = Api::start().await;
    let (_, page) = api.open(&format!("{}/_sandbox/clock", api.sandbox.base_url())).await;
    let token = api.sandbox.token().expose();
    let held = format!(r#"<input type="hidden" name="token" value="{token}">"#);
    assert_eq!(
        page.matches(&held).count(),
        page.matches("<form").count() - page.matches(r#"<form method="dialog""#).count(),
        "{page}"
    );
    let reset = format!("{}/_sandbox/actions/reset", api.sandbox.base_url());
    api.add_card("4242424242424242").await;
    for wrong in ["", "another-token-of-the-test"] {
        let (status, page) = api.submit(&reset, &[("sure", "yes"), ("token", wrong)]).await;
        assert!(status == 403 && page.contains("load it again"), "{page}");
    }
    assert_eq!(api.submit(&reset, &[("sure", "yes")]).await.0, 403);
    assert_eq!(api.cards().await.len(), 1);
    assert_eq!(api.submit(&reset, &[("sure", "yes"), ("token", token)]).await.0, 200);
    assert!(api.cards().await.is_empty());
}

#[tokio::test]
async fn issue_12_28_settings_that_cannot_be_right_do_not_start() {
    for builder in
        [Sandbox::builder().allow_host("http://x"), Sandbox::builder().allow_host("x:80")]
    {
        let error = builder.start().await.unwrap_err().to_string();
        assert!(error.contains("is not a host name"), "{error}");
    }
    let error = Sandbox::builder().token("too-short").start().await.unwrap_err().to_string();
    assert!(error.contains("16 visible characters") && !error.contains("too-short"), "{error}");
    let (one, other) =
        (Sandbox::builder().seed(1).start().await, Sandbox::builder().seed(1).start().await);
    assert_ne!(one.unwrap().token().expose(), other.unwrap().token().expose());
}
