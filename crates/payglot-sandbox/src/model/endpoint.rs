//! Webhook endpoints and how deliveries to them are signed. They are settings, not state: a reset or a snapshot
//! does not change them.

use std::fmt;

use axum::http::HeaderName;
use payglot::schema::Encoding;
use payglot::webhooks::Scheme;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Api;
use crate::basics::Secret;

/// Most copies of one event.
const MOST_COPIES: u32 = 10;
/// Longest text of a setting.
const LONGEST: usize = 2048;

/// A webhook endpoint to register.
///
/// No vendor covered here publishes how it signs webhooks. The default is the sandbox's own scheme:
/// HMAC-SHA256 in hex over `timestamp.body`, in `X-Webhook-Signature` and `X-Webhook-Timestamp`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use = "an endpoint gets no events until it is registered"]
pub struct Webhook {
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) secret: Option<Secret>,
    /// Deliver the events of this provider only.
    #[serde(default)]
    pub(crate) provider: Option<String>,
    #[serde(default = "signature_header")]
    pub(crate) signature_header: String,
    /// Null where only the body is signed.
    #[serde(default = "timestamp_header")]
    pub(crate) timestamp_header: Option<String>,
    #[serde(default = "separator")]
    pub(crate) separator: String,
    #[serde(default)]
    pub(crate) prefix: String,
    #[serde(default)]
    pub(crate) encoding: Writing,
    /// How many times every event is sent: more than one makes duplicates.
    #[serde(default = "one")]
    pub(crate) copies: u32,
}

/// Shows no URL: it may hold a secret.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").finish_non_exhaustive()
    }
}

/// A registered webhook endpoint.
#[derive(Debug, Clone)]
pub struct Registered {
    /// Its id in the sandbox's interface for tests.
    pub id: Uuid,
    /// The signing key: the one that was set, or a random one.
    pub secret: Secret,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Writing {
    #[default]
    Hex,
    Base64,
}

fn signature_header() -> String {
    Scheme::default().signature_header.into_owned()
}

fn timestamp_header() -> Option<String> {
    Scheme::default().timestamp_header.map(Into::into)
}

fn separator() -> String {
    Scheme::default().separator.into_owned()
}

fn one() -> u32 {
    1
}

impl Webhook {
    /// An endpoint that gets every event; its secret is random unless [set](Self::secret).
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            secret: None,
            provider: None,
            signature_header: signature_header(),
            timestamp_header: timestamp_header(),
            separator: separator(),
            prefix: String::new(),
            encoding: Writing::Hex,
            copies: 1,
        }
    }

    /// The key of the signatures.
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(Secret::new(secret.into()));
        self
    }

    /// Delivers the events of this provider only, for example `paywint-platform`.
    pub fn provider(mut self, name: impl Into<String>) -> Self {
        self.provider = Some(name.into());
        self
    }

    /// Signs with another scheme. Its tolerance is not used: it is for receivers.
    pub fn scheme(mut self, scheme: &Scheme) -> Self {
        self.signature_header = scheme.signature_header.to_string();
        self.timestamp_header = scheme.timestamp_header.as_ref().map(ToString::to_string);
        self.separator = scheme.separator.to_string();
        self.prefix = scheme.prefix.to_string();
        self.encoding = match scheme.encoding {
            Encoding::Hex => Writing::Hex,
            Encoding::Base64 => Writing::Base64,
        };
        self
    }

    /// Sends every event this many times: more than one makes duplicates.
    pub fn copies(mut self, copies: u32) -> Self {
        self.copies = copies;
        self
    }

    /// The field that is wrong, if any, and why.
    pub(crate) fn problem(&self) -> Option<(&'static str, &'static str)> {
        let is_header = |name: &str| HeaderName::try_from(name).is_ok();
        let url = Url::parse(&self.url).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if url.is_none() || self.url.len() > LONGEST {
            Some(("url", "Input should be an http or https URL"))
        } else if self.secret.as_ref().is_some_and(|secret| secret.expose().is_empty()) {
            Some(("secret", "Input should not be empty"))
        } else if self.provider.as_deref().is_some_and(|name| Api::of(name).is_none()) {
            Some(("provider", "Input should be paywint-platform or paywint-developer"))
        } else if !is_header(&self.signature_header) {
            Some(("signature_header", "Input should be the name of a header"))
        } else if self.timestamp_header.as_deref().is_some_and(|name| !is_header(name)) {
            Some(("timestamp_header", "Input should be the name of a header, or null"))
        } else if !(1..=MOST_COPIES).contains(&self.copies) {
            Some(("copies", "Input should be from 1 to 10"))
        } else if self.prefix.len() > LONGEST || self.prefix.chars().any(char::is_control) {
            Some(("prefix", "Input should be short plain text"))
        } else {
            None
        }
    }
}

/// A registered endpoint, as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    pub id: Uuid,
    pub url: String,
    pub secret: Secret,
    pub api: Option<Api>,
    signature_header: String,
    timestamp_header: Option<String>,
    separator: String,
    prefix: String,
    encoding: Writing,
    pub copies: u32,
    /// Whether its deliveries wait.
    pub held: bool,
}

impl Endpoint {
    /// The id is made from the URL, so registering a URL again replaces its settings.
    pub fn new(webhook: Webhook, secret: Secret) -> Self {
        let mut id = [0; 16];
        id.iter_mut().zip(Sha256::digest(&webhook.url)).for_each(|(to, from)| *to = from);
        Self {
            id: uuid::Builder::from_random_bytes(id).into_uuid(),
            secret,
            api: webhook.provider.as_deref().and_then(Api::of),
            url: webhook.url,
            signature_header: webhook.signature_header,
            timestamp_header: webhook.timestamp_header,
            separator: webhook.separator,
            prefix: webhook.prefix,
            encoding: webhook.encoding,
            copies: webhook.copies,
            held: false,
        }
    }

    pub fn subscribes_to(&self, api: Api) -> bool {
        self.api.is_none_or(|own| own == api)
    }

    pub fn scheme(&self) -> Scheme {
        Scheme {
            signature_header: self.signature_header.clone().into(),
            timestamp_header: self.timestamp_header.clone().map(Into::into),
            separator: self.separator.clone().into(),
            prefix: self.prefix.clone().into(),
            encoding: match self.encoding {
                Writing::Hex => Encoding::Hex,
                Writing::Base64 => Encoding::Base64,
            },
            ..Scheme::default()
        }
    }

    /// The URL without the parts that may hold a secret.
    pub fn shown_url(&self) -> String {
        let Ok(mut url) = Url::parse(&self.url) else { return String::new() };
        // An HTTP URL always accepts these.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        if url.query().is_some() {
            url.set_query(Some("…"));
        }
        url.set_fragment(None);
        url.to_string().replace("%E2%80%A6", "…")
    }

    /// For lists: without the secret.
    pub fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "url": self.shown_url(),
            "provider": self.api.map(Api::provider),
            "signature_header": self.signature_header,
            "timestamp_header": self.timestamp_header,
            "separator": self.separator,
            "prefix": self.prefix,
            "encoding": self.encoding,
            "copies": self.copies,
            "held": self.held,
        })
    }
}
