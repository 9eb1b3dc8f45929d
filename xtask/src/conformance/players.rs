//! The programs that play a plan of calls, and walk the flows, with payglot in each language.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::dist;
use crate::files;
use crate::install::{self, Installed};
use crate::shell::{Run, step};

/// The flows of `examples/`.
pub const FLOWS: [&str; 2] = ["card_flow", "payment_flow"];

/// payglot in one language.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Rust,
    Python,
    Node,
}

impl Language {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Rust, Self::Python, Self::Node];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::Python => "Python",
            Self::Node => "Node",
        }
    }
}

/// payglot as users have it.
pub struct Players {
    root: PathBuf,
    installed: Installed,
}

impl Players {
    /// Builds and installs it.
    pub fn prepare(root: &Path) -> Result<Self> {
        step("Rust player", || {
            let package = ["build", "--quiet", "--package", "payglot-conformance"];
            Run::cargo().args(package).at(root).run()
        })?;
        let dist = dist::run(root)?;
        let installed = step("install", || install::fresh(root, &dist, "conformance/installed"))?;
        Ok(Self { root: root.to_owned(), installed })
    }

    /// The program that plays the plan.
    pub fn plan(&self, language: Language, plan: &Path) -> Result<Run> {
        let script = |name: &str| self.root.join("tests/conformance").join(name);
        let run = match language {
            Language::Rust => Run::new(self.root.join("target/debug/payglot-conformance")),
            Language::Python => self.installed.venv.python().args([script("play.py")]),
            Language::Node => {
                let copy = self.installed.project.join("play.mjs");
                files::copy(&script("play.mjs"), &copy)?;
                Run::new("node").args([copy])
            }
        };
        Ok(run.args([plan]))
    }

    /// The program that walks a flow.
    pub fn flow(&self, language: Language, flow: &str) -> Result<Run> {
        Ok(match language {
            Language::Rust => Run::new(self.root.join("target/debug").join(flow)),
            Language::Python => {
                let script = self.root.join(format!("examples/python/{flow}.py"));
                self.installed.venv.python().args([script])
            }
            Language::Node => {
                let script = self.installed.example(&self.root, &format!("{flow}.mjs"))?;
                Run::new("node").args([script])
            }
        })
    }
}
