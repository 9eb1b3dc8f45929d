//! A sparse index of crates as files, instead of crates.io: payglot's crates as they would be published, and all that
//! `Cargo.lock` names, from what cargo has downloaded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::files::copy;
use crate::publish::{CRATES, package};
use crate::registries::write;
use crate::shell::Run;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    source: Option<String>,
    dependencies: Vec<Dependency>,
    features: BTreeMap<String, Vec<String>>,
    links: Option<String>,
    rust_version: Option<String>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    req: String,
    kind: Option<String>,
    rename: Option<String>,
    optional: bool,
    uses_default_features: bool,
    features: Vec<String>,
    target: Option<String>,
}

/// Writes the index and the files that it names; `url` is where `folder` will be found.
pub fn fill(root: &Path, folder: &Path, url: &str) -> Result<()> {
    let packed = package(root)?;
    let metadata = Run::cargo().args(["metadata", "--format-version", "1", "--locked"]);
    let metadata: Metadata =
        serde_json::from_str(&metadata.at(root).output()?).context("cargo metadata")?;
    let mut index: BTreeMap<String, String> = BTreeMap::new();
    let mut own = 0;
    for one in &metadata.packages {
        let file = format!("{}-{}.crate", one.name, one.version);
        let found = if one.source.is_some() {
            downloaded(&file)?
        } else if CRATES.contains(&one.name.as_str()) {
            own += 1;
            packed.join(&file)
        } else {
            continue;
        };
        let bytes =
            std::fs::read(&found).with_context(|| format!("cannot read {}", found.display()))?;
        copy(&found, &folder.join("files").join(&file))?;
        let line = line(one, &hex::encode(Sha256::digest(&bytes)));
        *index.entry(location(&one.name)).or_default() += &format!("{line}\n");
    }
    ensure!(own == CRATES.len(), "{own} of {} crates are in the workspace", CRATES.len());
    for (location, lines) in index {
        write(&folder.join(location), &lines)?;
    }
    let config = json!({ "dl": format!("{url}/files/{{crate}}-{{version}}.crate"), "api": null });
    write(&folder.join("config.json"), &config.to_string())
}

/// A crate's file, where cargo keeps what it has downloaded.
fn downloaded(file: &str) -> Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let cache = home.context("no folder of cargo")?.join("registry/cache");
    let entries =
        std::fs::read_dir(&cache).with_context(|| format!("cannot read {}", cache.display()))?;
    let mut files = entries.filter_map(|entry| Some(entry.ok()?.path().join(file)));
    files.find(|file| file.is_file()).with_context(|| format!("cargo has not downloaded {file}"))
}

/// Where a crate is in an index.
fn location(name: &str) -> String {
    let name = name.to_lowercase();
    let part = |range: std::ops::Range<usize>| name.get(range).unwrap_or_default();
    match name.len() {
        1 => format!("1/{name}"),
        2 => format!("2/{name}"),
        3 => format!("3/{}/{name}", part(0..1)),
        _ => format!("{}/{}/{name}", part(0..2), part(2..4)),
    }
}

/// A version's line of the index.
fn line(package: &Package, checksum: &str) -> Value {
    let dependencies = package.dependencies.iter();
    // Those for tests too: features may name them.
    let dependencies: Vec<Value> = dependencies
        .map(|dependency| {
            // A renamed one has the new name in `name` and its own in `package`.
            let own = dependency.rename.is_some().then_some(&dependency.name);
            json!({
                "name": dependency.rename.as_ref().unwrap_or(&dependency.name),
                "package": own,
                "req": dependency.req,
                "features": dependency.features,
                "optional": dependency.optional,
                "default_features": dependency.uses_default_features,
                "target": dependency.target,
                "kind": dependency.kind.as_deref().unwrap_or("normal"),
            })
        })
        .collect();
    json!({
        "name": package.name,
        "vers": package.version,
        "deps": dependencies,
        "cksum": checksum,
        // The second form of features knows `dep:`.
        "features": {},
        "features2": package.features,
        "v": 2,
        "links": package.links,
        "rust_version": package.rust_version,
        "yanked": false,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::{Package, line, location};

    #[test]
    fn a_crate_is_where_cargo_looks_for_it() {
        let wanted = ["1/a", "2/h2", "3/f/foo", "pa/yg/payglot", "se/rd/serde_json"];
        let names = ["a", "h2", "Foo", "payglot", "serde_json"];
        assert_eq!(names.map(location), wanted);
    }

    #[test]
    fn a_line_has_what_users_of_the_crate_need() {
        let package: Package = serde_json::from_value(json!({
            "name": "payglot", "version": "0.2.0", "source": null, "links": null, "rust_version": "1.89",
            "features": { "default": ["journal"], "journal": ["dep:kept"] },
            "dependencies": [
                { "name": "payglot-journal", "req": "^0.2.0", "kind": null, "rename": "kept", "optional": true,
                  "uses_default_features": true, "features": ["x"], "target": "cfg(unix)" },
                { "name": "trybuild", "req": "^1", "kind": "dev", "rename": null, "optional": false,
                  "uses_default_features": true, "features": [], "target": null },
            ],
        }))
        .unwrap();
        let line = line(&package, "ab12");
        let dependency = line.pointer("/deps/0").unwrap();
        assert_eq!(line.get("deps").and_then(Value::as_array).unwrap().len(), 2);
        assert_eq!(line.pointer("/deps/1/kind"), Some(&json!("dev")));
        assert_eq!(dependency.get("name"), Some(&json!("kept")));
        assert_eq!(dependency.get("package"), Some(&json!("payglot-journal")));
        assert_eq!(dependency.get("kind"), Some(&json!("normal")));
        assert_eq!(dependency.get("target"), Some(&json!("cfg(unix)")));
        assert_eq!(line.pointer("/features2/journal/0"), Some(&json!("dep:kept")));
        assert_eq!(line.get("cksum"), Some(&json!("ab12")));
        assert!(!line.to_string().contains('\n'));
    }
}
