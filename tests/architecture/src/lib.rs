//! Reads the project's source for the tests of the architecture: files, their imports, and circles among these.

use std::path::{Path, PathBuf};

pub mod circles;
pub mod javascript;
pub mod python;
pub mod rust;

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap_or_default()
}

/// Hand-written files below a folder with one of these endings, sorted.
pub fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    const SKIPPED: [&str; 8] = [
        "target",
        "node_modules",
        ".tools",
        ".git",
        "generated",
        "corpus",
        "artifacts",
        "__pycache__",
    ];
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                found.extend(files(&path, endings));
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) && !is_generated(&path) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn is_generated(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().take(5).any(|line| line.contains("@generated"))
}
