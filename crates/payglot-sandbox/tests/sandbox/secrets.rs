//! What the log never holds, however a request is written (issue 12.34).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::support::Api;

/// Sends a request whose target is written as it is, which no HTTP client does.
async fn get(api: &Api, target: &str) {
    let address = api.sandbox.base_url().strip_prefix("http://").unwrap().to_owned();
    let request = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let responded = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    });
    assert!(responded.await.unwrap().starts_with("HTTP/1.1 "));
}

#[tokio::test]
async fn issue_12_34_the_log_hides_tokens_and_card_numbers_however_they_are_written() {
    let api = Api::start().await;
    let link = api.add_link().await;
    let token = link.rsplit('/').next().unwrap();
    for begin in [
        "/hosted/cards/",
        "//hosted/cards/",
        "/%68osted/cards/",
        "/x/../hosted//cards/",
        "/HOSTED/",
        "/hosted%2fcards%2f",
    ] {
        get(&api, &format!("{begin}{token}")).await;
        get(&api, &format!("{}{begin}{token}", api.sandbox.base_url())).await;
    }
    for card in [
        "4242424242424242",
        "4242-4242-4242-4242",
        "4242%204242%204242%204242",
        "%34242-4242-4242-4242",
    ] {
        get(&api, &format!("/api/platform/users/{card}?q={card}")).await;
        let list = format!("/api/platform/users/list?card={card}");
        let signed = api.request("POST", &list, "{}").header("X-Signature", "0".repeat(64));
        assert_eq!(signed.send().await.unwrap().status(), 401);
    }
    let (_, log) = api.admin("GET", "requests", "").await;
    // What was asked for has nothing random, so that not even a group of the digits may be left of it.
    for request in log["requests"].as_array().unwrap() {
        assert!(!request["path"].as_str().unwrap().contains("4242"), "{request}");
    }
    let (_, page) = api.open(&format!("{}/_sandbox/", api.sandbox.base_url())).await;
    for shown in [log.to_string(), page] {
        // Four digits alone may be a part of a port or of an identifier.
        let twice = |between| shown.contains(&format!("4242{between}4242"));
        assert!(!shown.contains(token) && !["", "-", "%20", " "].into_iter().any(twice), "{shown}");
        assert!(shown.contains("[digits]") && shown.contains("{token}"), "{shown}");
    }
    assert!(log["requests"].as_array().unwrap().len() > 20);
}
