//! A host that speaks HTTP/2 frame by frame, so that it can say what no library would.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::wire::{WALLET, acceptor, listen};

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const CONTINUATION: u8 = 9;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// The frame as it is on the wire (RFC 9113, section 4.1).
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

pub fn reset(stream: u32, code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &code.to_be_bytes())
}

pub fn go_away(last: u32, code: u32) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[last.to_be_bytes(), code.to_be_bytes()].concat())
}

/// `:status: 200`, from the static table of HPACK, and a record.
pub fn success(stream: u32) -> Vec<u8> {
    let head = frame(HEADERS, END_HEADERS, stream, &[0x88]);
    [head, frame(DATA, END_STREAM, stream, WALLET.as_bytes())].concat()
}

/// What a host does with a request that has come whole.
pub enum Reply {
    /// Sends this.
    Send(Vec<u8>),
    /// Sends this and ends the connection.
    Final(Vec<u8>),
    /// Sends the first, then the second without end.
    Flood(Vec<u8>, Vec<u8>),
    /// Reads no further, as a host that is gone.
    Silence,
}

/// What a host has seen.
#[derive(Default)]
pub struct Log {
    pub connections: AtomicUsize,
    pub requests: AtomicUsize,
    pub pings: AtomicUsize,
    pub settings: Mutex<Vec<u8>>,
}

impl Log {
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// A host over TLS. `reply` gets the number of the request, from 1 over all connections, and its stream.
pub async fn host(
    settings: &[u8],
    reply: impl Fn(usize, u32) -> Reply + Clone + Send + Sync + 'static,
) -> (String, Arc<Log>) {
    let log = Arc::new(Log::default());
    *log.settings.lock().unwrap() = settings.to_vec();
    let (noted, tls) = (log.clone(), acceptor("leaf.pem", &["h2"]));
    let port = listen(move |stream| {
        let (log, tls, reply) = (noted.clone(), tls.clone(), reply.clone());
        async move {
            log.connections.fetch_add(1, Ordering::SeqCst);
            let Ok(stream) = tls.accept(stream).await else { return };
            serve(stream, &log, reply).await;
        }
    })
    .await;
    (format!("https://localhost:{port}"), log)
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    log: &Log,
    reply: impl Fn(usize, u32) -> Reply,
) -> Option<()> {
    stream.read_exact(&mut [0; 24]).await.ok()?;
    let settings = frame(SETTINGS, 0, 0, &log.settings.lock().unwrap());
    stream.write_all(&settings).await.ok()?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        stream.read_exact(&mut payload).await.ok()?;
        let (kind, flags) = (head[3], head[4]);
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        if kind == SETTINGS && flags & 1 == 0 {
            stream.write_all(&frame(SETTINGS, 1, 0, &[])).await.ok()?;
        } else if kind == PING && flags & 1 == 0 {
            log.pings.fetch_add(1, Ordering::SeqCst);
            stream.write_all(&frame(PING, 1, 0, &payload)).await.ok()?;
        } else if matches!(kind, HEADERS | DATA) && flags & END_STREAM != 0 {
            let number = log.requests.fetch_add(1, Ordering::SeqCst) + 1;
            match reply(number, id) {
                Reply::Send(bytes) => stream.write_all(&bytes).await.ok()?,
                Reply::Final(bytes) => {
                    stream.write_all(&bytes).await.ok()?;
                    return stream.shutdown().await.ok();
                }
                Reply::Flood(first, again) => {
                    stream.write_all(&first).await.ok()?;
                    let many = again.repeat(200);
                    loop {
                        stream.write_all(&many).await.ok()?;
                    }
                }
                Reply::Silence => {
                    // PINGs go unanswered too; they are counted by who asks.
                    let mut rest = [0; 4096];
                    while let Ok(count @ 1..) = stream.read(&mut rest).await {
                        let is_ping = count >= 9 && rest[3] == PING;
                        log.pings.fetch_add(usize::from(is_ping), Ordering::SeqCst);
                    }
                    return None;
                }
            }
        }
    }
}
