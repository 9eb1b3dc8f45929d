//! `payglot reconcile` (issue 16) against a sandbox: what agrees, and what does not.

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
    /// Makes a payee, under an intent or not, and gives its identifier.
    fn payee(&self, name: &str, intent: Option<&str>) -> String {
        let email = format!("{name}@example.com");
        let create = ["paywint-developer", "payees.create", "--name", name, "--email", &email];
        let path = self.journal_path();
        let journal = intent.map(|intent| ["--intent", intent, "--journal", &path]);
        let all = [&create[..], journal.as_ref().map_or(&[][..], |journal| &journal[..])].concat();
        self.sandbox.json(&all)["payee_id"].as_str().unwrap().to_owned()
    }

    fn reconcile(&self, options: &[&str]) -> Ended {
        let mut command = self.sandbox.command();
        command.args(["reconcile", "paywint-developer", "--since", "2020-01-01"]).args(options);
        run(command.env("PAYGLOT_JOURNAL", self.journal_path()), "")
    }

    fn ledger(&self, file: &str, text: &str) -> String {
        let path = self.folder.path().join(file);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

fn breaks(ended: &Ended) -> Vec<(String, String)> {
    let lines = ended.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    lines.map(|found| (text(&found["kind"]), text(&found["id"]))).collect()
}

#[test]
fn what_was_sent_is_compared_with_what_the_vendor_lists_and_with_the_books() {
    let shop = Shop::new();
    let ada = shop.payee("Ada", Some("payee-ada"));
    let jo = shop.payee("Jo", Some("payee-jo"));
    // The vendor needs seconds until its list counts.
    std::thread::sleep(std::time::Duration::from_secs(6));
    let ledger = shop.ledger("a.csv", &format!("\u{feff}intent,id\npayee-ada,\n,{jo}\n"));
    let agreed = shop.reconcile(&["--ledger", &ledger]);
    let known: Vec<_> = breaks(&agreed);
    let others: Vec<_> = known.iter().filter(|(kind, _)| kind != "not_sent_by_us").collect();
    assert!(others.is_empty(), "{others:?} {}", agreed.err);
    assert!(agreed.err.contains("2 calls compared"), "{}", agreed.err);

    let other = shop.payee("Kim", None);
    let second = shop.payee("Ada", None);
    let ledger = shop.ledger(
        "b.jsonl",
        &format!(
            "\u{feff}{{\"id\":\"{ada}\"}}\n{{\"intent\":\"payee-ada\"}}\n{{\"id\":\"nobody\"}}\n"
        ),
    );
    let ended = shop.reconcile(&["--ledger", &ledger]);
    assert_eq!(ended.status, 2, "{}", ended.err);
    let mut found = breaks(&ended);
    found.retain(|one| !known.contains(one));
    let expected = [
        ("sent_not_found", "nobody"),
        ("not_sent_by_us", other.as_str()),
        ("duplicate", ada.as_str()),
        ("duplicate", second.as_str()),
    ];
    for (kind, id) in expected {
        assert!(found.contains(&(kind.to_owned(), id.to_owned())), "{kind} {id}: {}", ended.out);
    }
    assert_eq!(found.len(), expected.len(), "{}", ended.out);
}

#[test]
fn a_wrong_ledger_is_refused_before_anything_is_read() {
    let shop = Shop::new();
    shop.payee("Ada", Some("payee-ada"));
    let ledger = shop.ledger("a.csv", "id,amount\np1,about ten\n");
    let ended = shop.reconcile(&["--ledger", &ledger]);
    assert_eq!((ended.status, ended.out.as_str()), (64, ""));
    assert!(ended.err.contains("row 1") && !ended.err.contains("about ten"), "{}", ended.err);
}

/// A script that alerts on breaks must not mistake a typing error for one.
#[test]
fn issue_15_10_wrong_input_has_another_status_than_breaks() {
    let shop = Shop::new();
    let none = shop.reconcile(&[]);
    assert_eq!(none.status, 64, "there is no journal yet: {}", none.err);
    shop.payee("Ada", Some("payee-ada"));
    for options in [
        &["--ledger", "no-such-file.csv"][..],
        &["--ledger", "ledger.txt"],
        &["--no-such-option"],
        &["--given", "nonsense"],
        &["--output", "nonsense"],
    ] {
        let ended = shop.reconcile(options);
        assert_eq!((ended.status, ended.out.as_str()), (64, ""), "{options:?}: {}", ended.err);
    }
    let mut command = payglot();
    command.args(["reconcile", "paywint-developer", "--since", "2020-01-01"]);
    let ended = run(command.env("PAYGLOT_JOURNAL", shop.journal_path()), "");
    assert_eq!(ended.status, 64, "no credentials: {}", ended.err);
    assert_eq!(run(payglot().args(["reconcile", "--help"]), "").status, 0);
}
