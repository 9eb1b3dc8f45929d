//! What a guard allows (issue 16): before anything is sent, and by all processes of a store together.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use payglot_journal::{Guard, IntentKey, Journal, State};
use payglot_runtime::journal::{Begin, Budget, Ended, IntentCall, Journal as _, Obstacle, Spend};
use payglot_runtime::schema::Replay;
use rust_decimal::Decimal;
use support::{TestStore, UNKNOWN, ask, payment, send, succeeded};

const BODY: &str = r#"{"amount":10.10}"#;

fn dollars(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn spend(amount: &str) -> Spend {
    Spend { amount: Some(dollars(amount)), payee: Some("ada".to_owned()) }
}

fn paying<'a>(name: &'a str, spend: &'a Spend) -> IntentCall<'a> {
    IntentCall { spend: Some(spend), ..payment(name, BODY) }
}

fn key(name: &str) -> IntentKey {
    let text = str::to_owned;
    IntentKey {
        provider: text("paywint-platform"),
        account: text("platform"),
        operation: text("payments.create"),
        name: text(name),
    }
}

fn guarded(journal: &Journal, guard: Guard) -> Journal {
    journal.guarded(Guard { requested_by: Some("ada".to_owned()), ..guard }).unwrap()
}

#[tokio::test]
async fn a_payment_that_is_too_large_or_for_a_stranger_is_never_recorded() {
    for store in TestStore::each() {
        let open = store.open();
        let payees = Some(vec!["ada".to_owned()]);
        let guard = Guard { per_payment: Some(dollars("100")), payees, ..Guard::default() };
        let journal = guarded(&open, guard);
        assert_eq!(ask(&journal, paying("fits", &spend("100.00"))).await, "send");
        let large = spend("100.01");
        assert_eq!(ask(&journal, paying("large", &large)).await, "refused: per_payment");
        let stranger = Spend { payee: Some("bob".to_owned()), ..spend("1") };
        assert_eq!(ask(&journal, paying("stranger", &stranger)).await, "refused: payees");
        let nobody = Spend { payee: None, ..spend("1") };
        assert_eq!(ask(&journal, paying("nobody", &nobody)).await, "refused: payees");
        // What cannot be counted is not sent.
        let unknown = Spend { amount: None, ..spend("1") };
        assert_eq!(ask(&journal, paying("how much", &unknown)).await, "refused: amount");
        // What moves no money is nobody's business.
        let read = IntentCall { replay: Replay::Create, ..payment("user", BODY) };
        assert_eq!(ask(&journal, read).await, "send");
        for name in ["large", "stranger", "nobody", "how much"] {
            assert_eq!(open.get(name).await.unwrap(), None);
        }
        assert_eq!(ask(&open, paying("large", &large)).await, "send");
    }
}

#[tokio::test]
async fn a_day_counts_what_may_have_happened_and_nothing_else() {
    for store in TestStore::each() {
        let journal =
            guarded(&store.open(), Guard { per_day: Some(dollars("100")), ..Guard::default() });
        let forty = spend("40");
        let refused = Ended::Rejected { status: 402, request_id: None };
        send(&journal, paying("1", &forty), succeeded()).await;
        send(&journal, paying("2", &forty), refused).await;
        send(&journal, paying("3", &forty), Ended::NotSent).await;
        send(&journal, paying("4", &forty), UNKNOWN).await;
        assert_eq!(ask(&journal, paying("5", &forty)).await, "refused: per_day");
        assert_eq!(ask(&journal, paying("5", &spend("20"))).await, "send");
        // A person who finds out that it was not done gives the money back.
        journal.release(&key("4"), "ada", "not there").await.unwrap();
        assert_eq!(ask(&journal, paying("6", &forty)).await, "send");
        // Another account has a day of its own.
        let other = IntentCall { account: "other", ..paying("7", &forty) };
        send(&journal, other, succeeded()).await;
        send(&journal, paying("6", &forty), succeeded()).await;
        assert_eq!(ask(&journal, paying("8", &forty)).await, "refused: per_day");
        // What was done is replayed, whatever is spent.
        assert!(ask(&journal, paying("6", &forty)).await.starts_with("replay"));
        let yesterday = if store.is_file() { "at - 86400001" } else { "at - interval '25 hours'" };
        store.change(&format!("UPDATE payglot_spend SET at = {yesterday}"));
        assert_eq!(ask(&journal, paying("8", &forty)).await, "send");
    }
}

#[tokio::test]
async fn another_person_approves_and_only_these_arguments() {
    for store in TestStore::each() {
        let open = store.open();
        let guard = Guard { approve_above: Some(dollars("50")), ..Guard::default() };
        let journal = guarded(&open, guard.clone());
        let large = spend("50.01");
        send(&journal, paying("small", &spend("50")), succeeded()).await;
        for _ in 0..2 {
            assert_eq!(ask(&journal, paying("large", &large)).await, "approval needed");
        }
        assert_eq!(open.get("large").await.unwrap().unwrap().state, State::Recorded);
        // Nobody sends by the outbox what waits for a person.
        let lease = std::time::Duration::ZERO;
        assert_eq!(open.claim_recorded(None, 9, lease).await.unwrap(), []);
        // Whoever asked cannot approve, also where somebody else asks again.
        let bob = open.guarded(Guard { requested_by: Some("bob".to_owned()), ..guard }).unwrap();
        assert_eq!(ask(&bob, paying("large", &large)).await, "approval needed");
        for by in ["ada", " Ada", ""] {
            assert_eq!(open.approve(&key("large"), by).await.unwrap_err().argument(), Some("by"));
        }
        let error = open.approve(&key("small"), "bob").await.unwrap_err();
        assert_eq!(error.argument(), Some("intent"), "{error}");
        open.approve(&key("large"), "bob").await.unwrap();
        let other = IntentCall { body: b"{}", ..paying("large", &large) };
        assert_eq!(ask(&journal, other).await, "mismatch");
        send(&journal, paying("large", &large), succeeded()).await;
        let log = open.log(&key("large")).await.unwrap();
        let said: Vec<_> = log.iter().map(|entry| &*entry.because).collect();
        assert!(said.contains(&"approved") && said.len() == 4, "{said:?}");
    }
}

#[tokio::test]
async fn a_budget_is_of_the_intents_whose_names_begin_alike() {
    for store in TestStore::each() {
        let journal = store.open();
        let budget = Budget { prefix: "payroll/".to_owned(), at_most: Some(Decimal::from(100)) };
        let sixty = spend("60");
        let within = |name| IntentCall { budget: Some(&budget), ..paying(name, &sixty) };
        send(&journal, within("payroll/1"), succeeded()).await;
        assert_eq!(ask(&journal, within("payroll/2")).await, "refused: at_most");
        send(&journal, paying("payroll", &sixty), succeeded()).await;
        assert!(ask(&journal, within("payroll/1")).await.starts_with("replay"));
        // Without a limit it is only counted, for one that is set later.
        let counting = Budget { at_most: None, ..budget.clone() };
        let counted = IntentCall { budget: Some(&counting), ..paying("payroll/3", &sixty) };
        send(&journal, counted, succeeded()).await;
        let later = Budget { at_most: Some(Decimal::from(170)), ..budget.clone() };
        let next = IntentCall { budget: Some(&later), ..paying("payroll/4", &sixty) };
        assert_eq!(ask(&journal, next).await, "refused: at_most");
    }
}

/// Shows what a batch has spent: a cent more is allowed with a limit of so much and a cent, and with no smaller one.
async fn has_spent(journal: &Journal, batch: &str, spent: u32) {
    let (cent, name) = (spend("0.01"), format!("{batch}/asks"));
    for (more, said) in [("0.01", "send"), ("0", "refused: at_most")] {
        let at_most = Some(Decimal::from(spent) + dollars(more));
        let budget = Budget { prefix: format!("{batch}/"), at_most };
        let call = IntentCall { budget: Some(&budget), ..paying(&name, &cent) };
        assert_eq!(ask(journal, call).await, said, "{batch}, {spent} and {more}");
    }
}

fn within<'a>(name: &'a str, spend: &'a Spend, budget: &'a Budget) -> IntentCall<'a> {
    IntentCall { budget: Some(budget), ..paying(name, spend) }
}

#[tokio::test]
async fn the_sum_of_a_batch_follows_all_that_happens_to_its_intents() {
    let refused = || Ended::Rejected { status: 402, request_id: None };
    for store in TestStore::each() {
        let journal = store.open();
        let budget = |batch: &str| Budget { prefix: format!("{batch}/"), at_most: None };
        let (payroll, other) = (budget("payroll"), budget("other"));
        let amounts = ["40", "50", "1000"].map(spend);
        let [forty, fifty, thousand] = &amounts;
        let is = async |dollars| has_spent(&journal, "payroll", dollars).await;
        is(0).await;
        send(&journal, within("payroll/1", forty, &payroll), succeeded()).await;
        is(40).await;
        // The vendor refuses it, and it counts for less when it is sent again.
        send(&journal, within("payroll/2", fifty, &payroll), refused()).await;
        is(40).await;
        send(&journal, within("payroll/2", forty, &payroll), succeeded()).await;
        is(80).await;
        // It never left, and nobody knows, and somebody finds out: in one way and in the other.
        send(&journal, within("payroll/3", fifty, &payroll), Ended::NotSent).await;
        is(80).await;
        send(&journal, within("payroll/3", fifty, &payroll), UNKNOWN).await;
        send(&journal, within("payroll/4", fifty, &payroll), UNKNOWN).await;
        is(180).await;
        journal.release(&key("payroll/3"), "ada", "not there").await.unwrap();
        journal.succeeded(&key("payroll/4"), "ada", "seen").await.unwrap();
        is(130).await;
        send(&journal, within("payroll/3", fifty, &payroll), succeeded()).await;
        is(180).await;
        // What is being sent counts, and so does a batch's payment by another operation.
        let Ok(Begin::Send(lease)) = journal.begin(within("payroll/5", forty, &payroll)).await
        else {
            panic!("it may be sent");
        };
        is(220).await;
        lease.end(refused()).await;
        is(180).await;
        let by_check = IntentCall {
            operation: "payments.create_check",
            ..within("payroll/1", forty, &payroll)
        };
        send(&journal, by_check, succeeded()).await;
        is(220).await;
        // Another batch, another account, and a name that only begins alike.
        send(&journal, within("other/1", thousand, &other), succeeded()).await;
        let elsewhere = IntentCall { account: "other", ..within("payroll/6", thousand, &payroll) };
        send(&journal, elsewhere, succeeded()).await;
        send(&journal, paying("payroll", thousand), succeeded()).await;
        is(220).await;
        has_spent(&journal, "other", 1000).await;
        // Kept, and not added up anew for each row.
        store.change("UPDATE payglot_batch_sum SET amount = amount - 2000000000");
        is(200).await;
    }
}

#[tokio::test]
async fn a_store_of_version_4_has_the_sums_of_what_was_spent() {
    for store in TestStore::each() {
        let journal = store.open();
        let budget = Budget { prefix: "payroll/".to_owned(), at_most: None };
        let forty = spend("40");
        for (name, ended) in [
            ("payroll/1", succeeded()),
            ("payroll/2", UNKNOWN),
            ("payroll/3", Ended::Rejected { status: 402, request_id: None }),
        ] {
            let call = IntentCall { budget: Some(&budget), ..paying(name, &forty) };
            send(&journal, call, ended).await;
        }
        journal.close();
        store.change(if store.is_file() {
            "DROP TRIGGER payglot_intent_counts; DROP TRIGGER payglot_spend_is_new; \
             DROP TRIGGER payglot_spend_is_another; DROP TABLE payglot_batch_sum; \
             CREATE INDEX payglot_spend_name ON payglot_spend (name); PRAGMA user_version = 4"
        } else {
            "DROP FUNCTION payglot_intent_changes, payglot_spend_changes CASCADE; \
             DROP FUNCTION payglot_add_to_batch, payglot_lock_spends; DROP TABLE payglot_batch_sum; \
             CREATE INDEX payglot_spend_name ON payglot_spend (name); UPDATE payglot_journal SET version = 4"
        });
        has_spent(&store.open(), "payroll", 80).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_connections_together_stay_within_a_day() {
    for store in TestStore::each() {
        // Each with a connection of its own, as processes have.
        let workers = (0..4).map(|worker| {
            let guard = Guard { per_day: Some(dollars("100")), ..Guard::default() };
            let journal = guarded(&store.open(), guard);
            tokio::spawn(async move {
                let (mut sent, seven) = (0, spend("7"));
                for number in 0..10 {
                    let name = format!("{worker}-{number}");
                    let begun = journal.begin(paying(&name, &seven)).await;
                    if let Ok(Begin::Send(lease)) = begun {
                        lease.end(succeeded()).await;
                        sent += 1;
                    }
                }
                sent
            })
        });
        let mut sent = 0;
        for worker in workers.collect::<Vec<_>>() {
            sent += worker.await.unwrap();
        }
        // 14 times 7 is 98.
        assert_eq!(sent, 14);
    }
}

#[test]
fn limits_that_are_none_are_refused() {
    let store = TestStore::file();
    let journal = store.open();
    for (guard, argument) in [
        (Guard { per_day: Some(dollars("-1")), ..Guard::default() }, "per_day"),
        (Guard { per_payment: Some(Decimal::MAX), ..Guard::default() }, "per_payment"),
        (Guard { approve_above: Some(dollars("-0.01")), ..Guard::default() }, "approve_above"),
        (Guard { payees: Some(vec![String::new()]), ..Guard::default() }, "payees"),
        (Guard { requested_by: Some(String::new()), ..Guard::default() }, "requested_by"),
    ] {
        assert_eq!(journal.guarded(guard).unwrap_err().argument(), Some(argument));
    }
}

/// What a child of the test below does: it pays until the day is spent, and prints how often it could.
#[test]
#[ignore = "is run by the test of processes, as a process of its own"]
fn child() {
    let Ok(location) = std::env::var(STORE) else { return };
    let journal = Journal::at(&location).unwrap();
    let journal = guarded(&journal, Guard { per_day: Some(dollars("100")), ..Guard::default() });
    let process = std::process::id();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let paid = runtime.block_on(async {
        let mut paid = 0;
        for call in 0..20 {
            let (name, ten) = (format!("{process}-{call}"), spend("10"));
            match journal.begin(paying(&name, &ten)).await {
                Ok(Begin::Send(lease)) => {
                    lease.end(succeeded()).await;
                    paid += 1;
                }
                Err(Obstacle::GuardRefused("per_day", _)) => {}
                _ => panic!("neither sent nor refused"),
            }
        }
        paid
    });
    println!("\npaid {paid}");
}

const STORE: &str = "PAYGLOT_GUARD_STORE";

/// Three processes that race for the limit of a day stay within it together, and use it up.
#[test]
fn processes_of_one_store_share_a_day() {
    for store in TestStore::each() {
        drop(store.open());
        let start = |_| {
            std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "child", "--ignored", "--nocapture", "--quiet"])
                .env(STORE, &store.location)
                .stdout(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        };
        let children: Vec<_> = (0..3).map(start).collect();
        let paid = children.into_iter().map(|child| {
            let output = child.wait_with_output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let paid = text.lines().find_map(|line| line.strip_prefix("paid "));
            paid.unwrap_or_else(|| panic!("{text}")).parse::<u32>().unwrap()
        });
        assert_eq!(paid.sum::<u32>(), 10);
    }
}
