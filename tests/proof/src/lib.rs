//! The double-spend proof: real calls over real sockets, struck at every step, against a vendor that counts.
//!
//! For every call, by every transport, it is shown that the vendor acted at most once (calls that must not be
//! repeated) or under one key (keyed calls); that a call whose effect cannot be known said so; that every other call
//! told the truth; and that a call says that nothing was sent exactly where its transport can know it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use payglot::Error;
use payglot::runtime::client::{CallOptions, Config, Core};
use payglot::transport::SharedTransport;

mod calls;
mod hosts;
mod http2;
mod judgement;
pub mod plan;
#[cfg(unix)]
pub mod programs;
mod transports;
mod vendor;

use hosts::Hosts;
use plan::{Fault, Plan};
pub use transports::Sender;
use vendor::Vendor;

/// What the simulation saw of one transport.
#[derive(Debug, Default, Clone)]
pub struct Summary {
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

/// Strikes with every fault once, at every `stride`-th byte where there are bytes, and then as many calls at random as
/// are asked for.
pub async fn simulate(
    sender: Sender,
    random_calls: usize,
    seed: u64,
    stride: usize,
) -> Result<Summary> {
    let mut plans = plan::every_single_fault(stride);
    let mut random = fastrand::Rng::with_seed(seed);
    plans.extend((0..random_calls).map(|_| plan::random(&mut random)));
    let plans = Arc::new(plans);
    let next = Arc::new(AtomicUsize::new(0));
    // All are there before the first call: what blocks while a transport is built would count as time of calls.
    let mut idle = Vec::new();
    for _ in 0..32 {
        idle.push(Worker::start(sender).await?);
    }
    let mut workers = Vec::new();
    for worker in idle {
        let (plans, next) = (plans.clone(), next.clone());
        workers.push(tokio::spawn(async move {
            let mut report = Summary::default();
            while let Some(plan) = plans.get(next.fetch_add(1, Ordering::SeqCst)) {
                worker.play(plan, &mut report).await?;
            }
            Ok::<_, anyhow::Error>(report)
        }));
    }
    let mut total = Summary::default();
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

/// One transport with hosts and a vendor of its own.
struct Worker {
    sender: Sender,
    transport: Option<SharedTransport>,
    vendor: Vendor,
    hosts: Hosts,
    /// The client of the vendor, whose connections stay open between calls.
    core: Core,
    /// The same over HTTP/2.
    core_http2: Core,
}

impl Worker {
    async fn start(sender: Sender) -> Result<Self> {
        let vendor = Vendor::start().await?;
        let transport = sender.transport(&vendor.http2.certificate)?;
        let make = |url: &str| core(transport.clone(), url, &vendor.http2.certificate);
        let core = make(&format!("http://127.0.0.1:{}", vendor.port))?;
        let core_http2 = make(&format!("https://localhost:{}", vendor.http2.port))?;
        let hosts = Hosts::start().await?;
        Ok(Self { sender, transport, vendor, hosts, core, core_http2 })
    }

    async fn play(&self, plan: &Plan, report: &mut Summary) -> Result<()> {
        let operation = calls::operation(plan.replay)?;
        let request = calls::request(operation)?;
        let first = plan.faults.first().copied().unwrap_or(Fault::None);
        let client = self.client(first)?;
        self.vendor.begin(&plan.faults, operation.method);
        let deadline = plan.faults.iter().filter_map(|fault| fault.deadline()).max();
        let options = CallOptions {
            max_retries: Some(plan.max_retries),
            timeout: Some(deadline.unwrap_or(Duration::from_secs(20))),
            ..Default::default()
        };
        let call = client.call(operation, &request, &options);
        let result = match plan.cancel {
            Some(after) => match tokio::time::timeout(after, call).await {
                Ok(result) => result,
                Err(_) => return self.cancelled(plan, report).await,
            },
            None => call.await,
        };
        // What was sent before the client gave up may still be on its way to the vendor.
        tokio::time::sleep(if result.is_ok() { Duration::ZERO } else { Duration::from_millis(2) })
            .await;
        let ledger = self.vendor.lock();
        report.calls += 1;
        report.requests += ledger.whole as usize;
        report.acts += ledger.acts as usize;
        let ending = ending(result.as_ref().err());
        let key = (format!("{:?}", plan.replay), ending.to_owned());
        *report.endings.entry(key).or_default() += 1;
        let error = result.as_ref().err();
        if let Some(problem) = judgement::problem(self.sender, plan, &ledger, error) {
            report.problems.push(format!("{problem}: {plan:?} ended in {error:?}, {ledger:?}"));
        }
        Ok(())
    }

    /// Looks at a call that its caller gave up, after longer than any wait between attempts.
    async fn cancelled(&self, plan: &Plan, report: &mut Summary) -> Result<()> {
        // Long enough for a machine that is busy: what left before arrives late, and is not a request of the next call.
        tokio::time::sleep(Duration::from_millis(40)).await;
        let begun = self.vendor.lock().begun;
        tokio::time::sleep(Duration::from_millis(10)).await;
        let ledger = self.vendor.lock();
        report.calls += 1;
        report.requests += ledger.whole as usize;
        report.acts += ledger.acts as usize;
        let key = (format!("{:?}", plan.replay), "given up by the caller".to_owned());
        *report.endings.entry(key).or_default() += 1;
        let problem = judgement::problem_of_cancelled(plan, &ledger)
            .or((ledger.begun > begun).then_some("it went on after its caller gave up"));
        if let Some(problem) = problem {
            report.problems.push(format!("{problem}: {plan:?}, {ledger:?}"));
        }
        Ok(())
    }

    /// A client of the host that a fault is of, or of the vendor.
    fn client(&self, fault: Fault) -> Result<Core> {
        let host = match fault {
            Fault::Resolve => &self.hosts.nowhere,
            Fault::Refuse => &self.hosts.refusing,
            Fault::TlsCertificate => &self.hosts.unsigned,
            Fault::NoConnection(_) => &self.hosts.blackhole,
            Fault::NoHandshake(_) => &self.hosts.mute,
            Fault::HangUp => &self.hosts.hanging_up,
            Fault::TlsCut(bytes) => {
                self.hosts.cut_after(bytes);
                &self.hosts.cut
            }
            Fault::Http2(_) => return Ok(self.core_http2.clone()),
            _ => return Ok(self.core.clone()),
        };
        core(self.transport.clone(), host, &self.vendor.http2.certificate)
    }
}

fn ending(error: Option<&Error>) -> &'static str {
    match error {
        None => "success",
        Some(error) if error.to_string().contains(judgement::NOTHING_SENT) => {
            judgement::NOTHING_SENT
        }
        Some(error) => error.kind().name(),
    }
}

fn core(transport: Option<SharedTransport>, base_url: &str, certificate: &str) -> Result<Core> {
    let mut config = Config::new(&payglot::paywint_platform::PROVIDER);
    config.credential("platform_id", "proof");
    config.credential("secret_key", "proof");
    config.base_url(base_url);
    config.first_backoff(Duration::from_micros(50));
    config.max_response_bytes(vendor::MAX_RESPONSE_BYTES);
    if let Some(transport) = transport {
        config.transport(transport);
    } else {
        config.connect_timeout(transports::CONNECT_TIMEOUT);
        config.ca_certificates(certificate);
    }
    Ok(Core::new(config)?)
}
