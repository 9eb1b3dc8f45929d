//! A payroll to pay: a payee, a wallet, files of rows, and what the sandbox's own ledger says was paid.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use payglot_sandbox::api::StateSnapshot;
use serde_json::Value;

use super::{Ended, TestSandbox, run};

const HEAD: &str = "key,user_id,payee_id,amount,payment_method,receiving_method,invoice_no";

/// Names a server of PostgreSQL whose user may make databases.
const POSTGRES: &str = "PAYGLOT_POSTGRES";

static DATABASES: AtomicU32 = AtomicU32::new(0);

pub struct Payroll {
    pub sandbox: TestSandbox,
    pub folder: tempfile::TempDir,
    pub payee: String,
    /// Where the journal is.
    pub journal: String,
    database: Option<(String, String)>,
}

impl Payroll {
    /// With a journal in a file.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("payments.db").display().to_string();
        Self::with(folder, journal, None)
    }

    /// One for each kind of journal that is there.
    pub fn each() -> Vec<Self> {
        let Ok(server) = std::env::var(POSTGRES) else {
            println!("Left out, {POSTGRES} names no server of PostgreSQL.");
            return vec![Self::new()];
        };
        // Each test has its own.
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("payglot_batch_{}_{number}", std::process::id());
        execute(&server, &format!("CREATE DATABASE {name}"));
        let journal = format!("{server}{name}");
        let folder = tempfile::tempdir().unwrap();
        vec![Self::new(), Self::with(folder, journal, Some((server, name)))]
    }

    fn with(
        folder: tempfile::TempDir,
        journal: String,
        database: Option<(String, String)>,
    ) -> Self {
        let sandbox = TestSandbox::new();
        let user = sandbox.user();
        let payee = [
            "paywint-platform",
            "payees.create",
            &user,
            "--name",
            "Jo",
            "--email",
            "jo@example.com",
        ];
        let payee = sandbox.json(&payee)["payee_id"].as_str().unwrap().to_owned();
        sandbox.post(&format!("wallets/{user}/fund"), r#"{"amount":"100000.00"}"#);
        Self { sandbox, folder, payee, journal, database }
    }

    /// Rows of these keys and amounts.
    pub fn csv<'a>(&self, rows: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        let mut text = format!("{HEAD}\n");
        let (user, payee) = (self.sandbox.user(), &self.payee);
        for (key, amount) in rows {
            writeln!(text, "{key},{user},{payee},{amount},WALLET,WALLET,{key}").unwrap();
        }
        text
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// `payglot batch`, of payments, over the file `rows.csv`.
    pub fn command(&self, action: &str, options: &[&str]) -> Command {
        let mut command = self.sandbox.command();
        command.args(["batch", action, "paywint-platform", "payments.create", "rows.csv"]);
        command.args(["--name", "payroll"]).args(options).current_dir(self.folder.path());
        command.env("PAYGLOT_JOURNAL", &self.journal);
        command
    }

    pub fn batch(&self, action: &str, options: &[&str]) -> Ended {
        run(&mut self.command(action, options), "")
    }

    /// Keys and states of a result file, in its order.
    pub fn result(&self, file: &str) -> Vec<(String, String)> {
        let mut reader = csv::Reader::from_path(self.folder.path().join(file)).unwrap();
        let rows = reader.records().map(|row| row.unwrap());
        rows.map(|row| (row[0].to_owned(), row[1].to_owned())).collect()
    }

    pub fn states(&self, file: &str) -> Vec<String> {
        self.result(file).into_iter().map(|(_, state)| state).collect()
    }

    /// The sandbox's own ledger: each payment's invoice number, how often it was paid, and the sum in cents.
    pub fn paid(&self) -> (BTreeMap<String, u32>, i64) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let StateSnapshot { rows, .. } = runtime.block_on(self.sandbox.inner.snapshot()).unwrap();
        let (mut paid, mut cents) = (BTreeMap::new(), 0.0);
        for row in rows {
            let body = &row["row"]["body"];
            if body["kind"] == "Payee" && body["status"] != "failed" {
                let invoice = body["invoice_no"].as_str().unwrap_or_default().to_owned();
                *paid.entry(invoice).or_insert(0) += 1;
                cents += body["amount"].as_f64().unwrap() * 100.0;
            }
        }
        #[allow(clippy::cast_possible_truncation, reason = "cents of a test")]
        (paid, cents.round() as i64)
    }

    /// Entries of the sandbox's ledger: a payment has two at least.
    pub fn entries(&self) -> i64 {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(self.sandbox.inner.ledger()).unwrap().entries
    }

    pub fn clear_faults(&self) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(self.sandbox.inner.clear_faults()).unwrap();
    }

    pub fn fault(&self, fault: &Value) {
        self.sandbox.post("faults", &fault.to_string());
    }
}

impl Drop for Payroll {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.database {
            execute(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

fn execute(server: &str, sql: &str) {
    let mut client =
        postgres::Client::connect(&format!("{server}postgres"), postgres::NoTls).unwrap();
    client.batch_execute(sql).unwrap();
}
