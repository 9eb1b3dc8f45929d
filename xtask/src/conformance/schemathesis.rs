//! schemathesis makes up requests from each document, as they should be and as they should not, and checks every
//! response against it.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::Options;
use super::provider::Provider;
use super::tools::Tools;
use crate::demo::Sandbox;
use crate::shell::Run;

/// Fewer would say little.
const LEAST: u64 = 10_000;

/// What must be found of what is planted.
const PLANTED: [&str; 2] = ["UndefinedStatusCode", "IgnoredAuth"];

/// What one document was tested with.
pub struct Tested {
    /// The provider's title.
    pub title: String,
    /// Operations of the document.
    pub operations: u64,
    /// Requests whose responses were checked.
    pub requests: u64,
    /// Responses that were not as documented.
    pub findings: u64,
    /// The phases that ran.
    pub phases: Vec<String>,
    /// How long it took.
    pub seconds: f64,
}

/// Tests every provider; a finding is an error, and so is a planted one that is not found.
pub fn run(
    root: &Path,
    tools: &Tools,
    providers: &[Provider],
    options: &Options,
) -> Result<Vec<Tested>> {
    let mut tested = Vec::new();
    for provider in providers {
        let (report, output) = test(root, tools, provider, options, None)?;
        let result = read(&report, provider)?;
        println!(
            "{}: {} requests in {:.0} s, {} findings",
            provider.title, result.requests, result.seconds, result.findings
        );
        let is_complete = report.pointer("/complete").is_some_and(|complete| complete == true);
        if result.findings > 0 || !is_complete || report.pointer("/exit_code") != Some(&0.into()) {
            bail!("{}:\n{output}", provider.title);
        }
        tested.push(result);
    }
    plant(root, tools, providers, options)?;
    let total: u64 = tested.iter().map(|tested| tested.requests).sum();
    let is_full = options.examples >= 100;
    ensure!(total >= LEAST || !is_full, "only {total} requests: at least {LEAST} are wanted");
    println!("{total} requests in all");
    Ok(tested)
}

/// With a document that is not the sandbox's, something must be found: the status 200 is taken out of it, and a part
/// of the sandbox that needs no authentication is put in.
fn plant(root: &Path, tools: &Tools, providers: &[Provider], options: &Options) -> Result<()> {
    let provider = providers.first().context("no providers")?;
    let source = root.join(format!("crates/payglot-sandbox/src/generated/{}.json", provider.name));
    let text = std::fs::read_to_string(&source)
        .with_context(|| format!("cannot read {}", source.display()))?;
    let mut document: Value = serde_json::from_str(&text)?;
    let items = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    let operations = items.filter_map(|(_, item)| item.as_object_mut()).flatten();
    for responses in operations.filter_map(|(_, operation)| operation.get_mut("responses")) {
        responses.as_object_mut().map(|responses| responses.remove("200"));
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).context("no paths")?;
    let open = json!({ "get": { "responses": { "200": { "description": "The ledger." } } } });
    paths.insert("/_sandbox/api/ledger".into(), open);
    let planted = root.join("target/conformance/planted.json");
    std::fs::write(&planted, document.to_string()).context("cannot write planted.json")?;
    let (report, _) = test(root, tools, provider, options, Some(&planted))?;
    let failures = report.pointer("/failures").map(Value::to_string).unwrap_or_default();
    for name in PLANTED {
        ensure!(failures.contains(name), "schemathesis does not find a planted {name}");
    }
    println!("planted: {} found", read(&report, provider)?.findings);
    Ok(())
}

/// Tests a fresh sandbox; gives schemathesis' report and what it printed.
fn test(
    root: &Path,
    tools: &Tools,
    provider: &Provider,
    options: &Options,
    planted: Option<&Path>,
) -> Result<(Value, String)> {
    let sandbox = Sandbox::start(root)?;
    let folder = root.join("target/conformance");
    std::fs::create_dir_all(&folder).context("cannot make target/conformance")?;
    let config = folder.join(format!("{}.toml", provider.name));
    let report = folder.join(format!("{}.json", provider.name));
    let world = tools.python().args([
        "tests/conformance/world.py".as_ref(),
        provider.name.as_ref(),
        config.as_os_str(),
    ]);
    provider.environment(&sandbox, world)?.output().context("the world")?;
    // The last report must not pass for this one's.
    if report.exists() {
        std::fs::remove_file(&report).context("cannot remove the last report")?;
    }
    let mut run = tools
        .python()
        .args(["-m", "schemathesis.cli", "--config-file"])
        .args([&config])
        .args(["run", "--no-color", "--url", sandbox.value("base_url")?])
        .args(["--seed", &options.seed.to_string(), "--report-json-path"])
        .args([&report]);
    run = match planted {
        Some(document) => {
            run.args(["--max-examples", "1", "--phases", "coverage"]).args([document])
        }
        None => run
            .args(["--max-examples", &options.examples.to_string()])
            .args([provider.document(&sandbox)?]),
    };
    run = run.env("SCHEMATHESIS_HOOKS", root.join("tests/conformance/hooks.py"));
    let output = said(provider.environment(&sandbox, run.at(&folder))?)?;
    let text = std::fs::read_to_string(&report)
        .with_context(|| format!("schemathesis wrote no report:\n{output}"))?;
    Ok((serde_json::from_str(&text)?, output))
}

/// What a program printed, whether or not it is content.
fn said(run: Run) -> Result<String> {
    let output = run.into_command().output().context("cannot start schemathesis")?;
    let [out, error] = [output.stdout, output.stderr];
    Ok(format!("{}{}", String::from_utf8_lossy(&out), String::from_utf8_lossy(&error)))
}

fn read(report: &Value, provider: &Provider) -> Result<Tested> {
    let count = |pointer: &str| {
        report.pointer(pointer).and_then(Value::as_u64).with_context(|| format!("no {pointer}"))
    };
    let phases = report.pointer("/phases").and_then(Value::as_object).into_iter().flatten();
    let ran = phases
        .filter(|(_, phase)| phase.get("status").is_some_and(|status| status != "skip"))
        .map(|(name, _)| name.clone());
    Ok(Tested {
        title: provider.title.clone(),
        operations: count("/operations/tested")?,
        requests: count("/test_cases/generated")?
            .saturating_sub(count("/test_cases/without_checks")?),
        findings: count("/test_cases/unique_failures")? + count("/test_cases/errored")?,
        phases: ran.collect(),
        seconds: report.pointer("/running_time").and_then(Value::as_f64).unwrap_or_default(),
    })
}
