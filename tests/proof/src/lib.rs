//! The double-spend proof: real calls over real sockets, struck at every step, against a vendor that counts.
//!
//! For every call it is shown that the vendor acted at most once (calls that must not be repeated) or under one
//! key (keyed calls); that a call whose effect cannot be known said so; and that every other call told the
//! truth.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use payglot::runtime::client::{CallOptions, Config, Core};
use payglot::runtime::json::{FloatMoney, Value};
use payglot::runtime::request::prepare;
use payglot::schema::{Operation, Replay};
use payglot::{Error, ErrorKind};

mod hosts;
pub mod plan;
mod vendor;

use hosts::Hosts;
use plan::{Fault, Plan};
use vendor::Vendor;

const ID: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";

/// What the simulation saw.
#[derive(Debug, Default, Clone)]
pub struct Report {
    /// Calls made.
    pub calls: usize,
    /// Requests that came whole.
    pub requests: usize,
    /// Times the vendor acted.
    pub acts: usize,
    /// Calls by class and by how they ended.
    pub endings: BTreeMap<(String, String), usize>,
    /// What was not as it should be.
    pub problems: Vec<String>,
}

/// Strikes every single boundary once, and then as many calls at random as are asked for.
pub async fn simulate(random_calls: usize, seed: u64, boundaries: usize) -> Result<Report> {
    let mut plans = plan::every_single_fault();
    // A small form takes every n-th boundary.
    let mut position = 0;
    plans.retain(|_| {
        position += 1;
        position % boundaries == 0
    });
    let mut random = fastrand::Rng::with_seed(seed);
    plans.extend((0..random_calls).map(|_| plan::random(&mut random)));
    let plans = Arc::new(plans);
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = Vec::new();
    for _ in 0..32 {
        let (plans, next) = (plans.clone(), next.clone());
        workers.push(tokio::spawn(async move {
            let worker = Worker::start().await?;
            let mut report = Report::default();
            while let Some(plan) = plans.get(next.fetch_add(1, Ordering::SeqCst)) {
                worker.play(plan, &mut report).await?;
            }
            Ok::<_, anyhow::Error>(report)
        }));
    }
    let mut total = Report::default();
    for worker in workers {
        let report = worker.await.context("a worker died")??;
        total.calls += report.calls;
        total.requests += report.requests;
        total.acts += report.acts;
        total.problems.extend(report.problems);
        for (ending, count) in report.endings {
            *total.endings.entry(ending).or_default() += count;
        }
    }
    ensure!(total.calls == plans.len(), "{} of {} calls were made", total.calls, plans.len());
    Ok(total)
}

/// One client with hosts and a vendor of its own.
struct Worker {
    vendor: Vendor,
    hosts: Hosts,
    core: Core,
}

impl Worker {
    async fn start() -> Result<Self> {
        let vendor = Vendor::start().await?;
        let core = core(&format!("http://127.0.0.1:{}", vendor.port))?;
        Ok(Self { vendor, hosts: Hosts::start().await?, core })
    }

    async fn play(&self, plan: &Plan, report: &mut Report) -> Result<()> {
        let operation = operation(plan.replay)?;
        let first = plan.faults.first().copied().unwrap_or(Fault::None);
        let core = match first {
            Fault::Resolve => core(&self.hosts.nowhere)?,
            Fault::Refuse => core(&self.hosts.refusing)?,
            Fault::TlsCertificate => core(&self.hosts.unsigned)?,
            Fault::TlsCut(bytes) => {
                self.hosts.cut_after(bytes);
                core(&self.hosts.cut)?
            }
            _ => self.core.clone(),
        };
        self.vendor.begin(&plan.faults);
        let is_silent = plan.faults.iter().any(|fault| matches!(fault, Fault::Silence { .. }));
        let timeout = if is_silent { Duration::from_millis(150) } else { Duration::from_secs(20) };
        let options = CallOptions {
            max_retries: Some(plan.max_retries),
            timeout: Some(timeout),
            ..Default::default()
        };
        let (path, params) = arguments(operation);
        let args = prepare(operation, &path, &params, FloatMoney::Refuse)?;
        let result = core.call(operation, &args, &options).await;
        // What was sent before the client gave up may still be on its way to the vendor.
        tokio::time::sleep(if result.is_ok() { Duration::ZERO } else { Duration::from_millis(2) })
            .await;
        let ledger = self.vendor.lock();
        report.calls += 1;
        report.requests += ledger.whole as usize;
        report.acts += ledger.acts as usize;
        let ending = result.as_ref().map_or_else(|error| error.kind().name(), |_| "success");
        *report.endings.entry((format!("{:?}", plan.replay), ending.to_owned())).or_default() += 1;
        if let Some(problem) = problem(plan, &ledger, result.as_ref().err()) {
            report.problems.push(format!("{problem}: {plan:?} ended in {ending}, {ledger:?}"));
        }
        Ok(())
    }
}

/// What is wrong with how a call ended.
fn problem(plan: &Plan, ledger: &vendor::Ledger, error: Option<&Error>) -> Option<&'static str> {
    let must_not_repeat = !plan.replay.is_repeatable();
    if must_not_repeat && ledger.acts > 1 {
        return Some("the vendor acted twice");
    }
    if plan.replay == Replay::Keyed && ledger.keys.len() > 1 {
        return Some("attempts of a keyed call had different keys");
    }
    let Some(error) = error else {
        return (ledger.acts == 0).then_some("success, but the vendor did not act");
    };
    let unknown = error.kind() == ErrorKind::OutcomeUnknown;
    if must_not_repeat && ledger.acts > 0 && !unknown && !answered_finally(error) {
        return Some("the vendor acted, and the call did not say that it may have");
    }
    if unknown && !must_not_repeat {
        return Some("a repeatable call ended in an unknown outcome");
    }
    if unknown && plan.faults.iter().all(|fault| fault.is_of_the_host()) {
        return Some("an unknown outcome although nothing was sent");
    }
    if error.to_string().contains("nothing was sent") && ledger.whole > 0 {
        return Some("the call said that nothing was sent, and a request came");
    }
    None
}

/// Whether the vendor itself said how it ended, with a status that leaves no doubt.
fn answered_finally(error: &Error) -> bool {
    error.status().is_some_and(|status| status < 500 && status != 408)
}

fn core(base_url: &str) -> Result<Core> {
    let mut config = Config::new(&payglot::paywint_platform::PROVIDER);
    config.credential("platform_id", "proof");
    config.credential("secret_key", "proof");
    config.base_url(base_url);
    config.first_backoff(Duration::from_micros(50));
    Ok(Core::new(config)?)
}

/// An operation of each class.
fn operation(replay: Replay) -> Result<&'static Operation> {
    let name = match replay {
        Replay::Read => "wallets.get",
        Replay::Idempotent => "cards.delete",
        Replay::Keyed => "bank_accounts.add",
        Replay::Create => "payees.create",
        Replay::Money => "payments.create",
    };
    let operations = payglot::paywint_platform::PROVIDER.operations.iter();
    operations
        .into_iter()
        .find(|known| known.name == name && known.replay == replay)
        .context("no such operation")
}

type Arguments = (Vec<Cow<'static, str>>, Vec<(Cow<'static, str>, Value<'static>)>);

fn arguments(operation: &'static Operation) -> Arguments {
    let path = operation.path_params.iter().map(|_| ID.into()).collect();
    let text = |name: &'static str, value: &'static str| (name.into(), Value::Text(value.into()));
    let params = match operation.name {
        "cards.delete" => vec![text("card_id", ID)],
        "bank_accounts.add" => {
            vec![text("user_id", ID), text("account_holder_name", "A"), text("bank_name", "B")]
        }
        "payees.create" => vec![text("name", "A")],
        "payments.create" => vec![
            text("user_id", ID),
            text("payee_id", ID),
            text("amount", "10.10"),
            text("payment_method", "WALLET"),
            text("invoice_no", "1"),
            text("receiving_method", "WALLET"),
        ],
        _ => Vec::new(),
    };
    (path, params)
}
