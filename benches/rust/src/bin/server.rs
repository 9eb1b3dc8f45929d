//! A server of canned responses: HTTP/1.1 with keep-alive, one thread, as little work per request as can be.
//!
//! `server [--latency-ms N]` prints its port, and ends with its standard input.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

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

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let latency = match words.as_slice() {
        [flag, number] if flag == "--latency-ms" => number.parse().context("--latency-ms")?,
        _ => 0,
    };
    let responses = Responses {
        card: response(&payglot_bench::card()),
        payment: response(&payglot_bench::payment()),
        pages: (1..=payglot_bench::TOTAL / payglot_bench::PAGE)
            .map(|page| response(&payglot_bench::page(page)))
            .collect(),
        latency: Duration::from_millis(latency),
    };
    // Ends when whoever started it is gone.
    std::thread::spawn(|| {
        drop(std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
        std::process::exit(0);
    });
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(serve(Box::leak(Box::new(responses))))
}

async fn serve(responses: &'static Responses) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?.port());
    loop {
        let (socket, _) = listener.accept().await?;
        tokio::spawn(async move {
            // A client that goes away is no news.
            drop(talk(socket, responses).await);
        });
    }
}

async fn talk(mut socket: TcpStream, responses: &Responses) -> Result<()> {
    socket.set_nodelay(true)?;
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
        }
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
