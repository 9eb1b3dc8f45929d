//! No circle of imports crosses a folder, and the runtime's layers import downwards only.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use payglot_architecture::circles::Imports;
use payglot_architecture::{files, javascript, python, root, rust};

/// Every folder with a crate in it, found by its manifest.
fn crates() -> Vec<std::path::PathBuf> {
    let manifests = ["crates", "bindings", "xtask"]
        .iter()
        .flat_map(|folder| files(&root().join(folder), &["Cargo.toml"]));
    manifests.map(|manifest| manifest.parent().unwrap().join("src")).collect()
}

fn show(imports: &Imports) -> String {
    let root = root();
    let circles = imports.circles();
    let lines = circles.iter().map(|circle| {
        let files = circle
            .iter()
            .map(|file| file.strip_prefix(&root).unwrap_or(file).display().to_string());
        files.collect::<Vec<_>>().join(" <-> ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn no_circle_of_imports_crosses_a_folder_of_rust() {
    let crates = crates();
    assert!(crates.len() >= 9, "{crates:?}");
    let mut seen = 0;
    let mut found = String::new();
    for source in &crates {
        let imports = rust::imports(source);
        seen += imports.len();
        found += &show(&imports);
    }
    assert!(seen > 500, "only {seen} imports were read");
    assert!(found.is_empty(), "{found}");
}

#[test]
fn no_circle_of_imports_crosses_a_folder_of_python_or_node() {
    let python = python::imports(&root().join("bindings/python/python/payglot"));
    let node = javascript::imports(&root().join("bindings/node"));
    assert!(python.len() > 20 && node.len() > 20, "{} {}", python.len(), node.len());
    assert_eq!(show(&python), "");
    assert_eq!(show(&node), "");
}

/// Imports of a crate's folder by one that `lib.rs` lists before it. The order stands once, in the crate's own words.
fn upward_imports(source: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(source.join("lib.rs")).unwrap();
    let doc: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
    let layers: Vec<String> = doc
        .join(" ")
        .split("[`")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("`]")?.0.to_owned()))
        .filter(|name| source.join(name).is_dir())
        .collect();
    // A layer may be named twice; where it stands last is its position.
    let order = |layer: &str| layers.iter().rposition(|known| known == layer);
    let folders: Vec<String> = std::fs::read_dir(source)
        .unwrap()
        .filter_map(|entry| {
            let entry = entry.unwrap();
            entry.path().is_dir().then(|| entry.file_name().to_string_lossy().into_owned())
        })
        .collect();
    assert!(folders.len() >= 5, "{folders:?}");
    for folder in &folders {
        assert!(order(folder).is_some(), "lib.rs does not list the layer `{folder}`");
    }
    let layer = |file: &Path| {
        file.strip_prefix(source).unwrap().iter().next().unwrap().to_string_lossy().into_owned()
    };
    let mut wrong = Vec::new();
    for (from, to) in rust::imports(source).pairs() {
        let (from, to) = (layer(from), layer(to));
        // A file beside the folders puts the layers together.
        if from != to && folders.contains(&from) && order(&from) < order(&to) {
            wrong.push(format!("{from} imports {to}"));
        }
    }
    wrong
}

#[test]
fn layers_of_the_runtime_import_only_those_before_them() {
    let wrong = upward_imports(&root().join("crates/payglot-runtime/src"));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn steps_of_the_generator_import_only_those_before_them() {
    let wrong = upward_imports(&root().join("crates/payglot-codegen/src"));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What a target needs of another it asks through the trait.
#[test]
fn no_target_of_the_generator_imports_another() {
    let targets = root().join("crates/payglot-codegen/src/targets");
    let target = |file: &Path| {
        let relative = file.strip_prefix(&targets).ok()?;
        (relative.iter().count() > 1).then(|| relative.iter().next().unwrap().to_owned())
    };
    let mut seen = 0;
    for (from, to) in rust::imports(&root().join("crates/payglot-codegen/src")).pairs() {
        if let (Some(from_target), Some(to_target)) = (target(from), target(to)) {
            assert_eq!(from_target, to_target, "{} imports {}", from.display(), to.display());
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} imports were read");
}
