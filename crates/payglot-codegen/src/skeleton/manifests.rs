//! The manifests of a generated tree: this repository's, with what is of its own providers, tests and sandbox taken out.

use anyhow::{Context as _, Result};
use serde_json::{Value as Json, json};
use toml::{Table, Value};

use super::{Tree, read};
use crate::model::Model;

/// Crates that a generated tree depends on, by where they are in the repository.
const DEPENDENCIES: [(&str, &str); 3] = [
    ("payglot-runtime", "crates/payglot-runtime"),
    ("payglot-journal", "crates/payglot-journal"),
    ("payglot-bindings", "bindings/common"),
];

/// Writes them.
pub fn write(tree: &Tree<'_>, model: &Model) -> Result<()> {
    let providers: Vec<&str> =
        model.providers.iter().map(|provider| provider.feature.as_str()).collect();
    let titles: Vec<&str> =
        model.providers.iter().map(|provider| provider.config.title.as_str()).collect();
    let description = format!("Client of {}", titles.join(", "));
    edit(tree, "Cargo.toml", |manifest| workspace(tree, manifest))?;
    edit(tree, "crates/payglot/Cargo.toml", |manifest| core(manifest, &providers, &description))?;
    for binding in ["bindings/python/Cargo.toml", "bindings/node/Cargo.toml"] {
        edit(tree, binding, |manifest| {
            let package = table(manifest, "package")?;
            package.insert("description".into(), description.clone().into());
            package.remove("repository");
            Ok(())
        })?;
    }
    edit(tree, "bindings/python/pyproject.toml", |manifest| wheel(manifest, &description))?;
    let path = "bindings/node/package.json";
    let mut package = serde_json::from_str(&read(&tree.root.join(path))?).context(path)?;
    npm(&mut package, &description).context(path)?;
    tree.write(path.as_ref(), &format!("{}\n", serde_json::to_string_pretty(&package)?))
}

fn workspace(tree: &Tree<'_>, manifest: &mut Table) -> Result<()> {
    let workspace = table(manifest, "workspace")?;
    let members = ["crates/payglot", "bindings/python", "bindings/node"].map(Value::from);
    workspace.insert("members".into(), members.to_vec().into());
    workspace.remove("default-members");
    workspace.remove("exclude");
    // The runtime's address is not that of what is generated.
    table(workspace, "package")?.remove("repository");
    let dependencies = table(workspace, "dependencies")?;
    for of_payglot in ["payglot-codegen", "payglot-sandbox"] {
        dependencies.remove(of_payglot);
    }
    for (name, folder) in DEPENDENCIES {
        let path = tree.root.join(folder);
        table(dependencies, name)?.insert("path".into(), path.display().to_string().into());
    }
    // The profile of the command.
    table(manifest, "profile")?.remove("small");
    Ok(())
}

fn core(manifest: &mut Table, providers: &[&str], description: &str) -> Result<()> {
    let package = table(manifest, "package")?;
    package.insert("description".into(), description.into());
    package.remove("keywords");
    package.remove("repository");
    // Other features, such as those of HTTP clients, stay.
    let features = table(manifest, "features")?;
    let names: Vec<Value> = providers.iter().map(|&name| name.into()).collect();
    let ours = features.insert("providers".into(), names.into());
    for provider in ours.iter().filter_map(Value::as_array).flatten() {
        features.remove(provider.as_str().unwrap_or_default());
    }
    for &provider in providers {
        features.insert(provider.into(), Value::Array(Vec::new()));
    }
    // Tests and benchmarks stay behind, and with them what only they need.
    for section in ["bench", "dev-dependencies", "example", "test"] {
        manifest.remove(section);
    }
    // For the call in its README, which is compiled as a test.
    let tokio = toml::toml! { tokio = { version = "1", features = ["macros", "rt-multi-thread"] } };
    manifest.insert("dev-dependencies".into(), tokio.into());
    Ok(())
}

fn wheel(manifest: &mut Table, description: &str) -> Result<()> {
    let project = table(manifest, "project")?;
    project.insert("description".into(), description.into());
    for of_payglot in ["keywords", "optional-dependencies", "entry-points", "urls"] {
        project.remove(of_payglot);
    }
    Ok(())
}

fn npm(package: &mut Json, description: &str) -> Result<()> {
    let fields = package.as_object_mut().context("no object")?;
    fields.insert("description".into(), json!(description));
    for of_payglot in ["keywords", "repository", "scripts", "devDependencies", "typesVersions"] {
        fields.shift_remove(of_payglot);
    }
    let exports = fields.get_mut("exports").and_then(Json::as_object_mut).context("no exports")?;
    exports.shift_remove("./testing");
    let files = fields.get_mut("files").and_then(Json::as_array_mut).context("no files")?;
    files.retain(|file| file.as_str().is_some_and(|file| !file.starts_with("testing")));
    Ok(())
}

/// A manifest of this repository, changed.
fn edit(tree: &Tree<'_>, path: &str, change: impl FnOnce(&mut Table) -> Result<()>) -> Result<()> {
    let mut manifest = toml::from_str(&read(&tree.root.join(path))?).context(path.to_owned())?;
    change(&mut manifest).context(path.to_owned())?;
    tree.write(path.as_ref(), &toml::to_string_pretty(&manifest)?)
}

fn table<'t>(parent: &'t mut Table, name: &str) -> Result<&'t mut Table> {
    let found = parent.get_mut(name).and_then(Value::as_table_mut);
    found.with_context(|| format!("no [{name}]"))
}
