//! One request to an endpoint.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};

use crate::model::{Attempt, Endpoint, WEBHOOK_AGENT};

/// How long an endpoint may take, as upstream says.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A client that trusts what the system trusts; `None` where TLS cannot be set up.
pub(super) fn client() -> Option<reqwest::Client> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let tls =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .ok()?
            .with_root_certificates(roots)
            .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(format!("{WEBHOOK_AGENT}{}", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .timeout(TIMEOUT)
        .build()
        .ok()
}

/// Sends an event to an endpoint. The signature's timestamp is the machine's time, because receivers compare it
/// with theirs.
pub(super) async fn post(
    client: &reqwest::Client,
    endpoint: &Endpoint,
    body: String,
    at: Timestamp,
) -> Attempt {
    let started = Instant::now();
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let scheme = endpoint.scheme();
    let secret = endpoint.secret.expose().as_bytes();
    let signature = payglot::webhooks::sign(body.as_bytes(), seconds, secret, &scheme);
    let mut request = client
        .post(&endpoint.url)
        .header(CONTENT_TYPE, "application/json")
        .header(&*scheme.signature_header, signature);
    if let Some(header) = &scheme.timestamp_header {
        request = request.header(&**header, seconds);
    }
    // Only the status matters, so the response's body is not read.
    let response = request.body(body).send().await;
    Attempt {
        at,
        status: response.as_ref().ok().map(|response| response.status().as_u16()),
        problem: response.err().map(|error| problem(&error).to_owned()),
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// Why there was no response. The error's own text repeats the URL, which may hold a secret.
fn problem(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "no response within 5 seconds"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection ended without a response"
    }
}
