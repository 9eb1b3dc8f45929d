//! Hosts that are served by hand, over TCP and TLS, and a client of them.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use payglot::paywint_platform::{Client, ClientBuilder, types};
use payglot::{Error, ErrorKind, dec};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

pub const USER: &str = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
pub const WALLET: &str = r#"{"success":true,"data":{"user_id":"u","payment_id":"p"}}"#;

/// What a host has seen.
pub type Seen<T> = Arc<Mutex<Vec<T>>>;

pub fn pem(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/contract/tls");
    std::fs::read(format!("{folder}/test-only-{name}")).unwrap()
}

/// A client that tries once, and trusts the certificate of [`acceptor`].
pub fn client(url: &str) -> ClientBuilder {
    Client::builder()
        .credentials("platform", "secret")
        .base_url(url)
        .max_retries(0)
        .no_proxy()
        .ca_certificates(pem("ca.pem"))
}

pub async fn read(client: &Client) -> Result<Option<String>, Error> {
    Ok(client.wallets().get(USER).await?.user_id)
}

pub fn payment() -> types::PlatformPaymentCreate {
    types::PlatformPaymentCreate::builder()
        .user_id(USER)
        .payee_id(USER)
        .amount(dec!(10.10))
        .payment_method(types::PaymentMethodType::Wallet)
        .invoice_no("INV-1")
        .receiving_method(types::ReceivingMethodType::Wallet)
        .build()
        .unwrap()
}

pub async fn pay(client: &Client) -> Result<(), Error> {
    client.payments().create(&payment()).await.map(drop)
}

/// A payment that was not sent says so, in its kind, its text and its flag.
pub async fn not_sent(client: &Client, kind: ErrorKind) -> String {
    let error = pay(client).await.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(!error.may_have_happened(), "{error}");
    error.to_string()
}

/// A payment of which nobody knows.
pub async fn is_unknown(client: &Client) -> String {
    let error = pay(client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
    assert!(error.may_have_happened(), "{error}");
    error.to_string()
}

/// Serves each connection to any address of this machine with a function; gives the port.
pub async fn listen<S: Future<Output = ()> + Send>(
    serve: impl Fn(TcpStream) -> S + Clone + Send + 'static,
) -> u16 {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let serve = serve.clone();
            tokio::spawn(async move { serve(stream).await });
        }
    });
    port
}

/// TLS by one of the certificates in `tests/contract/tls`, with these protocols.
pub fn acceptor(certificate: &str, protocols: &[&str]) -> TlsAcceptor {
    let certificates =
        CertificateDer::pem_slice_iter(&pem(certificate)).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(&pem("leaf.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    tls.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(tls))
}

/// A port that is taken, and where nobody listens.
pub fn refusing() -> (u16, Socket) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    (socket.local_addr().unwrap().as_socket().unwrap().port(), socket)
}

/// A listener with no room: the kernel drops what asks for a connection, as a black hole does.
pub fn black_hole() -> (u16, Socket, Vec<std::net::TcpStream>) {
    let (port, socket) = refusing();
    socket.listen(0).unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut waiting = Vec::new();
    let patience = Duration::from_millis(50);
    while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, patience) {
        waiting.push(stream);
    }
    (port, socket, waiting)
}

/// Reads and never responds.
pub async fn mute() -> u16 {
    listen(|mut stream| async move {
        drop(tokio::io::copy(&mut stream, &mut tokio::io::sink()).await);
    })
    .await
}

/// The head of a request, and its body.
pub async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    Some(head)
}

pub fn response(more: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{more}\r\n{WALLET}", WALLET.len())
}
