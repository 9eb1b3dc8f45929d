//! `payglot call --intent` and `payglot journal` (issue 13), against a sandbox that makes faults.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops the moment something is not as it should be"
)]

mod support;

use serde_json::Value;
use support::{Ended, Shop, payglot, run};

impl Shop {
    /// Makes a user under an intent.
    fn create(&self, intent: &str, email: &str) -> Ended {
        let name = ["paywint-platform", "users.create", "--name", "Ada", "--email", email];
        let journal = ["--intent", intent, "--journal", &self.journal_path(), "--output", "json"];
        self.sandbox.call(&[name.as_slice(), &journal].concat())
    }

    fn journal(&self, words: &[&str]) -> Ended {
        run(payglot().arg("journal").args(words).env("PAYGLOT_JOURNAL", self.journal_path()), "")
    }

    fn users(&self) -> usize {
        let users = self.sandbox.json(&["paywint-platform", "users.list", "--all"]);
        users.as_array().unwrap().len()
    }
}

#[test]
fn an_intent_is_done_once_and_a_person_decides_what_is_unknown() {
    let shop = Shop::new();
    let before = shop.users();
    let first = shop.create("user 1", "one@example.com");
    assert_eq!((first.status, shop.users()), (0, before + 1), "{}", first.err);
    assert_eq!(shop.create("user 1", "one@example.com").out, first.out);
    let other = shop.create("user 1", "two@example.com");
    assert_eq!(other.status, 1);
    assert!(other.err.contains("was used with other arguments"), "{}", other.err);

    shop.sandbox.post(
        "faults",
        r#"{"operation":"paywint-platform/users.create","kind":"reset_after_commit"}"#,
    );
    for _ in 0..2 {
        assert_eq!(shop.create("user 2", "two@example.com").status, 3);
    }
    assert_eq!(shop.users(), before + 2);
    shop.sandbox
        .post("faults", r#"{"operation":"paywint-platform/users.create","kind":"reset_before"}"#);
    assert_eq!(shop.create("user 3", "three@example.com").status, 3);
    assert_eq!(shop.users(), before + 2);

    let listed = shop.journal(&["list", "--state", "unknown", "--output", "jsonl"]);
    let names: Vec<Value> =
        listed.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!([&names[0]["name"], &names[1]["name"]], ["user 2", "user 3"]);
    let shown = shop.journal(&["list", "--output", "table"]).out;
    assert!(shown.contains("user 1") && shown.contains("3 records"), "{shown}");

    let who = ["--by", "Ada", "--because", "looked it up"];
    let decided = shop.journal(&[["resolve", "user 2", "--succeeded"].as_slice(), &who].concat());
    assert!(decided.status == 0 && decided.out.contains("succeeded"), "{}", decided.err);
    let released = shop.journal(&[["release", "user 3"].as_slice(), &who].concat());
    assert!(released.status == 0 && released.out.contains("released"), "{}", released.err);
    assert_eq!(shop.create("user 2", "two@example.com").status, 0);
    assert_eq!(shop.users(), before + 2);
    assert_eq!(shop.create("user 3", "three@example.com").status, 0);
    assert_eq!(shop.users(), before + 3);
    let history = shop.journal(&["show", "user 3"]).out;
    assert!(history.contains("looked it up") && history.contains("Ada"), "{history}");

    // Decided already; wrong input.
    assert_eq!(shop.journal(&[["release", "user 3"].as_slice(), &who].concat()).status, 2);
    assert_eq!(shop.journal(&["release", "user 3", "--by", "Ada"]).status, 2);
    assert_eq!(shop.journal(&[["release", "user 4"].as_slice(), &who].concat()).status, 1);
}

#[test]
fn what_became_of_an_intent_is_looked_up() {
    let shop = Shop::new();
    shop.sandbox.post(
        "faults",
        r#"{"operation":"paywint-platform/users.create","kind":"reset_after_commit"}"#,
    );
    assert_eq!(shop.create("user 1", "one@example.com").status, 3);
    let resolve = || {
        let mut command = shop.sandbox.command();
        command.args(["journal", "resolve", "user 1"]).env("PAYGLOT_JOURNAL", shop.journal_path());
        run(&mut command, "")
    };
    let early = resolve();
    assert_eq!(early.status, 0, "{}", early.err);
    assert!(early.out.contains("unknown") && early.err.contains("look again in"), "{}", early.err);

    let file = rusqlite::Connection::open(shop.journal_path()).unwrap();
    file.execute("UPDATE payglot_intent SET updated_at = updated_at - 120000", []).unwrap();
    let found = resolve();
    assert!(found.status == 0 && found.out.contains("succeeded"), "{} {}", found.out, found.err);
    assert!(shop.journal(&["show", "user 1"]).out.contains("found by users.list"));
    // Decided already; half of what a person says.
    assert_eq!(resolve().status, 2);
    assert_eq!(shop.journal(&["resolve", "user 1", "--succeeded", "--by", "Ada"]).status, 2);
}

#[test]
fn exports_have_every_digit_and_nothing_sensitive() {
    let shop = Shop::new();
    let user = shop.sandbox.user();
    assert_eq!(shop.create("user, \"1\"", "one@example.com").status, 0);
    let link = ["paywint-platform", "cards.create_add_link", &user, "--card-purpose", "PAYMENT"];
    let journal = [
        "--intent",
        "link",
        "--journal",
        &shop.journal_path(),
        "--output",
        "json",
        "--show-sensitive",
    ];
    let made = shop.sandbox.call(&[link.as_slice(), &journal].concat());
    let link: Value = serde_json::from_str(&made.out).unwrap();
    let link = link["secure_link"].as_str().unwrap();
    assert!(link.starts_with("http"));
    for form in ["csv", "jsonl"] {
        let exported = shop.journal(&["export", "--output", form]);
        assert_eq!(exported.status, 0, "{}", exported.err);
        assert!(!exported.out.contains(link), "{}", exported.out);
        assert!(exported.out.contains("one@example.com"), "{}", exported.out);
    }
    let csv = shop.journal(&["export", "--output", "csv"]).out;
    assert!(csv.starts_with("provider,account,operation,name,state,"), "{csv}");
    assert!(csv.contains(r#""user, ""1""""#), "{csv}");
}

#[test]
fn a_location_that_cannot_be_used_is_told_without_a_password() {
    let shop = Shop::new();
    let missing = shop.journal(&["list"]);
    assert!(
        missing.status == 2 && missing.err.contains("no journal at that path"),
        "{}",
        missing.err
    );
    let url = "postgresql://user:canary@127.0.0.1:1/db";
    for refused in [
        run(payglot().args(["journal", "list", "--journal", url]), ""),
        run(payglot().args(["journal", "list", "--journal-from", "-"]), url),
        run(
            payglot()
                .args(["journal", "list"])
                .env("PAYGLOT_JOURNAL", "mysql://user:canary@host/db"),
            "",
        ),
    ] {
        assert!(refused.status != 0 && !refused.err.contains("canary"), "{}", refused.err);
    }
    assert!(run(payglot().args(["journal", "list"]), "").err.contains("say where the journal is"));
    let help = run(payglot().args(["journal", "list", "--help"]).env("PAYGLOT_JOURNAL", url), "");
    assert!(!help.out.contains("canary"), "{}", help.out);
}

#[test]
fn another_person_approves_what_a_guard_holds() {
    use payglot::dec;
    use payglot::journal::{Guard, Journal};
    use payglot::paywint_platform::{Client, types};

    let shop = Shop::new();
    let journal = Journal::open(&shop.journal_path()).unwrap();
    let guard = Guard {
        approve_above: Some("10".parse().unwrap()),
        requested_by: Some("ada".to_owned()),
        ..Guard::default()
    };
    let builder = Client::builder().base_url(shop.sandbox.inner.base_url());
    let builder = builder.credentials("platform", "key").journal(journal.guarded(guard).unwrap());
    let client = builder.build().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let user = shop.sandbox.user();
    let body = types::PlatformWalletFundCreate::builder()
        .amount(dec!(10.01))
        .bank_id(&user)
        .build()
        .unwrap();
    let held = runtime.block_on(async { client.wallets().fund(&user, &body).intent("fund").await });
    assert_eq!(held.unwrap_err().kind(), payglot::ErrorKind::ApprovalNeeded);
    let own = shop.journal(&["approve", "fund", "--by", "ada"]);
    assert!(own.status == 2 && own.err.contains("another person"), "{}", own.err);
    let approved = shop.journal(&["approve", "fund", "--by", "grace"]);
    assert!(approved.status == 0 && approved.out.contains("recorded"), "{}", approved.err);
    assert!(shop.journal(&["show", "fund"]).out.contains("grace"));
}
