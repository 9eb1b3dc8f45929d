//! A journal in PostgreSQL whose connection breaks, at every step, and one over TLS (issue 13).

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use payglot_journal::{Journal, State};
use payglot_runtime::journal::{Begin, Journal as _};
use support::{TestStore, ask, payment, send, succeeded};

const BODY: &str = r#"{"amount":10.10}"#;

/// When a connection breaks, counted in writes of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    /// The write does not arrive.
    Before,
    /// The server has done what it was told, a commit too, and its response does not arrive.
    After,
}

/// Stands between a journal and its server, and breaks the connection once.
struct Proxy {
    location: String,
    /// Writes until it breaks.
    left: Arc<AtomicUsize>,
    how: Arc<Mutex<Break>>,
}

impl Proxy {
    fn of(store: &TestStore) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (user, rest) = store.location.split_once('@').unwrap();
        let (server, database) = rest.split_once('/').unwrap();
        let (server, location) = (server.to_owned(), format!("{user}@127.0.0.1:{port}/{database}"));
        let (left, how) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Break::Before)));
        let (counter, kind) = (left.clone(), how.clone());
        std::thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                let server = TcpStream::connect(&server).unwrap();
                let (counter, kind) = (counter.clone(), kind.clone());
                let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
                // What the server says is held back once the connection is to break.
                let is_broken = Arc::new(AtomicUsize::new(0));
                let broken = is_broken.clone();
                std::thread::spawn(move || responses(back.0, back.1, &broken));
                std::thread::spawn(move || requests(client, server, &counter, &kind, &is_broken));
            }
        });
        Self { location, left, how }
    }

    fn arm(&self, writes: usize, how: Break) {
        *self.how.lock().unwrap() = how;
        self.left.store(writes, Ordering::SeqCst);
    }

    /// Whether it has broken a connection since it was armed.
    fn has_struck(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 0
    }
}

fn requests(
    mut client: TcpStream,
    mut server: TcpStream,
    left: &AtomicUsize,
    how: &Mutex<Break>,
    is_broken: &AtomicUsize,
) {
    let mut bytes = [0; 16384];
    while let Ok(count @ 1..) = client.read(&mut bytes) {
        let took =
            left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if took == Ok(1) {
            if *how.lock().unwrap() == Break::After {
                is_broken.store(1, Ordering::SeqCst);
                server.write_all(bytes.get(..count).unwrap()).unwrap();
                // Until the server has responded: what it was told is done.
                while is_broken.load(Ordering::SeqCst) == 1 {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            break;
        }
        if server.write_all(bytes.get(..count).unwrap()).is_err() {
            break;
        }
    }
    let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
}

fn responses(mut server: TcpStream, mut client: TcpStream, is_broken: &AtomicUsize) {
    let mut bytes = [0; 16384];
    while let Ok(count @ 1..) = server.read(&mut bytes) {
        if is_broken.load(Ordering::SeqCst) > 0 {
            break;
        }
        if client.write_all(bytes.get(..count).unwrap()).is_err() {
            break;
        }
    }
    is_broken.store(2, Ordering::SeqCst);
    let _ = client.shutdown(Shutdown::Both);
}

/// What the journal has of a payment that was made at its first attempt.
async fn was_sent_once(journal: &Journal, name: &str) {
    let intent = journal.get(name).await.unwrap().unwrap();
    assert_eq!((intent.state, intent.attempts), (State::Succeeded, 1), "{name}");
    let log = journal.log(&intent.key).await.unwrap();
    let states: Vec<_> = log.iter().map(|change| change.state).collect();
    assert_eq!(states, [State::Sending, State::Succeeded], "{name}");
}

#[tokio::test]
async fn a_connection_that_breaks_at_any_step_neither_loses_nor_doubles_an_intent() {
    let Some(store) = TestStore::postgres() else { return };
    let proxy = Proxy::of(&store);
    let direct = store.open();
    for how in [Break::Before, Break::After] {
        for step in 1.. {
            let journal = Journal::open(&proxy.location).unwrap();
            let name = format!("{how:?} {step}");
            proxy.arm(step, how);
            // Also at the commit before sending, of which nobody knows then whether it was made.
            let Ok(Begin::Send(lease)) = journal.begin(payment(&name, BODY)).await else {
                panic!("{name}: not sent")
            };
            lease.end(succeeded()).await;
            let has_struck = proxy.has_struck();
            // What could not be written at once is written by its thread, soon.
            journal.close();
            was_sent_once(&direct, &name).await;
            assert!(ask(&direct, payment(&name, BODY)).await.starts_with("replay"), "{name}");
            if !has_struck {
                assert!(step > 6, "a call has more steps than {step}");
                break;
            }
        }
    }
    proxy.arm(0, Break::Before);
}

/// Payments that are begun and ended together.
async fn pay_together(journal: &Journal, names: &[String]) {
    let mut calls = tokio::task::JoinSet::new();
    for name in names {
        let (journal, name) = (journal.clone(), name.clone());
        calls.spawn(async move { send(&journal, payment(&name, BODY), succeeded()).await });
    }
    calls.join_all().await;
}

#[tokio::test]
async fn what_is_asked_together_takes_few_journeys_to_the_server() {
    let Some(store) = TestStore::postgres() else { return };
    let proxy = Proxy::of(&store);
    let journal = Journal::open(&proxy.location).unwrap();
    pay_together(&journal, &["first".to_owned()]).await;
    let names: Vec<_> = (0..100).map(|number| format!("invoice {number}")).collect();
    proxy.arm(usize::MAX, Break::Before);
    pay_together(&journal, &names).await;
    let journeys = usize::MAX - proxy.left.load(Ordering::SeqCst);
    proxy.arm(0, Break::Before);
    // Each for itself takes six to begin and six to end.
    assert!(journeys < 200, "{journeys} for 100 payments");
    for name in &names {
        was_sent_once(&journal, name).await;
    }
}

#[tokio::test]
async fn a_connection_that_breaks_under_many_calls_neither_loses_nor_doubles_an_intent() {
    let Some(store) = TestStore::postgres() else { return };
    let proxy = Proxy::of(&store);
    let direct = store.open();
    for how in [Break::Before, Break::After] {
        for step in 1.. {
            let journal = Journal::open(&proxy.location).unwrap();
            let names: Vec<_> = (0..8).map(|number| format!("{how:?} {step} {number}")).collect();
            proxy.arm(step, how);
            pay_together(&journal, &names).await;
            let has_struck = proxy.has_struck();
            proxy.arm(0, how);
            journal.close();
            for name in &names {
                was_sent_once(&direct, name).await;
            }
            if !has_struck {
                assert!(step > 10, "eight calls have more steps than {step}");
                break;
            }
        }
    }
    proxy.arm(0, Break::Before);
}

#[tokio::test]
async fn machines_that_ask_for_the_same_intents_together_send_each_once() {
    let Some(store) = TestStore::postgres() else { return };
    let machines: Vec<_> = (0..3).map(|_| store.open()).collect();
    for round in 0..20 {
        let ask_one = |journal: &Journal, number: usize| {
            let (journal, name) = (journal.clone(), format!("round {round} {number}"));
            tokio::spawn(async move {
                match journal.begin(payment(&name, BODY)).await {
                    Ok(Begin::Send(lease)) => {
                        lease.end(succeeded()).await;
                        1
                    }
                    Ok(Begin::Replay(_)) => 0,
                    Err(obstacle) => panic!("{name}: {obstacle:?}"),
                }
            })
        };
        let asked: Vec<_> = (0..30)
            .flat_map(|number| machines.iter().map(move |journal| (journal, number)))
            .map(|(journal, number)| ask_one(journal, number))
            .collect();
        let mut sent = 0;
        for one in asked {
            sent += one.await.unwrap();
        }
        assert_eq!(sent, 30, "in round {round}");
    }
}

#[tokio::test]
async fn tls_is_spoken_where_it_is_asked_for_and_certificates_are_checked() {
    let Some(store) = TestStore::postgres() else { return };
    if !has_tls(&store.location) {
        println!("Left out, the server of PostgreSQL has no TLS.");
        return;
    }
    let certificates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/contract/tls");
    let with = |roots: &str| {
        let roots = certificates.join(roots);
        format!("{}?sslmode=verify-full&sslrootcert={}", store.location, roots.display())
    };
    let journal = Journal::open(&with("test-only-ca.pem")).unwrap();
    assert_eq!(ask(&journal, payment("invoice 1", BODY)).await, "send");
    let uses_tls = "DO $$ BEGIN ASSERT (SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND \
                    application_name = 'payglot' AND datname = current_database()) = 1; END $$";
    store.change(uses_tls);
    for untrusted in
        [with("test-only-expired-ca.pem"), format!("{}?sslmode=require", store.location)]
    {
        let error = Journal::open(&untrusted).err().map(|error| error.to_string());
        let error = error.unwrap_or_else(|| panic!("{untrusted} was trusted"));
        assert!(error.contains("cannot be reached"), "{error}");
    }
}

fn has_tls(location: &str) -> bool {
    let location = location.to_owned();
    let ask = move || {
        let mut client = postgres::Client::connect(&location, postgres::NoTls).unwrap();
        let row = client.query_one("SHOW ssl", &[]).unwrap();
        row.get::<_, String>(0) == "on"
    };
    std::thread::spawn(ask).join().unwrap()
}
