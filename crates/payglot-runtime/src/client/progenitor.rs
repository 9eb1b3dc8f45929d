//! What progenitor's generated clients ask of payglot: a host, and a signature on each request.
//!
//! Such a client sends what it is told, once, on the user's own `reqwest::Client`: no retries, no time limit and no
//! [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown) but what that client does by itself.

use std::sync::Arc;

use http::header::HeaderName;

use super::config::Config;
use crate::auth::Authenticator;
use crate::error::Error;
use crate::schema::{Operation, Provider};

/// The header with the document's version that progenitor adds to every request. No API here asks for it.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// Checks and signs the requests of one of progenitor's clients.
#[derive(Debug, Clone)]
pub struct Hooks {
    provider: &'static Provider,
    /// Without a slash at its end.
    base_url: String,
    base_path: String,
    authenticator: Arc<Authenticator>,
}

impl Hooks {
    /// Takes host and credentials from a configuration, and from the environment what is not there. The rest of a
    /// configuration is for payglot's own client.
    pub fn new(mut config: Config) -> Result<Self, Error> {
        let authenticator = config.authenticator()?;
        let base_url = config.resolve()?;
        Ok(Self {
            provider: config.provider,
            base_path: base_url.path().trim_end_matches('/').to_owned(),
            base_url: base_url.as_str().trim_end_matches('/').to_owned(),
            authenticator: Arc::new(authenticator),
        })
    }

    /// The host and base path of the client.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Signs a request that is about to be sent. `operation_id` is progenitor's name of the operation.
    pub fn sign(&self, request: &mut reqwest::Request, operation_id: &str) -> Result<(), Error> {
        let operation = self
            .provider
            .operations
            .iter()
            .find(|operation| is_name_of(operation.name, operation_id))
            .ok_or_else(|| Error::configuration("the client is of another version of payglot"))?;
        self.sign_operation(request, operation)
            .map_err(|error| error.with_operation(operation.name))
    }

    fn sign_operation(
        &self,
        request: &mut reqwest::Request,
        operation: &Operation,
    ) -> Result<(), Error> {
        let is_operation = request
            .url()
            .path()
            .strip_prefix(&self.base_path)
            .is_some_and(|path| is_path_of(operation.path, path));
        if !is_operation {
            return Err(Error::invalid_request(
                "path",
                "would lead to another operation: a path parameter is empty, or has a dot segment or a backslash in it",
            ));
        }
        request.headers_mut().remove(API_VERSION);
        let chosen = self.authenticator.choose(operation.security)?;
        self.authenticator.authenticate_reqwest_by(chosen, request)
    }
}

/// Whether progenitor's `cards_get` is the operation `cards.get`.
fn is_name_of(operation: &str, operation_id: &str) -> bool {
    let own = |byte| if byte == b'.' { b'_' } else { byte };
    operation.bytes().map(own).eq(operation_id.bytes())
}

/// Whether a path is one of a template. URL rules fold dot segments away and take a backslash for a slash, so a
/// parameter could make another path of it.
fn is_path_of(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if is_segment_of(wanted, given) => {}
            _ => return false,
        }
    }
}

fn is_segment_of(template: &str, segment: &str) -> bool {
    match template.split_once('{') {
        None => template == segment,
        Some(_) if segment.is_empty() => false,
        Some((before, rest)) => {
            let after = rest.rsplit_once('}').map_or("", |(_, after)| after);
            segment.len() > before.len() + after.len()
                && segment.starts_with(before)
                && segment.ends_with(after)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_cannot_lead_to_another_operation() {
        let template = "/users/{user_id}/cards/{card_id}.pdf";
        for (path, is_one) in [
            ("/users/u-1/cards/c%2F1.pdf", true),
            ("/users/u/1/cards/c.pdf", false),
            ("/users//cards/c.pdf", false),
            ("/users/u/cards/.pdf", false),
            ("/cards/c.pdf", false),
            ("/users/u/cards/c.pdf/", false),
            ("/admin/u/cards/c.pdf", false),
        ] {
            assert_eq!(is_path_of(template, path), is_one, "{path}");
        }
        assert!(is_name_of("gift_cards.list_products", "gift_cards_list_products"));
        assert!(!is_name_of("gift_cards.list", "gift_cards_list_products"));
    }
}
