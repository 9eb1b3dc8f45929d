//! `cargo xtask publish`: hands a release to the registries, which trust the workflow that runs it; `--dry-run` does all but that.
//!
//! Crates go in the order in which they depend on each other, and npm's packages of platforms before those that ask for them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;

use crate::files::copy;
use crate::npm::VERSION;
use crate::platforms;
use crate::shell::{Run, npm, step};

/// What is published as crates, each after those that it needs.
pub const CRATES: [&str; 5] =
    ["payglot-runtime", "payglot-journal", "payglot", "payglot-sandbox", "payglot-cli"];

/// Where to.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Registry {
    /// crates.io, from the sources.
    Crates,
    /// `PyPI`: puts what is uploaded into target/publish/python/, for the action that uploads.
    Python,
    /// npm, from target/dist/.
    Npm,
}

/// The options of `cargo xtask publish`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The registry.
    registry: Registry,
    /// Do everything but upload.
    #[arg(long)]
    dry_run: bool,
}

/// Publishes.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    match options.registry {
        Registry::Crates => crates(root, options.dry_run),
        Registry::Python => python(root),
        Registry::Npm => from_dist(root, options.dry_run),
    }
}

/// The words that name crates to cargo.
pub fn packages(names: &[&'static str]) -> impl Iterator<Item = &'static str> {
    names.iter().flat_map(|&name| ["--package", name])
}

/// All crates at once: cargo waits for each to be there before the next.
fn crates(root: &Path, dry_run: bool) -> Result<()> {
    let run = Run::cargo().args(["publish", "--locked"]).args(packages(&CRATES)).at(root);
    let run = if dry_run { run.args(["--dry-run", "--allow-dirty"]) } else { run };
    step("crates", || run.run())
}

/// Packs the crates without compiling them: every file and every key that the registry asks for is there.
pub fn check_crates(root: &Path) -> Result<()> {
    let words = ["publish", "--quiet", "--dry-run", "--allow-dirty", "--no-verify"];
    Run::cargo().args(words).args(packages(&CRATES)).at(root).quiet().run()
}

/// Packs the crates, and gives the folder that has their files.
pub fn package(root: &Path) -> Result<PathBuf> {
    let words = ["package", "--quiet", "--locked", "--allow-dirty", "--no-verify"];
    Run::cargo().args(words).args(packages(&CRATES)).at(root).quiet().run()?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    Ok(target.unwrap_or_else(|| root.join("target")).join("package"))
}

fn python(root: &Path) -> Result<()> {
    let out = root.join("target/publish/python");
    if out.exists() {
        std::fs::remove_dir_all(&out).context("cannot empty target/publish/python")?;
    }
    let files = with_endings(&root.join("target/dist"), &[".whl", ".tar.gz"])?;
    for file in &files {
        copy(file, &out.join(file.file_name().context("a file has no name")?))?;
    }
    println!("target/publish/python: {} files", files.len());
    Ok(())
}

fn from_dist(root: &Path, dry_run: bool) -> Result<()> {
    // A release has all; one machine has its own.
    for tarball in tarballs(&root.join("target/dist"), dry_run)? {
        let publish = npm().args(["publish", "--access", "public"]).args([&tarball]).at(root);
        let publish = if dry_run {
            publish.args(["--dry-run"])
        } else {
            // The statement of where it was built, signed by the workflow.
            publish.args(["--provenance"])
        };
        publish.quiet().run()?;
        println!("{}", tarball.file_name().unwrap_or_default().to_string_lossy());
    }
    Ok(())
}

/// The tarballs of npm in a folder, in the order in which they are published.
pub fn tarballs(dist: &Path, may_miss_platforms: bool) -> Result<Vec<PathBuf>> {
    let mut tarballs = Vec::new();
    for prefix in ["", "cli-"] {
        for platform in platforms::ALL {
            let tarball = dist.join(format!("payglot-{prefix}{}-{VERSION}.tgz", platform.name));
            ensure!(may_miss_platforms || tarball.is_file(), "{} is missing", tarball.display());
            tarballs.extend(tarball.is_file().then_some(tarball));
        }
    }
    for name in ["payglot-cli", "payglot"] {
        tarballs.push(dist.join(format!("{name}-{VERSION}.tgz")));
    }
    Ok(tarballs)
}

/// Files of a folder whose names end so, sorted.
pub fn with_endings(folder: &Path, endings: &[&str]) -> Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            endings.iter().any(|ending| name.ends_with(ending))
        })
        .collect();
    files.sort();
    ensure!(!files.is_empty(), "{} has no {}", folder.display(), endings.join(" or "));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::CRATES;

    /// Else neither of two crates could be published first: cargo resolves what a crate's tests need too.
    #[test]
    fn no_crate_needs_one_that_is_published_after_it() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for (position, name) in CRATES.iter().enumerate() {
            let path = root.join("crates").join(name).join("Cargo.toml");
            let manifest: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
            let mut needed = Vec::new();
            for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
                let table = manifest.get(section).and_then(toml::Value::as_table);
                needed.extend(table.into_iter().flat_map(toml::Table::keys));
            }
            assert!(!needed.is_empty(), "{name}");
            for later in &CRATES[position..] {
                assert!(!needed.iter().any(|needed| needed == later), "{name} needs {later}");
            }
        }
    }
}
