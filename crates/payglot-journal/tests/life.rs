//! The life of an intent, in each store (issue 13).

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use http::{HeaderName, HeaderValue};
use payglot_journal::{Filter, IntentKey, State};
use payglot_runtime::journal::{Begin, Ended, IntentCall, Journal as _, Obstacle};
use payglot_runtime::schema::Replay;
use support::{TestStore, UNKNOWN, ask, payment, send, succeeded};

const BODY: &str = r#"{"amount":10.10}"#;

#[tokio::test]
async fn what_was_done_is_replayed_and_never_sent_again() {
    for store in TestStore::each() {
        send(&store.open(), payment("invoice 1", BODY), succeeded()).await;
        // Another process, later.
        let journal = store.open();
        let replay = r#"replay 200 {"payment_id":"p-1","amount":10.10}"#;
        assert_eq!(ask(&journal, payment("invoice 1", BODY)).await, replay);
        assert_eq!(ask(&journal, payment("invoice 2", BODY)).await, "send");
        let intent = journal.get("invoice 1").await.unwrap().unwrap();
        assert_eq!(
            (intent.state, intent.attempts, intent.status),
            (State::Succeeded, 1, Some(200))
        );
        assert_eq!(intent.request_id.as_deref(), Some("r-1"));
        assert_eq!(journal.get("invoice 3").await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_intent_is_for_the_arguments_that_it_was_first_used_with() {
    for store in TestStore::each() {
        let journal = store.open();
        send(&journal, payment("invoice 1", BODY), succeeded()).await;
        assert_eq!(ask(&journal, payment("invoice 1", r#"{"amount":10.1}"#)).await, "mismatch");
        let call = IntentCall { target: "/payments", ..payment("invoice 1", BODY) };
        assert_eq!(ask(&journal, call).await, "mismatch");
        let region = (HeaderName::from_static("x-region"), HeaderValue::from_static("eu"));
        let call = IntentCall { headers: &[region], ..payment("invoice 1", BODY) };
        assert_eq!(ask(&journal, call).await, "mismatch");
        // The same name of another operation, account or provider is another intent.
        for call in [
            IntentCall { operation: "withdrawals.create", ..payment("invoice 1", BODY) },
            IntentCall { account: "other", ..payment("invoice 1", BODY) },
            IntentCall { provider: "linora", ..payment("invoice 1", BODY) },
        ] {
            assert_eq!(ask(&journal, call).await, "send");
        }
        let error = journal.get("invoice 1").await.unwrap_err();
        assert_eq!(error.argument(), Some("intent"));
    }
}

#[tokio::test]
async fn what_did_not_happen_may_be_tried_again() {
    for store in TestStore::each() {
        let journal = store.open();
        let refused = Ended::Rejected { status: 422, request_id: Some("r-2".to_owned()) };
        for (ended, state) in [(refused, State::Refused), (Ended::NotSent, State::Recorded)] {
            let name = state.name();
            send(&journal, payment(name, BODY), ended).await;
            assert_eq!(journal.get(name).await.unwrap().unwrap().state, state);
            send(&journal, payment(name, BODY), succeeded()).await;
            let intent = journal.get(name).await.unwrap().unwrap();
            assert_eq!((intent.state, intent.attempts), (State::Succeeded, 2));
            let log = journal.log(&intent.key).await.unwrap();
            let states: Vec<_> = log.iter().map(|entry| entry.state).collect();
            assert_eq!(states, [State::Sending, state, State::Sending, State::Succeeded]);
            assert!(log.iter().all(|entry| entry.by.starts_with("process ")));
        }
    }
}

#[tokio::test]
async fn what_may_have_happened_is_not_sent_again_unless_that_is_harmless() {
    for store in TestStore::each() {
        let journal = store.open();
        for (replay, says) in [
            (Replay::Money, "unknown"),
            (Replay::Create, "unknown"),
            (Replay::Keyed, "send"),
            (Replay::Idempotent, "send"),
            (Replay::Read, "send"),
        ] {
            let name = format!("{replay:?}");
            let call = IntentCall { replay, ..payment(&name, BODY) };
            send(&journal, call, UNKNOWN).await;
            let unknown = journal.unknown().await.unwrap();
            assert_eq!(unknown.last().unwrap().key.name, name);
            assert_eq!(ask(&journal, call).await, says);
        }
    }
}

#[tokio::test]
async fn a_lease_that_is_dropped_leaves_an_unknown_intent() {
    for store in TestStore::each() {
        let journal = store.open();
        let Ok(Begin::Send(lease)) = journal.begin(payment("invoice 1", BODY)).await else {
            panic!()
        };
        drop(lease);
        assert_eq!(ask(&journal, payment("invoice 1", BODY)).await, "unknown");
    }
}

#[tokio::test]
async fn a_call_that_is_given_up_before_the_journal_answers_has_not_been_sent() {
    for store in TestStore::each() {
        let journal = store.open();
        // Given up at once, and when the reply lies there already.
        for (name, pause) in [("at once", 0), ("late", 300)] {
            let mut begin = journal.begin(payment(name, BODY));
            let first = std::future::poll_fn(|context| {
                std::task::Poll::Ready(begin.as_mut().poll(context).is_pending())
            });
            assert!(first.await);
            std::thread::sleep(Duration::from_millis(pause));
            drop(begin);
            assert_eq!(ask(&journal, payment(name, BODY)).await, "send");
        }
    }
}

#[tokio::test]
async fn a_second_call_waits_for_the_first_within_its_time() {
    for store in TestStore::each() {
        let (journal, other) = (store.open(), store.open());
        let call = payment("invoice 1", BODY);
        let Ok(Begin::Send(lease)) = journal.begin(call).await else { panic!() };
        let short = IntentCall { timeout: Duration::from_millis(300), ..call };
        let start = Instant::now();
        assert_eq!(ask(&other, short).await, "in progress");
        assert!(start.elapsed() < Duration::from_secs(2));
        let waiting = tokio::spawn(async move { ask(&other, payment("invoice 1", BODY)).await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        lease.end(succeeded()).await;
        assert!(waiting.await.unwrap().starts_with("replay 200"));
    }
}

#[tokio::test]
async fn calls_that_come_together_send_each_intent_once() {
    for store in TestStore::each() {
        let journals = [store.open(), store.open()];
        let mut calls = tokio::task::JoinSet::new();
        for count in 0..200 {
            let journal = journals[count % 2].clone();
            calls.spawn(async move {
                let name = format!("invoice {}", count / 4);
                match journal.begin(payment(&name, BODY)).await {
                    Ok(Begin::Send(lease)) => {
                        lease.end(succeeded()).await;
                        1
                    }
                    Ok(Begin::Replay(recorded)) => {
                        assert_eq!(recorded.status, 200);
                        0
                    }
                    Err(obstacle) => panic!("{obstacle:?}"),
                }
            });
        }
        assert_eq!(calls.join_all().await.into_iter().sum::<i32>(), 50);
        let all = journals[0].list(Filter::default()).await.unwrap();
        assert_eq!(all.len(), 50);
        assert!(all.iter().all(|intent| intent.state == State::Succeeded && intent.attempts == 1));
    }
}

#[tokio::test]
async fn an_owner_that_says_nothing_is_given_up_and_its_late_word_counts() {
    for store in TestStore::each() {
        let (journal, other) = (store.open(), store.open());
        for (name, late, then) in [
            ("a", succeeded(), r#"replay 200 {"payment_id":"p-1","amount":10.10}"#),
            ("b", Ended::NotSent, "send"),
            ("c", UNKNOWN, "unknown"),
        ] {
            let Ok(Begin::Send(lease)) = journal.begin(payment(name, BODY)).await else { panic!() };
            // Of a machine of which nothing is known, and its time is over.
            let long_ago = if store.is_file() { "0" } else { "'1970-01-01'" };
            store.change(&format!("UPDATE payglot_intent SET machine = '', lease_until = {long_ago} WHERE name = '{name}'"));
            assert_eq!(ask(&other, payment(name, BODY)).await, "unknown");
            lease.end(late).await;
            assert_eq!(ask(&other, payment(name, BODY)).await, then);
        }
    }
}

#[tokio::test]
async fn an_earlier_owner_does_not_take_an_intent_from_a_later_one() {
    for store in TestStore::each() {
        let journal = store.open();
        let call = payment("invoice 1", BODY);
        let Ok(Begin::Send(early)) = journal.begin(call).await else { panic!() };
        let long_ago = if store.is_file() { "0" } else { "'1970-01-01'" };
        store.change(&format!("UPDATE payglot_intent SET machine = '', lease_until = {long_ago}"));
        let key = journal.unknown().await.unwrap()[0].key.clone();
        journal.release(&key, "Ada", "the wallet's balance did not change").await.unwrap();
        let Ok(Begin::Send(later)) = journal.begin(call).await else { panic!() };
        early.end(Ended::Rejected { status: 422, request_id: None }).await;
        assert_eq!(journal.get("invoice 1").await.unwrap().unwrap().state, State::Sending);
        later.end(succeeded()).await;
        assert_eq!(journal.get("invoice 1").await.unwrap().unwrap().state, State::Succeeded);
        let log = journal.log(&key).await.unwrap();
        let late = log.iter().find(|entry| entry.because.contains("too late")).unwrap();
        assert_eq!(late.status, Some(422));
    }
}

#[tokio::test]
async fn a_person_decides_what_is_unknown_and_nothing_else() {
    for store in TestStore::each() {
        let journal = store.open();
        for name in ["done", "not done"] {
            send(&journal, payment(name, BODY), UNKNOWN).await;
        }
        let key = |name: &'static str| {
            let journal = journal.clone();
            async move { journal.get(name).await.unwrap().unwrap().key }
        };
        let (done, not_done) = (key("done").await, key("not done").await);
        for (by, because) in
            [("", "why"), ("Ada", " "), ("Ada\n", "why"), ("Ada", &"x".repeat(501))]
        {
            let error = journal.release(&done, by, because).await.unwrap_err();
            assert!(error.argument().is_some_and(|argument| argument != "intent"), "{error}");
        }
        journal.succeeded(&done, "Ada", "the vendor's page shows it").await.unwrap();
        journal.release(&not_done, "Ada", "the vendor's page does not show it").await.unwrap();
        assert_eq!(ask(&journal, payment("done", BODY)).await, "replay 200 ");
        let last = journal.log(&not_done).await.unwrap().pop().unwrap();
        assert_eq!((&*last.by, &*last.because), ("Ada", "the vendor's page does not show it"));
        assert_eq!(ask(&journal, payment("not done", BODY)).await, "send");
        // Succeeded, recorded, being sent.
        let Ok(Begin::Send(lease)) = journal.begin(payment("alive", BODY)).await else { panic!() };
        for key in [done, not_done, key("alive").await] {
            let error = journal.release(&key, "Ada", "why").await.unwrap_err();
            assert_eq!(error.argument(), Some("intent"), "{error}");
        }
        lease.end(succeeded()).await;
        assert!(journal.unknown().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_is_recorded_is_sent_by_one_of_many_workers() {
    for store in TestStore::each() {
        let journals = [store.open(), store.open()];
        let key = |number: u32| IntentKey {
            provider: "paywint-platform".to_owned(),
            account: "platform".to_owned(),
            operation: "payments.create".to_owned(),
            name: format!("order {number}"),
        };
        for number in 0..60 {
            if store.is_file() {
                assert!(journals[0].record(&key(number)).await.unwrap());
            } else {
                // In the transaction of the order.
                store.change(&format!(
                    "BEGIN; CREATE TABLE IF NOT EXISTS orders (id integer PRIMARY KEY); INSERT INTO orders VALUES ({number}); \
                     SELECT payglot_record('paywint-platform', 'platform', 'payments.create', 'order {number}'); COMMIT"
                ));
            }
        }
        assert!(!journals[1].record(&key(0)).await.unwrap());
        assert!(
            journals[1].record(&IntentKey { name: "a\nb".to_owned(), ..key(0) }).await.is_err()
        );
        let lease = Duration::from_secs(60);
        let mut workers = tokio::task::JoinSet::new();
        for number in 0..4 {
            let journal = journals[number % 2].clone();
            workers.spawn(async move {
                let mut sent = Vec::new();
                loop {
                    let claimed =
                        journal.claim_recorded(Some("payments.create"), 7, lease).await.unwrap();
                    if claimed.is_empty() {
                        return sent;
                    }
                    for intent in claimed {
                        send(&journal, payment(&intent.key.name, BODY), succeeded()).await;
                        sent.push(intent.key.name);
                    }
                }
            });
        }
        let mut sent: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
        sent.sort();
        sent.dedup();
        assert_eq!(sent.len(), 60);
        let log = journals[0].log(&key(0)).await.unwrap();
        let states: Vec<_> = log.iter().map(|entry| entry.state).collect();
        assert_eq!(states, [State::Recorded, State::Sending, State::Succeeded]);
        assert_eq!(log[1].because, "sent for the first time");
    }
}

#[tokio::test]
async fn a_worker_that_dies_with_what_it_has_claimed_loses_nothing() {
    for store in TestStore::each() {
        let journal = store.open();
        let operation = "payments.create".to_owned();
        let (provider, account) = ("paywint-platform".to_owned(), "platform".to_owned());
        let key = IntentKey { provider, account, operation, name: "order 1".to_owned() };
        journal.record(&key).await.unwrap();
        let claim = |lease| journal.claim_recorded(None, 10, lease);
        assert_eq!(claim(Duration::from_millis(200)).await.unwrap().len(), 1);
        assert!(claim(Duration::from_secs(60)).await.unwrap().is_empty());
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(claim(Duration::from_secs(60)).await.unwrap().len(), 1);
        // Whoever has it in its hands sends it, claimed or not; then it is nobody's to claim.
        send(&journal, payment("order 1", BODY), succeeded()).await;
        assert!(claim(Duration::ZERO).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn workers_are_given_what_was_recorded_to_be_sent_and_nothing_else() {
    for store in TestStore::each() {
        let journal = store.open();
        // A call that did not reach the vendor is its caller's: it may be paid by other means.
        assert_eq!(ask(&journal, payment("direct", BODY)).await, "send");
        let (provider, account) = ("paywint-platform".to_owned(), "platform".to_owned());
        let operation = "payments.create".to_owned();
        let key = IntentKey { provider, account, operation, name: "order 1".to_owned() };
        journal.record(&key).await.unwrap();
        let claimed = || async {
            store.change("UPDATE payglot_intent SET lease_until = created_at");
            let claimed = journal.claim_recorded(None, 10, Duration::ZERO).await.unwrap();
            claimed.into_iter().map(|intent| intent.key.name).collect::<Vec<_>>()
        };
        assert_eq!(claimed().await, ["order 1"]);
        // It did not reach the vendor either.
        assert_eq!(ask(&journal, payment("order 1", BODY)).await, "send");
        assert_eq!(claimed().await, ["order 1"]);
        send(&journal, payment("order 1", BODY), UNKNOWN).await;
        assert!(claimed().await.is_empty());
        journal.release(&key, "Ada", "the vendor's page does not show it").await.unwrap();
        assert_eq!(claimed().await, ["order 1"]);
        send(&journal, payment("order 1", BODY), succeeded()).await;
        assert!(claimed().await.is_empty());
    }
}

#[tokio::test]
async fn an_order_that_is_rolled_back_leaves_no_intent() {
    let Some(store) = TestStore::postgres() else { return };
    let journal = store.open();
    store.change("BEGIN; SELECT payglot_record('p', 'a', 'o', 'n'); ROLLBACK");
    assert_eq!(journal.list(Filter::default()).await.unwrap(), []);
    store.change(
        "SELECT payglot_record('p', 'a', 'o', 'n'); SELECT payglot_record('p', 'a', 'o', 'n')",
    );
    assert_eq!(journal.list(Filter::default()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_log_can_only_grow() {
    for store in TestStore::each() {
        send(&store.open(), payment("invoice 1", BODY), succeeded()).await;
        let change =
            std::panic::AssertUnwindSafe(|| store.change("DELETE FROM payglot_intent_log"));
        assert!(std::panic::catch_unwind(change).is_err());
        let change = std::panic::AssertUnwindSafe(|| {
            store.change("UPDATE payglot_intent_log SET because = ''");
        });
        assert!(std::panic::catch_unwind(change).is_err());
    }
}

/// What a child process of the tests below does: it takes a lease, says so, and waits to be killed.
#[tokio::test]
async fn child() {
    let Ok(location) = std::env::var("PAYGLOT_JOURNAL_OF_TEST") else { return };
    let journal = payglot_journal::Journal::open(&location).unwrap();
    let begin = journal.begin(payment("invoice 1", BODY)).await;
    let Ok(Begin::Send(_lease)) = begin else { panic!() };
    std::fs::write(std::env::var("PAYGLOT_MARK_OF_TEST").unwrap(), "").unwrap();
    std::thread::sleep(Duration::from_secs(60));
}

#[tokio::test]
async fn a_process_that_is_killed_leaves_an_unknown_intent_at_once() {
    for store in TestStore::each() {
        let mark = store.folder.path().join("sending");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child"])
            .env("PAYGLOT_JOURNAL_OF_TEST", &store.location)
            .env("PAYGLOT_MARK_OF_TEST", &mark)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while !mark.exists() {
            assert!(child.try_wait().unwrap().is_none());
            std::thread::sleep(Duration::from_millis(5));
        }
        let journal = store.open();
        let short = IntentCall { timeout: Duration::from_secs(2), ..payment("invoice 1", BODY) };
        assert_eq!(ask(&journal, short).await, "in progress");
        child.kill().unwrap();
        let start = Instant::now();
        assert_eq!(ask(&journal, payment("invoice 1", BODY)).await, "unknown");
        // Known by the process that is gone, long before the lease is over; elsewhere the lease decides.
        assert!(!cfg!(target_os = "linux") || start.elapsed() < Duration::from_secs(3));
        child.wait().unwrap();
        let key = journal.unknown().await.unwrap()[0].key.clone();
        let log = journal.log(&key).await.unwrap();
        assert_eq!(log.last().unwrap().by, "the journal");
    }
}

#[tokio::test]
async fn an_obstacle_shows_nothing_of_the_call() {
    let store = TestStore::file();
    let journal = store.open();
    send(&journal, payment("invoice 1", "canary"), UNKNOWN).await;
    let Err(obstacle) = journal.begin(payment("invoice 1", "canary")).await else { panic!() };
    assert!(matches!(obstacle, Obstacle::Unknown));
    journal.close();
    // Neither arguments nor target are anywhere in the files.
    for file in std::fs::read_dir(store.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"canary"));
    }
    // Closed, and open again.
    assert_eq!(ask(&journal, payment("invoice 2", BODY)).await, "send");
}
