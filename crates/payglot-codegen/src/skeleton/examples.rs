//! Examples in hand-written docs, which speak of this repository's providers: in a generated tree they speak of its own.

use std::path::Path;

use crate::model::{Model, Replay};

/// What stands in this repository's examples, and what in those of a tree.
pub struct Examples(Vec<(&'static str, String)>);

impl Examples {
    /// The names of a tree's first provider.
    pub fn of(model: &Model) -> Self {
        let Some(provider) = model.providers.first() else { return Self(Vec::new()) };
        let config = &provider.config;
        let moves = |replay: Replay| matches!(replay, Replay::Money | Replay::Create);
        let paying = provider.operations.iter().find(|operation| moves(operation.replay));
        let operation = paying.or(provider.operations.first());
        let operation = operation.map_or("payments.create", |operation| &operation.name);
        // The longer ones first: a path is within a URL.
        Self(vec![
            (
                "https://api.sandbox.paywint.com/api/platform/users/list",
                "https://api.example.com/v1/things".into(),
            ),
            (
                "https://api.sandbox.paywint.com/api/platform/card/get-card/1",
                "https://api.example.com/v1/things/1".into(),
            ),
            ("https://api.sandbox.paywint.com", "https://api.example.com".into()),
            ("/api/platform/users/list", "/v1/things".into()),
            ("/api/platform/card/get-card/1", "/v1/things/1".into()),
            ("{\"rows_per_page\": 10, \"page_no\": 1}", "{\"size\": 10}".into()),
            ("a request of the Paywint Platform API", "a request with HMAC-SHA256".into()),
            ("a request to the Paywint Platform API", "a request with HMAC-SHA256".into()),
            ("of the Paywint Platform API", "of HMAC-SHA256".into()),
            ("PaywintPlatform", config.class.clone()),
            ("paywint_platform", config.module.clone()),
            ("paywint-platform", config.name.clone()),
            ("payments.create", operation.to_owned()),
            ("`platform_id` and `secret_key`", credentials(&config.credentials)),
        ])
    }

    /// A hand-written file of the bindings with the tree's examples. Other files hold the names that manifests are made of.
    pub fn placed(&self, path: &Path, text: String) -> String {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let is_source = ["rs", "py", "pyi", "cjs", "mjs", "cts", "mts", "ts"].contains(&ending);
        if !path.starts_with("bindings") || !is_source {
            return text;
        }
        self.0.iter().fold(text, |text, (from, to)| text.replace(from, to))
    }
}

fn credentials(all: &[crate::model::Credential]) -> String {
    let names: Vec<String> = all.iter().map(|known| format!("`{}`", known.name)).collect();
    if names.is_empty() { "`api_key`".to_owned() } else { names.join(" and ") }
}
