//! How each operation is authenticated: what `security` says of it, by the schemes of `provider.toml`.

use anyhow::{Result, bail};
use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::model::{Auth, Credential, Operation, ProviderConfig, Security};

/// What the document says of an operation. `None` beside it stands for the calls outside the document.
///
/// Where `provider.toml` has one scheme it is everybody's, but for operations that say `security: []` themselves: authors of
/// documents leave `security` out more often than not. Schemes by name are what the document's `security` means.
pub fn of(
    config: &ProviderConfig,
    document: &Value,
    operation: Option<&Value>,
    at: &str,
) -> Result<Security> {
    let own = operation.and_then(|operation| operation.get("security"));
    let Auth::Schemes { schemes } = &config.auth else {
        let is_open = own.and_then(Value::as_array).is_some_and(Vec::is_empty);
        return Ok(if is_open { Security::AnyOf(Vec::new()) } else { Security::Provider });
    };
    let said = own.or_else(|| document.get("security")).and_then(Value::as_array);
    let mut alternatives = Vec::new();
    for requirement in said.into_iter().flatten().filter_map(Value::as_object) {
        let mut combination = Vec::new();
        for name in requirement.keys() {
            let Some(position) = schemes.get_index_of(name) else {
                bail!(Diagnostic::edit(
                    at,
                    format!("security: provider.toml has no scheme `{name}`"),
                    format!("Add [auth.schemes.{name}] to provider.toml."),
                ));
            };
            combination.push(position);
        }
        alternatives.push(combination);
    }
    Ok(Security::AnyOf(alternatives))
}

/// What a call outside the document takes: what the document says of all operations, or else what its operations say.
pub fn default(
    config: &ProviderConfig,
    document: &Value,
    operations: &[Operation],
) -> Result<Vec<Vec<usize>>> {
    if let Security::AnyOf(said) = of(config, document, None, "$.security")?
        && !said.is_empty()
    {
        return Ok(said);
    }
    let mut found: Vec<Vec<usize>> = Vec::new();
    for operation in operations {
        let Security::AnyOf(alternatives) = &operation.security else { continue };
        for alternative in alternatives {
            if !found.contains(alternative) {
                found.push(alternative.clone());
            }
        }
    }
    Ok(found)
}

/// Marks the credentials that a client can do without: those that some operation does not need.
pub fn mark_optional(config: &mut ProviderConfig, operations: &[Operation]) {
    let Auth::Schemes { schemes } = &config.auth else { return };
    let needs = |operation: &Operation, name: &str| match &operation.security {
        Security::Provider => true,
        Security::AnyOf(alternatives) => {
            !alternatives.is_empty()
                && alternatives.iter().all(|combination| {
                    let mut schemes =
                        combination.iter().filter_map(|scheme| schemes.get_index(*scheme));
                    schemes.any(|(_, scheme)| scheme.credentials().any(|known| known == name))
                })
        }
    };
    for credential in &mut config.credentials {
        credential.optional =
            !operations.iter().all(|operation| needs(operation, &credential.name));
    }
}

/// What is wrong with `[auth]` and `[[credentials]]`.
pub fn check(config: &ProviderConfig) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut wrong = |problem: String, fix: &str| {
        found.push(Diagnostic::edit("provider.toml", problem, fix));
    };
    let is_known = |name: &str| config.credentials.iter().any(|known| known.name == name);
    for name in config.auth.credentials().filter(|name| !is_known(name)) {
        wrong(
            format!("auth: there is no credential `{name}`"),
            "Add it to [[credentials]], or correct [auth].",
        );
    }
    for url in token_urls(&config.auth) {
        if !url.starts_with('/') && !url.starts_with("https://") {
            wrong(
                format!("auth: `{url}` cannot give tokens: it is neither https nor a path"),
                "Set `token_url` to a URL that begins with https://, or to a path on the API's host.",
            );
        }
    }
    if let Auth::Schemes { schemes } = &config.auth {
        for (name, scheme) in schemes {
            if matches!(scheme, Auth::Schemes { .. } | Auth::Hmac { .. }) {
                wrong(
                    format!("auth: `{name}` cannot be one of several schemes"),
                    "A signature, and schemes by name, stand alone in [auth].",
                );
            }
        }
        for Credential { name, .. } in &config.credentials {
            if SETTERS.contains(&name.as_str()) {
                wrong(
                    format!("credentials: `{name}` is an option of every client already"),
                    "Choose another name.",
                );
            }
        }
    }
    found
}

fn token_urls(auth: &Auth) -> Vec<&str> {
    match auth {
        Auth::ClientCredentials { token_url, .. } => vec![token_url],
        Auth::Schemes { schemes } => schemes.values().flat_map(token_urls).collect(),
        _ => Vec::new(),
    }
}

/// Options of a client, which a credential cannot be called like.
pub const SETTERS: [&str; 25] = [
    "allow_insecure_http",
    "app_info",
    "base_url",
    "build",
    "build_progenitor",
    "ca_certificates",
    "connect_timeout",
    "credentials",
    "default_header",
    "empty_body",
    "environment",
    "http_client",
    "journal",
    "logger",
    "max_connections",
    "max_response_bytes",
    "max_retries",
    "no_proxy",
    "on_request",
    "on_response",
    "proxy",
    "raise_on_failed",
    "require_intent",
    "tag",
    "timeout",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_of_a_client_is_taken() {
        let template = include_str!("../../targets/rust/templates/provider/mod.rs.j2");
        let (_, builder) = template.split_once("impl ClientBuilder {").unwrap();
        let (builder, _) = builder.split_once("\n}\n").unwrap();
        let methods: Vec<_> = builder
            .lines()
            .filter_map(|line| line.trim().strip_prefix("pub fn ")?.split(['(', ' ']).next())
            .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
            .collect();
        assert!(methods.contains(&"timeout") && methods.len() > 15, "{methods:?}");
        let free: Vec<_> = methods.iter().filter(|name| !SETTERS.contains(name)).collect();
        assert!(free.is_empty(), "a credential could be called like these options: {free:?}");
    }
}
