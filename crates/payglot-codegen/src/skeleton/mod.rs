//! What a generated tree needs beside its generated files, so that it builds on its own: the manifests and the thin
//! crates around generated code, for exactly its providers. The runtime is a dependency, and is not copied.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::model::Model;

/// Hand-written sources, from the root of the repository.
const SOURCES: [&str; 11] = [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "clippy.toml",
    "rust-toolchain.toml",
    "crates/payglot/Cargo.toml",
    "crates/payglot/src",
    "bindings/python",
    "bindings/node",
    "openapi/README.md",
    "openapi/errors.toml",
    "Cargo.lock",
];

/// Files and folders that are made, or that only this repository needs.
const LEFT_OUT: [&str; 8] = [
    "target",
    "node_modules",
    "tests",
    "test",
    "test-d",
    "generated",
    "__pycache__",
    ".pytest_cache",
];

/// Crates that a generated tree depends on, by where they are in the repository.
const DEPENDENCIES: [(&str, &str); 3] = [
    ("payglot-runtime", "crates/payglot-runtime"),
    ("payglot-journal", "crates/payglot-journal"),
    ("payglot-bindings", "bindings/common"),
];

/// Copies the skeleton from the repository to `out`.
pub fn write(root: &Path, out: &Path, model: &Model) -> Result<()> {
    // The generated tree names it, wherever the tree is and whatever folder the generator was started in.
    let root =
        &std::fs::canonicalize(root).with_context(|| format!("cannot read {}", root.display()))?;
    for source in SOURCES {
        copy(&root.join(source), &out.join(source))?;
    }
    let text = read(&root.join("Cargo.toml"))?;
    let mut workspace: toml::Table = toml::from_str(&text).context("Cargo.toml")?;
    let members = ["crates/payglot", "bindings/python", "bindings/node"].map(toml::Value::from);
    if let Some(table) = workspace.get_mut("workspace").and_then(toml::Value::as_table_mut) {
        table.insert("members".into(), members.to_vec().into());
        table.remove("default-members");
        table.remove("exclude");
        let dependencies = table.get_mut("dependencies").and_then(toml::Value::as_table_mut);
        let dependencies = dependencies.context("Cargo.toml: no [workspace.dependencies]")?;
        for (name, folder) in DEPENDENCIES {
            let dependency = dependencies.get_mut(name).and_then(toml::Value::as_table_mut);
            let dependency = dependency.with_context(|| format!("Cargo.toml: no `{name}`"))?;
            let path = root.join(folder);
            dependency.insert("path".into(), path.display().to_string().into());
        }
    }
    save(&out.join("Cargo.toml"), &toml::to_string_pretty(&workspace)?)?;

    let manifest = out.join("crates/payglot/Cargo.toml");
    let mut package: toml::Table =
        toml::from_str(&read(&manifest)?).context("crates/payglot/Cargo.toml")?;
    let names: Vec<toml::Value> =
        model.providers.iter().map(|provider| provider.feature.clone().into()).collect();
    // Other features, such as those of HTTP clients, stay.
    let mut features = package
        .get("features")
        .and_then(toml::Value::as_table)
        .cloned()
        .context("crates/payglot/Cargo.toml: no [features]")?;
    let ours = features.insert("providers".into(), names.into());
    for provider in ours.iter().filter_map(toml::Value::as_array).flatten() {
        features.remove(provider.as_str().unwrap_or_default());
    }
    for provider in &model.providers {
        features.insert(provider.feature.clone(), toml::Value::Array(Vec::new()));
    }
    package.insert("features".into(), features.into());
    // Tests and benchmarks stay behind, and with them what only they need.
    for section in ["bench", "dev-dependencies", "example", "test"] {
        package.remove(section);
    }
    save(&manifest, &toml::to_string_pretty(&package)?)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let name = from.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_built = [".so", ".node", ".pyc"].iter().any(|ending| name.ends_with(ending));
    if LEFT_OUT.contains(&name) || name.starts_with("_generated") || is_built {
        return Ok(());
    }
    if from.is_dir() {
        for entry in
            std::fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))?
        {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        std::fs::create_dir_all(parent)
            .with_context(|| format!("cannot make {}", parent.display()))?;
    }
    std::fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn save(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
