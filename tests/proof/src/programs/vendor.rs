//! The vendor of the proof of programs: pays, counts, and kills whoever asks.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use fastrand::Rng;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// The header with the number of the worker's process.
pub const PROCESS: &str = "x-process";

/// What the vendor has done, and whether it strikes.
#[derive(Clone, Default)]
pub struct Ledger(Arc<(Mutex<BTreeMap<String, usize>>, AtomicBool)>);

impl Ledger {
    /// How many times it has paid an intent.
    pub fn acts(&self, name: &str) -> usize {
        let ledger = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.get(name).copied().unwrap_or_default()
    }

    /// Whether workers are killed, and requests go wrong.
    pub fn strike(&self, is_striking: bool) {
        self.0.1.store(is_striking, Ordering::Release);
    }

    pub fn is_striking(&self) -> bool {
        self.0.1.load(Ordering::Acquire)
    }

    fn pay(&self, name: &str) {
        let mut ledger = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        *ledger.entry(name.to_owned()).or_default() += 1;
    }
}

/// What happens to a request.
#[derive(Debug, Clone, Copy)]
enum Step {
    Pay,
    Refuse,
    /// The connection is closed before anything was done.
    LoseBefore,
    /// The connection is closed after it was paid.
    LoseAfter,
    /// 503, paid or not.
    Overload {
        is_paid: bool,
    },
    KillBefore,
    KillAfter,
    KillInResponse,
    KillSoon(Duration),
}

impl Step {
    fn draw(random: &mut Rng) -> Self {
        match random.u32(..100) {
            0..=2 => Self::KillBefore,
            3..=5 => Self::KillAfter,
            6..=8 => Self::KillInResponse,
            9..=11 => Self::KillSoon(Duration::from_micros(random.u64(..2000))),
            12..=13 => Self::LoseBefore,
            14..=15 => Self::LoseAfter,
            16..=17 => Self::Overload { is_paid: random.bool() },
            18..=19 => Self::Refuse,
            _ => Self::Pay,
        }
    }

    fn is_paid(self) -> bool {
        match self {
            Self::Pay
            | Self::LoseAfter
            | Self::KillAfter
            | Self::KillInResponse
            | Self::KillSoon(_) => true,
            Self::Overload { is_paid } => is_paid,
            Self::Refuse | Self::LoseBefore | Self::KillBefore => false,
        }
    }
}

/// Starts it; gives its URL.
pub async fn start(ledger: Ledger, seed: u64) -> Result<String> {
    let mut random = Rng::with_seed(seed);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (ledger, random) = (ledger.clone(), random.fork());
            // A connection that breaks is a worker that died.
            tokio::spawn(async move { drop(serve(stream, &ledger, random).await) });
        }
    });
    Ok(url)
}

async fn serve(mut stream: TcpStream, ledger: &Ledger, mut random: Rng) -> Result<()> {
    while let Some(Request { name, process }) = read(&mut stream).await? {
        let step = if ledger.is_striking() { Step::draw(&mut random) } else { Step::Pay };
        let kill = || kill_process(process, Signal::KILL);
        if step.is_paid() {
            ledger.pay(&name);
        }
        let body =
            format!(r#"{{"success":true,"data":{{"payment_id":"p-{name}","amount":10.10}}}}"#);
        let ok = response(200, &body);
        match step {
            Step::LoseBefore | Step::LoseAfter => return Ok(()),
            Step::KillBefore | Step::KillAfter => return Ok(kill()?),
            Step::KillInResponse => {
                let half = ok.as_bytes().get(..ok.len() / 2).unwrap_or_default();
                stream.write_all(half).await?;
                stream.flush().await?;
                return Ok(kill()?);
            }
            Step::KillSoon(pause) => {
                stream.write_all(ok.as_bytes()).await?;
                sleep(pause).await;
                return Ok(kill()?);
            }
            Step::Pay => stream.write_all(ok.as_bytes()).await?,
            Step::Refuse => {
                stream.write_all(response(422, r#"{"detail":"no"}"#).as_bytes()).await?;
            }
            Step::Overload { .. } => stream.write_all(response(503, "{}").as_bytes()).await?,
        }
    }
    Ok(())
}

fn response(status: u16, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

struct Request {
    /// The intent, which the worker puts into `invoice_no`.
    name: String,
    process: Pid,
}

/// Reads one request; `None` at the end of a connection.
async fn read(stream: &mut TcpStream) -> Result<Option<Request>> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let text = String::from_utf8_lossy(bytes.get(..head).unwrap_or_default()).to_ascii_lowercase();
    let header = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.map(str::trim).and_then(|value| value.parse::<usize>().ok())
    };
    let length = header("content-length").context("no length")?;
    while bytes.len() < head + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
    let body = String::from_utf8_lossy(bytes.get(head..).unwrap_or_default());
    let invoice = body.split_once("\"invoice_no\":\"").and_then(|(_, rest)| rest.split_once('"'));
    let name = invoice.context("no invoice")?.0.to_owned();
    let process = header(PROCESS).and_then(|number| Pid::from_raw(i32::try_from(number).ok()?));
    Ok(Some(Request { name, process: process.context("no process")? }))
}
