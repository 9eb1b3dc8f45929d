//! The life of an event, in each store (issue 16).

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod inbox_support;
mod support;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use inbox_support::{Payment, SECRET, WEBHOOKS, claim, delivery, queue, receive, set};
use payglot_journal::{EventFilter, EventQueue, EventState, Inbox, Journal, QueueOptions};
use payglot_runtime::schema::{DeliveryField, Webhooks};
use payglot_runtime::webhooks::{Delivery, Scheme};
use support::TestStore;

const NOW: Duration = Duration::ZERO;

#[tokio::test]
async fn what_is_acknowledged_is_stored_once_and_what_is_not_genuine_is_refused() {
    for store in TestStore::each() {
        let queue = queue(&store);
        let (body, headers) = delivery("e-1", "payment.success", "p-1", 100);
        for is_new in [true, false] {
            let receipt = queue.receive(&body, headers.clone()).await;
            assert_eq!((receipt.status, receipt.is_new), (200, is_new));
        }
        // Another process has it.
        let event = inbox_support::queue(&store).get("e-1").await.unwrap().unwrap();
        assert_eq!((event.state, event.attempts), (EventState::Waiting, 0));
        assert_eq!((&*event.event, &*event.object), ("payment.success", "payment p-1"));
        assert_eq!(event.occurred_at.as_second(), 100);
        let tampered = String::from_utf8(body.clone()).unwrap().replace("p-1", "p-2");
        assert_eq!(queue.receive(tampered.as_bytes(), headers.clone()).await.status, 401);
        assert_eq!(queue.receive(&body, Vec::<(String, String)>::new()).await.status, 401);
        let text = b"[1]".to_vec();
        let headers =
            payglot_runtime::webhooks::Delivery::signed(text.clone(), SECRET, &Scheme::default())
                .headers;
        assert_eq!(queue.receive(&text, headers).await.status, 400);
        assert_eq!(queue.list(EventFilter::default()).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn an_event_without_an_identifier_is_known_by_its_body_and_one_without_a_time_by_its_arrival()
{
    static BARE: Webhooks = Webhooks {
        event: Some(DeliveryField::Header("X-Event")),
        id: None,
        data: &[],
        time: None,
        ..WEBHOOKS
    };
    for store in TestStore::each() {
        let queue = EventQueue::new(&store.open(), &BARE, SECRET, QueueOptions::default()).unwrap();
        let deliver = async |event: &str, status: &str| {
            let body = format!(r#"{{"payment_id":"p-1","status":"{status}","card":"4242"}}"#);
            let mut delivery = Delivery::signed(body.into_bytes(), SECRET, &Scheme::default());
            delivery.headers.push(("x-event".to_owned(), event.to_owned()));
            let receipt = queue.receive(&delivery.body, delivery.headers).await;
            assert_eq!(receipt.status, 200, "{:?}", receipt.error);
            receipt.is_new
        };
        // The later one by its step comes first, and is not handled after the other: only the arrival counts.
        assert!(deliver("payment.success", "a").await);
        assert!(!deliver("payment.success", "a").await);
        assert!(deliver("payment.success", "b").await);
        assert!(deliver("payment.processing", "a").await);
        let mut seen = Vec::new();
        while let Some(claimed) = claim(&queue, 1).await.pop() {
            let event = claimed.event().clone();
            assert!(
                event.key.id.starts_with(&format!("{} sha256:", event.event)),
                "{}",
                event.key.id
            );
            assert!(!event.body.contains("4242"));
            seen.push((event.event, event.object));
            claimed.done().await;
        }
        let expected = ["payment.success", "payment.success", "payment.processing"];
        let of_payment = |event: &str| (event.to_owned(), "payment p-1".to_owned());
        assert_eq!(seen, expected.map(of_payment));
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_used_acknowledges_nothing() {
    let journal = Journal::at("/nowhere/payments.db").unwrap();
    let queue = EventQueue::new(&journal, &WEBHOOKS, SECRET, QueueOptions::default()).unwrap();
    let (body, headers) = delivery("e-1", "payment.success", "p-1", 100);
    let receipt = queue.receive(&body, headers).await;
    assert_eq!((receipt.status, receipt.is_new), (503, false));
    assert!(receipt.error.unwrap().to_string().contains("folder"));
}

#[tokio::test]
async fn nothing_sensitive_and_nothing_unknown_is_stored_unless_it_is_asked_for() {
    for store in TestStore::each() {
        let mut options = QueueOptions::default();
        options.keep = vec!["batch".to_owned(), "card".to_owned()];
        let queue = EventQueue::new(&store.open(), &WEBHOOKS, SECRET, options).unwrap();
        let body = br#"{"event":"payment.success","id":"e-1","time":5,"more":"canary-a","data":{"payment_id":"p-1",
            "card":"canary-b","holder":"canary-c","batch":{"n":1},"nested":{"status":"x"}}}"#;
        let headers =
            payglot_runtime::webhooks::Delivery::signed(body.to_vec(), SECRET, &Scheme::default())
                .headers;
        assert_eq!(queue.receive(body, headers).await.status, 200);
        let stored = queue.get("e-1").await.unwrap().unwrap();
        let expected = r#"{"event":"payment.success","id":"e-1","time":5,"data":{"payment_id":"p-1","batch":{"n":1}}}"#;
        assert_eq!(stored.body, expected);
        assert!(!format!("{stored:?}").contains("batch"));
        if store.is_file() {
            for file in std::fs::read_dir(store.folder.path()).unwrap() {
                let bytes = std::fs::read(file.unwrap().path()).unwrap();
                assert!(!bytes.windows(7).any(|part| part == b"canary-"), "it is in the file");
            }
        }
    }
}

#[tokio::test]
async fn of_an_object_one_event_at_a_time_is_given_in_the_order_of_their_times() {
    for store in TestStore::each() {
        let (one, other) = (queue(&store), queue(&store));
        receive(&one, "late", "payment.success", "p-1", 200).await;
        receive(&one, "early", "payment.processing", "p-1", 100).await;
        receive(&one, "elsewhere", "payment.success", "p-2", 300).await;
        let first = claim(&one, 1).await;
        assert_eq!(first[0].event().key.id, "early");
        // Its object is taken; the other is free.
        let second = claim(&other, 9).await;
        assert_eq!(
            second.iter().map(|claimed| &*claimed.event().key.id).collect::<Vec<_>>(),
            ["elsewhere"]
        );
        assert!(claim(&one, 9).await.is_empty());
        for claimed in first.into_iter().chain(second) {
            claimed.done().await;
        }
        let third = claim(&other, 9).await;
        assert_eq!(third[0].event().key.id, "late");
        third.into_iter().next().unwrap().done().await;
        assert!(claim(&one, 9).await.is_empty());
        let states = one.list(EventFilter::default()).await.unwrap();
        assert!(
            states.iter().all(|event| event.state == EventState::Handled && event.attempts == 1)
        );
    }
}

#[tokio::test]
async fn events_of_one_second_follow_the_steps_of_the_document() {
    for store in TestStore::each() {
        let queue = queue(&store);
        receive(&queue, "b", "payment.success", "p-1", 100).await;
        receive(&queue, "a", "payment.processing", "p-1", 100).await;
        for expected in ["a", "b"] {
            let claimed = claim(&queue, 1).await.pop().unwrap();
            assert_eq!(claimed.event().key.id, expected);
            claimed.done().await;
        }
        receive(&queue, "c", "payment.processing", "p-1", 100).await;
        assert!(claim(&queue, 1).await.is_empty());
        assert_eq!(queue.get("c").await.unwrap().unwrap().state, EventState::Stale);
    }
}

#[tokio::test]
async fn an_event_that_is_older_than_one_that_was_handled_is_marked_and_not_handled() {
    for store in TestStore::each() {
        let queue = queue(&store);
        receive(&queue, "new", "payment.success", "p-1", 200).await;
        claim(&queue, 1).await.pop().unwrap().done().await;
        receive(&queue, "old", "payment.processing", "p-1", 100).await;
        receive(&queue, "newer", "payment.success", "p-1", 300).await;
        // In one claim: what is stale keeps nothing from being given.
        let claimed = claim(&queue, 1).await.pop().unwrap();
        assert_eq!(claimed.event().key.id, "newer");
        claimed.done().await;
        assert_eq!(queue.get("old").await.unwrap().unwrap().state, EventState::Stale);
    }
}

#[tokio::test]
async fn an_event_whose_handling_has_begun_goes_before_an_older_one_that_comes_meanwhile() {
    for store in TestStore::each() {
        let queue = queue(&store);
        receive(&queue, "new", "payment.success", "p-1", 200).await;
        claim(&queue, 1).await.pop().unwrap().failed("Error").await;
        receive(&queue, "old", "payment.processing", "p-1", 100).await;
        // It waits for its next attempt, and the other waits for it: it may have had its effect.
        assert!(claim(&queue, 1).await.is_empty());
        set(&store, "next_at", 0, "id = 'new'");
        let claimed = claim(&queue, 1).await.pop().unwrap();
        assert_eq!(claimed.event().key.id, "new");
        claimed.done().await;
        assert!(claim(&queue, 1).await.is_empty());
        assert_eq!(queue.get("old").await.unwrap().unwrap().state, EventState::Stale);
    }
}

#[tokio::test]
async fn an_event_that_fails_is_tried_again_after_a_pause_and_is_dead_after_its_last_attempt() {
    for store in TestStore::each() {
        let mut options = QueueOptions::default();
        options.max_attempts = 3;
        options.backoff = Duration::from_secs(60);
        let queue = EventQueue::new(&store.open(), &WEBHOOKS, SECRET, options).unwrap();
        receive(&queue, "e-1", "payment.success", "p-1", 100).await;
        for attempt in 1..=3_u32 {
            let claimed = claim(&queue, 1).await.pop().unwrap();
            claimed.failed("TimeoutError\nwith a second line").await;
            let event = queue.get("e-1").await.unwrap().unwrap();
            assert_eq!(
                (event.attempts, event.last_error.as_deref()),
                (attempt, Some("TimeoutErrorwith a second line"))
            );
            if attempt < 3 {
                let pause = event.next_at.duration_since(event.updated_at).as_secs();
                assert_eq!(pause, 60 * i64::from(attempt), "it doubles");
                assert!(claim(&queue, 1).await.is_empty());
                set(&store, "next_at", 0, "id = 'e-1'");
            }
        }
        assert!(claim(&queue, 1).await.is_empty());
        let dead = queue.dead().await.unwrap();
        assert_eq!(dead.iter().map(|event| &*event.key.id).collect::<Vec<_>>(), ["e-1"]);
        let again = queue.retry("e-1").await.unwrap();
        assert_eq!((again.state, again.attempts), (EventState::Waiting, 0));
        claim(&queue, 1).await.pop().unwrap().done().await;
        assert_eq!(queue.retry("e-1").await.unwrap_err().argument(), Some("id"));
        assert_eq!(queue.retry("none").await.unwrap_err().argument(), Some("id"));
    }
}

#[tokio::test]
async fn a_dead_event_is_stale_when_it_is_retried_after_a_later_one() {
    for store in TestStore::each() {
        let mut options = QueueOptions::default();
        options.max_attempts = 1;
        let queue = EventQueue::new(&store.open(), &WEBHOOKS, SECRET, options).unwrap();
        receive(&queue, "old", "payment.processing", "p-1", 100).await;
        claim(&queue, 1).await.pop().unwrap().failed("Error").await;
        receive(&queue, "new", "payment.success", "p-1", 200).await;
        claim(&queue, 1).await.pop().unwrap().done().await;
        queue.retry("old").await.unwrap();
        assert!(claim(&queue, 1).await.is_empty());
        assert_eq!(queue.get("old").await.unwrap().unwrap().state, EventState::Stale);
    }
}

#[tokio::test]
async fn what_a_worker_had_that_died_is_given_to_another() {
    for store in TestStore::each() {
        let queue = queue(&store);
        receive(&queue, "e-1", "payment.success", "p-1", 100).await;
        let held = claim(&queue, 1).await;
        // Its process lives, though its lease has run out: to give it to another could be two at a time.
        set(&store, "lease_until", 0, "id = 'e-1'");
        if cfg!(target_os = "linux") {
            assert!(claim(&queue, 1).await.is_empty());
        }
        // Of another machine nothing but the lease is known.
        store.change("UPDATE payglot_event SET machine = 'other'");
        let taken = claim(&queue, 1).await.pop().unwrap();
        assert_eq!(taken.event().attempts, 2);
        assert_eq!(
            taken.event().last_error.as_deref(),
            Some("the process that was handling it has said nothing within its lease")
        );
        // Who was too slow has no say.
        for late in held {
            late.failed("TooLate").await;
        }
        assert_eq!(queue.get("e-1").await.unwrap().unwrap().state, EventState::Handling);
        // A number that no process has any more.
        if cfg!(target_os = "linux") {
            store.change("UPDATE payglot_event SET process = '1:1'");
            let again = claim(&queue, 1).await.pop().unwrap();
            assert_eq!(again.event().attempts, 3);
            again.done().await;
            assert_eq!(queue.get("e-1").await.unwrap().unwrap().state, EventState::Handled);
        }
        drop(taken);
    }
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_and_what_is_dropped_is_given_back() {
    for store in TestStore::each() {
        let queue = queue(&store);
        receive(&queue, "e-1", "payment.success", "p-1", 100).await;
        for _ in 0..20 {
            let asked = queue.claim(None, 1, NOW);
            // Given up before, while or after it is asked.
            let _ = tokio::time::timeout(Duration::from_micros(200), asked).await.map(|claimed| {
                claimed.unwrap().into_iter().for_each(|claimed| drop(claimed.release()));
            });
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
        let event = queue.get("e-1").await.unwrap().unwrap();
        assert_eq!((event.state, event.attempts), (EventState::Waiting, 0));
        drop(claim(&queue, 1).await);
        let event = queue.get("e-1").await.unwrap().unwrap();
        assert_eq!((event.state, event.attempts), (EventState::Waiting, 1));
        assert_eq!(event.last_error.as_deref(), Some("its handling was given up"));
    }
}

#[tokio::test]
async fn a_worker_is_given_the_events_that_it_handles_and_accounts_see_nothing_of_each_other() {
    for store in TestStore::each() {
        let mut options = QueueOptions::default();
        options.account = "other".to_owned();
        let other = EventQueue::new(&store.open(), &WEBHOOKS, SECRET, options).unwrap();
        let queue = queue(&store);
        receive(&queue, "e-1", "payment.processing", "p-1", 100).await;
        receive(&other, "e-1", "payment.success", "p-1", 100).await;
        let names = ["payment.success".to_owned()];
        assert!(queue.claim(Some(&names), 9, NOW).await.unwrap().is_empty());
        assert_eq!(other.claim(Some(&names), 9, NOW).await.unwrap().len(), 1);
        receive(&queue, "e-2", "payment.success", "p-1", 200).await;
        // What it has no handler for does not hold it up.
        assert_eq!(queue.claim(Some(&names), 9, NOW).await.unwrap()[0].event().key.id, "e-2");
    }
}

#[tokio::test]
async fn a_claim_that_waits_is_woken_by_a_delivery() {
    let store = TestStore::file();
    let queue = queue(&store);
    let waiting = queue.clone();
    let started = std::time::Instant::now();
    let worker = tokio::spawn(async move { waiting.claim(None, 1, Duration::from_secs(30)).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    receive(&queue, "e-1", "payment.success", "p-1", 100).await;
    let claimed = worker.await.unwrap().unwrap();
    assert_eq!(claimed.len(), 1);
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_store_of_version_1_is_brought_to_this_one() {
    for store in TestStore::each() {
        drop(store.open());
        if store.is_file() {
            store.change(
                "DROP TRIGGER payglot_intent_counts; DROP TABLE payglot_batch_sum; DROP TABLE payglot_event; \
                 DROP TABLE payglot_spend; DROP TABLE payglot_pace; DROP INDEX payglot_intent_in_doubt; \
                 PRAGMA user_version = 1",
            );
        } else {
            store.change(
                "DROP FUNCTION payglot_intent_changes, payglot_spend_changes CASCADE; \
                 DROP FUNCTION payglot_add_to_batch, payglot_lock_spends; DROP TABLE payglot_batch_sum; \
                 DROP FUNCTION payglot_take_event; DROP FUNCTION payglot_lock_object; DROP TABLE payglot_event; \
                 DROP TABLE payglot_spend; DROP TABLE payglot_pace; DROP INDEX payglot_intent_in_doubt; \
                 UPDATE payglot_journal SET version = 1",
            );
        }
        let queue = queue(&store);
        receive(&queue, "e-1", "payment.success", "p-1", 100).await;
        claim(&queue, 1).await.pop().unwrap().done().await;
    }
}

#[tokio::test]
async fn handlers_are_called_with_their_events_until_they_succeed() {
    for store in TestStore::each() {
        let (seen, failures) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU32::new(0)));
        let (log, count) = (seen.clone(), failures.clone());
        let mut options = QueueOptions::default();
        options.backoff = Duration::from_millis(200);
        let inbox = Inbox::<Payment>::with_options(&store.open(), SECRET, options).unwrap();
        let inbox = inbox.on("payment.success", move |event| {
            let (log, count) = (log.clone(), count.clone());
            async move {
                match count.fetch_add(1, Ordering::SeqCst) {
                    0 => return Err(std::io::Error::other("canary of a payload")),
                    1 => panic!("a handler that panics"),
                    _ => log.lock().unwrap().push((event.id.clone(), event.data.0.clone())),
                }
                Ok(())
            }
        });
        let inbox = inbox.unwrap();
        assert_eq!(
            Inbox::<Payment>::new(&store.open(), b"").unwrap_err().argument(),
            Some("secret")
        );
        let (body, headers) = delivery("e-1", "payment.success", "p-1", 100);
        assert_eq!(inbox.receive(&body, headers).await.status, 200);
        for expected in ["std::io::error::Error", "its handling was given up"] {
            assert_eq!(inbox.work_off().await.unwrap(), 1);
            let event = inbox.queue().get("e-1").await.unwrap().unwrap();
            assert_eq!(event.last_error.as_deref(), Some(expected));
            tokio::time::sleep(Duration::from_millis(450)).await;
        }
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let worker = async {
            inbox.work(2, async { drop(stopped.await) }).await;
        };
        let driver = async {
            while seen.lock().unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let (body, headers) = delivery("e-2", "payment.success", "p-2", 100);
            assert_eq!(inbox.receive(&body, headers).await.status, 200);
            while seen.lock().unwrap().len() < 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            drop(stop);
        };
        tokio::join!(worker, driver);
        let seen = seen.lock().unwrap().clone();
        assert_eq!(
            seen,
            [("e-1".to_owned(), "p-1".to_owned()), ("e-2".to_owned(), "p-2".to_owned())]
        );
        assert_eq!(inbox.queue().get("e-2").await.unwrap().unwrap().state, EventState::Handled);
        let unknown = Inbox::<Payment>::new(&store.open(), SECRET).unwrap();
        let unknown = unknown.on("payment.sucess", |_| async { Ok::<(), std::io::Error>(()) });
        assert!(unknown.unwrap_err().problem().contains("payment.success"));
    }
}

#[tokio::test]
async fn an_event_is_taken_in_the_transaction_of_its_effect_or_not_at_all() {
    let Some(store) = TestStore::postgres() else { return };
    let queue = queue(&store);
    receive(&queue, "late", "payment.success", "p-1", 200).await;
    receive(&queue, "early", "payment.processing", "p-1", 100).await;
    receive(&queue, "other", "payment.success", "p-2", 100).await;
    let location = store.location.clone();
    let take = "SELECT id FROM payglot_take_event('vendor', '', ARRAY['payment.success', 'payment.processing'])";
    let (begun, wait) = std::sync::mpsc::channel();
    let (go, going) = std::sync::mpsc::channel::<()>();
    let taker = std::thread::spawn(move || {
        let mut client = postgres::Client::connect(&location, postgres::NoTls).unwrap();
        let mut ids = Vec::new();
        for commits in [false, true] {
            let mut transaction = client.transaction().unwrap();
            ids.push(transaction.query_one(take, &[]).unwrap().get::<_, String>(0));
            if commits {
                begun.send(()).unwrap();
                going.recv().unwrap();
                transaction.commit().unwrap();
            }
        }
        ids.push(client.query_one(take, &[]).unwrap().get::<_, String>(0));
        assert!(client.query(take, &[]).unwrap().is_empty(), "the last is with a worker");
        ids
    });
    tokio::task::spawn_blocking(move || wait.recv().unwrap()).await.unwrap();
    // While its transaction is open no worker is given anything of its object.
    let claimed = claim(&queue, 9).await;
    assert_eq!(
        claimed.iter().map(|claimed| &*claimed.event().key.id).collect::<Vec<_>>(),
        ["other"]
    );
    go.send(()).unwrap();
    let ids = tokio::task::spawn_blocking(move || taker.join().unwrap()).await.unwrap();
    assert_eq!(ids, ["early", "early", "late"]);
    assert_eq!(queue.get("late").await.unwrap().unwrap().state, EventState::Handled);
    for claimed in claimed {
        claimed.done().await;
    }
}
