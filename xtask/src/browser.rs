//! Tests of the sandbox's pages, and their pictures, in a real browser: the one that is installed on this machine.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::shell::Run;
use crate::{check, tools};

/// Names the browser's program where it is not found by itself.
const VARIABLE: &str = "CHROMIUM";
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Runs the tests; without a browser they are left out, but not where changes are checked for all.
pub fn test(root: &Path, sandbox: &Path) -> Result<()> {
    let Some(browser) = installed() else {
        let missing = missing();
        if std::env::var("CI").is_ok_and(|value| value == "true") {
            bail!(missing);
        }
        println!("Left out, {missing}.");
        return Ok(());
    };
    Run::new("node")
        .args(["--test", "--test-reporter", "spec"])
        .args(check::test_files(&root.join("tests/browser"))?)
        .at(root)
        .env("PAYGLOT_BIN", sandbox)
        .env("PAYGLOT_CHROMIUM", browser)
        .env("PAYGLOT_BROWSER_TOOLS", tools::browser_tools(root)?)
        .run()
}

/// The options of `cargo xtask pictures`.
#[derive(Debug, clap::Args)]
pub struct Pictures {
    /// Only say whether they are current, for which no browser is needed.
    #[arg(long)]
    check: bool,
}

/// Builds the command, and takes the pictures of README and the docs, or checks them.
pub fn pictures(root: &Path, options: &Pictures) -> Result<()> {
    Run::cargo().args(["build", "--quiet", "--package", "payglot-cli"]).at(root).run()?;
    let sandbox = root.join("target/debug/payglot");
    if options.check {
        return check_pictures(root, &sandbox);
    }
    let browser = installed().with_context(missing)?;
    picturing(root, &sandbox)?.env("PAYGLOT_CHROMIUM", browser).args(["docs/pictures"]).run()
}

/// Whether the pictures show what there is: compared are the texts of the pages that they were drawn from, not pixels.
pub fn check_pictures(root: &Path, sandbox: &Path) -> Result<()> {
    picturing(root, sandbox)?.args(["--check", "docs/pictures"]).run()
}

fn picturing(root: &Path, sandbox: &Path) -> Result<Run> {
    Ok(Run::new("node")
        .args(["tests/browser/pictures.mjs"])
        .at(root)
        .env("PAYGLOT_BIN", sandbox)
        .env("PAYGLOT_BROWSER_TOOLS", tools::browser_tools(root)?))
}

fn missing() -> String {
    format!("no Chromium: install one, or name its program in {VARIABLE}")
}

fn installed() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    let mut found =
        NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    found.find(|program| program.is_file())
}
