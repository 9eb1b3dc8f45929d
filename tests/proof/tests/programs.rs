//! The proof of programs in small (issue 13): no intent is paid twice, whenever its programs are killed. `cargo xtask prove`
//! runs it in full.

#![cfg(unix)]
// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use payglot_proof::programs::{Outcome, Trial, prove};

async fn trial(
    journal: impl FnOnce(&Path) -> Option<String>,
    workers: usize,
    is_list_empty: bool,
) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let journal = journal(folder.path());
    let folder = folder.path().to_owned();
    let trial = Trial { journal, folder, workers, intents: 100, seed: 7, is_list_empty };
    let outcome = prove(Path::new(env!("CARGO_BIN_EXE_payglot-proof")), &trial).await.unwrap();
    assert!(outcome.kills > 3, "{outcome:?}");
    outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_with_a_journal_pay_nothing_twice() {
    let file = |folder: &Path| Some(folder.join("payments.db").display().to_string());
    let server = std::env::var("PAYGLOT_POSTGRES").ok();
    if server.is_none() {
        println!("PostgreSQL is left out: PAYGLOT_POSTGRES names no server.");
    }
    let mut outcomes = vec![trial(file, 1, false).await, trial(file, 3, false).await];
    if let Some(server) = server {
        outcomes.push(trial(|_| Some(format!("{server}postgres")), 2, false).await);
    }
    for outcome in outcomes {
        assert!(outcome.problems.is_empty() && outcome.twice == 0, "{outcome:?}");
        assert!(outcome.unknown > 0, "{outcome:?}");
        let told = [outcome.found, outcome.absent, outcome.ambiguous];
        assert!(told.iter().sum::<usize>() > 0, "{outcome:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_up_that_is_wrong_is_seen() {
    let file = |folder: &Path| Some(folder.join("payments.db").display().to_string());
    let outcome = trial(file, 2, true).await;
    let wrong = "looked up NotFound { proves_absence: true }";
    assert!(outcome.problems.iter().any(|problem| problem.contains(wrong)), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn careful_programs_without_one_do() {
    let outcome = trial(|_| None, 2, false).await;
    assert!(outcome.twice > 0, "{outcome:?}");
}
