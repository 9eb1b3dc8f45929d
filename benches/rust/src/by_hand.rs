//! What one would write by hand with reqwest, hmac and serde.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{ID, PLATFORM_ID, SECRET};

/// As a careful person writes it: the key's state made once, typed responses, one connection pool.
pub struct ByHand {
    http: reqwest::Client,
    base: String,
    mac: Hmac<Sha256>,
}

#[derive(Deserialize)]
struct Envelope {
    success: bool,
    data: Option<Card>,
}

/// A card, decoded as a user would have it.
#[derive(Deserialize)]
#[allow(missing_docs)] // as the vendor has them
pub struct Card {
    pub user_id: Option<String>,
    pub card_id: Option<String>,
    pub card_number: Option<String>,
    pub card_exp: Option<String>,
    pub card_nick_name: Option<String>,
    pub card_type: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub address: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub zip: Option<String>,
    pub country: Option<String>,
    pub is_blocked: Option<bool>,
    pub card_images_required: Option<bool>,
    pub withdrawal_confirm_required: Option<bool>,
    pub payment_confirm_required: Option<bool>,
    pub compliance_check_required: Option<bool>,
    pub is_limited: Option<bool>,
}

/// reqwest as both sides of the comparison have it.
pub fn http_client() -> Result<reqwest::ClientBuilder> {
    // The TLS of payglot's build, which has no default; without the variable there is none on the way.
    let mut roots = rustls::RootCertStore::empty();
    if let Some(file) = std::env::var_os("SSL_CERT_FILE") {
        for certificate in CertificateDer::pem_file_iter(file)? {
            roots.add(certificate?)?;
        }
    }
    let mut tls = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(reqwest::Client::builder().tls_backend_preconfigured(tls))
}

impl ByHand {
    /// Responses come from this host.
    pub fn new(url: &str) -> Result<Self> {
        let http = http_client()?.timeout(Duration::from_secs(30)).build()?;
        Ok(Self { http, base: url.to_owned(), mac: key()? })
    }

    /// Gets the card.
    pub async fn card(&self) -> Result<Card> {
        let path = format!("/api/platform/card/get-card/{ID}");
        let signature = signature(&self.mac, "GET", &path, b"");
        let request = self
            .http
            .get(format!("{}{path}", self.base))
            .header("X-Platform-ID", PLATFORM_ID)
            .header("X-Signature", signature);
        let response = request.send().await?.error_for_status()?;
        let envelope: Envelope = serde_json::from_slice(&response.bytes().await?)?;
        ensure!(envelope.success, "refused");
        envelope.data.context("no card")
    }
}

/// The key's state, to be made once.
pub fn key() -> Result<Hmac<Sha256>> {
    Ok(Hmac::new_from_slice(SECRET.as_bytes())?)
}

/// The signature of a request without a query.
pub fn signature(key: &Hmac<Sha256>, method: &str, path: &str, body: &[u8]) -> String {
    let mut mac = key.clone();
    mac.update(method.as_bytes());
    mac.update(path.as_bytes());
    mac.update(hex::encode(Sha256::digest(body)).as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
