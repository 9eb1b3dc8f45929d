//! Hosts that fail before a request is on its way: no address, nobody listening, TLS that breaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};
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
    cut_after: Arc<AtomicUsize>,
}

impl Hosts {
    /// Starts them.
    pub async fn start() -> Result<Self> {
        let closed = TcpListener::bind("127.0.0.1:0").await.context("no free port")?;
        let refusing = format!("http://{}", closed.local_addr().context("no address")?);
        drop(closed);
        let cut_after = Arc::new(AtomicUsize::new(0));
        Ok(Self {
            nowhere: "http://payglot-proof.invalid".to_owned(),
            refusing,
            cut: cut(cut_after.clone()).await?,
            unsigned: unsigned().await?,
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
