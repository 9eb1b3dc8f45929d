//! Runs the installed npm packages under Bun and Deno: README's five lines, and a part of Node's tests.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::install::Installed;
use crate::shell::Run;
use crate::{snippets, tools};

/// What both run; of the others most need what Node alone has, such as its own command line.
const TESTS: [&str; 5] = ["hooks", "input", "logger", "paging", "responses"];
/// Node's packages as npm installed them, and no prompt.
const DENO: [&str; 2] = ["--allow-all", "--node-modules-dir=manual"];

/// Runs all of it.
pub fn run(root: &Path, installed: &Installed) -> Result<()> {
    let modules = tools::from_npm(root, "runtimes")?.join("node_modules");
    let bun = program(&modules.join("@oven"), "bin/bun")?;
    let deno = program(&modules.join("@deno"), "deno")?;
    // Deno's cache is a folder of the user elsewhere.
    let cache = root.join(".tools/deno");
    let tests = installed.folder(root, "bindings/node/test")?;
    let tests = TESTS.map(|name| tests.join(format!("{name}.test.mjs")));
    for (name, run, test) in [
        ("bun", Run::new(&bun).args(["run"]), Run::new(&bun).args(["test"])),
        (
            "deno",
            Run::new(&deno).args(["run"]).args(DENO).env("DENO_DIR", &cache),
            Run::new(&deno).args(["test", "--no-check"]).args(DENO).env("DENO_DIR", &cache),
        ),
    ] {
        let shown = snippets::five_lines_with(root, installed, run)
            .with_context(|| format!("README.md's five lines under {name}"))?;
        print!("{name}: {shown}");
        let mut test = test.args(&tests).at(&installed.project).env("PAYGLOT_BIN", "");
        test.output().with_context(|| format!("the tests under {name}"))?;
        println!("{name}: {} files of tests", tests.len());
    }
    Ok(())
}

/// A program in the one package of a scope that npm installed for this platform. The packages beside it copy it by a
/// script at installation, which does not run here.
fn program(scope: &Path, file: &str) -> Result<PathBuf> {
    let entries =
        std::fs::read_dir(scope).with_context(|| format!("cannot read {}", scope.display()))?;
    let mut programs = entries.filter_map(|entry| Some(entry.ok()?.path().join(file)));
    programs
        .find(|program| program.is_file())
        .with_context(|| format!("{file} is not in {}", scope.display()))
}
