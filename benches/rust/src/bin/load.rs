//! Sends one request over and over on many connections, and tells how fast a server responds to it.
//!
//! `load URL METHOD PATH BODY SECONDS CONNECTIONS`; signed with `PAYWINT_PLATFORM_ID` and `PAYWINT_SECRET_KEY`. The
//! signature holds no time, so it is worked out once. Prints responses, seconds, seconds of this process' processor
//! time, and the latency at 50 and 99 per cent in microseconds.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use payglot::EmptyBody;
use payglot_bench::Meter;
use payglot_bench::socket::Connection;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [url, method, path, body, seconds, connections] = words.as_slice() else {
        bail!("usage: load URL METHOD PATH BODY SECONDS CONNECTIONS")
    };
    let host = url.strip_prefix("http://").context("URL must be http://")?;
    let request = request(host, method, path, body)?;
    let time = Duration::from_secs_f64(seconds.parse().context("SECONDS")?);
    let connections: usize = connections.parse().context("CONNECTIONS")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async {
        round(host, &request, time / 2, connections).await?;
        let meter = Meter::start();
        let mut latencies = round(host, &request, time, connections).await?;
        let told = meter.told(latencies.len() as u64);
        ensure!(!latencies.is_empty(), "no responses");
        latencies.sort_unstable();
        let at = |share: usize| latencies.get(latencies.len() * share / 100).copied().unwrap_or(0);
        println!("{told} {} {}", at(50), at(99));
        Ok(())
    })
}

/// The bytes of the request.
fn request(host: &str, method: &str, path: &str, body: &str) -> Result<Vec<u8>> {
    let variable = |name| std::env::var(name).with_context(|| format!("{name} is not set"));
    let (platform_id, secret) = (variable("PAYWINT_PLATFORM_ID")?, variable("PAYWINT_SECRET_KEY")?);
    let signature =
        payglot::sign(secret.as_bytes(), method, path, "", body.as_bytes(), EmptyBody::Hash);
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nx-platform-id: {platform_id}\r\nx-signature: {signature}\r\n"
    );
    if !body.is_empty() {
        let length = body.len();
        write!(head, "content-type: application/json\r\ncontent-length: {length}\r\n")?;
    }
    Ok(format!("{head}\r\n{body}").into_bytes())
}

/// Keeps every connection busy for a time; gives the latencies in microseconds.
async fn round(host: &str, request: &[u8], time: Duration, connections: usize) -> Result<Vec<u32>> {
    let until = Instant::now() + time;
    let mut workers = Vec::new();
    for _ in 0..connections {
        let (host, request) = (host.to_owned(), request.to_vec());
        workers.push(tokio::task::spawn_local(async move {
            let mut connection = Connection::open(&host).await?;
            let mut latencies = Vec::new();
            while Instant::now() < until {
                let sent = Instant::now();
                connection.call(&request).await?;
                latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
            }
            Ok::<_, anyhow::Error>(latencies)
        }));
    }
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await??);
    }
    Ok(all)
}
