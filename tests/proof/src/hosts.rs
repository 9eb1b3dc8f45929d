//! Hosts that fail before a request is on its way: no address, nobody listening, no reaction, TLS that breaks.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use socket2::{Domain, Socket, Type};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::{TlsAcceptor, rustls};

/// The hosts of one worker, by their base URLs.
pub struct Hosts {
    pub nowhere: String,
    pub refusing: String,
    pub cut: String,
    pub unsigned: String,
    pub blackhole: String,
    pub mute: String,
    pub hanging_up: String,
    cut_after: Arc<AtomicUsize>,
}

impl Hosts {
    /// Starts them.
    pub async fn start() -> Result<Self> {
        let cut_after = Arc::new(AtomicUsize::new(0));
        Ok(Self {
            nowhere: "https://payglot-proof.invalid".to_owned(),
            refusing: refusing()?,
            cut: cut(cut_after.clone()).await?,
            unsigned: unsigned().await?,
            blackhole: blackhole()?,
            mute: mute().await?,
            hanging_up: hanging_up().await?,
            cut_after,
        })
    }

    /// The handshake breaks off after this many bytes from now on.
    pub fn cut_after(&self, bytes: usize) {
        self.cut_after.store(bytes, Ordering::SeqCst);
    }
}

/// Reads so many bytes of a handshake and hangs up.
async fn cut(after: Arc<AtomicUsize>) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no free port")?;
    let url = format!("https://{}", listener.local_addr().context("no address")?);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut wanted = vec![0; after.load(Ordering::SeqCst)];
            tokio::spawn(async move {
                let _ = stream.read_exact(&mut wanted).await;
            });
        }
    });
    Ok(url)
}

/// A port that is taken, so that nobody else can listen there, and where nobody listens.
fn refusing() -> Result<String> {
    let (socket, address) = bound()?;
    std::mem::forget(socket); // for as long as the program runs
    Ok(format!("http://{address}"))
}

fn bound() -> Result<(Socket, SocketAddr)> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).context("no socket")?;
    let any: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
    socket.bind(&any.into()).context("no free port")?;
    let address = socket.local_addr().context("no address")?.as_socket().context("no address")?;
    Ok((socket, address))
}

/// Has no room for another connection: the kernel drops what asks for one.
fn blackhole() -> Result<String> {
    let (socket, address) = bound()?;
    socket.listen(0).context("cannot listen")?;
    let mut waiting = Vec::new();
    let patience = Duration::from_millis(50);
    for _ in 0..16 {
        let Ok(stream) = std::net::TcpStream::connect_timeout(&address, patience) else {
            std::mem::forget((socket, waiting)); // for as long as the program runs
            return Ok(format!("http://{address}"));
        };
        waiting.push(stream);
    }
    bail!("the queue of a listener does not fill")
}

/// Reads a handshake and never responds.
async fn mute() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no free port")?;
    let url = format!("https://{}", listener.local_addr().context("no address")?);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move { tokio::io::copy(&mut stream, &mut tokio::io::sink()).await });
        }
    });
    Ok(url)
}

/// Closes every connection at once.
async fn hanging_up() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no free port")?;
    let url = format!("http://{}", listener.local_addr().context("no address")?);
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    Ok(url)
}

/// Shows a certificate that nobody signed.
async fn unsigned() -> Result<String> {
    let made =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).context("no certificate")?;
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("TLS")?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .context("certificate")?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no free port")?;
    let port = listener.local_addr().context("no address")?.port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move { acceptor.accept(stream).await.is_ok() });
        }
    });
    Ok(format!("https://localhost:{port}"))
}
