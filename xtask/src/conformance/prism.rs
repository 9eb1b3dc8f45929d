//! Prism judges what every SDK sends to the sandbox, and what comes back, against the document.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::players::{FLOWS, Language, Players};
use super::provider::Provider;
use super::tools::Tools;
use crate::demo::Sandbox;
use crate::shell::{Run, step};

/// The provider that `plant.py` speaks with.
const PLANTED: &str = "paywint-platform";

/// What was judged of one language.
pub struct Judged {
    /// The language's name.
    pub language: &'static str,
    /// What the recorder saw.
    pub seen: Seen,
}

/// What the recorder saw.
#[derive(Deserialize)]
pub struct Seen {
    /// Requests with their responses.
    pub exchanges: u64,
    /// Those answered 200.
    pub succeeded: u64,
    /// How often each status was answered.
    pub statuses: BTreeMap<u16, u64>,
    /// How often each operation was called.
    pub operations: BTreeMap<String, u64>,
    /// What was not as documented.
    pub violations: Vec<String>,
}

/// Judges all languages; a violation is an error, and so is a planted one that is not found.
pub fn run(root: &Path, tools: &Tools, providers: &[Provider]) -> Result<Vec<Judged>> {
    let players = Players::prepare(root)?;
    let mut judged = Vec::new();
    for language in Language::ALL {
        let seen = step(&format!("prism, {}", language.name()), || {
            judge(root, tools, providers, &players, language)
        })?;
        judged.push(Judged { language: language.name(), seen });
    }
    step("prism, planted violations", || plant(root, tools, providers))?;
    Ok(judged)
}

fn judge(
    root: &Path,
    tools: &Tools,
    providers: &[Provider],
    players: &Players,
    language: Language,
) -> Result<Seen> {
    let sandbox = Sandbox::start(root)?;
    let plan = plan(root, tools, providers, &sandbox)?;
    let recorder = Recorder::start(root, tools, providers, &sandbox)?;
    let played = recorder.environment(&sandbox, players.plan(language, &plan)?)?.output()?;
    println!("calls, and how many went well: {}", played.trim());
    let mut seen = recorder.finish()?;
    for flow in FLOWS {
        // A sandbox of its own: the flows count what is there.
        let sandbox = Sandbox::start(root)?;
        let recorder = Recorder::start(root, tools, providers, &sandbox)?;
        recorder.environment(&sandbox, players.flow(language, flow)?)?.output()?;
        seen.add(recorder.finish()?);
    }
    println!("{} exchanges of {} operations", seen.exchanges, seen.operations.len());
    ensure!(seen.violations.is_empty(), "violations:\n{}", seen.violations.join("\n"));
    let operations = operations(root, providers)?;
    ensure!(
        seen.operations.len() == operations,
        "{} of {operations} operations were called",
        seen.operations.len()
    );
    Ok(seen)
}

/// How many operations the documents have.
fn operations(root: &Path, providers: &[Provider]) -> Result<usize> {
    let mut count = 0;
    for provider in providers {
        let text = std::fs::read_to_string(document(root, provider))?;
        count += text.matches("\"x-payglot-name\"").count();
    }
    Ok(count)
}

fn document(root: &Path, provider: &Provider) -> PathBuf {
    root.join(format!("crates/payglot-sandbox/src/generated/{}.json", provider.name))
}

/// Fills the sandbox, and writes the calls to play.
fn plan(root: &Path, tools: &Tools, providers: &[Provider], sandbox: &Sandbox) -> Result<PathBuf> {
    let folder = root.join("target/conformance/plan");
    std::fs::create_dir_all(&folder).context("cannot make target/conformance/plan")?;
    let mut ids = Vec::new();
    for provider in providers {
        let out = folder.join(format!("{}.toml", provider.name));
        let words = ["tests/conformance/world.py", &provider.name];
        let run = tools.python().args(words).args([&out]);
        provider.environment(sandbox, run)?.output().context("the world")?;
        ids.push(out.with_extension("ids.json"));
    }
    let plan = folder.join("plan.json");
    let run = tools.python().args(["tests/conformance/plan.py"]).args([&plan]).args(ids);
    let provider = providers.first().context("no providers")?;
    provider.environment(sandbox, run)?.output()?;
    Ok(plan)
}

/// A request and a response that are not as documented must both be found.
fn plant(root: &Path, tools: &Tools, providers: &[Provider]) -> Result<()> {
    let sandbox = Sandbox::start(root)?;
    let recorder = Recorder::start(root, tools, providers, &sandbox)?;
    let provider = providers.iter().find(|provider| provider.name == PLANTED);
    let run = tools.python().args(["tests/conformance/plant.py"]);
    let run = provider.context("no provider to plant in")?.environment(&sandbox, run)?;
    recorder.environment(&sandbox, run)?.output()?;
    let seen = recorder.finish()?;
    for part in ["request", "response"] {
        let found =
            seen.violations.iter().any(|violation| violation.contains(&format!(": {part}")));
        ensure!(found, "Prism does not see a planted violation of a {part}: {:?}", seen.violations);
    }
    println!("{} found", seen.violations.len());
    Ok(())
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.exchanges += other.exchanges;
        self.succeeded += other.succeeded;
        self.violations.extend(other.violations);
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        for (operation, count) in other.operations {
            *self.operations.entry(operation).or_default() += count;
        }
    }
}

/// The proxy between an SDK and a sandbox; ends with this value.
struct Recorder {
    child: Child,
    output: BufReader<ChildStdout>,
    url: String,
}

impl Recorder {
    fn start(
        root: &Path,
        tools: &Tools,
        providers: &[Provider],
        sandbox: &Sandbox,
    ) -> Result<Self> {
        let prism = tools.program("@stoplight/prism-cli", "prism")?;
        let mut command = Run::new("node")
            .args([root.join("tests/conformance/recorder.mjs"), prism])
            .args([sandbox.value("base_url")?])
            .args(providers.iter().map(|provider| document(root, provider)))
            .into_command();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the recorder")?;
        let mut output = BufReader::new(child.stdout.take().context("it has no output")?);
        let mut url = String::new();
        output.read_line(&mut url).context("the recorder said nothing")?;
        let url = url.trim().to_owned();
        ensure!(url.starts_with("http"), "the recorder did not start: {url}");
        Ok(Self { child, output, url })
    }

    /// Sends a program's calls through the recorder.
    fn environment(&self, sandbox: &Sandbox, run: Run) -> Result<Run> {
        let run = sandbox.environment(run)?;
        Ok(run.env("PAYWINT_BASE_URL", &self.url).env("LINORA_BASE_URL", &self.url))
    }

    /// Waits until everything is judged.
    fn finish(mut self) -> Result<Seen> {
        drop(self.child.stdin.take());
        let mut report = String::new();
        self.output.read_to_string(&mut report).context("the recorder's report")?;
        serde_json::from_str(&report).with_context(|| format!("the recorder said: {report}"))
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // It is gone already, or it is now.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
