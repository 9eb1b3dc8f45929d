//! A program that pays and makes users, with a journal that kills it before and after each of its writes.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use payglot::journal::Journal;
use payglot::paywint_platform::{Client, types};
use payglot::runtime::client::{Call, Payload};
use payglot::runtime::journal::{
    Begin, Ended, IntentCall, Journal as AnyJournal, Lease, Obstacle, SharedJournal,
};
use payglot::{ErrorKind, dec};
use tokio::task::JoinSet;

use super::vendor::{INTENT, PROCESS};

/// Calls in flight.
const AT_ONCE: usize = 4;
/// One of so many writes is the last.
const DEADLY: u32 = 150;

type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The name of an intent.
pub fn name(number: usize) -> String {
    format!("INV-{number}")
}

/// The user that an intent makes; `None` for one that pays. A vendor's list tells some of them apart, and others not: two
/// intents make users that are alike.
fn user(name: &str) -> Option<types::PlatformUserCreate> {
    let number: usize = name.strip_prefix("INV-")?.parse().ok()?;
    let same = match number % 8 {
        0..=4 => return None,
        5 => number,
        _ => number - number % 8,
    };
    let builder = types::PlatformUserCreate::builder().name(format!("User {same:06}"));
    builder.email(format!("{same:06}@example.com")).build().ok()
}

/// Runs the worker that these words describe.
pub async fn run(words: &[String]) -> Result<()> {
    let [kind, location, url, account, first, count, worker, workers, seed, is_struck] = words
    else {
        anyhow::bail!("a worker has ten words");
    };
    fastrand::seed(seed.parse()?);
    let is_struck: bool = is_struck.parse()?;
    let (first, count): (usize, usize) = (first.parse()?, count.parse()?);
    let mut builder = Client::builder().credentials(account.as_str(), "key").base_url(url.as_str());
    let mut names: Vec<String> = (first..first + count).map(name).collect();
    let mut done = None;
    if kind == "journal" {
        let deadly = Deadly { journal: Journal::open(location)?, is_struck };
        builder = builder.journal(SharedJournal::new(deadly));
    } else {
        // What a careful program does by itself: its own share, written down when it is paid.
        let (worker, workers): (usize, usize) = (worker.parse()?, workers.parse()?);
        let path = std::path::Path::new(location).join(format!("{worker}.done"));
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&path)?;
        let known = std::fs::read_to_string(&path)?;
        let known: BTreeSet<&str> = known.lines().collect();
        let mine = names.iter().enumerate().filter(|(at, _)| at % workers == worker);
        names = mine
            .map(|(_, name)| name.clone())
            .filter(|name| !known.contains(name.as_str()))
            .collect();
        done = Some(Arc::new(file));
    }
    let client = builder.build()?;
    fastrand::shuffle(&mut names);
    let mut calls = JoinSet::new();
    while let Some(name) = names.pop() {
        if calls.len() >= AT_ONCE {
            calls.join_next().await.context("no call")???;
        }
        let (client, done) = (client.clone(), done.clone());
        calls.spawn(async move { act(&client, &name, done.as_deref()).await });
    }
    while let Some(call) = calls.join_next().await {
        call??;
    }
    Ok(())
}

async fn act(client: &Client, name: &str, done: Option<&std::fs::File>) -> Result<()> {
    let user = user(name);
    let payment = types::PlatformPaymentCreate::builder()
        .user_id("f47ac10b-58cc-4372-a567-0e02b2c3d479")
        .payee_id("f47ac10b-58cc-4372-a567-0e02b2c3d479")
        .amount(dec!(10.10))
        .payment_method(types::PaymentMethodType::Wallet)
        .receiving_method(types::ReceivingMethodType::Wallet)
        .invoice_no(name)
        .build()?;
    // What was refused, or is in the hands of another, is tried again.
    for _ in 0..50 {
        let intent = done.is_none().then_some(name);
        let result = match &user {
            Some(user) => send(client.users().create(user), name, intent).await,
            None => send(client.payments().create(&payment), name, intent).await,
        };
        match result {
            Ok(()) => {
                if let Some(mut done) = done {
                    done.write_all(format!("{name}\n").as_bytes())?;
                }
                return say(&format!("paid {name}\n"));
            }
            Err(error) => match error.kind() {
                // A careful program tries nothing again either that may have been done.
                ErrorKind::OutcomeUnknown => return say(&format!("unknown {name}\n")),
                ErrorKind::UnprocessableEntity | ErrorKind::IntentInProgress => {}
                _ => return say(&format!("{name} ended in {error:?}\n")),
            },
        }
    }
    say(&format!("{name} never came to an end\n"))
}

async fn send<T: Payload>(
    call: Call<'_, T>,
    name: &str,
    intent: Option<&str>,
) -> Result<(), payglot::Error> {
    let call = call.timeout(Duration::from_secs(10)).header(INTENT, name);
    let call = call.header(PROCESS, std::process::id().to_string());
    let call = match intent {
        Some(intent) => call.intent(intent),
        None => call,
    };
    call.await.map(drop)
}

/// In one write, so that no line is mixed with another.
fn say(line: &str) -> Result<()> {
    std::io::stdout().write_all(line.as_bytes())?;
    Ok(std::io::stdout().flush()?)
}

/// A journal whose process may die before and after each of its writes.
struct Deadly {
    journal: Journal,
    is_struck: bool,
}

impl Deadly {
    fn may_die(is_struck: bool) {
        if is_struck && fastrand::u32(..DEADLY) == 0 {
            // Waits for nothing, and nobody is told. An error is no reason to live.
            let _ = rustix::process::kill_process(
                rustix::process::getpid(),
                rustix::process::Signal::KILL,
            );
        }
    }
}

impl AnyJournal for Deadly {
    fn begin<'a>(&'a self, call: IntentCall<'a>) -> BoxFuture<'a, Result<Begin, Obstacle>> {
        Box::pin(async move {
            Self::may_die(self.is_struck);
            let begun = self.journal.begin(call).await;
            Self::may_die(self.is_struck);
            Ok(match begun? {
                Begin::Send(lease) => {
                    Begin::Send(Box::new(DeadlyLease { lease, is_struck: self.is_struck }))
                }
                replay @ Begin::Replay(_) => replay,
            })
        })
    }
}

struct DeadlyLease {
    lease: Box<dyn Lease>,
    is_struck: bool,
}

impl Lease for DeadlyLease {
    fn end(self: Box<Self>, ended: Ended) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            Deadly::may_die(self.is_struck);
            self.lease.end(ended).await;
            Deadly::may_die(self.is_struck);
        })
    }
}
