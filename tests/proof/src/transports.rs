//! The transports under proof, and what each of them can know.

use std::time::Duration;

use anyhow::{Context as _, Result};
use payglot::transport::{ReqwestTransport, SharedTransport};
use reqwest::StatusCode;
use reqwest_middleware::{ClientBuilder, Middleware, Next};

use crate::plan::{Fault, Stop};

/// Time to connect, for every transport.
pub const CONNECT_TIMEOUT: Duration = Duration::from_millis(200);

/// What sends the requests of a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// The built-in transport.
    BuiltIn,
    /// `ReqwestTransport::build`.
    ReqwestBuilt,
    /// A finished `reqwest::Client`, here one that follows redirects and tries 503 again.
    ReqwestClient,
    /// A stack of `reqwest_middleware`, here one that makes an error of its own out of 503.
    Middleware,
}

impl Sender {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::BuiltIn, Self::ReqwestBuilt, Self::ReqwestClient, Self::Middleware];

    /// Its name for users.
    pub fn name(self) -> &'static str {
        match self {
            Self::BuiltIn => "built in",
            Self::ReqwestBuilt => "`ReqwestTransport::build`",
            Self::ReqwestClient => "`reqwest::Client`",
            Self::Middleware => "`reqwest_middleware`",
        }
    }

    /// A new one; `None` for the built-in.
    pub fn transport(self, certificate: &str) -> Result<Option<SharedTransport>> {
        if self == Self::BuiltIn {
            return Ok(None);
        }
        // reqwest takes its TLS from the process; that it is set already is fine.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let certificate = reqwest::Certificate::from_pem(certificate.as_bytes()).context("PEM")?;
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .tls_certs_only([certificate]);
        let transport = match self {
            Self::BuiltIn => return Ok(None),
            Self::ReqwestBuilt => ReqwestTransport::build(builder).context("reqwest")?.into(),
            Self::ReqwestClient => builder.retry(retries()).build().context("reqwest")?.into(),
            Self::Middleware => {
                let client = builder.build().context("reqwest")?;
                ClientBuilder::new(client).with(UnavailableIsAnError).build().into()
            }
        };
        Ok(Some(transport))
    }

    /// Whether it knows that nothing was sent when this befalls it; `None` where that depends on the moment.
    pub fn knows_nothing_was_sent(self, fault: Fault) -> Option<bool> {
        match (self, fault) {
            // reqwest does not say that it is still connecting when a call is given up; on a machine that is busy
            // its own time to connect may run out before that of the call.
            (
                Self::ReqwestBuilt,
                Fault::NoConnection(Stop::Deadline) | Fault::NoHandshake(Stop::Deadline),
            )
            | (_, Fault::HangUp) => None,
            (Self::BuiltIn | Self::ReqwestBuilt, fault) => Some(fault.is_of_the_host()),
            (Self::ReqwestClient | Self::Middleware, _) => Some(false),
        }
    }
}

/// The worst that a client can bring along: it would send a payment three times.
fn retries() -> reqwest::retry::Builder {
    reqwest::retry::for_host("127.0.0.1").max_retries_per_request(2).classify_fn(|attempt| {
        if attempt.status() == Some(StatusCode::SERVICE_UNAVAILABLE) {
            attempt.retryable()
        } else {
            attempt.success()
        }
    })
}

/// Fails after the response has come: an error of a stack does not mean that nothing was sent.
struct UnavailableIsAnError;

#[async_trait::async_trait]
impl Middleware for UnavailableIsAnError {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut http::Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let response = next.run(request, extensions).await?;
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            let error = anyhow::anyhow!("unavailable");
            return Err(reqwest_middleware::Error::Middleware(error));
        }
        Ok(response)
    }
}
