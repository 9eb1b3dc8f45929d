//! Connections: name, TCP, proxy and TLS, together within the time to connect.
//!
//! An error in here is a request of which not one byte was sent.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Uri};
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::connect_error::{ConnectError, Problem};
use super::proxy::Proxy;
use super::stream::{Io, Stream};
use super::{ConnectOptions, dial, tls, tunnel};
use crate::error::Error;
use crate::transport::{Phase, SendProgress};

/// Makes the connections of one client.
#[derive(Clone)]
pub(crate) struct Connector {
    target: Target,
    proxy: Option<(Target, Option<HeaderValue>)>,
    tls: TlsConnector,
    /// What a proxy is asked is asked in HTTP/1.1, whatever else it speaks.
    proxy_tls: TlsConnector,
    timeout: Duration,
}

/// One end of a connection.
#[derive(Clone)]
struct Target {
    host: String,
    port: u16,
    is_tls: bool,
}

impl Target {
    fn of(uri: &Uri) -> Self {
        let is_tls = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        Self { host: uri.host().unwrap_or_default().to_owned(), port, is_tls }
    }

    fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl Connector {
    /// Decides by which way `host` is reached.
    pub fn new(options: &ConnectOptions, host: &Uri) -> Result<Self, Error> {
        let target = Target::of(host);
        let proxy = Proxy::choose(&options.proxy, &options.variables, host)?
            .map(|Proxy { uri, authorization }| (Target::of(&uri), authorization));
        let needs_tls = target.is_tls || proxy.as_ref().is_some_and(|(proxy, _)| proxy.is_tls);
        let config = tls::config(options, needs_tls)?;
        let (tls, proxy_tls) = connectors(config);
        Ok(Self { target, proxy, tls, proxy_tls, timeout: options.timeout })
    }

    /// The same without the TLS sessions that the other remembers.
    pub fn reconnect_after_fork(&self) -> Self {
        let mut config = rustls::ClientConfig::clone(self.tls.config());
        config.resumption = rustls::client::Resumption::default();
        let (tls, proxy_tls) = connectors(config);
        Self { tls, proxy_tls, ..self.clone() }
    }

    /// Whether both ends may agree on HTTP/2.
    pub fn may_be_http2(&self) -> bool {
        self.target.is_tls
    }

    /// The header that every request to a forwarding proxy carries; a tunnel is told once.
    pub fn forward_authorization(&self) -> Option<HeaderValue> {
        let (_, authorization) = self.proxy.as_ref().filter(|_| !self.target.is_tls)?;
        authorization.clone()
    }

    /// Opens a connection to the client's host.
    pub async fn open(&self, progress: &SendProgress) -> Result<Stream, ConnectError> {
        let limit = self.timeout;
        let opened = tokio::time::timeout(limit, self.connect(progress)).await;
        opened
            .unwrap_or_else(|_| Err(Problem::Timeout { phase: progress.phase(), limit }))
            .map_err(|problem| self.error(problem))
    }

    /// What is told of a connection that was not made.
    pub fn error(&self, problem: Problem) -> ConnectError {
        let proxy = self.proxy.as_ref().map(|(proxy, _)| proxy.authority());
        ConnectError { host: self.target.authority(), proxy, problem }
    }

    async fn connect(&self, progress: &SendProgress) -> Result<Stream, Problem> {
        let Self { target, .. } = self;
        let Some((proxy, authorization)) = &self.proxy else {
            let tcp = dial::dial(&target.host, target.port, progress).await?;
            if !target.is_tls {
                return Ok(Stream::new(Box::new(tcp), false, false));
            }
            progress.enter(Phase::Tls);
            let tls = handshake(&self.tls, target, tcp).await.map_err(Problem::Tls)?;
            let is_http2 = is_http2(&tls);
            return Ok(Stream::new(Box::new(tls), is_http2, false));
        };
        let tcp = dial::dial(&proxy.host, proxy.port, progress).await?;
        progress.enter(Phase::Proxy);
        let mut io: Box<dyn Io> = if proxy.is_tls {
            let tls = handshake(&self.proxy_tls, proxy, tcp).await;
            Box::new(tls.map_err(Problem::ProxyTls)?)
        } else {
            Box::new(tcp)
        };
        if !target.is_tls {
            return Ok(Stream::new(io, false, true));
        }
        tunnel::open(&mut *io, &target.authority(), authorization.as_ref()).await?;
        progress.enter(Phase::Tls);
        let tls = handshake(&self.tls, target, io).await.map_err(Problem::Tls)?;
        let is_http2 = is_http2(&tls);
        Ok(Stream::new(Box::new(tls), is_http2, false))
    }
}

fn connectors(config: rustls::ClientConfig) -> (TlsConnector, TlsConnector) {
    let mut of_proxy = config.clone();
    of_proxy.alpn_protocols = vec![b"http/1.1".to_vec()];
    (Arc::new(config).into(), Arc::new(of_proxy).into())
}

async fn handshake<S: Io>(
    connector: &TlsConnector,
    target: &Target,
    io: S,
) -> std::io::Result<TlsStream<S>> {
    let name = ServerName::try_from(dial::without_brackets(&target.host))
        .map_err(std::io::Error::other)?
        .to_owned();
    connector.connect(name, io).await
}

fn is_http2<S>(stream: &TlsStream<S>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(b"h2")
}
