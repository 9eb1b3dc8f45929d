//! `cargo xtask dist`: the wheels and the npm tarball, as users install them, in `target/dist/`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::shell::{Run, npm, step};
use crate::tools;

/// The cargo profile of the `payglot` command.
const SMALL: &str = "small";

/// What was built.
pub struct Dist {
    /// The wheel.
    pub wheel: PathBuf,
    /// The wheel with the `payglot` command.
    pub command: PathBuf,
    /// The npm tarball.
    pub tarball: PathBuf,
}

/// Builds all of it.
pub fn run(root: &Path) -> Result<Dist> {
    let out = root.join("target/dist");
    std::fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    remove(&out, "whl")?;
    let library = step("wheel", || wheel(root, &out, "bindings/python", "release", "payglot-"))?;
    // The npm package takes the program that this builds.
    let command =
        step("command", || wheel(root, &out, "crates/payglot-cli", SMALL, "payglot_cli-"))?;
    let tarball = step("npm package", || tarball(root, &out))?;
    for folder in build_folders(root)?.iter().map(|(folder, _)| folder) {
        let program = root.join("target").join(SMALL).join(command_name());
        let module = root.join("target/release").join(library_file("payglot_node"));
        for file in [program, module] {
            ensure!(!holds(&file, folder)?, "{} names {folder}", file.display());
        }
    }
    for file in [&library, &command, &tarball] {
        let megabytes = file_size(file)? / 1e6;
        println!("{} ({megabytes:.2} MB)", file.strip_prefix(root).unwrap_or(file).display());
    }
    Ok(Dist { wheel: library, command, tarball })
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

fn tarball(root: &Path, out: &Path) -> Result<PathBuf> {
    let build = ["build", "--quiet", "--release", "--package", "payglot-node"];
    without_paths(Run::cargo().args(build).at(root), root)?.run()?;
    let source = root.join("bindings/node");
    let stage = root.join("target/stage/node");
    if stage.exists() {
        std::fs::remove_dir_all(&stage)
            .with_context(|| format!("cannot empty {}", stage.display()))?;
    }
    copy_package(&source, &stage)?;
    let library = root.join("target/release").join(library_file("payglot_node"));
    copy(&library, &stage.join(module_name()))?;
    let command = command_name();
    copy(&root.join("target").join(SMALL).join(&command), &stage.join("bin").join(&command))?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&root.join(licence), &stage.join(licence))?;
    }
    remove(out, "tgz")?;
    npm().args(["pack", "--silent", "--pack-destination"]).args([out]).at(&stage).quiet().run()?;
    only(out, "payglot-", "tgz")
}

/// Copies what `package.json` lists in `files`, and itself.
fn copy_package(source: &Path, stage: &Path) -> Result<()> {
    let manifest = source.join("package.json");
    let text = std::fs::read_to_string(&manifest)
        .with_context(|| format!("cannot read {}", manifest.display()))?;
    let package: serde_json::Value = serde_json::from_str(&text).context("package.json")?;
    copy(&manifest, &stage.join("package.json"))?;
    let files = package
        .get("files")
        .and_then(serde_json::Value::as_array)
        .context("package.json has no `files`")?;
    for name in
        files.iter().filter_map(serde_json::Value::as_str).filter(|name| !name.contains('*'))
    {
        let from = source.join(name);
        if from.exists() {
            copy(&from, &stage.join(name))?;
        }
    }
    copy(&source.join("README.md"), &stage.join("README.md"))
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

fn command_name() -> String {
    format!("payglot{}", std::env::consts::EXE_SUFFIX)
}

/// The file that cargo makes of a library.
pub fn library_file(name: &str) -> String {
    format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

/// The native module's name for this platform, as the loader of the package looks for it.
pub fn module_name() -> String {
    let platform = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("payglot.{platform}-{arch}.node")
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
