//! The state file, snapshots and restores, and that nothing acknowledged is lost.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use payglot_sandbox::{Sandbox, Webhook};
use rand::rngs::ChaCha12Rng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::support::{Api, http, json_of, text};

#[tokio::test]
async fn a_restart_goes_on_where_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let start = || Api::with(Sandbox::builder().state(&file).seed(1));
    let api = start().await;
    let user = api.user();
    api.fund(&user, "10.00").await;
    let card = api.add_card("4000000000000051").await;
    let bank = api.verified_bank("1234567890").await;
    let fund = "paywint-platform/wallets.fund";
    api.ok(fund, &[&user], json!({ "amount": 5.25, "bank_id": bank })).await;
    let payee = api.new_payee("p@example.com").await;
    let busy = Sandbox::builder().state(&file).start().await.unwrap_err();
    assert_eq!(busy.to_string(), "the state file: another sandbox has it open");
    let environment = api.sandbox.environment();
    api.sandbox.shutdown().await;

    let api = start().await;
    let mut expected = environment;
    let stays = |name: &str| !name.ends_with("_BASE_URL") && name != "PAYGLOT_SANDBOX_TOKEN";
    expected.retain(|(name, _)| stays(name));
    let mut there = api.sandbox.environment();
    there.retain(|(name, _)| stays(name));
    assert_eq!((there, api.user()), (expected, user.clone()));
    assert_eq!(api.sandbox.clock().offset_seconds(), 36 * 3600);
    assert_eq!(api.cards().await, [card]);
    assert_eq!(api.balances(&user).await, (15.25, 10.0));
    api.advance_hours(84);
    assert_eq!(api.balances(&user).await, (15.25, 15.25));
    assert_ne!(api.new_payee("p@example.com").await, payee);
    api.balanced();
    assert_eq!(api.admin("POST", "reset", "").await.0, 200);
    api.sandbox.shutdown().await;

    let api = start().await;
    assert!(api.cards().await.is_empty());
    assert_eq!(api.balances(&user).await, (0.0, 0.0));
}

#[tokio::test]
async fn a_file_that_is_no_state_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    std::fs::write(&file, "this is a text and no database at all".repeat(100)).unwrap();
    let error = Sandbox::builder().state(&file).start().await.unwrap_err();
    assert!(error.to_string().starts_with("the state file: "), "{error}");
}

#[tokio::test]
async fn a_snapshot_brings_everything_back_even_elsewhere() {
    let api = Api::with(Sandbox::builder().seed(5)).await;
    let user = api.user();
    api.fund(&user, "12.34").await;
    api.advance_minutes(60);
    let (status, snapshot) = api.admin("GET", "snapshot", "").await;
    assert_eq!(status, 200);
    for (name, secret) in api.sandbox.environment() {
        assert!(name.ends_with("_BASE_URL") || !snapshot.to_string().contains(&secret), "{name}");
    }
    let first = api.new_payee("p@example.com").await;
    api.fund(&user, "1").await;
    let text = snapshot.to_string();
    let (status, response) = api.admin("POST", "restore", &text).await;
    assert_eq!((status, &response["user_id"]), (200, &json!(user)));
    assert_eq!(api.balances(&user).await, (12.34, 12.34));
    assert_eq!(api.sandbox.clock().offset_seconds(), 3600);
    assert_eq!(api.new_payee("p@example.com").await, first);

    let other = Api::with(Sandbox::builder().seed(5)).await;
    assert_eq!(other.admin("POST", "restore", &text).await.0, 200);
    assert_eq!(other.balances(&user).await, (12.34, 12.34));
    other.balanced();
}

#[tokio::test]
async fn a_broken_snapshot_changes_nothing() {
    let api = Api::start().await;
    let user = api.user();
    api.fund(&user, "12.34").await;
    let (_, snapshot) = api.admin("GET", "snapshot", "").await;
    let text = snapshot.to_string();
    for broken in [
        text.replace("12.34", "12.35"),
        text.replace("\"users\"", "\"people\""),
        text.replace("\"name\"", "\"title\""),
        "{}".to_owned(),
    ]
    .into_iter()
    .filter(|broken| *broken != text)
    {
        let (status, response) = api.admin("POST", "restore", &broken).await;
        // Both sides of an entry and the balances changed alike: that is another state, and a good one.
        let is_whole = broken.contains("12.35");
        assert_eq!(status, if is_whole { 200 } else { 422 }, "{response}");
        assert_eq!(api.admin("POST", "restore", &text).await.0, 200);
    }
    let uneven = text.replacen("12.34", "12.35", 1);
    assert_eq!(api.admin("POST", "restore", &uneven).await.0, 422);
    assert_eq!(api.balances(&user).await, (12.34, 12.34));
}

const STATE: &str = "SANDBOX_TEST_STATE";
const READY: &str = "ready ";

/// What the test below kills: this test in a process of its own.
#[tokio::test]
#[ignore = "runs as the process that another test kills"]
async fn the_process_that_is_killed() {
    let Ok(file) = std::env::var(STATE) else { return };
    let sandbox = Sandbox::builder().state(file).start().await.unwrap();
    // Nobody listens there: every delivery stays queued.
    sandbox.add_webhook(Webhook::new("http://127.0.0.1:1/")).unwrap();
    let key = sandbox.credentials().linora_api_key.expose();
    let (url, user) = (sandbox.base_url(), sandbox.user_id());
    let kyc = format!("{url}/_sandbox/api/kyc/{user}");
    let told = json!({ "url": url, "key": key, "kyc": kyc, "user": user, "token": sandbox.token().expose() });
    println!("{READY}{told}");
    std::future::pending::<()>().await;
}

/// A sandbox in a process that can be killed.
struct Victim {
    child: Child,
    url: String,
    key: String,
    /// Where a decision makes two events.
    kyc: String,
    user: String,
    token: String,
}

impl Victim {
    fn start(file: &Path) -> Self {
        Self::of(Command::new(std::env::current_exe().unwrap()), file)
    }

    /// One whose files cannot grow beyond so many kilobytes, as if the disk were full.
    #[cfg(unix)]
    fn on_a_full_disk(file: &Path, kilobytes: u32) -> Self {
        let mut command = Command::new("sh");
        let script = r#"trap '' XFSZ; ulimit -f "$0"; exec "$@""#;
        // The unit of POSIX is 512 bytes.
        command.args(["-c", script]).arg((2 * kilobytes).to_string());
        command.arg(std::env::current_exe().unwrap());
        Self::of(command, file)
    }

    fn of(mut command: Command, file: &Path) -> Self {
        let mut child = command
            .args(["--exact", "state::the_process_that_is_killed", "--ignored", "--nocapture"])
            .env(STATE, file)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready =
            lines.map(Result::unwrap).find_map(|line| Some(line.split_once(READY)?.1.to_owned()));
        let ready: Value = serde_json::from_str(&ready.unwrap()).unwrap();
        let printed = |name: &str| text(&ready[name]);
        Self {
            child,
            url: printed("url"),
            key: printed("key"),
            kyc: printed("kyc"),
            user: printed("user"),
            token: printed("token"),
        }
    }

    /// Calls the interface for tests.
    async fn admin(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/_sandbox/api/{path}", self.url);
        json_of(http().request(method.parse().unwrap(), url).bearer_auth(&self.token).json(body))
            .await
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The rows, the clock, and the endpoints.
async fn world(victim: &Victim) -> (Value, Value, Value) {
    let (_, snapshot) = victim.admin("GET", "snapshot", &json!(null)).await;
    let (_, endpoints) = victim.admin("GET", "webhooks/endpoints", &json!(null)).await;
    (snapshot["rows"].clone(), snapshot["clock_offset_seconds"].clone(), endpoints)
}

#[cfg(unix)]
#[tokio::test]
async fn issue_12_27_a_change_that_a_full_disk_refuses_has_not_happened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let victim = Victim::on_a_full_disk(&file, 1024);
    let user = victim.user.clone();
    let (status, start) = victim.admin("GET", "snapshot", &json!(null)).await;
    assert_eq!(status, 200);
    assert_eq!(victim.admin("POST", "clock/advance", &json!({ "seconds": 100 })).await.0, 200);
    let fund = format!("wallets/{user}/fund");
    let mut funded = 0;
    loop {
        let (status, response) = victim.admin("POST", &fund, &json!({ "amount": 1 })).await;
        if status == 500 {
            assert!(text(&response["detail"]).contains("nothing was changed"), "{response}");
            break;
        }
        funded += 1;
        assert!(status == 200 && funded < 10_000, "{response}");
    }
    assert!(funded > 10, "{funded}");
    // The smallest change there is takes what room is left.
    let second = json!({ "seconds": 1 });
    while victim.admin("POST", "clock/advance", &second).await.0 == 200 {}
    let before = world(&victim).await;
    let url = json!({ "url": "http://127.0.0.1:2/" });
    let endpoint = text(&before.2["endpoints"][0]["id"]);
    for (method, path, body) in [
        ("POST", "reset".to_owned(), json!({})),
        ("POST", "restore".to_owned(), start),
        ("POST", "clock/advance".to_owned(), json!({ "seconds": 3600 })),
        ("POST", format!("kyc/{user}"), json!({ "status": "approved" })),
        ("POST", "webhooks/endpoints".to_owned(), url),
        ("POST", format!("webhooks/endpoints/{endpoint}/hold"), json!({})),
        ("DELETE", format!("webhooks/endpoints/{endpoint}"), json!({})),
    ] {
        let (status, response) = victim.admin(method, &path, &body).await;
        assert_eq!(status, 500, "{path}: {response}");
        assert!(text(&response["detail"]).contains("nothing was changed"), "{path}: {response}");
        assert_eq!(world(&victim).await, before, "{path}");
    }
    victim.kill();

    // The file can be read, holds all that was acknowledged, and goes on.
    let victim = Victim::start(&file);
    let (rows, clock, _) = world(&victim).await;
    assert_eq!((&rows, &clock), (&before.0, &before.1));
    assert_eq!(victim.admin("GET", "ledger", &json!(null)).await.1["balanced"], true);
    let (_, balance) = victim.admin("POST", &fund, &json!({ "amount": 1 })).await;
    assert_eq!(balance["balance"], format!("{}.00", funded + 1));
    assert_eq!(victim.admin("POST", "reset", &json!({})).await.0, 200);
    let (_, balance) = victim.admin("POST", &fund, &json!({ "amount": 1 })).await;
    assert_eq!(balance["balance"], "1.00");
    victim.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    const CLIENTS: usize = 4;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let mut random = ChaCha12Rng::seed_from_u64(9);
    let client = http();
    // Cards and users that were acknowledged.
    let known = Arc::new(Mutex::new(Vec::<(String, String)>::new()));
    let total = || known.lock().unwrap().len();
    // A slow machine gets more rounds.
    for round in 0..30 {
        if round >= 8 && total() > 10 {
            break;
        }
        let victim = Victim::start(&file);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (client, known) = (client.clone(), Arc::clone(&known));
                let (url, key) = (victim.url.clone(), victim.key.clone());
                let (kyc, token) = (victim.kyc.clone(), victim.token.clone());
                tokio::spawn(async move {
                    while let Some(pair) = issue(&client, &url, &key, &token).await {
                        if decide(&client, &kyc, &token).await.is_none() {
                            break;
                        }
                        known.lock().unwrap().push(pair);
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(random.random_range(50..250))).await;
        victim.kill();
        for client in clients {
            client.await.unwrap();
        }
    }
    assert!(total() > 10, "only {}", total());

    let victim = Victim::start(&file);
    let ledger = client.get(format!("{}/_sandbox/api/ledger", victim.url));
    assert_eq!(json_of(ledger).await.1["balanced"], true);
    let known = known.lock().unwrap().clone();
    // Of every decision that was acknowledged both events are there, and none of them is forgotten.
    let events = client.get(format!("{}/_sandbox/api/webhooks/events", victim.url));
    let (_, events) = json_of(events).await;
    let events = events["events"].as_array().unwrap();
    let count = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert!(
        count("kyc.approved") >= known.len() && count("kyc.approved") == count("kyc.completed")
    );
    for event in events {
        let delivery = &event["deliveries"][0];
        let is_waiting = delivery["next_attempt_at"].is_string();
        assert_eq!(is_waiting, delivery["state"] == "waiting", "{event}");
    }
    for (user, card) in known {
        let get =
            |path: String| client.get(format!("{}{path}", victim.url)).bearer_auth(&victim.key);
        let (status, found) = json_of(get(format!("/api/cards/{card}"))).await;
        assert_eq!((status, &found["balance"]), (200, &json!(20.0)));
        let (status, wallet) = json_of(get(format!("/api/users/{user}/wallet"))).await;
        assert_eq!((status, &wallet["balance"]), (200, &json!(9.1)));
    }
    victim.kill();
}

/// Makes two events; `None` once the sandbox has ended.
async fn decide(client: &reqwest::Client, url: &str, token: &str) -> Option<()> {
    let response = client
        .post(url)
        .bearer_auth(token)
        .json(&json!({ "status": "approved" }))
        .send()
        .await
        .ok()?;
    assert_eq!(response.status(), 200);
    response.bytes().await.ok().map(drop)
}

/// Makes a user with a wallet and a card; `None` once the sandbox has ended.
async fn issue(
    client: &reqwest::Client,
    url: &str,
    key: &str,
    token: &str,
) -> Option<(String, String)> {
    let post = async |path: String, body: Value| {
        let key = if path.starts_with("/_sandbox/") { token } else { key };
        let request = client.post(format!("{url}{path}")).bearer_auth(key).json(&body);
        let response = request.send().await.ok()?;
        assert_eq!(response.status(), 200);
        response.json::<Value>().await.ok()
    };
    let user = text(&post("/api/users".to_owned(), json!({})).await?["userId"]);
    post(format!("/_sandbox/api/wallets/{user}/fund"), json!({ "amount": "30.00" })).await?;
    let body = json!({ "cardName": "A", "initialBalance": 20 });
    let card = post(format!("/api/users/{user}/cards"), body).await?;
    Some((user, text(&card["cardId"])))
}
