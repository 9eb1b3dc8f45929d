//! A server of canned responses: HTTP/1.1 with keep-alive, one thread, as little work per request as can be.
//!
//! `server [--latency-ms N] [--records N] [--tls FOLDER] [--http2]` prints its port, and ends with its standard input.
//! `--records` makes one page of so many records of every list; `--tls` has the folder of the test-only certificates, and
//! with `--http2` its cards come over HTTP/2.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What a request asks for.
enum Asked {
    Card,
    Payment,
    /// From 0.
    Page(usize),
}

struct Responses {
    card: Vec<u8>,
    payment: Vec<u8>,
    /// In their order.
    pages: Vec<Vec<u8>>,
    latency: Duration,
}

/// How it was started.
#[derive(Default)]
struct Options {
    latency: Duration,
    records: Option<usize>,
    tls: Option<TlsAcceptor>,
}

impl Options {
    fn read(words: impl IntoIterator<Item = String>) -> Result<Self> {
        let mut words = words.into_iter();
        let mut options = Self::default();
        let mut folder = None;
        let mut is_http2 = false;
        while let Some(flag) = words.next() {
            let mut value = || words.next().with_context(|| format!("{flag} needs a value"));
            match flag.as_str() {
                "--latency-ms" => options.latency = Duration::from_millis(value()?.parse()?),
                "--records" => options.records = Some(value()?.parse()?),
                "--tls" => folder = Some(value()?),
                "--http2" => is_http2 = true,
                _ => bail!("{flag} is unknown"),
            }
        }
        options.tls = folder.map(|folder| acceptor(Path::new(&folder), is_http2)).transpose()?;
        Ok(options)
    }
}

fn acceptor(folder: &Path, is_http2: bool) -> Result<TlsAcceptor> {
    let certificate = CertificateDer::from_pem_file(folder.join("test-only-leaf.pem"))?;
    let key = PrivateKeyDer::from_pem_file(folder.join("test-only-leaf.key"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?;
    let protocol: &[u8] = if is_http2 { b"h2" } else { b"http/1.1" };
    config.alpn_protocols = vec![protocol.to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn main() -> Result<()> {
    let options = Options::read(std::env::args().skip(1))?;
    let pages = match options.records {
        Some(records) => vec![response(&payglot_bench::whole(records))],
        None => (1..=payglot_bench::TOTAL / payglot_bench::PAGE)
            .map(|page| response(&payglot_bench::page(page)))
            .collect(),
    };
    let responses = Responses {
        card: response(&payglot_bench::card()),
        payment: response(&payglot_bench::payment()),
        pages,
        latency: options.latency,
    };
    // Ends when whoever started it is gone.
    std::thread::spawn(|| {
        drop(std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
        std::process::exit(0);
    });
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(serve(Box::leak(Box::new(responses)), options.tls))
}

async fn serve(responses: &'static Responses, tls: Option<TlsAcceptor>) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?.port());
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let tls = tls.clone();
        tokio::spawn(async move {
            // A client that goes away is no news.
            let Some(tls) = tls else { return drop(talk(socket, responses).await) };
            let Ok(socket) = tls.accept(socket).await else { return };
            if socket.get_ref().1.alpn_protocol() == Some(b"h2") {
                drop(talk_http2(socket, responses).await);
            } else {
                drop(talk(socket, responses).await);
            }
        });
    }
}

async fn talk<S>(mut socket: S, responses: &Responses) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut seen = Vec::with_capacity(8 * 1024);
    while socket.read_buf(&mut seen).await? > 0 {
        while let Some((length, asked)) = request(&seen) {
            seen.drain(..length);
            if !responses.latency.is_zero() {
                tokio::time::sleep(responses.latency).await;
            }
            let response = match asked {
                Asked::Card => &responses.card,
                Asked::Payment => &responses.payment,
                Asked::Page(page) => {
                    responses.pages.get(page).or(responses.pages.last()).context("no pages")?
                }
            };
            socket.write_all(response).await?;
            socket.flush().await?;
        }
    }
    Ok(())
}

/// Gives the card, whatever is asked for.
async fn talk_http2<S>(socket: S, responses: &Responses) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let head = responses.card.windows(4).position(|four| four == b"\r\n\r\n").context("a head")?;
    let body = Bytes::copy_from_slice(responses.card.get(head + 4..).unwrap_or_default());
    let mut connection = h2::server::handshake(socket).await?;
    while let Some(request) = connection.accept().await {
        let (_, mut respond) = request?;
        let response = http::Response::builder()
            .header("content-type", "application/json")
            .header("content-length", body.len())
            .header("x-request-id", "req-0123456789abcdef")
            .body(())?;
        respond.send_response(response, false)?.send_data(body.clone(), true)?;
    }
    Ok(())
}

/// Length of the first request, when it is whole, and what it asks for.
fn request(seen: &[u8]) -> Option<(usize, Asked)> {
    let head = seen.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let is_get = seen.starts_with(b"GET ");
    let body = if is_get { 0 } else { content_length(seen.get(..head)?) };
    let line = seen.split(|byte| *byte == b'\r').next()?;
    let body = seen.get(head..head + body)?;
    let asked = if is_get {
        Asked::Card
    } else if line.windows(6).any(|part| part == b"/list-") {
        Asked::Page(page_number(body).saturating_sub(1))
    } else {
        Asked::Payment
    };
    Some((head + body.len(), asked))
}

/// The number after `"page_no":`; 1 where there is none.
fn page_number(body: &[u8]) -> usize {
    let body = String::from_utf8_lossy(body);
    let after = body.split_once("\"page_no\":").map_or("", |(_, after)| after);
    let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    after.get(..end).and_then(|digits| digits.parse().ok()).unwrap_or(1)
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head);
    let named = head.lines().filter_map(|line| line.split_once(':'));
    named
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .find_map(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0)
}

fn response(body: &str) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\ndate: Mon, 02 Mar 2026 09:30:00 GMT\r\nserver: canned\r\n\
                content-type: application/json\r\nx-request-id: req-0123456789abcdef\r\n";
    format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}
