//! What one would write by hand with reqwest, hmac and serde.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rustls::crypto::ring;
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
    // The TLS of payglot's build, which has no default; there is none on the way to the canned responses.
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(reqwest::Client::builder().tls_backend_preconfigured(tls))
}

impl ByHand {
    /// Responses come from this host.
    pub fn new(url: &str) -> Result<Self> {
        let http = http_client()?.timeout(Duration::from_secs(30)).build()?;
        let mac = Hmac::new_from_slice(SECRET.as_bytes())?;
        Ok(Self { http, base: url.to_owned(), mac })
    }

    fn sign(&self, method: &str, path: &str, body: &[u8]) -> String {
        let mut mac = self.mac.clone();
        mac.update(method.as_bytes());
        mac.update(path.as_bytes());
        mac.update(hex::encode(Sha256::digest(body)).as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }
    /// Gets the card.
    pub async fn card(&self) -> Result<Card> {
        let path = format!("/api/platform/card/get-card/{ID}");
        let signature = self.sign("GET", &path, b"");
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
