//! Runs the examples of an API, which are the same in FastAPI, Fastify, Next.js and axum: each is built as its users build it,
//! and `tests/examples/api.mjs` asks it the same against a sandbox.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::demo::Sandbox;
use crate::files::copy;
use crate::install::Installed;
use crate::server::Server;
use crate::shell::{Run, npm};
use crate::{bundlers, tools};

/// Runs every example.
pub fn run(root: &Path, installed: &Installed) -> Result<()> {
    Run::cargo().args(["build", "--quiet", "--package", "payglot-examples"]).at(root).run()?;
    asked(root, "examples/rust/api/axum.rs", "", Run::new(root.join("target/debug/api_axum")))?;

    let name = "examples/python/api/fastapi_app.py";
    let fastapi = installed
        .venv
        .python()
        .args([root.join(name)])
        .env("PYTHONPATH", tools::python_tools(root)?.site_packages()?)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    asked(root, name, "", fastapi)?;

    let fastify = prepared(root, installed, "fastify")?;
    for words in [["run", "build"], ["run", "test"]] {
        // Sandboxes of tests come with the packages.
        npm().args(words).at(&fastify).env("PAYGLOT_BIN", "").quiet().run()?;
    }
    let bundle = Run::new("node").args([fastify.join("dist/server.cjs")]);
    asked(root, "examples/node/fastify", "", bundle)?;

    let next = prepared(root, installed, "next")?;
    for bundler in ["--webpack", "--turbopack"] {
        npm()
            .args(["run", "build", "--", bundler])
            .at(&next)
            .env("NEXT_TELEMETRY_DISABLED", "1")
            .quiet()
            .run()?;
        // Its inbox is opened when it starts; what it does with webhooks is asked elsewhere.
        let started = start_next(&next)
            .env("INBOX", next.join("inbox.db"))
            .env("PAYGLOT_WEBHOOK_SECRET", "of no vendor");
        asked(root, &format!("examples/node/next {bundler}"), "/api", started)?;
    }
    Ok(())
}

/// The Next.js example as [`run`] has built it last, to be started.
pub fn next(root: &Path) -> Result<Run> {
    let folder = tools::from_npm(root, "bundlers")?.join("next");
    ensure!(folder.join(".next/BUILD_ID").is_file(), "examples/node/next is not built");
    Ok(start_next(&folder))
}

fn start_next(folder: &Path) -> Run {
    // Without npm between, which would outlive what is killed.
    Run::new("node")
        .args(["../node_modules/next/dist/bin/next", "start", "--hostname", "127.0.0.1"])
        .at(folder)
        .env("NEXT_TELEMETRY_DISABLED", "1")
}

fn asked(root: &Path, name: &str, path: &str, run: Run) -> Result<()> {
    let sandbox = Sandbox::start(root)?;
    let server = Server::start(sandbox.environment(run)?).with_context(|| name.to_owned())?;
    let play = Run::new("node").args([root.join("tests/examples/api.mjs")]);
    sandbox
        .environment(play.args([server.url(path)]))?
        .output()
        .with_context(|| name.to_owned())?;
    println!("{name}: gives models, and says of errors whether it may have happened");
    Ok(())
}

/// A fresh copy of a Node example beside the tools of the bundlers, among which is what it needs.
fn prepared(root: &Path, installed: &Installed, name: &str) -> Result<PathBuf> {
    let folder = bundlers::folder(root, installed)?;
    let from = root.join("examples/node").join(name);
    let own = folder.join(name);
    same_versions(&from.join("package.json"), &folder.join("package.json"))?;
    if own.exists() {
        std::fs::remove_dir_all(&own)
            .with_context(|| format!("cannot remove {}", own.display()))?;
    }
    copy(&from, &own)?;
    Ok(own)
}

/// What an example names is what is installed for it.
fn same_versions(example: &Path, tools: &Path) -> Result<()> {
    let read = |path: &Path| -> Result<Value> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    };
    let (example_package, tools) = (read(example)?, read(tools)?);
    let lists = ["dependencies", "devDependencies"]
        .map(|list| example_package.get(list).and_then(Value::as_object));
    for (name, version) in lists.into_iter().flatten().flatten() {
        let installed =
            tools.get("devDependencies").and_then(|list| list.get(name)).unwrap_or(&Value::Null);
        ensure!(
            installed == version,
            "{} names {name} {version}, and tools/bundlers/package.json {installed}",
            example.display()
        );
    }
    Ok(())
}
