//! What a client shows to get a token by (OAuth 2.0, client credentials): RFC 6749, sections 2.3.1 and 4.4.2.

use base64::Engine as _;
use bytes::Bytes;
use form_urlencoded::byte_serialize;
use http::header::{AUTHORIZATION, HeaderValue};
use zeroize::Zeroizing;

use super::keys::header_value;
use crate::error::Error;
use crate::schema::ClientCredentials;

/// The request for a token, but for where it goes.
pub(crate) struct Grant {
    pub scheme: &'static ClientCredentials,
    /// Id and secret, unless they are in the form.
    pub authorization: Option<HeaderValue>,
    /// The form; wiped with its last copy.
    pub body: Bytes,
}

impl Grant {
    pub(super) fn new(
        scheme: &'static ClientCredentials,
        id: &str,
        secret: &str,
    ) -> Result<Self, Error> {
        let encoded = |text: &str| Zeroizing::new(byte_serialize(text.as_bytes()).collect());
        let (id, secret): (Zeroizing<String>, Zeroizing<String>) = (encoded(id), encoded(secret));
        let mut form = Zeroizing::new("grant_type=client_credentials".to_owned());
        if !scheme.scope.is_empty() {
            form.push_str("&scope=");
            form.extend(byte_serialize(scheme.scope.as_bytes()));
        }
        let authorization = if scheme.in_body {
            // Made as a whole: a text that grows would leave copies of the secret behind.
            form = Zeroizing::new([&form, "&client_id=", &id, "&client_secret=", &secret].concat());
            None
        } else {
            let pair = Zeroizing::new([&id, ":", &secret].concat());
            let encoded = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(&*pair));
            let value = Zeroizing::new(["Basic ", &encoded].concat());
            Some(header_value(AUTHORIZATION.as_str(), &value)?)
        };
        let body = Zeroizing::new(std::mem::take(&mut *form).into_bytes());
        Ok(Self { scheme, authorization, body: Bytes::from_owner(body) })
    }
}
