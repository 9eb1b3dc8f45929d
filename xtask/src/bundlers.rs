//! Builds and runs the recipes of `docs/bundlers.md`, `tools/bundlers/recipes`, with the npm packages as they are installed.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::files::copy;
use crate::install::Installed;
use crate::shell::Run;
use crate::tools;

/// Runs all of them.
pub fn run(root: &Path, installed: &Installed) -> Result<()> {
    let folder = folder(root, installed)?;
    copy(&root.join("tools/bundlers/recipes"), &folder)?;
    Run::new("node").args(["run.mjs"]).at(&folder).run()
}

/// The folder that has the tools and payglot in its `node_modules`.
pub fn folder(root: &Path, installed: &Installed) -> Result<PathBuf> {
    let folder = tools::from_npm(root, "bundlers")?;
    // Beside the tools, as in a project; some do not follow links.
    for name in ["node_modules/payglot", "node_modules/@payglot"] {
        let there = folder.join(name);
        if there.exists() {
            std::fs::remove_dir_all(&there)
                .with_context(|| format!("cannot remove {}", there.display()))?;
        }
        copy(&installed.project.join(name), &there)?;
    }
    Ok(folder)
}
