//! The Rust tests: built by cargo, and then several of their programs at a time, because most of them wait for a clock, a disk or
//! a process that they kill.

use std::collections::VecDeque;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::postgres;
use crate::shell::Run;

/// The Python module links to an interpreter only when one loads it; it is tested there.
const PACKAGES: &[&str] = &["--workspace", "--exclude", "payglot-python"];

/// What cargo says of the workspace.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    targets: Vec<Documented>,
}

#[derive(Deserialize)]
struct Documented {
    /// Whether the examples in its documentation are tests.
    doctest: bool,
}

/// What cargo says of something that it built.
#[derive(Deserialize)]
struct Artifact {
    reason: String,
    #[serde(default)]
    manifest_path: PathBuf,
    target: Option<Target>,
    profile: Option<Profile>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// A program of tests, or the examples in the documentation of all crates.
enum Tests {
    Program { name: String, program: PathBuf, folder: PathBuf },
    Documentation { packages: Vec<String> },
}

/// Builds and runs them all; what failed is shown whole.
pub fn run(root: &Path, server: Option<&postgres::Server>) -> Result<()> {
    // The examples in the documentation are compiled first, as that is most of their work.
    let mut tests = VecDeque::from([Tests::Documentation { packages: documented(root)? }]);
    tests.extend(programs(root)?);
    let waiting = Mutex::new(tests);
    let failed = Mutex::new(Vec::new());
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..=cores {
            scope.spawn(|| {
                while let Some(tests) = next(&waiting) {
                    if let Err(error) = tests.run(root, server) {
                        println!("{error:#}");
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(tests.name());
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
    Ok(())
}

fn next(waiting: &Mutex<VecDeque<Tests>>) -> Option<Tests> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

/// The packages with examples that are tests; asked for all examples, cargo runs those of the others too.
fn documented(root: &Path) -> Result<Vec<String>> {
    let words = ["metadata", "--no-deps", "--format-version", "1"];
    let metadata = Run::cargo().args(words).at(root).output()?;
    let Metadata { packages } = serde_json::from_str(&metadata).context("cargo's metadata")?;
    let has_examples = |package: &Package| package.targets.iter().any(|target| target.doctest);
    Ok(packages.into_iter().filter(has_examples).map(|package| package.name).collect())
}

/// Builds the programs, and says where they are: those of `tests/` first, as they are the long ones.
fn programs(root: &Path) -> Result<Vec<Tests>> {
    let words = ["test", "--quiet", "--no-run", "--message-format", "json-render-diagnostics"];
    let built = Run::cargo().args(words).args(PACKAGES).at(root).output()?;
    let mut programs = Vec::new();
    for line in built.lines() {
        let artifact: Artifact = serde_json::from_str(line).context("cargo's messages")?;
        let is_test = artifact.profile.is_some_and(|profile| profile.test);
        let (Some(program), Some(target)) = (artifact.executable, artifact.target) else {
            continue;
        };
        if artifact.reason != "compiler-artifact" || !is_test {
            continue;
        }
        let folder = artifact.manifest_path.parent().context("a manifest without a folder")?;
        let package = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = format!("{package}, {}", target.name);
        let is_long = target.kind.iter().any(|kind| kind == "test");
        programs.push((is_long, Tests::Program { name, program, folder: folder.to_owned() }));
    }
    ensure!(!programs.is_empty(), "cargo built no tests");
    programs.sort_by_key(|(is_long, _)| !is_long);
    Ok(programs.into_iter().map(|(_, program)| program).collect())
}

impl Tests {
    fn name(&self) -> String {
        match self {
            Self::Program { name, .. } => name.clone(),
            Self::Documentation { .. } => "documentation".to_owned(),
        }
    }

    /// Runs them, and shows the lines that say how many there were.
    fn run(&self, root: &Path, server: Option<&postgres::Server>) -> Result<()> {
        let run = match self {
            // As cargo runs it.
            Self::Program { program, folder, .. } => {
                Run::new(program).args(["--quiet"]).at(folder).env("CARGO_MANIFEST_DIR", folder)
            }
            Self::Documentation { packages } => {
                let packages = packages.iter().flat_map(|name| ["--package", name]);
                Run::cargo().args(["test", "--quiet", "--doc"]).args(packages).at(root)
            }
        };
        let printed = postgres::named(run, server).output().with_context(|| self.name())?;
        let results = printed.lines().filter(|line| line.starts_with("test result: "));
        for result in
            results.filter(|line| !line.starts_with("test result: ok. 0 passed; 0 failed"))
        {
            println!("{result}; {}", self.name());
        }
        Ok(())
    }
}
