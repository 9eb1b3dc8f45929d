//! `outbox.rs` in the crash lab: killed at every step, it pays each order once or says that somebody has to look.
//!
//! The lab needs a program that ends. Here it is `customer`, which starts the service, posts orders and waits for them: so any
//! service is put into the crash lab.

#![cfg(unix)]
// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::env::var;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use payglot::Decimal;
use payglot::journal::Journal;
use payglot::paywint_platform::{Client, types};
use payglot_sandbox::Sandbox;
use payglot_sandbox::api::{AddFaultOptions, FaultKind};
use payglot_sandbox::crash_lab::{CrashLab, CrashReport};
use tokio_postgres::NoTls;

/// Names a server of PostgreSQL whose user may make databases: `postgresql://user@host:port/`. `cargo xtask test` starts one.
const SERVER: &str = "PAYGLOT_POSTGRES";
/// Names the database of a test to the programs that the lab starts for it.
const DATABASE: &str = "DATABASE_OF_TEST";
const PAYMENTS: &str = "paywint-platform/payments.create";
const ORDERS: [(&str, &str); 3] = [("41", "10.10"), ("42", "20.20"), ("43", "30.30")];

#[tokio::test(flavor = "multi_thread")]
async fn each_order_is_paid_once_or_said_to_be_unknown() {
    let Some(database) = Database::make("alone").await else { return };
    let report = database.lab("customer", 1, 2).await;
    assert_eq!(report.usual[PAYMENTS], 3);
    assert_eq!(report.runs.len(), 11, "three steps of three payments, and two runs at random");
    for run in &report.runs {
        assert!(run.problems.is_empty(), "{run}");
        if run.kills == 1 {
            // Only what was being paid is open; what was accepted with it is paid after the restart.
            let open = format!("left open, and said so: {PAYMENTS} 2 of 3");
            assert_eq!(run.note, run.name.ends_with("lost").then_some(open), "{run}");
        }
    }
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_services_share_the_orders() {
    let Some(database) = Database::make("shared").await else { return };
    let report = database.lab("customer", 2, 2).await;
    assert_eq!(report.usual[PAYMENTS], 3);
    assert_eq!(report.runs.len(), 11);
    assert_eq!(report.wrong().count(), 0, "{:#?}", report.runs);
    database.remove().await;
}

/// So it is known that the lab would show it.
#[tokio::test(flavor = "multi_thread")]
async fn an_outbox_without_the_journal_pays_twice() {
    let Some(database) = Database::make("forgetful").await else { return };
    let report = database.lab("forgetful_customer", 1, 0).await;
    for run in &report.runs {
        let twice = format!("{PAYMENTS}: 4 times instead of 3");
        let was_paid = !run.name.ends_with("lost");
        assert_eq!(run.problems, Vec::from_iter(was_paid.then_some(twice)), "{run}");
    }
    assert_eq!(report.wrong().count(), 6);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_has_released_is_paid() {
    let Some(database) = Database::make("released").await else { return };
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fund(sandbox.user_id(), 100).await.unwrap();
    let client = sandbox.paywint_platform().build().unwrap();
    let payee = payee(&client, &sandbox.user_id().to_string()).await;
    let once = AddFaultOptions::default();
    sandbox.add_fault(PAYMENTS, FaultKind::ResetBefore, &once).await.unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_outbox"));
    command.envs(sandbox.environment());
    command.env("SANDBOX_USER_ID", sandbox.user_id().to_string());
    let service = Service::start(command, &database.url, &payee);

    assert_eq!(service.post("41", "10.105"), 400);
    assert_eq!(service.post("41", "10.10"), 201);
    assert_eq!(service.post("41", "10.10"), 200);
    assert_eq!(service.post("41", "10.20"), 409);
    assert_eq!(service.end_of("41"), "unknown");
    let journal = Journal::at(&database.url).unwrap();
    let unknown = journal.unknown().await.unwrap();
    journal.release(&unknown[0].key, "Ada", "the vendor's page does not show it").await.unwrap();
    while service.state("41") == "unknown" {
        sleep(Duration::from_millis(20));
    }
    assert_eq!(service.end_of("41"), "succeeded");
    let wallet = client.wallets().get(sandbox.user_id()).await.unwrap();
    assert_eq!(wallet.current_balance, Some(Decimal::new(89_90, 2)));
    journal.close();
    drop(service);
    database.remove().await;
}

/// What the lab runs before the service: a schema for its tables, and a payee.
#[tokio::test]
async fn trigger() {
    let Some(run) = LabRun::current() else { return };
    run.execute(&format!("CREATE SCHEMA {}", run.schema())).await;
    let client = Client::from_env().unwrap();
    let payee = payee(&client, &var("SANDBOX_USER_ID").unwrap()).await;
    std::fs::write(run.folder.join("payee"), payee).unwrap();
}

/// What the lab starts and kills, with the service.
#[test]
fn customer() {
    if let Some(run) = LabRun::current() {
        run.order();
    }
}

/// Before the service starts, whatever is not known to be paid is made new: as in an outbox that only marks what was paid.
#[tokio::test]
async fn forgetful_customer() {
    let Some(run) = LabRun::current() else { return };
    run.execute(
        "DO $$ BEGIN IF to_regclass('payglot_intent') IS NOT NULL THEN
             UPDATE payglot_intent SET state = 'recorded', fingerprint = '', owner = '', lease_until = 'epoch'
             WHERE state IN ('sending', 'unknown');
         END IF; END $$",
    )
    .await;
    run.order();
}

/// A program that the lab has started.
struct LabRun {
    folder: PathBuf,
}

impl LabRun {
    /// `None` where it is started as a test.
    fn current() -> Option<Self> {
        Some(Self { folder: var("CRASH_LAB_DIR").ok()?.into() })
    }

    /// Each run has tables of its own.
    fn schema(&self) -> String {
        let name = self.folder.file_name().unwrap_or_default().to_string_lossy();
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        format!("run_{}", plain.to_lowercase())
    }

    fn database_url(&self) -> String {
        format!("{}?options=-csearch_path%3D{}", var(DATABASE).unwrap(), self.schema())
    }

    async fn execute(&self, sql: &str) {
        execute(&self.database_url(), sql).await;
    }

    /// Posts what is not accepted yet, and ends well when all is paid.
    fn order(&self) {
        let payee = std::fs::read_to_string(self.folder.join("payee")).unwrap();
        let command = Command::new(env!("CARGO_BIN_EXE_outbox"));
        let service = Service::start(command, &self.database_url(), &payee);
        for (number, amount) in ORDERS {
            // What was accepted is the service's to remember.
            let accepted = self.folder.join(format!("accepted {number}"));
            if !accepted.exists() {
                assert!(matches!(service.post(number, amount), 200 | 201));
                std::fs::write(accepted, "").unwrap();
            }
        }
        let ends = ORDERS.map(|(number, _)| service.end_of(number));
        assert_eq!(ends, ["succeeded"; 3], "somebody has to look");
    }
}

/// The service, until this is dropped.
struct Service {
    child: Child,
    url: String,
}

impl Service {
    fn start(mut command: Command, database_url: &str, payee: &str) -> Self {
        command.env("DATABASE_URL", database_url).env("PAYEE_ID", payee).env("PORT", "0");
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim().to_owned() }
    }

    /// Posts an order; gives the status.
    fn post(&self, number: &str, amount: &str) -> u16 {
        let order = format!(r#"{{"number": "{number}", "amount": "{amount}"}}"#);
        let request = ureq::post(format!("{}/orders", self.url));
        match request.header("content-type", "application/json").send(order) {
            Ok(response) => response.status().as_u16(),
            Err(ureq::Error::StatusCode(status)) => status,
            Err(error) => panic!("{error}"),
        }
    }

    fn state(&self, number: &str) -> String {
        let mut response = ureq::get(format!("{}/orders/{number}", self.url)).call().unwrap();
        response.body_mut().read_to_string().unwrap()
    }

    /// Waits until no more happens to an order.
    fn end_of(&self, number: &str) -> String {
        loop {
            let state = self.state(number);
            if !matches!(&*state, "recorded" | "sending" | "released") {
                return state;
            }
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A database for one test.
struct Database {
    server: String,
    name: String,
    url: String,
}

impl Database {
    /// `None` where no server is named, which is said.
    async fn make(test: &str) -> Option<Self> {
        let Ok(server) = var(SERVER) else {
            println!("Left out, {SERVER} names no server of PostgreSQL.");
            return None;
        };
        let name = format!("outbox_{test}_{}", std::process::id());
        execute(&format!("{server}postgres"), &format!("CREATE DATABASE {name}")).await;
        let url = format!("{server}{name}");
        Some(Self { server, name, url })
    }

    /// The test of that name, as a program in the crash lab.
    async fn lab(&self, program: &str, workers: u8, random: usize) -> CrashReport {
        let command = |test: &str| {
            let this = std::env::current_exe().unwrap().display().to_string();
            let database = format!("{DATABASE}={}", self.url);
            ["env".to_owned(), database, this, "--exact".to_owned(), test.to_owned()]
        };
        CrashLab::new(command(program))
            .trigger(command("trigger").map(|word| format!("'{word}'")).join(" "))
            .workers(workers)
            .random(random, 1)
            .run(|run| println!("{run}"))
            .await
            .unwrap()
    }

    async fn remove(self) {
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        execute(&format!("{}postgres", self.server), &sql).await;
    }
}

async fn execute(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}

async fn payee(client: &Client, user_id: &str) -> String {
    let body = types::ExternalContactsCreate::builder()
        .name("Jordan Rivera")
        .email("jordan@example.com")
        .build()
        .unwrap();
    client.payees().create(user_id, &body).await.unwrap().payee_id.unwrap()
}
