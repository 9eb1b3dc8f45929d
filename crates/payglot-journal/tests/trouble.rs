//! Files and servers that cannot be used: a clear error before anything is sent, and never after it (issue 13).

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::fs;
use std::time::Duration;

use payglot_journal::Journal;
use payglot_runtime::journal::{Begin, Journal as _};
use rusqlite::Connection;
use support::{TestStore, ask, payment, send, succeeded};

fn error_of(location: &str) -> String {
    Journal::open(location).unwrap_err().to_string()
}

#[test]
fn a_location_that_is_none_is_refused_without_showing_a_password() {
    for (location, says) in [
        ("", "must be the path of a file"),
        (":memory:", "must be the path of a file"),
        ("file:x?mode=memory", "must be the path of a file"),
        ("mysql://user:canary@host/db", "has the scheme `mysql`"),
        ("postgresql://user:canary@host:port/db", "is no URL of PostgreSQL"),
        ("postgresql://user:canary@127.0.0.1:1/db", "cannot be reached"),
    ] {
        let error = Journal::open(location).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}

#[test]
fn a_file_that_cannot_be_a_journal_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    assert!(error_of(&path("missing/payments.db")).contains("make the folder"));
    assert!(error_of(&folder.path().display().to_string()).contains("is a folder"));
    fs::write(path("text.db"), "not a database, but long enough to look like one".repeat(100))
        .unwrap();
    assert!(error_of(&path("text.db")).contains("is damaged, or no journal"));
    Connection::open(path("other.db")).unwrap().execute_batch("CREATE TABLE orders (id)").unwrap();
    assert!(error_of(&path("other.db")).contains("of another program"));
    drop(Journal::open(&path("later.db")).unwrap());
    Connection::open(path("later.db")).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(error_of(&path("later.db")).contains("update payglot"));
}

#[cfg(unix)]
#[test]
fn a_journal_is_for_its_user_alone_to_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let store = TestStore::file();
    let _journal = store.open();
    for file in fs::read_dir(store.folder.path()).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}

#[test]
fn a_new_journal_may_be_opened_by_many_at_once() {
    let files = (0..40).map(|_| TestStore::file());
    let databases = (0..3).map_while(|_| TestStore::postgres());
    for store in files.chain(databases) {
        let barrier = std::sync::Barrier::new(6);
        std::thread::scope(|scope| {
            let open = || {
                barrier.wait();
                Journal::open(&store.location).map(drop)
            };
            let opening: Vec<_> = (0..6).map(|_| scope.spawn(open)).collect();
            for opened in opening {
                opened.join().unwrap().unwrap();
            }
        });
    }
}

#[tokio::test]
async fn a_damaged_file_sends_nothing() {
    let store = TestStore::file();
    let journal = store.open();
    for count in 0..50 {
        send(&journal, payment(&format!("invoice {count}"), "{}"), succeeded()).await;
    }
    journal.close();
    let mut bytes = fs::read(&store.location).unwrap();
    bytes[100..].fill(0xa5);
    fs::write(&store.location, bytes).unwrap();
    let says = ask(&journal, payment("invoice 99", "{}")).await;
    assert!(says.contains("is damaged"), "{says}");
}

#[tokio::test]
async fn a_locked_file_sends_nothing_and_a_response_outlives_the_lock() {
    let store = TestStore::file();
    let journal = store.open();
    let Ok(Begin::Send(lease)) = journal.begin(payment("sent", "{}")).await else { panic!() };
    let locker = Connection::open(&store.location).unwrap();
    locker.execute_batch("BEGIN IMMEDIATE").unwrap();
    let says = ask(&journal, payment("not sent", "{}")).await;
    assert!(says.contains("is locked by another program"), "{says}");
    // The call returns, and its end is written when that is possible.
    lease.end(succeeded()).await;
    locker.execute_batch("ROLLBACK").unwrap();
    let mut says = String::new();
    for _ in 0..100 {
        says = ask(&journal, payment("sent", "{}")).await;
        if says.starts_with("replay") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(says.starts_with("replay 200"), "{says}");
    assert_eq!(ask(&journal, payment("not sent", "{}")).await, "send");
}

/// The child of the test below: its files may not grow.
#[tokio::test]
async fn child() {
    let Ok(location) = std::env::var("PAYGLOT_JOURNAL_OF_TEST") else { return };
    let journal = Journal::open(&location).unwrap();
    for count in 0.. {
        match journal.begin(payment(&format!("invoice {count}"), "{}")).await {
            Ok(Begin::Send(lease)) => lease.end(succeeded()).await,
            Ok(Begin::Replay(_)) => panic!("replayed"),
            Err(obstacle) => {
                println!("full after {count}: {obstacle:?}");
                return;
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_sends_nothing() {
    let store = TestStore::file();
    drop(store.open());
    // A limit on a file's size is what a full disk is, without one; `sh` counts in blocks of 512 bytes.
    let limit = "trap '' XFSZ; ulimit -f 600; exec \"$0\" --exact child --nocapture";
    let child = std::process::Command::new("sh")
        .args(["-c", limit])
        .arg(std::env::current_exe().unwrap())
        .env("PAYGLOT_JOURNAL_OF_TEST", &store.location)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    let full = said.lines().find(|line| line.contains("full after")).unwrap_or_default();
    let is_clear = full.contains("its disk is full") || full.contains("its disk fails");
    assert!(is_clear && !full.contains("full after 0:"), "{said}");
}

#[tokio::test]
async fn a_server_that_was_started_again_is_connected_to_again() {
    let Some(store) = TestStore::postgres() else { return };
    let journal = store.open();
    send(&journal, payment("invoice 1", "{}"), succeeded()).await;
    let Ok(Begin::Send(lease)) = journal.begin(payment("invoice 2", "{}")).await else { panic!() };
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> \
         pg_backend_pid()";
    store.change(end);
    lease.end(succeeded()).await;
    store.change(end);
    assert!(ask(&journal, payment("invoice 2", "{}")).await.starts_with("replay"));
    store.change(end);
    assert_eq!(ask(&journal, payment("invoice 3", "{}")).await, "send");
}

#[tokio::test]
async fn a_database_that_may_lose_what_was_written_is_refused() {
    let Some(store) = TestStore::postgres() else { return };
    let name = store.location.rsplit('/').next().unwrap();
    store.change(&format!("ALTER DATABASE {name} SET synchronous_commit = off"));
    assert!(error_of(&store.location).contains("synchronous_commit"));
    store.change(&format!("ALTER DATABASE {name} SET synchronous_commit = on"));
    store.change(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    let says = error_of(&store.location);
    assert!(says.contains("cannot be reached") || says.contains("read only"), "{says}");
}

#[tokio::test]
async fn tables_of_a_later_release_are_refused() {
    let Some(store) = TestStore::postgres() else { return };
    drop(store.open());
    store.change("UPDATE payglot_journal SET version = 99");
    assert!(error_of(&store.location).contains("update payglot"));
}
