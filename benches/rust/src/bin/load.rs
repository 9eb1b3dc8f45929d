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
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

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

/// A connection, with what was read and not yet used.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(host: &str) -> Result<Self> {
        let stream = TcpStream::connect(host).await.with_context(|| format!("no {host}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// One request and its response, which must be 200 and say its length.
    async fn call(&mut self, request: &[u8]) -> Result<()> {
        self.stream.write_all(request).await?;
        let end = loop {
            if let Some(position) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break position + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8_lossy(self.buffer.get(..end).unwrap_or_default()).into_owned();
        ensure!(head.starts_with("HTTP/1.1 200"), "{}", head.lines().next().unwrap_or_default());
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().ok())?
        });
        let end = end + length.context("a response without its length")?;
        while self.buffer.len() < end {
            self.more().await?;
        }
        self.buffer.drain(..end);
        Ok(())
    }

    async fn more(&mut self) -> Result<()> {
        let count = self.stream.read_buf(&mut self.buffer).await?;
        ensure!(count > 0, "the server closed the connection");
        Ok(())
    }
}
