//! The list of crates within each binary that is handed out, which `cargo audit bin` and scanners of images read.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::shell::Run;
use crate::tools;

/// What runs cargo writes the list into the libraries and programs of this workspace. `cargo auditable` sets the same two variables;
/// it does so only for what it starts by cargo's own name, and maturin is something else.
pub fn with_list(run: Run, root: &Path) -> Result<Run> {
    let options = r#"{"offline":false,"locked":true,"frozen":false,"config":[]}"#;
    let program = tools::auditable(root)?;
    // By its name alone: cargo makes its path a part of every symbol, and the same input would not give the same bytes elsewhere.
    let name = program.file_stem().context("cargo-auditable has no name")?;
    let run = run.env("RUSTC_WORKSPACE_WRAPPER", name);
    let run = run.on_path(program.parent().context("cargo-auditable is in no folder")?)?;
    Ok(run.env("CARGO_AUDITABLE_ORIG_ARGS", options))
}

/// The list is there, and has what everything here is made of.
pub fn check(file: &Path) -> Result<()> {
    let found = auditable_info::audit_info_from_file(file, auditable_info::Limits::default());
    let found = found.with_context(|| format!("{}: its crates", file.display()))?;
    let has = |name: &str| found.packages.iter().any(|package| package.name == name);
    for name in ["payglot-runtime", "rustls"] {
        ensure!(has(name), "{} does not list {name}", file.display());
    }
    Ok(())
}
