//! What the measurements run: payglot installed as users install it, the peers, and the Rust programs.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::bench::peers;
use crate::dist::{self, Dist};
use crate::files;
use crate::install::{self, Installed};
use crate::shell::Run;

/// Everything built and installed.
pub struct Setup {
    pub root: PathBuf,
    pub dist: Dist,
    pub installed: Installed,
    /// Where Python's peers are.
    peers: PathBuf,
}

impl Setup {
    /// Builds and installs.
    pub fn new(root: &Path) -> Result<Self> {
        build(root)?;
        let dist = dist::run(root)?;
        let installed = install::fresh(root, &dist, "bench")?;
        let python_peers = peers::python(root)?;
        installed.folder(root, "benches/node")?;
        files::copy(&peers::node(root)?, &installed.project.join("node/node_modules"))?;
        Ok(Self { root: root.to_owned(), dist, installed, peers: python_peers })
    }

    /// A Rust program of `benches/rust`.
    pub fn rust(&self, name: &str) -> Run {
        Run::new(program(&self.root, name))
    }

    /// The Python that has payglot, with the peers beside it.
    pub fn python(&self) -> Run {
        self.installed
            .venv
            .python()
            .env("PYTHONPATH", &self.peers)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .at(&self.root.join("benches/python"))
    }

    /// Node, where payglot and the peers are found.
    pub fn node(&self) -> Run {
        Run::new("node").at(&self.installed.project.join("node"))
    }
}

/// Builds the Rust programs.
pub fn build(root: &Path) -> Result<()> {
    let what = ["build", "--quiet", "--release", "--package", "payglot-bench"];
    Run::cargo().args(what).at(root).run()
}

/// Where a Rust program is.
pub fn program(root: &Path, name: &str) -> PathBuf {
    root.join("target/release").join(name)
}

/// Size of a file in MB.
pub fn megabytes(path: &Path) -> Result<f64> {
    let size = std::fs::metadata(path).with_context(|| format!("no {}", path.display()))?.len();
    #[allow(clippy::cast_precision_loss)] // a size for people
    Ok(size as f64 / 1e6)
}
