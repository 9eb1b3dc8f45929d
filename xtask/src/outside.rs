//! A provider outside the repository: a workspace of its own that depends on the runtime, builds, and sends what its
//! document means, in Python and in Node. One of a single provider is a product of its own: it is built and installed as
//! its README says, and its README's call is made.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::dist;
use crate::files;
use crate::install::{self, Installed};
use crate::platforms;
use crate::shell::{Run, python};
use crate::tools;

/// Generates `tests/providers` as such a workspace, builds it, and plays the cases beside the documents.
pub fn run(root: &Path) -> Result<()> {
    let out = root.join("target/outside");
    let openapi = root.join("tests/providers");
    let options = payglot_codegen::Options {
        check: false,
        openapi: Some(openapi.clone()),
        out: Some(out.clone()),
        name: Some("payglot".to_owned()),
    };
    payglot_codegen::run(root, &options)?;
    let target = root.join("target");
    let check = ["check", "--quiet", "--workspace"];
    Run::cargo().args(check).at(&out).env("CARGO_TARGET_DIR", &target).run()?;
    let words = ["build", "--quiet", "--package", "payglot-python", "--package", "payglot-node"];
    Run::cargo()
        .args(words)
        // As maturin does: the module is linked by the interpreter that loads it.
        .args(["--features", "pyo3/extension-module"])
        .at(&out)
        .env("CARGO_TARGET_DIR", &target)
        .run()?;
    let built = target.join("debug");
    let package = out.join("bindings/python/python");
    files::copy(
        &built.join(dist::library_file("_payglot")),
        &package.join("payglot/_payglot.abi3.so"),
    )?;
    let node = out.join("bindings/node");
    let module = platforms::here()?.module_built_here();
    files::copy(&built.join(dist::library_file("payglot_node")), &node.join(module))?;
    for (player, file) in
        [("play", "cases.json"), ("walk", "walks.json"), ("deliver", "deliveries.json")]
    {
        let providers = with(&openapi, file)?;
        Run::new(python())
            .args([openapi.join(player).with_extension("py")])
            .args(&providers)
            .env("PYTHONPATH", &package)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .run()?;
        let program = openapi.join(player).with_extension("mjs");
        Run::new("node").args([&program, &node]).args(&providers).run()?;
    }
    // Other HTTP clients of Python are among the tools.
    let tools = tools::python_tools(root)?;
    for player in ["returns/streams", "tokens/tokens"] {
        let player = openapi.join(player);
        tools
            .python()
            .args([player.with_extension("py")])
            .env("PYTHONPATH", &package)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .run()?;
        Run::new("node").args([player.with_extension("mjs"), node.clone()]).run()?;
    }
    product(root, &openapi.join("walks"))
}

/// Generates the workspace of one provider, tests it, builds its packages by the command of its README, and makes the call
/// that its README shows with each package that is installed. Nobody serves it, which is what the call says.
fn product(root: &Path, provider: &Path) -> Result<()> {
    let folder = root.join("target/product");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    let (openapi, out) = (folder.join("openapi"), folder.join("acme-pay"));
    files::copy(provider, &openapi.join("walks"))?;
    let name = Some("acme-pay".to_owned());
    let options = payglot_codegen::Options {
        check: false,
        openapi: Some(openapi),
        out: Some(out.clone()),
        name,
    };
    payglot_codegen::run(root, &options)?;
    let target = root.join("target");
    Run::cargo()
        .args(["test", "--quiet"])
        .at(&out)
        .env("CARGO_TARGET_DIR", &target)
        .quiet()
        .run()?;
    Run::new(python())
        .args(["build.py", "--debug"])
        .at(&out)
        .env("CARGO_TARGET_DIR", &target)
        .quiet()
        .run()?;
    let package = |ending: &str| dist::only(&out.join("dist"), "acme", ending);
    let Installed { venv, project } =
        install::packages(&folder, &[&package("whl")?], &[&package("tgz")?])?;

    let readme = std::fs::read_to_string(out.join("README.md")).context("README.md")?;
    let calls = [("python", "call.py", "things.by_url"), ("js", "call.mjs", "things.byUrl")];
    for (language, file, operation) in calls {
        let start = format!("```{language}\n");
        let call = readme.split_once(&start).and_then(|(_, rest)| rest.split_once("```"));
        let (call, _) = call.with_context(|| format!("README.md has no {language}"))?;
        std::fs::write(project.join(file), call).with_context(|| file.to_owned())?;
        let program = if language == "python" { venv.python() } else { Run::new("node") };
        let said = program
            .args([file])
            .at(&project)
            .env("WALKS_API_KEY", "key")
            .env("WALKS_BASE_URL", "http://127.0.0.1:9")
            .output();
        let said = said.err().context("a call that nobody serves succeeded")?.to_string();
        ensure!(said.contains("APIConnectionError") && said.contains(operation), "{said}");
    }
    Ok(())
}

/// The providers that have such a file.
fn with(openapi: &Path, file: &str) -> Result<Vec<String>> {
    let entries =
        std::fs::read_dir(openapi).with_context(|| format!("cannot read {}", openapi.display()))?;
    let folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let names = folders
        .filter(|folder| folder.join(file).is_file())
        .filter_map(|folder| Some(folder.file_name()?.to_str()?.to_owned()));
    let mut names: Vec<String> = names.collect();
    names.sort();
    ensure!(!names.is_empty(), "no {file} in {}", openapi.display());
    Ok(names)
}
