//! Why there is no connection: host, port and reason in one line that may stand in a message and in a log.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use rustls::{CertificateError, Error as TlsError};

use crate::transport::Phase;

/// A connection that was not made. Holds no credential: of a URL it has host and port alone.
#[derive(Debug)]
pub(crate) struct ConnectError {
    /// Host and port that were asked for.
    pub host: String,
    /// Host and port of the proxy on the way.
    pub proxy: Option<String>,
    pub problem: Problem,
}

/// What went wrong, and where.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The name has no address.
    Lookup(io::Error),
    /// No TCP connection to the host, or to the proxy.
    Tcp(io::Error),
    /// The proxy broke off.
    Proxy(io::Error),
    /// The proxy refused a tunnel with this status.
    ProxyStatus(u16),
    /// What should be a proxy speaks something else.
    NoProxy,
    /// No TLS with the host.
    Tls(io::Error),
    /// No TLS with the proxy.
    ProxyTls(io::Error),
    /// The host ended the connection before HTTP began.
    Http(Box<dyn StdError + Send + Sync>),
    /// The time to connect ran out.
    Timeout { phase: Phase, limit: Duration },
}

impl ConnectError {
    /// Whether time ran out, here or in the kernel.
    pub fn is_timeout(&self) -> bool {
        match &self.problem {
            Problem::Timeout { .. } => true,
            Problem::Tcp(error)
            | Problem::Proxy(error)
            | Problem::Tls(error)
            | Problem::ProxyTls(error) => error.kind() == io::ErrorKind::TimedOut,
            _ => false,
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no connection to {}", self.host)?;
        if let Some(proxy) = &self.proxy {
            write!(f, " by the proxy {proxy}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lookup(error) if error.to_string().contains("emporary") => {
                f.write_str("the name cannot be looked up now")
            }
            Self::Lookup(_) => f.write_str("the name was not found"),
            Self::Tcp(error) => f.write_str(tcp(error)),
            Self::Proxy(error) => write!(f, "the proxy broke off: {}", tcp(error)),
            Self::ProxyStatus(407) => f.write_str("the proxy wants other credentials (407)"),
            Self::ProxyStatus(status) => write!(f, "the proxy makes no tunnel to it ({status})"),
            Self::NoProxy => f.write_str("the proxy does not speak HTTP"),
            Self::Tls(error) => tls(error, f),
            Self::ProxyTls(error) => {
                f.write_str("TLS with the proxy: ")?;
                tls(error, f)
            }
            Self::Http(_) => f.write_str("the host closed the connection before the request"),
            Self::Timeout { phase, limit } => {
                write!(f, "{} within {} s", phase.unfinished(), limit.as_secs_f64())
            }
        }
    }
}

impl StdError for ConnectError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.problem {
            Problem::Lookup(error)
            | Problem::Tcp(error)
            | Problem::Proxy(error)
            | Problem::Tls(error)
            | Problem::ProxyTls(error) => Some(error),
            Problem::Http(error) => Some(&**error),
            Problem::ProxyStatus(_) | Problem::NoProxy | Problem::Timeout { .. } => None,
        }
    }
}

fn tcp(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => "it closed the connection",
        io::ErrorKind::TimedOut => "it does not respond",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "there is no way to it from this network"
        }
        io::ErrorKind::PermissionDenied => "this machine does not allow the connection",
        io::ErrorKind::NotFound => "the name has no address",
        _ => "TCP failed",
    }
}

fn tls(error: &io::Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
    let Some(inner) = inner else {
        return write!(f, "{} during the TLS handshake", tcp(error));
    };
    match inner {
        TlsError::InvalidCertificate(error) => certificate(error, f),
        TlsError::InvalidMessage(_) | TlsError::InappropriateMessage { .. } => {
            f.write_str("it does not speak TLS on this port (is its URL http://?)")
        }
        TlsError::AlertReceived(alert) => write!(f, "it refused the TLS handshake ({alert:?})"),
        TlsError::PeerIncompatible(_) => {
            f.write_str("it has no TLS version and cipher in common with this client")
        }
        _ => f.write_str("the TLS handshake failed"),
    }
}

fn certificate(error: &CertificateError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet (is this machine's clock right?)"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another host"
        }
        CertificateError::UnknownIssuer => {
            "its certificate is from an authority that is not trusted here (trust it by `ca_certificates` or SSL_CERT_FILE)"
        }
        CertificateError::Revoked => "its certificate was revoked",
        other => return write!(f, "its certificate is not valid ({other})"),
    })
}
