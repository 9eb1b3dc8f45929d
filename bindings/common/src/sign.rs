//! Signing as a function, for use with any HTTP client.

use payglot_runtime::EmptyBody;
use payglot_runtime::schema::{Auth, Provider};

/// The signature of a request by the scheme of the first provider that signs; `None` where none does.
///
/// `path` and `query` are as on the wire (`query` with its `?`, or empty), `body` is the exact bytes sent.
pub fn sign(
    providers: &[&'static Provider],
    secret: &[u8],
    method: &str,
    path: &str,
    query: &str,
    body: &[u8],
    empty_body: EmptyBody,
) -> Option<String> {
    let scheme = providers.iter().find_map(|provider| match provider.auth {
        Auth::Hmac(scheme) => Some(scheme),
        _ => None,
    })?;
    Some(payglot_runtime::auth::sign(scheme, secret, method, path, query, body, empty_body))
}
