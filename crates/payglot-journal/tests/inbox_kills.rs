//! The inbox under kills: receivers and workers that end with SIGKILL at random, an outage longer than all attempts, duplicates
//! and deliveries out of order, over both stores (issue 16).
//!
//! Every event that was acknowledged is handled at least once, or stale; none is handled while another of its object is, and none
//! after a later one. `PAYGLOT_INBOX_KILLS` says how many kills there are for each store.

#![cfg(unix)]
// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod inbox_support;
mod support;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use inbox_support::{SECRET, WEBHOOKS, delivery};
use payglot_journal::{EventFilter, EventQueue, EventState, Journal, QueueOptions};
use support::TestStore;

/// Names the part that a child of this test plays, the store, and the file of what was handled.
const ROLE: &str = "PAYGLOT_INBOX_ROLE";
const STORE: &str = "PAYGLOT_INBOX_STORE";
const LOG: &str = "PAYGLOT_INBOX_LOG";

const WORKERS: usize = 4;
const RECEIVERS: usize = 2;
const OBJECTS: u64 = 12;
/// How often a vendor delivers an event.
const ATTEMPTS: usize = 3;

fn queue(location: &str) -> EventQueue {
    let mut options = QueueOptions::default();
    // A kill uses an attempt, and here they are many.
    options.max_attempts = 10_000;
    options.backoff = Duration::from_millis(20);
    EventQueue::new(&Journal::at(location).unwrap(), &WEBHOOKS, SECRET, options).unwrap()
}

/// What a child of the test below does, until it is killed.
#[test]
#[ignore = "is run by the test of kills, as a process of its own"]
fn child() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let location = std::env::var(STORE).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if role == "receiver" { receiver(&location).await } else { worker(&location).await }
    });
}

/// Stores what comes on standard input, a delivery a line, and says which it has acknowledged.
async fn receiver(location: &str) {
    let queue = queue(location);
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        let (body, headers) = delivery(words[0], words[1], words[2], words[3].parse().unwrap());
        if queue.receive(&body, headers).await.status == 200 {
            println!("\nacknowledged {}", words[0]);
        }
    }
}

/// Handles events: writes into a file when it begins and when it ends, in one write each.
async fn worker(location: &str) {
    let queue = queue(location);
    let mut log = OpenOptions::new().append(true).open(std::env::var(LOG).unwrap()).unwrap();
    let process = std::process::id();
    let mut random = Random(u64::from(process));
    loop {
        let Ok(claimed) = queue.claim(None, 2, Duration::from_millis(200)).await else { continue };
        for claimed in claimed {
            let event = claimed.event().clone();
            let (id, object) = (&event.key.id, event.object.replace(' ', "-"));
            let time = (event.occurred_at.as_second(), event.step);
            let line = format!("{process} begin {object} {id} {} {}\n", time.0, time.1);
            log.write_all(line.as_bytes()).unwrap();
            tokio::time::sleep(Duration::from_millis(random.below(8))).await;
            if random.below(10) == 0 {
                log.write_all(format!("{process} fail {object} {id}\n").as_bytes()).unwrap();
                claimed.failed("Unlucky").await;
                continue;
            }
            log.write_all(format!("{process} end {object} {id}\n").as_bytes()).unwrap();
            claimed.done().await;
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_nothing_overlaps_and_nothing_goes_backwards() {
    let kills = std::env::var("PAYGLOT_INBOX_KILLS").ok().map_or(20, |text| text.parse().unwrap());
    for store in TestStore::each() {
        drop(store.open());
        strike(&store, kills);
    }
}

fn strike(store: &TestStore, kills: u64) {
    let log = store.folder.path().join("handled.log");
    std::fs::write(&log, "").unwrap();
    let mut random = Random(kills ^ 0x5eed);
    let mut workers: Vec<Child> = (0..WORKERS).map(|_| start("worker", store, &log)).collect();
    let mut receivers: Vec<Endpoint> =
        (0..RECEIVERS).map(|_| Endpoint::of(start("receiver", store, &log))).collect();
    let (mut acknowledged, mut waiting) = (HashSet::new(), Vec::new());
    let (mut sent, mut killed) = (0_u64, 0);
    let mut last_kill = Instant::now();
    while killed < kills || sent < kills * 12 {
        // Events arise in order, and are delivered in no order, some more than once.
        while waiting.len() < 12 {
            let (object, name) = (random.below(OBJECTS), random.below(2));
            let name = ["payment.processing", "payment.success"][usize::try_from(name).unwrap()];
            let line = format!("e-{sent} {name} p-{object} {}", 1_000_000 + sent / 3);
            waiting.push((line, ATTEMPTS));
            sent += 1;
        }
        let chosen = usize::try_from(random.below(12)).unwrap();
        let (line, attempts) = waiting.swap_remove(chosen);
        let id = line.split(' ').next().unwrap().to_owned();
        // For a while no receiver is there at all, for longer than all attempts.
        let is_outage = sent % 97 < 10;
        let receiver = usize::try_from(random.below(RECEIVERS as u64)).unwrap();
        if !is_outage && receivers[receiver].deliver(&line, &id) {
            acknowledged.insert(id);
            if random.below(5) == 0 {
                waiting.push((line, 1));
            }
        } else if attempts > 1 {
            waiting.push((line, attempts - 1));
        }
        if killed < kills && last_kill.elapsed() > Duration::from_millis(20 + random.below(60)) {
            let victim = usize::try_from(random.below((WORKERS + RECEIVERS) as u64)).unwrap();
            if let Some(worker) = workers.get_mut(victim) {
                end(worker);
                *worker = start("worker", store, &log);
            } else {
                let receiver = &mut receivers[victim - WORKERS];
                end(&mut receiver.child);
                *receiver = Endpoint::of(start("receiver", store, &log));
            }
            killed += 1;
            last_kill = Instant::now();
        }
    }
    let events = settle(store);
    workers
        .iter_mut()
        .chain(receivers.iter_mut().map(|receiver| &mut receiver.child))
        .for_each(end);
    let states: HashMap<String, EventState> = events.into_iter().collect();
    judge(&std::fs::read_to_string(&log).unwrap(), &acknowledged, &states);
    println!("{killed} kills, {} of {sent} events acknowledged", acknowledged.len());
    assert!(acknowledged.len() > 50, "only {} were acknowledged", acknowledged.len());
}

/// Waits until nothing waits any more, and gives the state of each event.
fn settle(store: &TestStore) -> Vec<(String, EventState)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let journal = store.open();
        let start = Instant::now();
        loop {
            let events = journal.events(EventFilter::default()).await.unwrap();
            let open = |state| matches!(state, EventState::Waiting | EventState::Handling);
            if !events.iter().any(|event| open(event.state)) {
                return events.into_iter().map(|event| (event.key.id, event.state)).collect();
            }
            assert!(start.elapsed() < Duration::from_secs(120), "events are never handled");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
}

/// Reads what the workers have written, in the order in which they wrote it.
fn judge(log: &str, acknowledged: &HashSet<String>, states: &HashMap<String, EventState>) {
    let lines: Vec<Vec<&str>> = log.lines().map(|line| line.split(' ').collect()).collect();
    // The last line of each process: one that was killed writes nothing after it.
    let last: HashMap<&str, usize> =
        lines.iter().enumerate().map(|(position, words)| (words[0], position)).collect();
    let mut ended = HashSet::new();
    // Who has each object, and how far it has come.
    let mut holders: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    let mut reached: BTreeMap<&str, (i64, u32)> = BTreeMap::new();
    for (position, words) in lines.iter().enumerate() {
        let (process, what, object, id) = (words[0], words[1], words[2], words[3]);
        if what == "begin" {
            if let Some((holder, other)) = holders.insert(object, (process, id)) {
                assert!(
                    last[holder] < position,
                    "{other} and {id} of {object} were handled at once"
                );
            }
            let time = (words[4].parse().unwrap(), words[5].parse().unwrap());
            let before = reached.insert(object, time).unwrap_or(time);
            assert!(before <= time, "{id} of {object} was handled after a later event");
        } else {
            assert_eq!(holders.remove(object), Some((process, id)), "{id} of {object} ended twice");
            if what == "end" {
                ended.insert(id.to_owned());
            }
        }
    }
    for id in acknowledged {
        let state = states.get(id).unwrap_or_else(|| panic!("{id} was acknowledged and is lost"));
        let is_handled = ended.contains(id) && *state == EventState::Handled;
        assert!(is_handled || *state == EventState::Stale, "{id} was acknowledged, and is {state}");
    }
    for (id, state) in states {
        assert!(*state != EventState::Dead, "{id} is dead");
        assert!(*state != EventState::Handled || ended.contains(id), "{id} was never handled");
    }
}

/// What the judge says of a log in which `a` and `b` were acknowledged and handled.
fn judged(log: &str) {
    let ids = ["a", "b"].map(str::to_owned);
    let states = ids.clone().map(|id| (id, EventState::Handled)).into();
    judge(log, &ids.into(), &states);
}

#[test]
fn the_judge_takes_what_is_right() {
    judged("1 begin p a 1 1\n1 end p a\n2 begin p b 2 1\n2 end p b\n");
    // The first process was killed, and the second handled its event again.
    judged("1 begin p a 1 1\n2 begin p a 1 1\n2 end p a\n2 begin p b 2 1\n2 end p b\n");
}

#[test]
#[should_panic(expected = "a and b of p were handled at once")]
fn the_judge_sees_two_at_once() {
    judged("1 begin p a 1 1\n2 begin p b 2 1\n1 end p a\n2 end p b\n");
}

#[test]
#[should_panic(expected = "a of p was handled after a later event")]
fn the_judge_sees_what_goes_backwards() {
    judged("1 begin p b 2 1\n1 end p b\n1 begin p a 1 1\n1 end p a\n");
}

#[test]
#[should_panic(expected = "b was acknowledged, and is handled")]
fn the_judge_sees_what_was_never_handled() {
    judged("1 begin p a 1 1\n1 end p a\n");
}

/// A receiver as a vendor sees it.
struct Endpoint {
    child: Child,
    input: ChildStdin,
    output: Receiver<String>,
}

impl Endpoint {
    fn of(mut child: Child) -> Self {
        let input = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some(id) = line.strip_prefix("acknowledged ")
                    && sender.send(id.to_owned()).is_err()
                {
                    return;
                }
            }
        });
        Self { child, input, output }
    }

    /// Whether a delivery is acknowledged in time.
    fn deliver(&mut self, line: &str, id: &str) -> bool {
        if writeln!(self.input, "{line}").is_err() {
            return false;
        }
        loop {
            match self.output.recv_timeout(Duration::from_secs(5)) {
                Ok(acknowledged) if acknowledged == id => return true,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return false,
            }
        }
    }
}

fn start(role: &str, store: &TestStore, log: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "child", "--ignored", "--nocapture", "--quiet"])
        .env(ROLE, role)
        .env(STORE, &store.location)
        .env(LOG, log)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command.spawn().unwrap()
}

fn end(child: &mut Child) {
    // SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
