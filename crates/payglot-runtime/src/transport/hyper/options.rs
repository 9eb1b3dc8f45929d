//! How the connections of a client are made.

use std::time::Duration;

use super::ProxyChoice;
use crate::variables::Variables;

/// Time to connect unless set: 5 seconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections at once unless set.
const MAX_CONNECTIONS: usize = 100;
/// How connections are made.
#[derive(Clone)]
pub(crate) struct ConnectOptions {
    pub timeout: Duration,
    pub proxy: ProxyChoice,
    /// Certificates in PEM form to trust beside the system's; empty for none.
    pub ca_certificates: Vec<u8>,
    /// Where proxies and the system's certificates may be named.
    pub variables: Variables,
    /// How many connections may be open at once.
    pub max_connections: usize,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            timeout: CONNECT_TIMEOUT,
            proxy: ProxyChoice::default(),
            ca_certificates: Vec::new(),
            variables: Variables::default(),
            max_connections: MAX_CONNECTIONS,
        }
    }
}

impl ConnectOptions {
    /// Whether anything was set.
    pub fn is_customized(&self) -> bool {
        matches!(self.proxy, ProxyChoice::Url(_))
            || !self.ca_certificates.is_empty()
            || self.timeout != CONNECT_TIMEOUT
            || self.max_connections != MAX_CONNECTIONS
    }
}
