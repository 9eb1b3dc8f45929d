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

/// The order stands once, in the runtime's own words: `lib.rs` lists the layers.
#[test]
fn layers_of_the_runtime_import_only_those_before_them() {
    let source = root().join("crates/payglot-runtime/src");
    let text = std::fs::read_to_string(source.join("lib.rs")).unwrap();
    let doc: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
    let layers: Vec<String> = doc
        .join(" ")
        .split("[`")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("`]")?.0.to_owned()))
        .filter(|name| source.join(name).is_dir())
        .collect();
    // A layer may be named twice; where it stands last is its place in the order.
    let order = |layer: &str| layers.iter().rposition(|known| known == layer);
    let folders: Vec<String> = std::fs::read_dir(&source)
        .unwrap()
        .filter_map(|entry| {
            let entry = entry.unwrap();
            entry.path().is_dir().then(|| entry.file_name().to_string_lossy().into_owned())
        })
        .collect();
    assert!(folders.len() >= 10, "{folders:?}");
    for folder in &folders {
        assert!(order(folder).is_some(), "lib.rs does not list the layer `{folder}`");
    }
    let layer = |file: &Path| {
        file.strip_prefix(&source).unwrap().iter().next().unwrap().to_string_lossy().into_owned()
    };
    let mut wrong = Vec::new();
    for (from, to) in rust::imports(&source).pairs() {
        let (from, to) = (layer(from), layer(to));
        if from != to && from != "lib.rs" && order(&from) < order(&to) {
            wrong.push(format!("{from} imports {to}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
