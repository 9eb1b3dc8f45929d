//! What users of older compilers, of earlier versions and of Windows are promised: the published crates compile with the Rust that
//! they say, a version that changes what callers see says so in its number, and what is only for unix has another form beside it.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::debian::{self, For, STANDARD_LIBRARY};
use crate::publish::{CRATES, packages};
use crate::shell::{Run, step};
use crate::tools;

/// The program has no callers, and no library.
const WITHOUT_LIBRARY: &str = "payglot-cli";

/// The options of `cargo xtask semver`.
#[derive(Debug, clap::Args)]
pub struct Semver {
    /// Compare with this commit, and not with the tag of the last release.
    #[arg(long)]
    since: Option<String>,
}

/// Compiles the published crates with the oldest Rust that `Cargo.toml` promises; rustup downloads it.
pub fn oldest_rust(root: &Path) -> Result<()> {
    let text = std::fs::read_to_string(root.join("Cargo.toml")).context("Cargo.toml")?;
    let manifest: toml::Table = text.parse().context("Cargo.toml")?;
    let package = manifest.get("workspace").and_then(|workspace| workspace.get("package"));
    let oldest = package.and_then(|package| package.get("rust-version")?.as_str());
    let oldest = oldest.context("Cargo.toml has no rust-version")?;
    step(&format!("Rust {oldest}"), || {
        let check = ["cargo", "check", "--locked", "--all-features"];
        let rustup = Run::new("rustup").args(["run", "--install", oldest]).args(check);
        rustup
            .args(packages(&CRATES))
            .at(root)
            .env("CARGO_TARGET_DIR", root.join("target/oldest"))
            .run()
    })
}

/// Compiles the bindings and the command for Windows, as far as that goes without linking them.
pub fn windows(root: &Path) -> Result<()> {
    let compiler = debian::packages(root, For::ThisMachine)?;
    let tools = tools::portable_builder(root)?;
    let target = root.join("target/windows");
    std::fs::create_dir_all(&target).context("cannot make a folder")?;
    // Node's library, which only a linker would read.
    std::fs::write(target.join("libnode.dll"), "").context("libnode.dll")?;
    step("Windows", || {
        let check =
            Run::new(tools.program("cargo-zigbuild")).args(["check", "--quiet", "--locked"]);
        let check = check.args(["--target", "x86_64-pc-windows-gnu", "-Z", STANDARD_LIBRARY]);
        let what = ["payglot-python", "payglot-node", "payglot-cli"];
        let check = check.args(packages(&what)).at(root);
        let check = check.env("CARGO_TARGET_DIR", &target).env("LIBNODE_PATH", &target);
        tools.on_path(debian::with_compiler(check, &compiler))?.run()
    })
}

/// Compares what the libraries offer with what the last release has offered.
pub fn semver(root: &Path, options: &Semver) -> Result<()> {
    let since = options.since.clone().map_or_else(|| last_release(root), |one| Ok(Some(one)))?;
    let Some(since) = since else {
        println!("there is no earlier release to compare with");
        return Ok(());
    };
    step(&format!("libraries since {since}"), || {
        let libraries: Vec<_> =
            CRATES.into_iter().filter(|&name| name != WITHOUT_LIBRARY).collect();
        let run = Run::new(tools::semver_checks(root)?).args(["semver-checks", "check-release"]);
        run.args(["--all-features", "--baseline-rev", &since])
            .args(packages(&libraries))
            .at(root)
            .run()
    })
}

/// The newest tag before what is checked out now.
fn last_release(root: &Path) -> Result<Option<String>> {
    let words = ["tag", "--merged", "HEAD~", "--sort", "-version:refname", "--list", "v*"];
    let tags = Run::new("git").args(words).at(root).output().context("the tags")?;
    Ok(tags.lines().next().map(str::to_owned))
}
