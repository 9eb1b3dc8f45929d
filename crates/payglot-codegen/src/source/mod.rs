//! Reads a provider's folder: the vendored document, its overlay and `provider.toml`, all as they are.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::model::names;
use crate::model::{ErrorClass, ProviderConfig};

/// A provider's folder, read but not interpreted.
pub struct Vendored {
    /// The folder.
    pub folder: PathBuf,
    /// `openapi.yaml`
    pub document: Value,
    /// `overlay.yaml`
    pub overlay: Value,
    /// `sandbox.yaml`, where there is one
    pub sandbox: Option<Value>,
    /// `provider.toml`
    pub config: ProviderConfig,
}

/// Every provider folder of `openapi`, by name.
pub fn providers(openapi: &Path) -> Result<Vec<Vendored>> {
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
pub fn provider(folder: &Path) -> Result<Vendored> {
    let document = document_file(folder)?;
    let sandbox = folder.join("sandbox.yaml");
    Ok(Vendored {
        folder: folder.to_owned(),
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
        .with_context(|| format!("{} has no openapi.yaml", folder.display()))
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
    let value: serde_yaml_ng::Value =
        serde_yaml_ng::from_str(text).with_context(|| format!("{} is not YAML", path.display()))?;
    json(value).with_context(|| format!("{} is not a document", path.display()))
}

/// YAML as JSON: a status may be written as a number there.
fn json(value: serde_yaml_ng::Value) -> Result<Value> {
    use serde_yaml_ng::Value as Yaml;
    Ok(match value {
        Yaml::Mapping(map) => {
            let mut entries = serde_json::Map::new();
            for (name, value) in map {
                let name = match name {
                    Yaml::String(name) => name,
                    Yaml::Number(name) => name.to_string(),
                    Yaml::Bool(name) => name.to_string(),
                    other => anyhow::bail!("a name is not text: {other:?}"),
                };
                entries.insert(name, json(value)?);
            }
            Value::Object(entries)
        }
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(json).collect::<Result<_>>()?),
        Yaml::Tagged(tagged) => json(tagged.value)?,
        scalar => serde_json::to_value(scalar)?,
    })
}

/// Modules that the core has beside its providers.
const MODULES: [&str; 4] = ["errors", "providers", "runtime", "schema"];

fn config(path: &Path) -> Result<ProviderConfig> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let config: ProviderConfig = toml::from_str(&text)
        .with_context(|| format!("{} is not as it should be", path.display()))?;
    let module = &config.module;
    anyhow::ensure!(
        names::rust(&names::snake(module)) == *module && !MODULES.contains(&module.as_str()),
        "{}: `{module}` cannot be the name of a module",
        path.display()
    );
    Ok(config)
}

/// The error table.
pub fn errors(path: &Path) -> Result<Vec<ErrorClass>> {
    #[derive(serde::Deserialize)]
    struct Table {
        errors: Vec<ErrorClass>,
    }
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let table: Table = toml::from_str(&text)
        .with_context(|| format!("{} is not as it should be", path.display()))?;
    for (position, class) in table.errors.iter().enumerate() {
        let is_known = |parent: &String| {
            table.errors.iter().take(position).any(|earlier| earlier.name == *parent)
        };
        anyhow::ensure!(
            class.parent.as_ref().is_none_or(is_known),
            "{}: the parent of {} must stand before it",
            path.display(),
            class.name
        );
    }
    Ok(table.errors)
}
