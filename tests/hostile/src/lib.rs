//! Vendors that misbehave, each on a port of its own: exchanges of HTTP/1.1 and HTTP/2 that the clients of all languages
//! must come out of unharmed.
//!
//! A vendor misbehaves on the first connection, and is honest on all others: what comes after an exchange must be as if
//! it had not been. Nothing of payglot is used here.

use std::io::{BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use payglot_contract::{Request, send_response};
use serde_json::{Value, json};

mod act;
mod bodies;
mod connections;
mod exchange;
mod frames;
mod heads;
mod http1;
mod http2;
mod lengths;
mod stream_frames;
mod streams;

pub use exchange::{FOREIGN, Outcomes, Protocol, Scenario};

/// Everything that vendors do here.
pub fn exchanges() -> Vec<Scenario> {
    [
        heads::exchanges(),
        lengths::exchanges(),
        connections::exchanges(),
        bodies::exchanges(),
        streams::exchanges(),
        stream_frames::exchanges(),
    ]
    .concat()
}

/// All vendors, listening.
pub struct Suite {
    vendors: Vec<Vendor>,
}

struct Vendor {
    exchange: Arc<Scenario>,
    url: String,
    /// Whether the next connection is the first.
    is_armed: Arc<AtomicBool>,
}

impl Suite {
    /// Starts them on free ports. They run until the program ends.
    pub fn start() -> Result<Self> {
        let tls = http2::tls()?;
        let vendors = exchanges().into_iter().map(|exchange| {
            let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
            let scheme = if exchange.protocol == Protocol::Http1 { "http" } else { "https" };
            let url = format!("{scheme}://{}", listener.local_addr().context("no address")?);
            let (exchange, is_armed) = (Arc::new(exchange), Arc::new(AtomicBool::new(true)));
            let (served, armed, tls) = (exchange.clone(), is_armed.clone(), tls.clone());
            std::thread::spawn(move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    let is_first = armed.swap(false, Ordering::SeqCst);
                    let (served, tls) = (served.clone(), tls.clone());
                    std::thread::spawn(move || match served.protocol {
                        Protocol::Http1 => http1::serve(stream, &served, is_first),
                        Protocol::Http2 => http2::serve(stream, tls, &served, is_first),
                    });
                }
            });
            Ok(Vendor { exchange, url, is_armed })
        });
        Ok(Self { vendors: vendors.collect::<Result<_>>()? })
    }

    /// Name, URL, milliseconds for the call and what may come of it, of each exchange.
    pub fn listing(&self) -> Value {
        let vendors = self.vendors.iter().map(|vendor| {
            let Scenario { name, outcomes, timeout, protocol, .. } = &*vendor.exchange;
            let protocol = if *protocol == Protocol::Http1 { "HTTP/1.1" } else { "HTTP/2" };
            json!({
                "name": name, "url": vendor.url, "protocol": protocol,
                "timeout_ms": u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
                "pause_ms": u64::try_from(vendor.exchange.pause.as_millis()).unwrap_or(u64::MAX),
                "read": outcomes.read, "money": outcomes.money,
            })
        });
        vendors.collect()
    }

    /// Lets a vendor misbehave on its next connection.
    pub fn again(&self, number: usize) -> bool {
        let vendor = self.vendors.get(number);
        vendor.is_some_and(|vendor| {
            vendor.is_armed.store(true, Ordering::SeqCst);
            true
        })
    }

    /// Tells other processes: `GET /exchanges` is the listing, `GET /again/<number>` lets one misbehave again. Ends when
    /// nobody can connect any more.
    pub fn control(self) -> Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
        let url = format!("http://{}", listener.local_addr().context("no address")?);
        let suite = Arc::new(self);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let suite = suite.clone();
                std::thread::spawn(move || suite.serve(stream));
            }
        });
        Ok(url)
    }

    fn serve(&self, mut stream: TcpStream) {
        let Ok(copy) = stream.try_clone() else { return };
        let mut reader = BufReader::new(copy);
        while let Some(request) = Request::read(&mut reader) {
            let number = request.target.strip_prefix("/again/");
            let (status, body) = match number.and_then(|number| number.parse().ok()) {
                Some(number) => (if self.again(number) { 200 } else { 404 }, Value::Null),
                None => (200, self.listing()),
            };
            if !send_response(&mut stream, status, &[].into(), body.to_string())
                || stream.flush().is_err()
            {
                return;
            }
        }
    }
}
