//! What the judges must know of a provider: its document, as the sandbox serves it, and how to sign.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use payglot_codegen::source;

use crate::demo::Sandbox;
use crate::shell::Run;

/// A provider under test.
pub struct Provider {
    /// `paywint-platform`
    pub name: String,
    /// `Paywint Platform API`
    pub title: String,
    /// `[auth]` of its configuration, and where the credentials are, as JSON.
    auth: String,
}

/// Every provider.
pub fn all(root: &Path) -> Result<Vec<Provider>> {
    let vendored = source::providers(&root.join("openapi"))?;
    vendored.into_iter().map(|vendored| Provider::new(&vendored.config)).collect()
}

impl Provider {
    fn new(config: &payglot_codegen::model::ProviderConfig) -> Result<Self> {
        let mut auth = serde_json::to_value(&config.auth)?;
        let credentials: BTreeMap<&str, &str> = config
            .credentials
            .iter()
            .map(|credential| (credential.name.as_str(), credential.env.as_str()))
            .collect();
        let fields = auth.as_object_mut().context("[auth] is no table")?;
        fields.insert("credentials".into(), serde_json::to_value(credentials)?);
        Ok(Self { name: config.name.clone(), title: config.title.clone(), auth: auth.to_string() })
    }

    /// Where a sandbox serves its document.
    pub fn document(&self, sandbox: &Sandbox) -> Result<String> {
        Ok(format!("{}/_sandbox/openapi/{}.json", sandbox.value("base_url")?, self.name))
    }

    /// Tells a program where the sandbox is, and how to sign for this provider.
    pub fn environment(&self, sandbox: &Sandbox, run: Run) -> Result<Run> {
        Ok(sandbox.environment(run)?.env("PAYGLOT_AUTH", &self.auth))
    }
}
