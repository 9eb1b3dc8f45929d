//! `cargo xtask dist`: the wheels and the npm packages, as users install them, in `target/dist/`. The demo and the tests
//! install the same packages, built without optimization, which takes minutes less.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::npm::{self, Tarballs};
use crate::platforms::{self, Platform};
use crate::sbom;
use crate::shell::{Run, step};
use crate::tools::{self, Venv};

/// The cargo profile of the `payglot` command.
const SMALL: &str = "small";
/// The oldest glibc that `--portable` builds for, as manylinux2014 has it.
const GLIBC: &str = "2.17";

/// The options of `cargo xtask dist`.
#[derive(Debug, Default, Clone, Copy, clap::Args)]
pub struct Options {
    /// Build for every Linux with glibc 2.17 or later, with zig as linker, and not for that of this machine alone.
    #[arg(long)]
    portable: bool,
    /// Build without optimization into target/dist-quick/: to try the packages, and never to hand them out.
    #[arg(long, conflicts_with = "portable")]
    quick: bool,
}

/// What was built.
pub struct Dist {
    /// The wheel.
    pub wheel: PathBuf,
    /// The wheel with the `payglot` command.
    pub command: PathBuf,
    /// The sources of the wheel, from which pip builds one where there is none.
    pub sources: PathBuf,
    /// The npm packages.
    pub npm: Tarballs,
}

/// Builds all of it, for this machine.
pub fn run(root: &Path) -> Result<Dist> {
    build(root, Options::default())
}

/// Builds all of it without optimization, from what other builds have compiled: for who tries payglot or tests it.
pub fn quick(root: &Path) -> Result<Dist> {
    build(root, Options { quick: true, ..Options::default() })
}

/// Builds all of it.
pub fn build(root: &Path, options: Options) -> Result<Dist> {
    let out = root.join(if options.quick { "target/dist-quick" } else { "target/dist" });
    std::fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    for ending in ["whl", "tgz", "gz", "json"] {
        remove(&out, ending)?;
    }
    let here = platforms::here()?;
    ensure!(!options.portable || here.libc == Some("glibc"), "--portable is for Linux with glibc");
    let tools =
        if options.portable { tools::portable_builder(root)? } else { tools::builder(root)? };
    let (release, small) = if options.quick { ("dev", "dev") } else { ("release", SMALL) };
    let build = Build { root, out: &out, here, tools: &tools, options };
    step("wheel", || build.wheel("bindings/python", "payglot-python", release))?;
    // npm's packages take the program that this builds.
    step("command", || build.wheel("crates/payglot-cli", "payglot-cli", small))?;
    step("sources", || build.sources())?;
    let program = build.folder(small).join(here.program());
    let module = build.folder(release).join(library_file("payglot_node"));
    step("npm packages", || {
        build.module(release)?;
        let sbom = |package| sbom::write(root, package, here.target);
        let parts = npm::Parts {
            module: &module,
            program: &program,
            of_module: &sbom("payglot-node")?,
            of_program: &sbom("payglot-cli")?,
        };
        npm::pack(root, &out, &parts)
    })?;
    for folder in build_folders(root)?.iter().map(|(folder, _)| folder) {
        for file in [&program, &module].into_iter().filter(|_| !options.quick) {
            ensure!(!holds(file, folder)?, "{} names {folder}", file.display());
        }
    }
    let dist = found_in(&out)?;
    let files = [&dist.wheel, &dist.command, &dist.sources].map(PathBuf::as_path);
    for file in files.into_iter().chain(dist.npm.all()) {
        let megabytes = file_size(file)? / 1e6;
        println!("{} ({megabytes:.2} MB)", file.strip_prefix(root).unwrap_or(file).display());
    }
    Ok(dist)
}

/// What is in `target/dist/` for this machine.
pub fn found(root: &Path) -> Result<Dist> {
    found_in(&root.join("target/dist"))
}

fn found_in(out: &Path) -> Result<Dist> {
    Ok(Dist {
        wheel: only(out, "payglot-", "whl")?,
        command: only(out, "payglot_cli-", "whl")?,
        sources: only(out, "payglot-", "gz")?,
        npm: npm::found(out)?,
    })
}

/// One build of everything.
struct Build<'a> {
    root: &'a Path,
    out: &'a Path,
    here: Platform,
    tools: &'a Venv,
    options: Options,
}

impl Build<'_> {
    fn wheel(&self, folder: &str, package: &str, profile: &str) -> Result<()> {
        let sbom = sbom::write(self.root, package, self.here.target)?;
        let maturin = Run::new(self.tools.program("maturin"))
            .args(["build", "--quiet", "--locked", "--profile", profile, "--manifest-path"])
            .args([&format!("{folder}/Cargo.toml")])
            .args(["--interpreter"])
            .args([self.tools.program("python")])
            .args(["--sbom-include"])
            .args([sbom])
            .args(["--out"])
            .args([self.out])
            .at(self.root);
        let maturin = if self.options.portable {
            let target =
                ["--zig", "--compatibility", "manylinux2014", "--target", self.here.target];
            self.tools.on_path(maturin.args(target))?
        } else {
            maturin
        };
        self.run(maturin, &[])
    }

    fn sources(&self) -> Result<()> {
        Run::new(self.tools.program("maturin"))
            .args(["sdist", "--manifest-path", "bindings/python/Cargo.toml", "--out"])
            .args([self.out])
            .at(self.root)
            .quiet()
            .run()
    }

    fn module(&self, profile: &str) -> Result<()> {
        let words = ["--quiet", "--locked", "--profile", profile, "--package", "payglot-node"];
        let cargo = if self.options.portable {
            let target = format!("{}.{GLIBC}", self.here.target);
            let zigbuild = Run::cargo().args(["zigbuild"]).args(words).args(["--target", &target]);
            self.tools.on_path(zigbuild)?
        } else {
            Run::cargo().args(["build"]).args(words)
        };
        // A library that is loaded into a program shares that program's C library.
        let musl = ["-Ctarget-feature=-crt-static"];
        let flags = if self.here.libc == Some("musl") { &musl[..] } else { &[] };
        self.run(cargo.at(self.root), flags)
    }

    /// Runs a build. One that is only to be tried takes what other builds have compiled.
    fn run(&self, run: Run, flags: &[&str]) -> Result<()> {
        if self.options.quick { run.run() } else { without_paths(run, self.root, flags)?.run() }
    }

    /// Where cargo puts what it builds with a profile.
    fn folder(&self, profile: &str) -> PathBuf {
        let target = self.root.join("target");
        let target = if self.options.portable { target.join(self.here.target) } else { target };
        target.join(if profile == "dev" { "debug" } else { profile })
    }
}

/// What is shipped names no folder of the machine that built it.
fn without_paths(run: Run, root: &Path, more: &[&str]) -> Result<Run> {
    let mut flags = std::env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_else(|_| {
        let words = std::env::var("RUSTFLAGS").unwrap_or_default();
        words.split_whitespace().collect::<Vec<_>>().join(SEPARATOR)
    });
    let folders = build_folders(root)?.into_iter();
    let folders = folders.map(|(folder, name)| format!("--remap-path-prefix={folder}={name}"));
    for flag in folders.chain(more.iter().map(|&flag| flag.to_owned())) {
        let between = if flags.is_empty() { "" } else { SEPARATOR };
        flags += &format!("{between}{flag}");
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

/// The one file of this begin and ending.
pub fn only(folder: &Path, name: &str, ending: &str) -> Result<PathBuf> {
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
