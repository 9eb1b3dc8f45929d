//! Keeps the folders of the machine that builds out of what is shipped.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::shell::Run;

/// Adds flags of Rust's compiler, and those that take the folders of this machine out of what it makes. A build without either is as
/// others are, and takes what they have compiled.
pub fn with_flags(run: Run, root: &Path, hide: bool, more: &[&str]) -> Result<Run> {
    if !hide && more.is_empty() {
        return Ok(run);
    }
    let mut flags = std::env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_else(|_| {
        let words = std::env::var("RUSTFLAGS").unwrap_or_default();
        words.split_whitespace().collect::<Vec<_>>().join(SEPARATOR)
    });
    let folders = if hide { build_folders(root)? } else { Vec::new() };
    let folders = folders.into_iter();
    let folders = folders.map(|(folder, name)| format!("--remap-path-prefix={folder}={name}"));
    for flag in folders.chain(more.iter().map(|&flag| flag.to_owned())) {
        let between = if flags.is_empty() { "" } else { SEPARATOR };
        flags += &format!("{between}{flag}");
    }
    Ok(run.env("CARGO_ENCODED_RUSTFLAGS", flags))
}

/// The folders of this machine that a build reads sources from, each with a name that tells nothing.
pub fn build_folders(root: &Path) -> Result<Vec<(String, &'static str)>> {
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let folders = [(Some(root.to_owned()), "payglot"), (cargo, "cargo")];
    let folders = folders.into_iter().filter_map(|(folder, name)| Some((folder?, name)));
    folders
        .map(|(folder, name)| {
            let folder = folder.to_str().context("a path is not UTF-8")?;
            Ok((folder.to_owned(), name))
        })
        .collect()
}

/// Whether a file has this text in it.
pub fn holds(file: &Path, text: &str) -> Result<bool> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

/// Between the words of `CARGO_ENCODED_RUSTFLAGS`.
const SEPARATOR: &str = "\u{1f}";
