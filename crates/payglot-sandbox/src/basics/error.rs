//! What can go wrong when a sandbox starts or is controlled. Errors of requests are responses.

use std::io;
use std::net::SocketAddr;

/// Why a sandbox did not start, or a call of its interface for tests failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is in use, or this machine does not have it.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        reason: io::Error,
    },
    /// The system has no random bytes for credentials.
    #[error("the system gives no random bytes: {0}")]
    Randomness(String),
    /// The state file cannot be used.
    #[error("the state file: {0}")]
    State(String),
    /// A setting of a webhook endpoint is invalid.
    #[error("the webhook endpoint: {0}")]
    Webhook(String),
    /// A host name or the token cannot be used.
    #[error("{0}")]
    Access(String),
    /// The operations cannot be served together on one port.
    #[error("the operation tables do not fit together: {0}")]
    Routes(String),
    /// A call of the interface for tests failed.
    #[error("{0}")]
    Interface(String),
    /// The crash lab cannot make its experiment.
    #[error("{0}")]
    CrashLab(String),
    /// A page of the sandbox is broken.
    #[error("a page template is broken: {0}")]
    Template(String),
}
