//! Vendors that misbehave (`tests/hostile`): no exchange gives a caller another's response, takes longer than its
//! time, fills the memory, or harms what comes after it.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use payglot::Decimal;
use payglot::paywint_platform::{Client, types};
use payglot_hostile::Suite;
use serde_json::Value;
use uuid::Uuid;

/// What a call may take beyond its time.
const GRACE: Duration = Duration::from_millis(200);
/// Exchanges at once.
const TOGETHER: usize = 8;
/// What one client reads of a response at most.
const MOST_BYTES: usize = 1 << 20;
/// What all of it may take of memory.
const MOST_MEMORY: usize = 256 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn issue_12_no_vendor_harms_a_caller() {
    let before = peak();
    let suite = Arc::new(Suite::start().unwrap());
    let listing = Arc::new(suite.listing());
    let count = listing.as_array().unwrap().len();
    let next = Arc::new(AtomicUsize::new(0));
    let players = (0..TOGETHER).map(|_| {
        let (suite, listing, next) = (suite.clone(), listing.clone(), next.clone());
        tokio::spawn(async move {
            let mut problems = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(exchange) = listing.get(number) else { return problems };
                for class in ["read", "money"] {
                    problems.extend(play(&suite, number, exchange, class).await);
                }
            }
        })
    });
    let mut problems = Vec::new();
    for player in players.collect::<Vec<_>>() {
        problems.extend(player.await.unwrap());
    }
    assert!(problems.is_empty(), "{}:\n{}", problems.len(), problems.join("\n"));
    assert!(count >= 150, "{count} exchanges");
    let of = |protocol: &str| {
        listing
            .as_array()
            .unwrap()
            .iter()
            .filter(|exchange| exchange["protocol"] == protocol)
            .count()
    };
    assert!(of("HTTP/1.1") >= 100 && of("HTTP/2") >= 50);
    assert!(peak() - before < MOST_MEMORY, "{} MB", (peak() - before) >> 20);
}

/// Plays one exchange; what was not as it should be. A call that is late once may have waited for this machine.
async fn play(suite: &Suite, number: usize, exchange: &Value, class: &str) -> Option<String> {
    let time = Duration::from_millis(exchange["timeout_ms"].as_u64().unwrap());
    let wanted = exchange[class].as_array().unwrap();
    let name = exchange["name"].as_str().unwrap();
    let mut problem = None;
    for _ in 0..3 {
        assert!(suite.again(number));
        let client = client(exchange["url"].as_str().unwrap());
        let (outcome, taken) = call(&client, class, time).await;
        if !wanted.iter().any(|wanted| *wanted == outcome) {
            return Some(format!("{name}, {class}: {outcome} instead of {wanted:?}"));
        }
        tokio::time::sleep(Duration::from_millis(exchange["pause_ms"].as_u64().unwrap())).await;
        for _ in 0..2 {
            let (outcome, _) = call(&client, "read", Duration::from_secs(10)).await;
            if outcome != "own" {
                return Some(format!("{name}, {class}: {outcome} in the next call"));
            }
        }
        problem = (taken > time + GRACE).then(|| format!("{name}, {class}: took {taken:?}"));
        if problem.is_none() {
            break;
        }
    }
    problem
}

fn client(url: &str) -> Client {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/contract/tls");
    Client::builder()
        .credentials("platform", "secret")
        .base_url(url)
        .max_retries(0)
        .max_response_bytes(MOST_BYTES)
        .ca_certificates(std::fs::read(format!("{folder}/test-only-ca.pem")).unwrap())
        .build()
        .unwrap()
}

/// Makes a call with an identifier of its own: whose response it is, or the class of its error; and how long it took.
async fn call(client: &Client, class: &str, timeout: Duration) -> (&'static str, Duration) {
    let token = Uuid::new_v4();
    let started = Instant::now();
    let result = if class == "read" {
        let wallet = client.wallets().get(token).timeout(timeout).await;
        wallet.map(|wallet| wallet.user_id)
    } else {
        let body = types::PlatformWalletFundCreate::builder()
            .amount(Decimal::ONE)
            .bank_id(token.to_string())
            .build()
            .unwrap();
        let funded = client.wallets().fund(token, &body).timeout(timeout).await;
        funded.map(|funded| funded.payment.and_then(|payment| payment.payment_id))
    };
    let outcome = match result {
        Err(error) => error.kind().name(),
        Ok(Some(id)) if id == token.to_string() => "own",
        Ok(_) => "foreign",
    };
    (outcome, started.elapsed())
}

/// The most memory that this process had, in bytes; 0 where nobody tells.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok());
    kilobytes.unwrap_or(0) * 1024
}
