//! The vendor of the proof of programs: pays, makes users and lists them, counts, and kills whoever asks.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use fastrand::Rng;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// The header with the number of the worker's process.
pub const PROCESS: &str = "x-process";
/// The header with the intent's name, for the ledger alone: no record has it.
pub const INTENT: &str = "x-intent";

/// What the vendor has done, and whether it strikes.
#[derive(Clone)]
pub struct Ledger(Arc<(Mutex<Book>, AtomicBool)>);

#[derive(Default)]
struct Book {
    /// How many times it has acted for an intent.
    acts: BTreeMap<String, usize>,
    /// The users that it has made, each as its record.
    users: Vec<Value>,
    /// Whether its list lacks them.
    is_list_empty: bool,
}

impl Ledger {
    pub fn new(is_list_empty: bool) -> Self {
        let book = Book { is_list_empty, ..Book::default() };
        Self(Arc::new((Mutex::new(book), AtomicBool::default())))
    }

    /// How many times it has paid an intent.
    pub fn acts(&self, name: &str) -> usize {
        self.book().acts.get(name).copied().unwrap_or_default()
    }

    /// Whether workers are killed, and requests go wrong.
    pub fn strike(&self, is_striking: bool) {
        self.0.1.store(is_striking, Ordering::Release);
    }

    pub fn is_striking(&self) -> bool {
        self.0.1.load(Ordering::Acquire)
    }

    /// The identifier of what an intent makes.
    pub fn id_of(name: &str) -> String {
        format!("of-{name}")
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn act(&self, Request { name, path, body, .. }: &Request) {
        let mut book = self.book();
        *book.acts.entry(name.clone()).or_default() += 1;
        if path.ends_with("/users/create") {
            let made = json!({
                "user_id": Self::id_of(name), "name": body["name"], "email": body["email"],
                "created_at": jiff::Timestamp::now().to_string(),
            });
            book.users.push(made);
        }
    }

    /// A page of the users.
    fn list(&self, body: &Value) -> String {
        let number = |name: &str, least: u64| body[name].as_u64().unwrap_or(least).max(least);
        let (page, size) = (number("page_no", 1), number("rows_per_page", 1));
        let book = self.book();
        if book.is_list_empty {
            return json!({"success": true, "records": [], "totalRecords": 0}).to_string();
        }
        let skipped = usize::try_from((page - 1) * size).unwrap_or(usize::MAX);
        let rows = book.users.iter().skip(skipped).take(usize::try_from(size).unwrap_or(1));
        let rows: Vec<&Value> = rows.collect();
        json!({"success": true, "records": rows, "totalRecords": book.users.len()}).to_string()
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
    while let Some(request) = read(&mut stream).await? {
        if request.path.ends_with("/users/list") {
            stream.write_all(response(200, &ledger.list(&request.body)).as_bytes()).await?;
            continue;
        }
        let step = if ledger.is_striking() { Step::draw(&mut random) } else { Step::Pay };
        let process = request.process.context("no process")?;
        let kill = || kill_process(process, Signal::KILL);
        if step.is_paid() {
            ledger.act(&request);
        }
        let id = Ledger::id_of(&request.name);
        let made = json!({"payment_id": id, "user_id": id, "amount": 10.1});
        let ok = response(200, &json!({"success": true, "data": made}).to_string());
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
    path: String,
    /// The intent's; empty for a look-up.
    name: String,
    process: Option<Pid>,
    body: Value,
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
    let text = String::from_utf8_lossy(bytes.get(..head).unwrap_or_default()).into_owned();
    let header = |name: &str| {
        text.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let length: usize = header("content-length").context("no length")?.parse()?;
    while bytes.len() < head + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
    let process = header(PROCESS).map(|number| number.parse()).transpose()?;
    Ok(Some(Request {
        path: text.split(' ').nth(1).context("no path")?.to_owned(),
        name: header(INTENT).unwrap_or_default(),
        process: process.and_then(Pid::from_raw),
        body: serde_json::from_slice(bytes.get(head..).unwrap_or_default())?,
    }))
}
