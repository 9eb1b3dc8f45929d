//! The commands below `payglot sandbox`, to a sandbox that runs (issue 15.10).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops the moment something is not as it should be"
)]

mod support;

use std::process::Command;

use serde_json::{Value, json};
use support::{Ended, TestSandbox, payglot, run};

/// `payglot sandbox …` of it.
fn command(sandbox: &TestSandbox, arguments: &[&str]) -> Command {
    let mut command = sandbox.command();
    command.arg("sandbox").args(arguments);
    command.env("PAYGLOT_SANDBOX_BASE_URL", sandbox.inner.base_url());
    command
}

fn told(sandbox: &TestSandbox, arguments: &[&str]) -> Ended {
    run(&mut command(sandbox, arguments), "")
}

fn json_of(sandbox: &TestSandbox, arguments: &[&str]) -> Value {
    let ended = told(sandbox, arguments);
    assert_eq!(ended.status, 0, "{arguments:?}: {}", ended.err);
    serde_json::from_str(&ended.out).unwrap()
}

#[test]
fn issue_15_10_a_sandbox_that_runs_is_funded_paid_checked_disturbed_and_moved_in_time() {
    let sandbox = TestSandbox::new();
    let user = sandbox.user();
    let funded = json_of(&sandbox, &["fund", &user, "100.50"]);
    assert_eq!(funded, json!({ "id": user, "balance": "100.50" }));
    let checked = json_of(&sandbox, &["kyc", &user, "approved"]);
    assert_eq!(checked["kyc_status"], "approved");

    let clock = json_of(&sandbox, &["advance", "1h 30m"]);
    assert_eq!(clock["offset_seconds"], 5400);
    assert_eq!(json_of(&sandbox, &["advance", "60"])["offset_seconds"], 5460);
    assert_eq!(json_of(&sandbox, &["advance", "2d"])["offset_seconds"], 5460 + 2 * 86400);

    let link = ["payments.create_link", &user, "--amount", "12.30", "--description", "Tea"];
    let link = sandbox.call(&[&["paywint-platform"], &link[..]].concat());
    assert_eq!(link.status, 0, "{}", link.err);
    let link: Value = serde_json::from_str(&link.out).unwrap();
    let paid =
        json_of(&sandbox, &["pay", link["payment_id"].as_str().unwrap(), "--payer-name", "Jo"]);
    assert_eq!(paid["payment_id"], link["payment_id"]);

    let fault = json_of(&sandbox, &["fault", "paywint-platform/*", "status", "--status", "418"]);
    assert_eq!((&fault["times"], &fault["status"]), (&json!(1), &json!(418)));
    let disturbed = sandbox.call(&["paywint-platform", "wallets.get", &user]);
    assert!(disturbed.err.contains("418"), "{}", disturbed.err);
    assert_eq!(json_of(&sandbox, &["faults"]), json!([]), "it has happened");
    let for_ever = ["fault", "*", "delay", "--delay-ms", "1", "--times", "null"];
    assert_eq!(json_of(&sandbox, &for_ever)["times"], Value::Null);
    let cleared = told(&sandbox, &["clear-faults"]);
    assert_eq!((cleared.status, cleared.out.as_str()), (0, ""), "{}", cleared.err);

    let requests = told(&sandbox, &["requests", "--output", "csv"]);
    let last = requests.out.lines().last().unwrap();
    assert!(last.contains("wallets.get") && last.contains("418"), "{}", requests.out);
    let table = told(&sandbox, &["requests", "--output", "table"]);
    assert!(table.out.starts_with("id  method  status  operation"), "{}", table.out);
    let snapshot = told(&sandbox, &["snapshot"]);
    json_of(&sandbox, &["reset"]);
    let there = |sandbox: &TestSandbox| {
        sandbox.json(&["paywint-platform", "wallets.get", &user])["current_balance"].clone()
    };
    let at_the_start = there(&sandbox);
    let restored = run(&mut command(&sandbox, &["restore", "-"]), &snapshot.out);
    assert_eq!(restored.status, 0, "{}", restored.err);
    assert_ne!(there(&sandbox), at_the_start);
}

#[test]
fn issue_15_10_a_webhook_is_added_with_a_secret_that_nobody_sees() {
    let sandbox = TestSandbox::new();
    let add = ["add-webhook", "--url-from", "-", "--secret-from", "env:HOOK_OF_THE_TEST"];
    let mut command = command(&sandbox, &add);
    command.env("HOOK_OF_THE_TEST", "s3cret");
    let added = run(&mut command, "http://127.0.0.1:1/hook?token=t\n");
    assert_eq!(added.status, 0, "{}", added.err);
    let added: Value = serde_json::from_str(&added.out).unwrap();
    assert_eq!(added["secret"], "s3cret");
    let listed = json_of(&sandbox, &["webhook-endpoints"]);
    assert_eq!(listed[0]["id"], added["id"]);
    let removed = told(&sandbox, &["remove-webhook", added["id"].as_str().unwrap()]);
    assert_eq!((removed.status, removed.out.as_str()), (0, ""), "{}", removed.err);
}

#[test]
fn issue_15_10_wrong_input_to_a_sandbox_is_status_2_and_what_it_refuses_1() {
    let sandbox = TestSandbox::new();
    let user = sandbox.user();
    let nobody = "00000000-0000-0000-0000-000000000000";
    for (arguments, status, tells) in [
        (&["advance", "soon"][..], 2, "a number of seconds"),
        (&["advance", "-5"], 2, "seconds: "),
        (&["fund", &user, "0"], 2, "fund: amount must be above 0"),
        (&["fund", &user], 2, "<AMOUNT>"),
        (&["kyc", &user, "perhaps"], 2, "approved"),
        (&["fault", "nonsense", "delay"], 2, "operation: "),
        (&["fault", "*", "delay", "--times", "some"], 2, "a whole number"),
        (&["restore", "no-such-file"], 2, "cannot read the file"),
        (&["pay", nobody], 1, "pay: "),
        (
            &["reset", "--sandbox-url", "http://127.0.0.1:1"],
            1,
            "no sandbox responds at http://127.0.0.1:1/",
        ),
        (&["reset", "--token-from", "env:NO_TOKEN_OF_THE_TEST"], 2, "--token-from"),
    ] {
        let ended = told(&sandbox, arguments);
        assert_eq!(ended.status, status, "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(tells) && ended.out.is_empty(), "{arguments:?}: {}", ended.err);
    }
    let mut other = command(&sandbox, &["reset"]);
    let ended = run(other.env("PAYGLOT_SANDBOX_TOKEN", "another-one-of-the-test"), "");
    assert_eq!(ended.status, 1);
    assert!(ended.err.contains("needs the token"), "{}", ended.err);
    let both = run(payglot().args(["sandbox", "--seed", "3", "reset"]), "");
    assert_eq!(both.status, 2, "to serve and to change one are two things");
}
