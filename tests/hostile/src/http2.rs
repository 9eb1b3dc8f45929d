//! Serves one connection of HTTP/2 by TLS, frame by frame.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::act::perform;
use crate::exchange::{End, FOREIGN, Scenario, honest};
use crate::frames::{ACK, END_HEADERS, END_STREAM, frame, kind, response, settings};
use crate::http1::reset;

/// TLS with the certificate of the contract tests.
pub fn tls() -> Result<Arc<ServerConfig>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contract/tls");
    let certificates = CertificateDer::pem_file_iter(folder.join("test-only-leaf.pem"))
        .context("no certificate")?
        .collect::<Result<Vec<_>, _>>()
        .context("no certificate")?;
    let key = PrivateKeyDer::from_pem_file(folder.join("test-only-leaf.key")).context("no key")?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certificates, key)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(config))
}

type Stream = StreamOwned<ServerConnection, TcpStream>;

struct Session<'a> {
    stream: Stream,
    exchange: &'a Scenario,
    is_hostile: bool,
    /// Whether who asks again gets another's response.
    is_poisoned: bool,
    decoder: fluke_hpack::Decoder<'static>,
    /// What was asked for, by streams that are not done yet.
    asked: BTreeMap<u32, String>,
    block: Vec<u8>,
}

/// Serves a connection until it ends.
pub fn serve(stream: TcpStream, tls: Arc<ServerConfig>, exchange: &Scenario, is_first: bool) {
    let _ = stream.set_nodelay(true);
    let Ok(connection) = ServerConnection::new(tls) else { return };
    let mut session = Session {
        stream: StreamOwned::new(connection, stream),
        exchange,
        is_hostile: is_first,
        is_poisoned: false,
        decoder: fluke_hpack::Decoder::new(),
        asked: BTreeMap::new(),
        block: Vec::new(),
    };
    // How it ends is what the exchange is about.
    let _ = session.run();
}

impl Session<'_> {
    fn run(&mut self) -> io::Result<()> {
        let mut preface = [0; 24];
        self.stream.read_exact(&mut preface)?;
        if self.is_hostile && !self.exchange.greeting.is_empty() {
            perform(&mut self.stream, &self.exchange.greeting, FOREIGN)?;
            if self.exchange.acts.is_empty() {
                return self.end();
            }
        } else {
            self.stream.write_all(&settings(&[]))?;
        }
        loop {
            let mut head = [0; 9];
            self.stream.read_exact(&mut head)?;
            let [a, b, c, kind, flags, stream @ ..] = head;
            let length = u32::from_be_bytes([0, a, b, c]);
            let mut payload = vec![0; usize::try_from(length).unwrap_or(0)];
            self.stream.read_exact(&mut payload)?;
            if self.take(kind, flags, u32::from_be_bytes(stream), &payload)? {
                return Ok(());
            }
        }
    }

    /// Takes a frame; whether that was the end.
    fn take(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> io::Result<bool> {
        match kind {
            kind::SETTINGS | kind::PING if flags & ACK == 0 => {
                let acknowledged = if kind == kind::PING { payload } else { &[] };
                // Who holds the connection is silent.
                if !self.is_poisoned {
                    self.stream.write_all(&frame(kind, ACK, 0, acknowledged))?;
                }
            }
            kind::HEADERS | kind::CONTINUATION => {
                self.block.extend(payload);
                if flags & END_HEADERS != 0 {
                    let block = std::mem::take(&mut self.block);
                    let headers = self.decoder.decode(&block).unwrap_or_default();
                    let path = headers.into_iter().find(|(name, _)| name == b":path");
                    let path = path.map(|(_, path)| String::from_utf8_lossy(&path).into_owned());
                    let token = path.and_then(|path| Some(path.rsplit('/').next()?.to_owned()));
                    self.asked.insert(stream, token.unwrap_or_default());
                }
            }
            _ => {}
        }
        let is_over = matches!(kind, kind::HEADERS | kind::DATA) && flags & END_STREAM != 0;
        match self.asked.get(&stream).cloned().filter(|_| is_over) {
            Some(token) => self.respond(stream, &token),
            None => Ok(false),
        }
    }

    fn respond(&mut self, stream: u32, token: &str) -> io::Result<bool> {
        self.asked.remove(&stream);
        if self.is_hostile {
            self.is_hostile = false;
            perform(&mut self.stream, &self.exchange.acts, token)?;
            match self.exchange.end {
                End::Serve => return Ok(false),
                End::Hold => self.is_poisoned = true,
                End::Close | End::Reset => return self.end().map(|()| true),
            }
            return Ok(false);
        }
        if self.is_poisoned {
            // Silent, like all that is held.
            return Ok(false);
        }
        self.stream.write_all(&response(stream, &honest(token)))?;
        Ok(false)
    }

    fn end(&mut self) -> io::Result<()> {
        match self.exchange.end {
            End::Reset => reset(&self.stream.sock),
            // Until the client has had enough.
            End::Hold | End::Serve => {
                io::copy(&mut self.stream, &mut io::sink())?;
            }
            End::Close => {
                self.stream.conn.send_close_notify();
                self.stream.flush()?;
                // What the client still says is taken: otherwise the end would be a reset.
                self.stream.sock.shutdown(std::net::Shutdown::Write)?;
                self.stream.sock.set_read_timeout(Some(Duration::from_secs(1)))?;
                io::copy(&mut self.stream.sock, &mut io::sink())?;
            }
        }
        Ok(())
    }
}
