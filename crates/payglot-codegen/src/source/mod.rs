//! Reads a provider's folder: the vendored document, its overlay and `provider.toml`, all as they are.
//!
//! It may use the file system and the formats YAML, JSON and TOML. It must not know what a document means: nothing is
//! looked up in it here.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use self::config::ProviderConfig;

pub mod config;
pub mod delivery;
pub mod errors;
mod yaml;

/// A provider's folder, read but not interpreted.
pub struct ProviderSource {
    /// The folder.
    pub folder: PathBuf,
    /// `openapi.yaml`, or `openapi.json`: the name of the document's file.
    pub file: String,
    /// The document.
    pub document: Value,
    /// `overlay.yaml`
    pub overlay: Value,
    /// `sandbox.yaml`, where there is one
    pub sandbox: Option<Value>,
    /// `provider.toml`
    pub config: ProviderConfig,
}

/// Every provider folder of `openapi`, by name.
pub fn providers(openapi: &Path) -> Result<Vec<ProviderSource>> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(openapi)
        .with_context(|| format!("cannot read {}", openapi.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("provider.toml").is_file())
        .collect();
    folders.sort();
    anyhow::ensure!(
        !folders.is_empty(),
        "no provider folder (with a provider.toml) in {}",
        openapi.display()
    );
    folders.iter().map(|folder| provider(folder)).collect()
}

/// One provider folder.
pub fn provider(folder: &Path) -> Result<ProviderSource> {
    let document = document_file(folder)?;
    let sandbox = folder.join("sandbox.yaml");
    Ok(ProviderSource {
        folder: folder.to_owned(),
        file: document.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        document: yaml(&document)?,
        overlay: yaml(&folder.join("overlay.yaml"))?,
        sandbox: sandbox.is_file().then(|| yaml(&sandbox)).transpose()?,
        config: config(&folder.join("provider.toml"))?,
    })
}

/// `openapi.yaml`, or `openapi.json`: the reader takes both.
fn document_file(folder: &Path) -> Result<PathBuf> {
    ["openapi.yaml", "openapi.json"]
        .iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file())
        .with_context(|| format!("{} has no openapi.yaml or openapi.json", folder.display()))
}

/// Reads YAML or JSON with the document's order of names.
pub fn yaml(path: &Path) -> Result<Value> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = text.trim_start_matches('\u{feff}');
    if path.extension().is_some_and(|ending| ending == "json") {
        return serde_json::from_str(text)
            .with_context(|| format!("{} is not JSON", path.display()));
    }
    yaml::read(text).with_context(|| format!("{} is not YAML", path.display()))
}

fn config(path: &Path) -> Result<ProviderConfig> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is not as it should be", path.display()))
}
