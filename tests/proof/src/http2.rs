//! The vendor over HTTP/2, frame by frame: it refuses streams, ends connections and acts or does not, as the plan says.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::{TlsAcceptor, rustls};

use crate::plan::{Fault, Http2};
use crate::vendor::{BODY, Ledger};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// Where the vendor listens, and the certificate by which it is known.
pub struct Listening {
    pub port: u16,
    pub certificate: String,
}

/// Listens on a free port, over TLS.
pub async fn start(ledger: Arc<Mutex<Ledger>>) -> Result<Listening> {
    let made =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).context("no certificate")?;
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("TLS")?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .context("certificate")?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no free port")?;
    let port = listener.local_addr().context("no address")?.port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, acceptor.clone(), ledger.clone()));
        }
    });
    Ok(Listening { port, certificate: made.cert.pem() })
}

/// A frame as it is on the wire (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes();
    let head = [&length[..], &[kind, flags], &stream.to_be_bytes()].concat();
    [head, payload.to_vec()].concat()
}

fn go_away(last: u32) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[last.to_be_bytes(), [0; 4]].concat())
}

/// Serves a connection until it breaks, the client leaves or a fault ends it.
async fn serve(stream: TcpStream, acceptor: TlsAcceptor, ledger: Arc<Mutex<Ledger>>) -> Option<()> {
    let mut stream = acceptor.accept(stream).await.ok()?;
    stream.read_exact(&mut [0; 24]).await.ok()?;
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.ok()?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.ok()?;
        let [a, b, c, kind, flags, id @ ..] = head;
        let mut payload = vec![0; usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()?];
        stream.read_exact(&mut payload).await.ok()?;
        let id = u32::from_be_bytes(id);
        if kind == HEADERS {
            ledger.lock().unwrap_or_else(PoisonError::into_inner).begin();
        }
        let is_first = flags & 1 == 0;
        match kind {
            SETTINGS if is_first => stream.write_all(&frame(SETTINGS, 1, 0, &[])).await.ok()?,
            PING if is_first => stream.write_all(&frame(PING, 1, 0, &payload)).await.ok()?,
            HEADERS | DATA if flags & END_STREAM != 0 => {
                let fault = ledger.lock().unwrap_or_else(PoisonError::into_inner).end();
                let (response, is_over) = response(fault, id);
                stream.write_all(&response).await.ok()?;
                stream.flush().await.ok()?;
                if is_over {
                    return stream.shutdown().await.ok();
                }
            }
            _ => {}
        }
    }
}

/// What a request gets, and whether the connection ends with that.
fn response(fault: Fault, stream: u32) -> (Vec<u8>, bool) {
    let head = frame(HEADERS, END_HEADERS, stream, &[0x88]); // `:status: 200`, from the static table
    let reset = |code: u32| frame(RST_STREAM, 0, stream, &code.to_be_bytes());
    match fault {
        Fault::Http2(Http2::Unprocessed) => (reset(7), false),
        Fault::Http2(Http2::GoAwayBelow { ends }) => (go_away(stream.saturating_sub(1)), ends),
        Fault::Http2(Http2::GoAwayAbove { last, .. }) => (go_away(last.unwrap_or(stream)), true),
        Fault::Http2(Http2::Reset { code, .. }) => (reset(code), false),
        Fault::Http2(Http2::ResetInBody { code }) => ([head, reset(code)].concat(), false),
        Fault::Http2(Http2::Cut { .. }) => (Vec::new(), true),
        Fault::Http2(Http2::CutInBody) => (head, true),
        Fault::Http2(Http2::Silence { .. }) => (Vec::new(), false),
        _ => ([head, frame(DATA, END_STREAM, stream, BODY.as_bytes())].concat(), false),
    }
}
