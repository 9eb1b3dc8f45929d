//! Journals to test, in a file and in PostgreSQL, and calls to make under intents.

// Each file of tests uses a part of it.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use payglot_journal::Journal;
use payglot_runtime::journal::{
    Begin, Ended, IntentCall, Journal as _, Obstacle, RecordedResponse,
};
use payglot_runtime::schema::Replay;
use tempfile::TempDir;

/// Names a server of PostgreSQL whose user may make databases: `postgresql://user@host:port/`. `cargo xtask test` starts one.
const VARIABLE: &str = "PAYGLOT_POSTGRES";

/// A store for journals that is gone after the test.
pub struct TestStore {
    pub location: String,
    pub folder: TempDir,
    database: Option<(String, String)>,
}

impl TestStore {
    /// A file.
    pub fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = folder.path().join("payments.db").display().to_string();
        Self { location, folder, database: None }
    }

    /// A database; `None` where no server is named, which is said.
    pub fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var(VARIABLE) else {
            println!("Left out, {VARIABLE} names no server of PostgreSQL.");
            return None;
        };
        let name = format!("payglot_{}", uuid::Uuid::new_v4().simple());
        execute(&format!("{server}postgres"), &format!("CREATE DATABASE {name}"));
        let location = format!("{server}{name}");
        Some(Self {
            location,
            folder: tempfile::tempdir().unwrap(),
            database: Some((server, name)),
        })
    }

    /// One of each kind.
    pub fn each() -> Vec<Self> {
        std::iter::once(Self::file()).chain(Self::postgres()).collect()
    }

    pub fn open(&self) -> Journal {
        Journal::open(&self.location).unwrap()
    }

    pub fn is_file(&self) -> bool {
        self.database.is_none()
    }

    /// Changes rows behind the journal's back.
    pub fn change(&self, sql: &str) {
        if self.is_file() {
            rusqlite::Connection::open(&self.location).unwrap().execute_batch(sql).unwrap();
        } else {
            execute(&self.location, sql);
        }
    }
}

impl Drop for TestStore {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.database {
            execute(&format!("{server}postgres"), &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

pub fn execute(url: &str, sql: &str) {
    // The driver blocks, and must not on a thread of tokio's.
    let (url, sql) = (url.to_owned(), sql.to_owned());
    let run = move || {
        postgres::Client::connect(&url, postgres::NoTls).unwrap().batch_execute(&sql).unwrap();
    };
    std::thread::spawn(run).join().unwrap();
}

/// A payment of some amount under an intent.
pub fn payment<'a>(name: &'a str, body: &'a str) -> IntentCall<'a> {
    IntentCall {
        name,
        provider: "paywint-platform",
        account: "platform",
        operation: "payments.create",
        replay: Replay::Money,
        method: "POST",
        target: "/payments?canary-target",
        headers: &[],
        body: body.as_bytes(),
        lookup: None,
        spend: None,
        budget: None,
        timeout: Duration::from_secs(10),
    }
}

/// What a journal says, in words.
pub async fn ask(journal: &Journal, call: IntentCall<'_>) -> String {
    match journal.begin(call).await {
        Ok(Begin::Send(lease)) => {
            lease.end(Ended::NotSent).await;
            "send".to_owned()
        }
        Ok(Begin::Replay(recorded)) => {
            format!("replay {} {}", recorded.status, recorded.payload.unwrap_or_default())
        }
        Err(Obstacle::Mismatch) => "mismatch".to_owned(),
        Err(Obstacle::InProgress) => "in progress".to_owned(),
        Err(Obstacle::Unknown) => "unknown".to_owned(),
        Err(Obstacle::GuardRefused(rule, _)) => format!("refused: {rule}"),
        Err(Obstacle::ApprovalNeeded) => "approval needed".to_owned(),
        Err(Obstacle::Unusable(problem, _)) => format!("unusable: {problem}"),
    }
}

/// Sends a call that ends as is said.
pub async fn send(journal: &Journal, call: IntentCall<'_>, ended: Ended) {
    match journal.begin(call).await {
        Ok(Begin::Send(lease)) => lease.end(ended).await,
        Ok(Begin::Replay(_)) => panic!("replayed"),
        Err(obstacle) => panic!("{obstacle:?}"),
    }
}

pub fn succeeded() -> Ended {
    let (status, request_id) = (200, Some("r-1".to_owned()));
    let payload = Some(r#"{"payment_id":"p-1","amount":10.10}"#.to_owned());
    Ended::Succeeded(RecordedResponse { status, request_id, payload })
}

pub const UNKNOWN: Ended = Ended::Unknown { status: Some(503), request_id: None };
