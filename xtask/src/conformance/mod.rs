//! `cargo xtask conformance`: judges that know nothing of payglot look at the sandbox, and at what every SDK sends
//! it. What they looked at is written to `docs/conformance.md`.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::shell::step;

mod clients;
mod players;
mod prism;
mod provider;
mod report;
mod schemathesis;
pub mod tools;

use tools::Tools;

/// The seed of what schemathesis makes up.
const SEED: u32 = 1;

/// What to look at.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Only the part whose name contains this: schemathesis, prism or clients; nothing is written.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// The seed of what schemathesis makes up.
    #[arg(long, default_value_t = SEED)]
    seed: u32,
    /// Most requests that schemathesis makes up per operation and phase.
    #[arg(long, default_value_t = 120)]
    examples: u32,
}

/// Everything that was looked at.
#[derive(Default)]
struct Results {
    schemathesis: Vec<schemathesis::Tested>,
    prism: Vec<prism::Judged>,
    clients: Vec<clients::Walked>,
}

/// Runs all parts; a finding is an error.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let tools = step("tools", || Tools::install(root))?;
    step("sandbox", || prepare(root))?;
    let providers = provider::all(root)?;
    let wanted = |name: &str| options.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let mut results = Results::default();
    let mut is_known = false;
    if wanted("schemathesis") {
        is_known = true;
        results.schemathesis =
            step("schemathesis", || schemathesis::run(root, &tools, &providers, options))?;
    }
    if wanted("prism") {
        is_known = true;
        results.prism = prism::run(root, &tools, &providers)?;
    }
    if wanted("clients") {
        is_known = true;
        results.clients = clients::run(root, &tools, &providers)?;
    }
    ensure!(is_known, "nothing is called {}", options.only.as_deref().unwrap_or("so"));
    print!("\n{}", report::tables(&results));
    if options.only.is_none() {
        let page = report::page(root, &results, options)?;
        std::fs::write(root.join("docs/conformance.md"), page)
            .context("cannot write docs/conformance.md")?;
        println!("\nwrote docs/conformance.md");
    }
    Ok(())
}

/// The small form for `cargo xtask test`, which has built the sandbox: schemathesis with few examples.
pub fn quick(root: &Path) -> Result<()> {
    let options = Options { only: None, seed: SEED, examples: 3 };
    schemathesis::run(root, &Tools::install(root)?, &provider::all(root)?, &options).map(drop)
}

/// Builds the sandbox and the Rust programs that speak with it.
fn prepare(root: &Path) -> Result<()> {
    let packages = ["--package", "payglot-cli", "--package", "payglot-examples"];
    crate::shell::Run::cargo().args(["build", "--quiet"]).args(packages).at(root).run()
}
