//! Where operations are served: the document's servers, those of paths and operations, absolute and relative.

use anyhow::{Result, bail};
use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::model::{ProviderConfig, Server};

/// Where an operation is served: its own first server, or its path's. The document's are in `provider.toml`.
pub fn of(config: &ProviderConfig, item: &Value, operation: &Value, at: &str) -> Result<Server> {
    let Some(url) = [operation, item].into_iter().find_map(first) else { return Ok(Server::Base) };
    let url = url.trim_end_matches('/');
    let default = config.base_url.default_environment.as_deref();
    let base = default.and_then(|name| config.environments.get(name));
    let base = base.map_or("", |environment| environment.url.trim_end_matches('/'));
    if url == base {
        return Ok(Server::Base);
    }
    match origin(url) {
        None => {
            // Relative to the base URL; a path of its own is all it can be.
            let path = if url.starts_with('/') { url.to_owned() } else { format!("/{url}") };
            Ok(if url.is_empty() { Server::Path(String::new()) } else { Server::Path(path) })
        }
        Some((host, path)) if origin(base).is_some_and(|(known, _)| known == host) => {
            Ok(Server::Path(path.to_owned()))
        }
        Some((host, _)) if host.starts_with("https://") => Ok(Server::Host(url.to_owned())),
        Some(_) => bail!(Diagnostic::edit(
            at,
            format!("servers: {url} is not https"),
            "Correct or remove `servers` in overlay.yaml.",
        )),
    }
}

/// The first server of a document, a path or an operation, its variables filled with their defaults.
pub fn first(holder: &Value) -> Option<String> {
    let server = holder.get("servers")?.as_array()?.first()?;
    let mut url = server.get("url")?.as_str()?.to_owned();
    for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten()
    {
        let default = variable.get("default").and_then(Value::as_str).unwrap_or_default();
        url = url.replace(&format!("{{{name}}}"), default);
    }
    Some(url)
}

/// Scheme with host, and path, of an absolute URL.
pub fn origin(url: &str) -> Option<(&str, &str)> {
    let start = url.find("://")? + 3;
    let rest = url.get(start..)?;
    let end = rest.find('/').map_or(url.len(), |slash| start + slash);
    url.split_at_checked(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_an_origin_and_a_path() {
        assert_eq!(origin("https://a.example/v1/x"), Some(("https://a.example", "/v1/x")));
        assert_eq!(origin("https://a.example"), Some(("https://a.example", "")));
        assert_eq!(origin("/v1"), None);
        let server = serde_json::json!({"servers": [{
            "url": "https://{region}.example/v1", "variables": {"region": {"default": "eu"}},
        }]});
        assert_eq!(first(&server).as_deref(), Some("https://eu.example/v1"));
    }
}
