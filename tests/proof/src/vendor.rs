//! The vendor of the simulation: reads the bytes itself, acts when a request is whole, and breaks off where the
//! plan says.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::http2::{self, Listening};
use crate::plan::{Fault, Http2};

/// Largest response that the client reads.
pub const MAX_RESPONSE_BYTES: usize = 2000;
/// Longer than any deadline of a call that waits for it.
const SILENCE: Duration = Duration::from_millis(600);
/// A record for every operation of the proof.
pub const BODY: &str = r#"{"success":true,"message":"Success","data":{"payment_id":"7","payee_id":"7","user_id":"7","bank_id":"7"}}"#;

/// What the vendor was told, and what it did, during one call.
#[derive(Debug, Default)]
pub struct Ledger {
    faults: Vec<Fault>,
    /// The method of the call. A request with another, to which a redirect has led, is no payment.
    method: String,
    /// Requests of which a byte came.
    pub begun: usize,
    /// Times it acted.
    pub acts: u32,
    /// Requests that came whole.
    pub whole: u32,
    /// Idempotency keys that came.
    pub keys: BTreeSet<String>,
}

impl Ledger {
    /// A request begins to arrive, and draws its fault.
    pub fn begin(&mut self) -> Fault {
        let fault = self.faults.get(self.begun).copied().unwrap_or(Fault::None);
        self.begun += 1;
        fault
    }

    /// The request that began last has come whole, and the vendor acts or does not.
    pub fn end(&mut self) -> Fault {
        let fault = self.begun.checked_sub(1).and_then(|last| self.faults.get(last)).copied();
        let fault = fault.unwrap_or(Fault::None);
        self.whole += 1;
        self.acts += u32::from(acts(fault));
        fault
    }
}

/// A vendor of its own for one worker.
pub struct Vendor {
    pub port: u16,
    /// The same over HTTP/2.
    pub http2: Listening,
    ledger: Arc<Mutex<Ledger>>,
}

impl Vendor {
    /// Listens on a free port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no free port")?;
        let port = listener.local_addr().context("no address")?.port();
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let shared = ledger.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        let http2 = http2::start(ledger.clone()).await?;
        Ok(Self { port, http2, ledger })
    }

    /// Begins a call.
    pub fn begin(&self, faults: &[Fault], method: &str) {
        let (faults, method) = (faults.to_vec(), method.to_owned());
        *self.lock() = Ledger { faults, method, ..Ledger::default() };
    }

    /// What was done since.
    pub fn lock(&self) -> std::sync::MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves a connection until it breaks or the client leaves.
async fn serve(mut stream: TcpStream, ledger: Arc<Mutex<Ledger>>) {
    let mut pending = Vec::new();
    loop {
        // The fault is drawn when the request begins to arrive, so that an idle connection draws none.
        let Some(fault) = begins(&mut stream, &mut pending, &ledger).await else { return };
        let limit = if let Fault::RequestCut(bytes) = fault { bytes } else { usize::MAX };
        let Some(request) = read(&mut stream, &mut pending, limit).await else {
            reset(&stream);
            return;
        };
        // A request that was whole before its cut has come through.
        let fault = if matches!(fault, Fault::RequestCut(_)) { Fault::None } else { fault };
        {
            let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
            ledger.whole += 1;
            ledger.keys.extend(key(&request));
            if acts(fault) && request.starts_with(ledger.method.as_bytes()) {
                ledger.acts += 1;
            }
        }
        if matches!(fault, Fault::Silence { .. }) {
            tokio::time::sleep(SILENCE).await;
            return;
        }
        let response = response_to(fault);
        let cut = match fault {
            Fault::ResponseCut(bytes) | Fault::ResponseStall(bytes) => bytes.min(response.len()),
            _ => response.len(),
        };
        if stream.write_all(response.get(..cut).unwrap_or_default()).await.is_err() {
            return;
        }
        if cut < response.len() {
            let _ = stream.flush().await;
            match fault {
                Fault::ResponseStall(_) => tokio::time::sleep(SILENCE).await,
                _ if cut % 2 == 0 => reset(&stream),
                _ => {}
            }
            return;
        }
    }
}

/// Waits for the first byte of a request and draws its fault; `None` when the client leaves.
async fn begins(
    stream: &mut TcpStream,
    pending: &mut Vec<u8>,
    ledger: &Mutex<Ledger>,
) -> Option<Fault> {
    if pending.is_empty() {
        let mut byte = [0];
        if stream.read(&mut byte).await.ok()? == 0 {
            return None;
        }
        pending.extend(byte);
    }
    Some(ledger.lock().unwrap_or_else(PoisonError::into_inner).begin())
}

/// Reads a whole request; `None` when `limit` bytes have come before its end, or the client leaves.
async fn read(stream: &mut TcpStream, pending: &mut Vec<u8>, limit: usize) -> Option<Vec<u8>> {
    let mut buffer = [0; 2048];
    loop {
        if let Some(end) = end_of_request(pending).filter(|end| *end <= limit) {
            let rest = pending.split_off(end);
            return Some(std::mem::replace(pending, rest));
        }
        if pending.len() >= limit {
            return None;
        }
        let room = buffer.len().min(limit - pending.len());
        let count = stream.read(buffer.get_mut(..room)?).await.ok()?;
        if count == 0 {
            return None;
        }
        pending.extend_from_slice(buffer.get(..count)?);
    }
}

fn end_of_request(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(bytes.get(..head)?).to_ascii_lowercase();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    let end = head + length.unwrap_or(0);
    (bytes.len() >= end).then_some(end)
}

fn key(request: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(request);
    text.lines().find_map(|line| Some(line.strip_prefix("idempotency-key:")?.trim().to_owned()))
}

fn acts(fault: Fault) -> bool {
    match fault {
        Fault::None
        | Fault::ResponseCut(_)
        | Fault::ResponseStall(_)
        | Fault::Http2(Http2::None | Http2::ResetInBody { .. } | Http2::CutInBody) => true,
        Fault::Status { acts, .. }
        | Fault::Silence { acts }
        | Fault::Large { acts, .. }
        | Fault::Odd { acts, .. }
        | Fault::Http2(
            Http2::GoAwayAbove { acts, .. }
            | Http2::Reset { acts, .. }
            | Http2::Cut { acts }
            | Http2::Silence { acts },
        ) => acts,
        Fault::Redirect { status, .. } => status == 303,
        _ => false,
    }
}

fn response_to(fault: Fault) -> Vec<u8> {
    match fault {
        Fault::Status { status, .. } => response(status),
        Fault::Large { status, .. } => with_body(status, "", &" ".repeat(MAX_RESPONSE_BYTES + 1)),
        Fault::Odd { status, body, .. } => with_body(status, "", body),
        Fault::Redirect { status, location } => {
            with_body(status, &format!("location: {location}\r\n"), BODY)
        }
        _ => response(200),
    }
}

/// The whole response with a status.
pub fn response(status: u16) -> Vec<u8> {
    with_body(status, "", BODY)
}

fn with_body(status: u16, more: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} Status\r\n{more}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Bytes of a message before its body.
pub fn head(message: &[u8]) -> usize {
    message.windows(4).position(|window| window == b"\r\n\r\n").map_or(message.len(), |end| end + 4)
}

/// Ends a connection with a reset instead of an orderly close.
fn reset(stream: &TcpStream) {
    let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
}
