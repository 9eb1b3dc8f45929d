//! Instructions of the core's work, counted by callgrind: they hardly depend on the machine, and show a regression
//! that a clock would not.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use crate::bench::pinned::{Core, Server, on};
use crate::bench::setup;
use crate::shell::Run;

/// How much more is still the same.
const MARGIN: f64 = 1.03;

/// Instructions for one piece of work.
pub struct Count {
    pub name: &'static str,
    pub title: &'static str,
    pub instructions: u64,
}

/// Name, title, and how often it is done in the shorter of the two runs whose difference counts.
const WORK: [(&str, &str, u64); 6] = [
    ("call", "a call of `cards.get` as the client's process sees it, kernel excluded", 500),
    ("call-by-hand", "the same call by hand with reqwest, hmac and serde", 500),
    ("sign", "`sign`", 2_000),
    ("encode", "check and write the request of `payments.create`", 2_000),
    ("decode", "a card from its response", 2_000),
    ("page", "100 payments from their response", 50),
];

/// Counts; nothing where there is no valgrind.
pub fn count(root: &Path) -> Result<Vec<Count>> {
    if Run::new("valgrind").args(["--version"]).output().is_err() {
        println!("valgrind is not here: nothing is counted");
        return Ok(Vec::new());
    }
    setup::build(root)?;
    let server = Server::spawn(Run::new(setup::program(root, "server")))?;
    let mut counts = Vec::new();
    for (name, title, times) in WORK {
        let url = if name.starts_with("call") { server.url.as_str() } else { "-" };
        let short = instructions(root, name, url, times)?;
        let long = instructions(root, name, url, times * 3)?;
        let instructions = long.saturating_sub(short) / (times * 2);
        println!("{name}: {instructions}");
        counts.push(Count { name, title, instructions });
    }
    Ok(counts)
}

fn instructions(root: &Path, name: &str, url: &str, times: u64) -> Result<u64> {
    let out = root.join("target/bench/callgrind.out");
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder).context("cannot make target/bench")?;
    }
    let work = Run::new("valgrind")
        .args(["--tool=callgrind", &format!("--callgrind-out-file={}", out.display())])
        .args([setup::program(root, "work")])
        .args([name, url, &times.to_string()]);
    // On the server's core a response is always there before the client looks for it. On another it is a matter of luck, and one
    // that is not there yet costs the call 2,000 instructions more.
    let counted = on(Core::Server, work).output().context("cannot run valgrind")?;
    ensure!(counted.status.success(), "{name}: {}", String::from_utf8_lossy(&counted.stderr));
    let text = std::fs::read_to_string(&out).context("callgrind wrote nothing")?;
    let total = text.lines().find_map(|line| {
        line.strip_prefix("summary:").or_else(|| line.strip_prefix("totals:"))?.trim().parse().ok()
    });
    total.context("callgrind told no total")
}

/// Keeps the counts for [`check`].
pub fn write(root: &Path, counts: &[Count]) -> Result<()> {
    if counts.is_empty() {
        return Ok(());
    }
    let mut text = String::from(
        "# Instructions of the core's work, written by `cargo xtask bench`; `--check` compares with a margin of 3 %.\n",
    );
    for Count { name, instructions, .. } in counts {
        text.push_str(&format!("{name} = {instructions}\n"));
    }
    std::fs::write(root.join("benches/instructions.toml"), text)
        .context("cannot write benches/instructions.toml")
}

/// Fails where the work has become more.
pub fn check(root: &Path) -> Result<()> {
    let text = std::fs::read_to_string(root.join("benches/instructions.toml"))
        .context("no benches/instructions.toml; `cargo xtask bench` writes it")?;
    let known: BTreeMap<String, u64> =
        toml::from_str(&text).context("benches/instructions.toml")?;
    let counts = count(root)?;
    if counts.is_empty() {
        bail!("valgrind is needed to count instructions");
    }
    let mut grown = Vec::new();
    for Count { name, instructions, .. } in &counts {
        let before = known.get(*name).with_context(|| format!("`{name}` has no count"))?;
        #[allow(clippy::cast_precision_loss)] // far below what a float can hold
        let ratio = *instructions as f64 / *before as f64;
        println!("{name}: {instructions} instructions, {before} before ({ratio:.3})");
        if ratio > MARGIN {
            grown.push(*name);
        }
    }
    ensure!(grown.is_empty(), "more instructions than before: {}", grown.join(", "));
    Ok(())
}
