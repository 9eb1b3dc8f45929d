//! Connections: name, TCP, proxy and TLS, together within the time to connect.
//!
//! An error in here is a request of which not one byte was sent.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderValue, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use tower_service::Service;

use super::proxy::Proxy;
use super::{ConnectOptions, tls};
use crate::error::Error;
use crate::transport::BoxError;

/// Makes the connections of one client.
#[derive(Clone)]
pub(crate) struct Connector {
    /// To the host itself, or to the proxy.
    direct: HttpsConnector<HttpConnector>,
    tls: Arc<rustls::ClientConfig>,
    proxy: Option<Proxy>,
    timeout: Duration,
}

impl Connector {
    /// Decides by which way `host` is reached.
    pub fn new(options: &ConnectOptions, host: &Uri) -> Result<Self, Error> {
        let proxy = Proxy::choose(&options.proxy, &options.variables, host)?;
        let is_tls = |uri: &Uri| uri.scheme_str() == Some("https");
        let needs_tls = is_tls(host) || proxy.as_ref().is_some_and(|proxy| is_tls(&proxy.uri));
        Ok(Self::with(tls::config(options, needs_tls)?, proxy, options.timeout))
    }

    fn with(tls: rustls::ClientConfig, proxy: Option<Proxy>, timeout: Duration) -> Self {
        let tls = Arc::new(tls);
        let mut first = tls.clone();
        if proxy.is_some() {
            // What a proxy is asked is asked in HTTP/1.1, whatever else it speaks.
            Arc::make_mut(&mut first).alpn_protocols = vec![b"http/1.1".to_vec()];
        }
        Self { direct: HttpsConnector::from((tcp(), first)), tls, proxy, timeout }
    }

    /// The same without the TLS sessions that the other remembers.
    pub fn reconnect_after_fork(&self) -> Self {
        let mut tls = rustls::ClientConfig::clone(&self.tls);
        tls.resumption = rustls::client::Resumption::default();
        Self::with(tls, self.proxy.clone(), self.timeout)
    }

    /// The header that every request to a forwarding proxy carries; a tunnel is told once.
    pub fn forward_authorization(&self, host: &Uri) -> Option<HeaderValue> {
        let forwards = host.scheme_str() == Some("http");
        self.proxy.as_ref().filter(|_| forwards)?.authorization.clone()
    }

    /// Opens a connection to the client's host.
    pub async fn open(&self, host: Uri) -> Result<Stream, BoxError> {
        tokio::time::timeout(self.timeout, self.connect(host))
            .await
            .unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
    }

    async fn connect(&self, host: Uri) -> Result<Stream, BoxError> {
        let mut direct = self.direct.clone();
        let Some(proxy) = self.proxy.clone() else {
            return Ok(Stream::new(direct.call(host).await?, false));
        };
        if host.scheme_str() == Some("http") {
            return Ok(Stream::new(direct.call(proxy.uri).await?, true));
        }
        let mut tunnel = Tunnel::new(proxy.uri, direct);
        if let Some(authorization) = proxy.authorization {
            tunnel = tunnel.with_auth(authorization);
        }
        let stream = HttpsConnector::from((tunnel, self.tls.clone())).call(host).await?;
        Ok(Stream::new(stream, false))
    }
}

fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(Duration::from_secs(15)));
    tcp.set_keepalive_interval(Some(Duration::from_secs(15)));
    tcp.set_keepalive_retries(Some(3));
    tcp
}

/// A connection of any kind: plain, TLS, or TLS through a proxy.
pub(crate) struct Stream {
    io: Box<dyn Io>,
    is_forwarded: bool,
}

trait Io: Read + Write + Connection + Unpin + Send {}
impl<T: Read + Write + Connection + Unpin + Send> Io for T {}

impl Stream {
    fn new(io: impl Io + 'static, is_forwarded: bool) -> Self {
        Self { io: Box::new(io), is_forwarded }
    }

    /// Whether it leads to a proxy that forwards, and must be told the host with each request.
    pub fn is_forwarded(&self) -> bool {
        self.is_forwarded
    }

    /// Whether both ends agreed on HTTP/2.
    pub fn is_http2(&self) -> bool {
        self.io.connected().is_negotiated_h2()
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.io).poll_read(context, buffer)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.io).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.io).poll_write_vectored(context, buffers)
    }
}
