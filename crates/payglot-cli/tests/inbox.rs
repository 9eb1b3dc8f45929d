//! `payglot inbox` (issue 16).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops the moment something is not as it should be"
)]

mod support;

use std::time::Duration;

use payglot::journal::{EventQueue, Journal, QueueOptions};
use payglot::paywint_platform::webhooks::{Data, sample_delivery};
use payglot::runtime::webhooks::EventData as _;
use payglot::webhooks::Scheme;
use serde_json::Value;
use support::{payglot, run};

#[test]
fn a_person_sees_what_was_given_up_and_has_it_handled_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("payments.db").display().to_string();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let id = runtime.block_on(async {
        let journal = Journal::open(&path).unwrap();
        let mut options = QueueOptions::default();
        options.max_attempts = 1;
        let queue = EventQueue::new(&journal, Data::WEBHOOKS, b"secret", options).unwrap();
        for _ in 0..2 {
            let delivery =
                sample_delivery("payment.success", None, b"secret", &Scheme::default()).unwrap();
            assert_eq!(queue.receive(&delivery.body, &delivery.headers).await.status, 200);
        }
        let claimed = queue.claim(None, 1, Duration::ZERO).await.unwrap().pop().unwrap();
        let id = claimed.event().key.id.clone();
        claimed.failed("TimeoutError").await;
        journal.close();
        id
    });
    let inbox = |words: &[&str]| {
        let ended = run(payglot().arg("inbox").args(words).env("PAYGLOT_JOURNAL", &path), "");
        (ended.status, ended.out, ended.err)
    };
    let (_, listed, _) = inbox(&["list"]);
    assert_eq!(listed.lines().count(), 2);
    let (status, dead, _) = inbox(&["dead", "--event", "payment.success"]);
    assert_eq!(status, 0);
    let row: Value = serde_json::from_str(dead.trim()).unwrap();
    assert_eq!((row["id"].as_str(), row["state"].as_str()), (Some(&*id), Some("dead")));
    assert_eq!(row["last_error"], "TimeoutError");
    let (_, shown, _) = inbox(&["show", &id]);
    assert!(shown.contains("payment.success") && shown.contains("dead"), "{shown}");
    let (status, again, _) = inbox(&["retry", &id]);
    assert!(status == 0 && again.contains("waiting"), "{again}");
    // Of what waits already, and of nothing.
    assert_eq!(inbox(&["dead"]).1, "");
    let (status, _, told) = inbox(&["show", "none"]);
    assert!(status == 1 && told.contains("no such event"), "{told}");
}

/// The writer of CSV has a buffer, and fails in the middle of more than that.
#[test]
fn issue_15_10_a_reader_of_csv_that_has_enough_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("payments.db").display().to_string();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let journal = Journal::open(&path).unwrap();
        let queue =
            EventQueue::new(&journal, Data::WEBHOOKS, b"secret", QueueOptions::default()).unwrap();
        for _ in 0..60 {
            let delivery =
                sample_delivery("payment.success", None, b"secret", &Scheme::default()).unwrap();
            assert_eq!(queue.receive(&delivery.body, &delivery.headers).await.status, 200);
        }
        journal.close();
    });
    let list = |form: &str| {
        let mut command = payglot();
        command.args(["inbox", "list", "--output", form]).env("PAYGLOT_JOURNAL", &path);
        command
    };
    assert!(run(&mut list("csv"), "").out.len() > 8192, "less fits into the buffer");
    for form in ["csv", "jsonl", "table"] {
        support::is_quiet_without_reader(&mut list(form));
    }
}
