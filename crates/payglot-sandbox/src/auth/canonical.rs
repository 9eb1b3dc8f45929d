//! The canonical string that a signature signs, built from the received request.

use payglot::schema::{HmacScheme, Part};
use sha2::{Digest, Sha256};

use super::{EmptyBody, ReceivedRequest};
use crate::basics::without_card_numbers;

/// The parts a signature may cover.
#[derive(Clone)]
pub(super) struct Signed {
    pub method: String,
    pub path: String,
    /// With its `?`, or empty.
    pub query: String,
    pub body: String,
    pub timestamp: String,
    pub nonce: String,
}

impl Signed {
    /// One for each form of the body that is accepted.
    pub fn accepted(
        received: &ReceivedRequest<'_>,
        empty_body: EmptyBody,
        values: &[(&str, &str)],
    ) -> Vec<Self> {
        let value =
            |name| values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value);
        let hash = body_hash(received.body);
        let bodies = match empty_body {
            EmptyBody::Omit if received.body.is_empty() => vec![String::new()],
            EmptyBody::Either if received.body.is_empty() => vec![hash, String::new()],
            _ => vec![hash],
        };
        let with_body = |body| Self {
            method: received.method.to_owned(),
            path: received.path.to_owned(),
            query: received.query.map(|query| format!("?{query}")).unwrap_or_default(),
            body,
            timestamp: value("timestamp").to_owned(),
            nonce: value("nonce").to_owned(),
        };
        bodies.into_iter().map(with_body).collect()
    }

    pub fn canonical(&self, scheme: &HmacScheme) -> String {
        let parts = scheme.canonical.iter().map(|part| match part {
            Part::Method => self.method.as_str(),
            Part::Path => &self.path,
            Part::Query => &self.query,
            Part::BodyHash => &self.body,
            Part::Timestamp => &self.timestamp,
            Part::Nonce => &self.nonce,
            Part::Literal(text) => text,
        });
        parts.collect::<Vec<_>>().join(scheme.separator)
    }

    /// The canonical string for the log. A body that was signed instead of its hash is not shown.
    pub fn shown(&self, scheme: &HmacScheme) -> String {
        let is_hash =
            self.body.len() == 64 && self.body.bytes().all(|byte| byte.is_ascii_hexdigit());
        let body = if is_hash || self.body.is_empty() { &*self.body } else { "[the body itself]" };
        let path = without_card_numbers(&self.path);
        let query = without_card_numbers(&self.query);
        Self { path, query, body: body.to_owned(), ..self.clone() }.canonical(scheme)
    }
}

/// Lower-case hex SHA-256.
pub(super) fn body_hash(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}
