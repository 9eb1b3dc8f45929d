//! What is in a wheel or a native npm package, as a `CycloneDX` document: every crate with its version, licence and checksum, and
//! no path of the machine that built it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::npm::VERSION;
use crate::platforms::Platform;
use crate::shell::Run;

/// Writes that of a package of the workspace to `target/sbom/`. The same sources give the same bytes.
pub fn write(root: &Path, package: &str, platform: Platform) -> Result<PathBuf> {
    let tree = Run::cargo()
        .args(["tree", "--quiet", "--locked", "--edges", "normal", "--prefix", "none"])
        .args(["--target", platform.target, "--package", package, "--format", "{p}|{l}"])
        .at(root)
        .output()?;
    let lock = root.join("Cargo.lock");
    let lock = std::fs::read_to_string(lock).context("cannot read Cargo.lock")?;
    let document = document(package, &tree, &checksums(&lock)?)?;
    let folder = root.join("target/sbom");
    std::fs::create_dir_all(&folder).context("cannot make target/sbom")?;
    let path = folder.join(format!("{package}-{}.cyclonedx.json", platform.name));
    let text = format!("{}\n", serde_json::to_string_pretty(&document)?);
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// Of what cargo prints: `name v1.2.3 (more)|MIT`, a line for each crate.
fn document(package: &str, tree: &str, checksums: &BTreeMap<String, String>) -> Result<Value> {
    let lines: BTreeSet<&str> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    let mut components = Vec::new();
    for line in lines.into_iter().filter(|line| !line.is_empty()) {
        let (crate_, licence) =
            line.split_once('|').with_context(|| format!("cargo tree: {line}"))?;
        let mut words = crate_.split(' ');
        let name = words.next().unwrap_or_default();
        let version = words.next().unwrap_or_default().trim_start_matches('v');
        if name == package {
            continue;
        }
        let mut component = json!({
            "type": "library",
            "bom-ref": format!("pkg:cargo/{name}@{version}"),
            "name": name,
            "version": version,
            "purl": format!("pkg:cargo/{name}@{version}"),
        });
        if !licence.is_empty() {
            // Older crates write `MIT/Apache-2.0`.
            let licence = licence.replace('/', " OR ");
            set(&mut component, "licenses", json!([{ "expression": licence }]));
        }
        if let Some(checksum) = checksums.get(&format!("{name} {version}")) {
            set(&mut component, "hashes", json!([{ "alg": "SHA-256", "content": checksum }]));
        }
        if !components.contains(&component) {
            components.push(component);
        }
    }
    ensure!(components.len() > 20, "cargo tree shows only {} crates", components.len());
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": format!("pkg:cargo/{package}@{VERSION}"),
                "name": package,
                "version": VERSION,
            },
        },
        "components": components,
    }))
}

/// By name and version.
fn checksums(lock: &str) -> Result<BTreeMap<String, String>> {
    let lock: toml::Table = toml::from_str(lock).context("Cargo.lock")?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let text = |package: &toml::Value, key: &str| {
        package.get(key).and_then(toml::Value::as_str).map(str::to_owned)
    };
    let checksum = |package: &toml::Value| {
        let key = format!("{} {}", text(package, "name")?, text(package, "version")?);
        Some((key, text(package, "checksum")?))
    };
    Ok(packages.context("Cargo.lock has no packages")?.iter().filter_map(checksum).collect())
}

fn set(component: &mut Value, key: &str, value: Value) {
    if let Some(component) = component.as_object_mut() {
        component.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;

    use super::document;

    #[test]
    fn crates_are_named_once_with_licence_and_checksum_and_without_their_paths() {
        use std::fmt::Write as _;

        let mut tree = "mine v0.1.0 (/home/somebody/payglot)|MIT\n".to_owned();
        tree += "own v0.1.0 (/home/somebody/payglot/own)|MIT OR Apache-2.0\n";
        tree += "old v1.0.0|MIT/Apache-2.0\nold v1.0.0|MIT/Apache-2.0 (*)\n";
        for number in 0..25 {
            writeln!(tree, "filler{number} v0.0.1|MIT").unwrap();
        }
        let checksums = BTreeMap::from([("old 1.0.0".to_owned(), "abc".to_owned())]);
        let document = document("mine", &tree, &checksums).unwrap();
        let text = document.to_string();
        assert!(!text.contains("/home"), "{text}");
        assert_eq!(text.matches("\"purl\":\"pkg:cargo/old@1.0.0\"").count(), 1, "{text}");
        assert!(
            text.contains("MIT OR Apache-2.0") && text.contains("\"content\":\"abc\""),
            "{text}"
        );
        assert!(!text.contains("pkg:cargo/mine@0.1.0\",\"purl\""), "{text}");
    }
}
