//! The judges, pinned: Python's from `tools/conformance-python.txt`, Node's from the lock file in
//! `tools/conformance-node`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::files::copy;
use crate::shell::{Run, npm};
use crate::tools::{Venv, up_to_date};

/// Where the judges are.
pub struct Tools {
    /// Python's.
    pub venv: Venv,
    root: PathBuf,
}

impl Tools {
    /// Installs Python's, unless they are there; Node's follow when they are asked for.
    pub fn install(root: &Path) -> Result<Self> {
        let pins = root.join("tools/conformance-python.txt");
        let folder = root.join(".tools/conformance-python");
        up_to_date(&pins, &folder, || {
            let venv = Venv::fresh(&folder)?;
            venv.install(["-r".as_ref(), pins.as_os_str()])
        })?;
        Ok(Self { venv: Venv::at(&folder), root: root.to_owned() })
    }

    /// Node's `node_modules`.
    fn modules(&self) -> Result<PathBuf> {
        let source = self.root.join("tools/conformance-node");
        let project = self.root.join(".tools/conformance-node");
        up_to_date(&source.join("package-lock.json"), &project, || {
            for file in ["package.json", "package-lock.json"] {
                copy(&source.join(file), &project.join(file))?;
            }
            npm().args(["ci", "--ignore-scripts", "--silent"]).at(&project).quiet().run()
        })?;
        Ok(project.join("node_modules"))
    }

    /// Python, where the scripts of `tests/conformance` find each other.
    pub fn python(&self) -> Run {
        self.venv
            .python()
            .env("PYTHONPATH", self.root.join("tests/conformance"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .at(&self.root)
    }

    /// The program of an npm package.
    pub fn program(&self, package: &str, name: &str) -> Result<PathBuf> {
        let folder = self.modules()?.join(package);
        let manifest = std::fs::read_to_string(folder.join("package.json"))
            .with_context(|| format!("{package} is not installed"))?;
        let manifest: serde_json::Value = serde_json::from_str(&manifest)?;
        let path = manifest
            .pointer(&format!("/bin/{name}"))
            .and_then(serde_json::Value::as_str)
            .with_context(|| format!("{package} has no program {name}"))?;
        Ok(folder.join(path))
    }
}

/// Name and version of everything pinned for the judging, in the files' order.
pub fn versions(root: &Path) -> Result<Vec<(String, String)>> {
    let pins = std::fs::read_to_string(root.join("tools/conformance-python.txt"))?;
    let lines = pins.lines().filter_map(|line| line.split_once("=="));
    let mut versions: Vec<_> =
        lines.map(|(name, version)| (name.to_owned(), version.to_owned())).collect();
    let manifest = std::fs::read_to_string(root.join("tools/conformance-node/package.json"))?;
    let manifest: serde_json::Value = serde_json::from_str(&manifest)?;
    let packages = manifest.get("dependencies").and_then(serde_json::Value::as_object);
    versions.extend(
        packages
            .into_iter()
            .flatten()
            .filter_map(|(name, version)| Some((name.clone(), version.as_str()?.to_owned()))),
    );
    Ok(versions)
}
