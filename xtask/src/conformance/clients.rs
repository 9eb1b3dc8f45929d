//! Clients that other generators make from the documents walk the card and payment flows.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::players::FLOWS;
use super::provider::Provider;
use super::tools::Tools;
use crate::demo::Sandbox;
use crate::files;
use crate::shell::{Run, step};

/// A client that walked the flows.
pub struct Walked {
    /// The generator.
    pub generator: &'static str,
    /// The client's language.
    pub language: &'static str,
    /// Steps over all flows.
    pub steps: usize,
}

/// The provider that has the flows.
const PROVIDER: &str = "paywint-platform";

/// Generates the clients and walks the flows with them.
pub fn run(root: &Path, tools: &Tools, providers: &[Provider]) -> Result<Vec<Walked>> {
    let provider = providers.iter().find(|provider| provider.name == PROVIDER);
    let provider = provider.context("the provider with the flows is not there")?;
    let python = step("openapi-python-client", || python(root, tools, provider))?;
    let node = step("@hey-api/openapi-ts", || node(root, tools, provider))?;
    Ok(vec![
        Walked { generator: "openapi-python-client", language: "Python", steps: python },
        Walked { generator: "@hey-api/openapi-ts", language: "TypeScript", steps: node },
    ])
}

/// An empty folder for a client, with the document beside it that the sandbox serves.
fn folder(root: &Path, name: &str) -> Result<(PathBuf, PathBuf)> {
    let folder = root.join("target/conformance").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    let source = format!("crates/payglot-sandbox/src/generated/{PROVIDER}.json");
    let text = std::fs::read_to_string(root.join(&source))
        .with_context(|| format!("cannot read {source}"))?;
    let mut document: Value = serde_json::from_str(&text)?;
    lower(&mut document);
    std::fs::create_dir_all(&folder).with_context(|| format!("no {}", folder.display()))?;
    let path = folder.join("openapi.json");
    std::fs::write(&path, document.to_string()).context("cannot write openapi.json")?;
    Ok((folder, path))
}

/// Takes out the sandbox's rules that stand beside a model's fields: openapi-python-client makes a model of each
/// alternative instead, without the fields.
fn lower(document: &mut Value) {
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for (_, schema) in schemas.into_iter().flatten() {
        let Some(schema) = schema.as_object_mut() else { continue };
        if schema.contains_key("properties") {
            schema.retain(|name, _| name != "anyOf" && name != "allOf");
        }
    }
}

fn python(root: &Path, tools: &Tools, provider: &Provider) -> Result<usize> {
    let (folder, document) = folder(root, "client-python")?;
    let config = root.join("tests/conformance/client-python.yaml");
    Run::new(tools.venv.program("openapi-python-client"))
        .args(["generate", "--meta", "none", "--overwrite", "--path"])
        .args([&document])
        .args(["--output-path"])
        .args([folder.join("generated_client")])
        .args(["--config"])
        .args([config])
        .quiet()
        .run()?;
    walk(root, provider, |flow| {
        let run = tools.python().args([format!("tests/conformance/client_{flow}.py")]);
        let path = [folder.clone(), root.join("tests/conformance")];
        run.env("PYTHONPATH", std::env::join_paths(path).unwrap_or_default())
    })
}

fn node(root: &Path, tools: &Tools, provider: &Provider) -> Result<usize> {
    let (folder, document) = folder(root, "client-node")?;
    let generator = tools.program("@hey-api/openapi-ts", "openapi-ts")?;
    Run::new("node")
        .args([generator])
        .args(["--input".as_ref(), document.as_os_str()])
        .args(["--output".as_ref(), folder.join("generated").as_os_str()])
        .args(["--client", "@hey-api/client-fetch", "--silent"])
        .at(&folder)
        .quiet()
        .run()?;
    let source = root.join("tests/conformance");
    files::copy(&source.join("client-node.tsconfig.json"), &folder.join("tsconfig.json"))?;
    for file in ["client.mjs", "client_card_flow.mjs", "client_payment_flow.mjs"] {
        files::copy(&source.join(file), &folder.join(file))?;
    }
    let compiler = tools.program("typescript", "tsc")?;
    Run::new("node").args([compiler]).args(["--project", "."]).at(&folder).quiet().run()?;
    walk(root, provider, |flow| Run::new("node").args([folder.join(format!("client_{flow}.mjs"))]))
}

/// Walks all flows, each with a sandbox of its own; gives the number of steps, a line each.
fn walk(root: &Path, provider: &Provider, program: impl Fn(&str) -> Run) -> Result<usize> {
    let mut steps = 0;
    for flow in FLOWS {
        let sandbox = Sandbox::start(root)?;
        let said = provider.environment(&sandbox, program(flow))?.output()?;
        print!("{said}");
        steps += said.lines().count();
    }
    Ok(steps)
}
