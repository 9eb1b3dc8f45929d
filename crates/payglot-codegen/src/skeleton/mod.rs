//! What a generated tree needs beside its generated files, so that it is a product of its own: the manifests and the thin
//! crates around generated code, for exactly its providers and with its names, a README, and what builds its packages.
//! The runtime is a dependency, and is not copied.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::model::Model;
use crate::output::Output;
use crate::targets::Targets;
use crate::targets::docs::Docs;
use crate::targets::node::Node;
use crate::targets::python::Python;
use crate::targets::rust::Rust;

use self::examples::Examples;

mod examples;
mod manifests;
mod product;
mod readme;

pub use product::{Product, named};

/// Builds the wheel and the npm package of a tree.
const BUILD: &str = include_str!("templates/build.py");

/// Hand-written sources, from the root of the repository.
const SOURCES: [&str; 10] = [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "clippy.toml",
    "rust-toolchain.toml",
    "crates/payglot/Cargo.toml",
    "crates/payglot/src",
    "bindings/python",
    "bindings/node",
    "tools/build-python.txt",
    "Cargo.lock",
];

/// Folders of this repository's tests.
const TESTS: [&str; 3] = ["tests", "test", "test-d"];

/// Files and folders that are made, or that only this repository needs.
const LEFT_OUT: [&str; 5] =
    ["target", "node_modules", "generated", "__pycache__", "package-lock.json"];

/// What needs the `payglot` command, which is of this repository's providers: it is no part of a tree.
const SANDBOX: [&str; 14] = [
    "__main__.py",
    "_command.py",
    "_crash_lab.py",
    "_pytest.py",
    "_sandbox_api.py",
    "command.cjs",
    "crash-lab.cjs",
    "sandbox-api.cjs",
    "testing.cjs",
    "testing.d.cts",
    "testing.d.mts",
    "testing.mjs",
    "testing.py",
    "scripts",
];

/// Writes the skeleton to `out`, from the repository at `root`.
pub fn write(root: &Path, out: &Path, product: &Product, model: &Model) -> Result<()> {
    // The generated tree names it, wherever the tree is and whatever folder the generator was started in.
    let root =
        &std::fs::canonicalize(root).with_context(|| format!("cannot read {}", root.display()))?;
    let tree = Tree { root, out, product, examples: Examples::of(model) };
    for source in SOURCES {
        tree.copy(Path::new(source))?;
    }
    let readme = readme::readme(product, model)?;
    for folder in ["", "bindings/python", "bindings/node", "crates/payglot"] {
        tree.write(&Path::new(folder).join("README.md"), &readme)?;
    }
    tree.save(Path::new("build.py"), BUILD)?;
    tree.write(
        Path::new(".gitignore"),
        "/target/\n/dist/\n/.tools/\n__pycache__/\n*.so\n*.node\n",
    )?;
    manifests::write(&tree, model)
}

/// The generated files of a tree, by its names, without those of the runtime and of this repository's tests.
pub fn files(product: &Product, outputs: Vec<Output>) -> Vec<Output> {
    let kept = outputs.into_iter().filter(|output| {
        let mut parts = output.path.iter().filter_map(|part| part.to_str());
        !output.path.starts_with("crates/payglot-runtime")
            && !parts.any(|part| TESTS.contains(&part))
    });
    kept.map(|output| Output {
        text: product.renamed(&output.path, &output.text),
        path: product.path_of(&output.path),
    })
    .collect()
}

/// The targets of a tree.
pub fn targets() -> Targets {
    Targets::new(vec![Box::new(Rust), Box::new(Python), Box::new(Node), Box::new(Docs)])
}

/// A tree that is being written.
struct Tree<'a> {
    root: &'a Path,
    out: &'a Path,
    product: &'a Product,
    examples: Examples,
}

impl Tree<'_> {
    /// Copies a file of the repository, or a folder with everything in it.
    fn copy(&self, path: &Path) -> Result<()> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_built = [".so", ".node", ".pyc"].iter().any(|ending| name.ends_with(ending));
        // What begins with a dot is a tool's: its settings for this repository, or its cache.
        let is_left_out = name.starts_with('.')
            || [&TESTS[..], &LEFT_OUT, &SANDBOX].iter().any(|names| names.contains(&name));
        if is_left_out || name.starts_with("_generated") || is_built {
            return Ok(());
        }
        let from = self.root.join(path);
        if !from.is_dir() {
            let text = read(&from)?;
            let is_core = path == Path::new("crates/payglot/src/lib.rs");
            let text = if is_core { with_readme(&text) } else { text };
            return self.write(path, &self.examples.placed(path, text));
        }
        let entries = std::fs::read_dir(&from);
        for entry in entries.with_context(|| format!("cannot read {}", from.display()))? {
            self.copy(&path.join(entry?.file_name()))?;
        }
        Ok(())
    }

    /// Writes a file that is at `path` in the repository, with the names of the tree.
    fn write(&self, path: &Path, text: &str) -> Result<()> {
        self.save(path, &self.product.renamed(path, text))
    }

    fn save(&self, path: &Path, text: &str) -> Result<()> {
        let to = self.out.join(self.product.path_of(path));
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent)
                .with_context(|| format!("cannot make {}", parent.display()))?;
        }
        std::fs::write(&to, text).with_context(|| format!("cannot write {}", to.display()))
    }
}

/// The core with the README of the tree as its docs: its own speak of this repository's providers.
fn with_readme(text: &str) -> String {
    let docs = "#![doc = include_str!(\"../README.md\")]\n";
    let code = text.lines().skip_while(|line| line.starts_with("//!"));
    code.fold(docs.to_owned(), |text, line| text + line + "\n")
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
