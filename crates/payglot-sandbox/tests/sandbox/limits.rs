//! What the sandbox bounds: times, sizes, numbers, and which file it takes (issue 12.29).

use std::path::Path;
use std::time::{Duration, Instant};

use payglot_sandbox::{Sandbox, Webhook};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Api, text};

/// How long requests may take to arrive in these tests.
const TIMEOUT: Duration = Duration::from_millis(400);
/// A machine is slow at times.
const LONG: Duration = Duration::from_secs(10);

async fn impatient() -> Api {
    Api::with(Sandbox::builder().read_timeout(TIMEOUT)).await
}

fn address(api: &Api) -> &str {
    api.sandbox.base_url().strip_prefix("http://").unwrap()
}

async fn connect(api: &Api) -> TcpStream {
    TcpStream::connect(address(api)).await.unwrap()
}

/// What the sandbox sends until it closes the connection.
async fn rest(mut stream: TcpStream) -> String {
    let mut response = Vec::new();
    // A connection that is closed while there is something to read is reset.
    let _ =
        tokio::time::timeout(LONG, stream.read_to_end(&mut response)).await.expect("still open");
    String::from_utf8(response).unwrap()
}

#[tokio::test]
async fn issue_12_29_a_half_sent_head_ends_with_its_connection() {
    let api = impatient().await;
    for head in ["G", "GET /_sandbox/api/info HTTP/1.1\r\nHost: local"] {
        let mut stream = connect(&api).await;
        let started = Instant::now();
        stream.write_all(head.as_bytes()).await.unwrap();
        assert_eq!(rest(stream).await, "");
        assert!(started.elapsed() >= TIMEOUT, "{:?}", started.elapsed());
    }
    // Nor does it help to send a byte now and then.
    let mut stream = connect(&api).await;
    let started = Instant::now();
    stream.write_all(b"GET /_sandbox/api/info HTTP/1.1\r\nX: ").await.unwrap();
    while stream.write_all(b"x").await.is_ok() {
        assert!(started.elapsed() < LONG);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn issue_12_29_a_half_sent_body_ends_with_its_connection() {
    let api = impatient().await;
    let token = api.sandbox.token().expose();
    for (target, status) in [
        ("/api/platform/users/list", "408"),
        ("/_sandbox/api/restore", "408"),
        ("/_sandbox/api/clock/advance", "400"),
        ("/_sandbox/actions/reset", "403"),
        ("/hosted/pay/12345678-1234-4234-8234-123456789012", "400"),
    ] {
        let mut stream = connect(&api).await;
        let head = format!(
            "POST {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Length: 100\r\n\r\n{{"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let response = rest(stream).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{target}: {response}");
    }
}

#[tokio::test]
async fn issue_12_29_neither_a_slow_call_nor_a_kept_connection_is_cut_off() {
    let api = impatient().await;
    let late = json!({ "operation": "*", "kind": "delay", "delay_ms": 1200 }).to_string();
    assert_eq!(api.admin("POST", "faults", &late).await.0, 200);
    api.ok("paywint-platform/users.list", &[], json!({ "rows_per_page": 10, "page_no": 1 })).await;

    let mut stream = connect(&api).await;
    let request = b"GET /_sandbox/api/ledger HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for _ in 0..3 {
        stream.write_all(request).await.unwrap();
        let mut response = [0; 2048];
        let length = stream.read(&mut response).await.unwrap();
        assert!(response[..length].starts_with(b"HTTP/1.1 200 "));
        tokio::time::sleep(2 * TIMEOUT).await;
    }
    // Only the head that began after that has a time.
    stream.write_all(b"GET").await.unwrap();
    assert_eq!(rest(stream).await, "");
}

#[tokio::test]
async fn issue_12_29_a_restore_is_checked_before_it_is_read() {
    let api = Api::start().await;
    let token = api.sandbox.token().expose();
    let large = 200 * 1024 * 1024;
    for (token, status) in [(token, "413"), ("another-token-of-the-test", "401")] {
        let mut stream = connect(&api).await;
        let head = format!(
            "POST /_sandbox/api/restore HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Connection: close\r\nContent-Length: {large}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let response = rest(stream).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{response}");
    }
}

#[tokio::test]
async fn issue_12_29_browsers_neither_guess_types_nor_frame_anything() {
    let api = Api::start().await;
    let link = api.add_link().await;
    let hosted = link.strip_prefix(api.sandbox.base_url()).unwrap();
    for (method, path) in [
        ("GET", "/_sandbox/"),
        ("GET", "/_sandbox"),
        ("GET", "/_sandbox/faults"),
        ("GET", "/_sandbox/api/snapshot"),
        ("GET", "/_sandbox/api/nothing"),
        ("POST", "/_sandbox/api/reset"),
        ("POST", "/_sandbox/actions/reset"),
        ("GET", "/_sandbox/openapi/linora.json"),
        ("GET", hosted),
        ("GET", "/hosted/pay/unknown"),
        ("GET", "/nowhere"),
        ("GET", "/api/giftcards/balance"),
        ("PATCH", "/api/platform/users/list"),
    ] {
        for host in ["localhost", "evil.example"] {
            let response = api.request(method, path, "").header("Host", host).send().await.unwrap();
            let headers = response.headers();
            assert_eq!(headers["x-content-type-options"], "nosniff", "{method} {path}");
            let policy = headers["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("frame-ancestors 'none'"), "{method} {path}: {policy}");
        }
    }
}

#[tokio::test]
async fn issue_12_29_a_webhook_that_asks_for_itself_does_not_go_round() {
    let api = Api::start().await;
    let nobody = Webhook::new("http://127.0.0.1:1/");
    let nobody = api.sandbox.add_webhook(nobody).unwrap().id;
    api.sandbox.hold_webhooks(nobody).await.unwrap();
    api.decide("kyc", "pending").await;
    let (_, events) = api.admin("GET", "webhooks/events", "").await;
    let event = text(&events["events"][0]["id"]);
    api.sandbox.remove_webhook(nobody).await.unwrap();
    let own = format!("{}/_sandbox/api/webhooks/events/{event}/resend", api.sandbox.base_url());
    api.sandbox.add_webhook(Webhook::new(own)).unwrap();
    assert_eq!(api.admin("POST", &format!("webhooks/events/{event}/resend"), "").await.0, 200);
    let delivery = async || {
        let (_, events) = api.admin("GET", "webhooks/events", "").await;
        events["events"][0]["deliveries"].as_array().unwrap().last().unwrap().clone()
    };
    let started = Instant::now();
    while delivery().await["attempts"].as_array().unwrap().is_empty() {
        assert!(started.elapsed() < LONG);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let attempts = delivery().await["attempts"].clone();
    assert_eq!(attempts.as_array().unwrap().len(), 1, "{attempts}");
    assert_eq!(attempts[0]["status"], 403);
}

#[tokio::test]
async fn issue_12_29_an_event_waits_for_so_many_deliveries_only() {
    let api = Api::start().await;
    let endpoint = api.sandbox.add_webhook(Webhook::new("http://127.0.0.1:1/")).unwrap().id;
    api.sandbox.hold_webhooks(endpoint).await.unwrap();
    api.decide("kyc", "pending").await;
    let (_, events) = api.admin("GET", "webhooks/events", "").await;
    let resend = format!("webhooks/events/{}/resend", text(&events["events"][0]["id"]));
    let mut statuses = Vec::new();
    for _ in 0..105 {
        statuses.push(api.admin("POST", &resend, "").await.0);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 99);
    assert_eq!(statuses[99..], [409; 6]);
}

async fn refused(file: impl AsRef<Path>) -> String {
    Sandbox::builder().state(file.as_ref()).start().await.unwrap_err().to_string()
}

#[tokio::test]
async fn issue_12_29_what_is_no_file_is_no_state() {
    for name in ["", ":memory:", "file::memory:?cache=shared", "file:x.db"] {
        let error = refused(name).await;
        assert!(error.contains("its name is not that of a file"), "{name}: {error}");
    }
    assert!(!Path::new("x.db").exists() && !Path::new(":memory:").exists());
}

#[tokio::test]
async fn issue_12_29_another_programs_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (name, schema) in [
        ("own-tables", "CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1);"),
        ("own-id", "PRAGMA application_id = 42;"),
        ("a-view", "CREATE VIEW orders AS SELECT 1;"),
        (
            "same-names",
            "CREATE TABLE settings (name TEXT, value TEXT); CREATE TABLE rows (id INTEGER);",
        ),
    ] {
        let file = folder.path().join(name);
        let database = rusqlite::Connection::open(&file).unwrap();
        database.execute_batch(schema).unwrap();
        drop(database);
        let before = std::fs::read(&file).unwrap();
        let error = refused(&file).await;
        assert_eq!(error, "the state file: it is the database of another program", "{name}");
        assert_eq!(std::fs::read(&file).unwrap(), before, "{name}");
    }
    let names = std::fs::read_dir(folder.path()).unwrap();
    assert_eq!(names.count(), 4);
}

#[cfg(unix)]
#[tokio::test]
async fn issue_12_29_the_state_file_is_its_owners_alone() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let modes = || -> Vec<u32> {
        let files = std::fs::read_dir(folder.path()).unwrap();
        files.map(|file| file.unwrap().metadata().unwrap().permissions().mode() & 0o777).collect()
    };
    let api = Api::with(Sandbox::builder().state(&file)).await;
    api.add_card("4242424242424242").await;
    assert_eq!(modes(), [0o600; 2], "the database and its log");
    api.sandbox.shutdown().await;
    // One that an earlier version wrote, which marked no file as its own.
    let database = rusqlite::Connection::open(&file).unwrap();
    database.pragma_update(None, "application_id", 0).unwrap();
    drop(database);
    set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let api = Api::with(Sandbox::builder().state(&file)).await;
    assert_eq!(api.cards().await.len(), 1);
    assert!(modes().iter().all(|mode| *mode == 0o600), "{:?}", modes());
}

#[tokio::test]
async fn issue_12_29_the_log_holds_no_long_texts() {
    let api = Api::start().await;
    let endless = "x".repeat(20_000);
    let body = Value::Null.to_string();
    let signature = "0".repeat(64);
    let request = api.request("POST", &format!("/api/platform/users/list?q={endless}"), &body);
    assert_eq!(request.header("X-Signature", signature).send().await.unwrap().status(), 401);
    assert_eq!(api.call("GET", &format!("/{endless}"), "").await.0, 404);
    let (_, log) = api.admin("GET", "requests", "").await;
    for entry in log["requests"].as_array().unwrap() {
        let length = entry.to_string().len();
        assert!((100..20_000).contains(&length), "{length}");
    }
}
