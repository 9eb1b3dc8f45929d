//! Issue 13: the crash lab finds what is wrong with a program, and nothing in one that is right.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops the moment something is not as it should be"
)]

use std::process::{Command, Output};

use serde_json::Value;

/// Begins with a payee, who is remembered, and ends in a payment.
const PAY: &str = r#"
cd "$CRASH_LAB_DIR"
payglot() { "$PAYGLOT" call paywint-platform "$@"; }
pay() {
    payglot payments.create --user-id "$SANDBOX_USER_ID" --payee-id "$(cat payee)" --amount 10.00 \
        --payment-method WALLET --receiving-method WALLET --invoice-no INV-1 > payment
}
"#;

/// Run before the program, so that there is somebody to pay.
const PAYEE: &str = r#"
cd "$CRASH_LAB_DIR"
"$PAYGLOT" call paywint-platform payees.create "$SANDBOX_USER_ID" --name Ann --email ann@example.com --output json \
    | sed 's/.*"payee_id": *"\([^"]*\)".*/\1/' | tr -d '\n' | grep -o '[0-9a-f-]\{36\}' > payee
"#;

fn lab(program: &str, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_payglot"))
        .args(["crash-lab", "--json", "--trigger", PAYEE])
        .args(more)
        .args(["--", "sh", "-c", &format!("{PAY}\n{program}")])
        .env("PAYGLOT", env!("CARGO_BIN_EXE_payglot"))
        .output()
        .unwrap()
}

fn report(output: &Output) -> Value {
    let error = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{error}"))
}

fn problems<'r>(report: &'r Value, name: &str) -> &'r [Value] {
    let runs = report["runs"].as_array().unwrap();
    let run = runs.iter().find(|run| run["name"].as_str().unwrap().ends_with(name));
    run.unwrap_or_else(|| panic!("no {name}: {report:#}"))["problems"].as_array().unwrap()
}

#[test]
fn a_program_that_begins_again_pays_twice() {
    let output = lab("pay", &["--random", "3"]);
    assert_eq!(output.status.code(), Some(1));
    let report = report(&output);
    assert_eq!(report["usual"]["paywint-platform/payments.create"], 1);
    assert!(problems(&report, "payments.create #1, lost").is_empty());
    for step in ["payments.create #1, committed", "payments.create #1, in the response"] {
        let problem = problems(&report, step)[0].as_str().unwrap();
        assert!(problem.contains("payments.create: 2 times instead of 1"), "{problem}");
    }
    assert!(report["shortest_wrong"].as_str().unwrap().ends_with("payments.create #1, committed"));
    // The steps of the trigger are none of the program's; two kills a run are drawn at random.
    assert!(report["runs"].as_array().unwrap().len() >= 6);
}

#[test]
fn a_program_that_writes_down_first_and_says_what_is_open_is_right() {
    let careful = "
        if [ -e paid ]; then exit 0; fi
        if [ -e sending ]; then echo 'INV-1 is open' >&2; exit 5; fi
        touch sending && pay && mv sending paid";
    let output = lab(careful, &[]);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(0), "{report:#}");
    let runs = report["runs"].as_array().unwrap();
    let noted = |run: &&Value| run["note"].as_str().is_some_and(|note| note.contains("said so"));
    assert!(runs.iter().any(|run| noted(&run)), "{report:#}");
    assert!(runs.len() >= 3);
}

#[test]
fn a_program_that_forgets_without_a_word_is_told_apart_from_one_that_hangs() {
    let forgets = "[ -e sending ] || { touch sending && pay; }";
    let output = lab(forgets, &["--only", "paywint-platform/payments.create #1, lost"]);
    assert_eq!(output.status.code(), Some(1));
    let problem = report(&output)["runs"][0]["problems"][0].clone();
    assert!(
        problem.as_str().unwrap().contains("0 times instead of 1, and nothing says so"),
        "{problem}"
    );

    let waits = "while [ -e lock ]; do sleep 0.05; done; touch lock; pay; rm lock";
    let only = ["--only", "paywint-platform/payments.create #1, committed", "--timeout", "2"];
    let output = lab(waits, &only);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(report(&output)["runs"][0]["problems"], serde_json::json!(["it hangs"]));
}

#[test]
fn what_cannot_be_learned_from_is_refused() {
    for (program, problem) in [
        ("exit 3", "fails without being killed"),
        ("true", "never calls the sandbox"),
        ("pay; echo 'only the end of this is shown'; exit 1", "only the end of this is shown"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_payglot"));
        command.args(["crash-lab", "--", "sh", "-c", program]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{program}");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.contains(problem), "{program}: {message}");
    }
    let missing = Command::new(env!("CARGO_BIN_EXE_payglot"))
        .args(["crash-lab", "--", "/nowhere/program"])
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("cannot start /nowhere/program"));
}
