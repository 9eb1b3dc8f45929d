//! `cargo xtask dist`: the wheels and the npm packages, as users install them, in `target/dist/`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::npm::{self, Tarballs};
use crate::platforms;
use crate::shell::{Run, step};
use crate::tools;

/// The cargo profile of the `payglot` command.
const SMALL: &str = "small";

/// What was built.
pub struct Dist {
    /// The wheel.
    pub wheel: PathBuf,
    /// The wheel with the `payglot` command.
    pub command: PathBuf,
    /// The npm packages.
    pub npm: Tarballs,
}

/// Builds all of it.
pub fn run(root: &Path) -> Result<Dist> {
    let out = root.join("target/dist");
    std::fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    remove(&out, "whl")?;
    let library = step("wheel", || wheel(root, &out, "bindings/python", "release", "payglot-"))?;
    // npm's packages take the program that this builds.
    let command =
        step("command", || wheel(root, &out, "crates/payglot-cli", SMALL, "payglot_cli-"))?;
    let program = root.join("target").join(SMALL).join(platforms::here()?.program());
    let module = npm::built_module(root);
    let npm = step("npm packages", || {
        let build = ["build", "--quiet", "--release", "--package", "payglot-node"];
        without_paths(Run::cargo().args(build).at(root), root)?.run()?;
        remove(&out, "tgz")?;
        npm::pack(root, &out, &module, &program)
    })?;
    for folder in build_folders(root)?.iter().map(|(folder, _)| folder) {
        for file in [&program, &module] {
            ensure!(!holds(file, folder)?, "{} names {folder}", file.display());
        }
    }
    for file in [library.as_path(), &command].into_iter().chain(npm.all()) {
        let megabytes = file_size(file)? / 1e6;
        println!("{} ({megabytes:.2} MB)", file.strip_prefix(root).unwrap_or(file).display());
    }
    Ok(Dist { wheel: library, command, npm })
}

/// What is shipped names no folder of the machine that built it.
fn without_paths(run: Run, root: &Path) -> Result<Run> {
    let mut flags = std::env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_else(|_| {
        let words = std::env::var("RUSTFLAGS").unwrap_or_default();
        words.split_whitespace().collect::<Vec<_>>().join(SEPARATOR)
    });
    for (folder, name) in build_folders(root)? {
        let between = if flags.is_empty() { "" } else { SEPARATOR };
        flags += &format!("{between}--remap-path-prefix={folder}={name}");
    }
    Ok(run.env("CARGO_ENCODED_RUSTFLAGS", flags))
}

/// The folders of this machine that a build reads sources from, each with a name that tells nothing.
fn build_folders(root: &Path) -> Result<Vec<(String, &'static str)>> {
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
fn holds(file: &Path, text: &str) -> Result<bool> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

/// Between the words of `CARGO_ENCODED_RUSTFLAGS`.
const SEPARATOR: &str = "\u{1f}";

fn wheel(root: &Path, out: &Path, folder: &str, profile: &str, name: &str) -> Result<PathBuf> {
    let tools = tools::python_tools(root)?;
    let maturin = Run::new(tools.program("maturin"))
        .args(["build", "--quiet", "--profile", profile, "--manifest-path"])
        .args([&format!("{folder}/Cargo.toml")])
        .args(["--interpreter"])
        .args([tools.program("python")])
        .args(["--out"])
        .args([out])
        .at(root);
    without_paths(maturin, root)?.run()?;
    only(out, name, "whl")
}

/// Copies a file, or a folder with everything in it.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        for entry in
            std::fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))?
        {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        std::fs::create_dir_all(parent)
            .with_context(|| format!("cannot make {}", parent.display()))?;
    }
    std::fs::copy(from, to)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

/// The file that cargo makes of a library.
pub fn library_file(name: &str) -> String {
    format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

fn remove(folder: &Path, ending: &str) -> Result<()> {
    for path in with_ending(folder, ending)? {
        std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

fn only(folder: &Path, name: &str, ending: &str) -> Result<PathBuf> {
    let mut found = with_ending(folder, ending)?;
    found.retain(|path| {
        path.file_name()
            .and_then(|found| found.to_str())
            .is_some_and(|found| found.starts_with(name))
    });
    ensure!(
        found.len() == 1,
        "expected one {name}*.{ending} file in {}, not {}",
        folder.display(),
        found.len()
    );
    found.pop().context("no file")
}

fn with_ending(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(paths.filter(|path| path.extension().is_some_and(|found| found == ending)).collect())
}

fn file_size(path: &Path) -> Result<f64> {
    let bytes =
        std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
    #[allow(clippy::cast_precision_loss)] // a size for people
    Ok(bytes as f64)
}
