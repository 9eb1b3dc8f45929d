//! Budgets: start-up times, sizes and memory.

use std::process::Command;
use std::time::Instant;

use anyhow::Result;

use crate::bench::Effort;
use crate::bench::measure::median;
use crate::bench::pinned::{Core, Server, on, output};
use crate::bench::setup::{Setup, megabytes};
use crate::platforms;
use crate::shell::Run;

/// Something that must not be more than so much.
pub struct Budget {
    pub title: &'static str,
    pub measured: f64,
    pub unit: &'static str,
    pub at_most: f64,
}

/// Prints the milliseconds until a sandbox of its own responds, imports not included.
const SANDBOX_PYTHON: &str = "
import time
from payglot.testing import Sandbox
started = time.perf_counter()
with Sandbox():
    print((time.perf_counter() - started) * 1000)
";
/// The same.
const SANDBOX_NODE: &str = "
const { Sandbox } = require('payglot/testing')
const started = performance.now()
new Sandbox().start().then((sandbox) => {
  console.log(performance.now() - started)
  return sandbox.stop()
})
";

/// Measures all of them.
pub fn measure(setup: &Setup, server: &Server, effort: Effort) -> Result<Vec<Budget>> {
    let runs = if effort.is_quick { 11 } else { 31 };
    let python = |code: &str| setup.python().args(["-c", code]);
    let node = |code: &str| setup.node().args(["-e", code]);
    let platform = platforms::here()?.name;
    let node_module = setup.installed.project.join("node_modules/@payglot").join(platform);
    let node_module = node_module.join(format!("payglot.{platform}.node"));
    let npm = &setup.dist.npm;
    // The interpreter writes its byte code where a user's would be, before the clock starts.
    let compile = setup.python().env("PYTHONDONTWRITEBYTECODE", "").args(["-c", "import payglot"]);
    output(on(Core::Client, compile))?;
    let budget = |title, measured, unit, at_most| Budget { title, measured, unit, at_most };
    Ok(vec![
        budget(
            "`import payglot` over bare Python",
            over(runs, || python("import payglot"), || python("pass"))?,
            "ms",
            5.0,
        ),
        budget(
            "`require('payglot')` over bare Node",
            over(runs, || node("require('payglot')"), || node("0"))?,
            "ms",
            15.0,
        ),
        budget("wheel", megabytes(&setup.dist.wheel)?, "MB", 4.0),
        budget("`.node`", megabytes(&node_module)?, "MB", 6.0),
        budget("wheel of the command", megabytes(&setup.dist.command)?, "MB", 4.0),
        budget(
            "npm packages `payglot` and its native part",
            megabytes(&npm.package)? + megabytes(&npm.native)?,
            "MB",
            3.0,
        ),
        budget("npm package of the command", megabytes(&npm.program)?, "MB", 4.0),
        budget(
            "a sandbox started from Python",
            median_of(&|| python(SANDBOX_PYTHON))?,
            "ms",
            100.0,
        ),
        budget("a sandbox started from Node", median_of(&|| node(SANDBOX_NODE))?, "ms", 100.0),
        budget(
            "memory after a first call over bare Python",
            median_of(&|| setup.python().args(["budget.py", &server.url]))? / 1024.0,
            "MiB",
            12.0,
        ),
        budget(
            "memory after a first call over bare Node",
            median_of(&|| setup.node().args(["budget.mjs", &server.url]))? / 1024.0,
            "MiB",
            12.0,
        ),
    ])
}

/// The median of the numbers that five runs of a program print.
fn median_of(run: &dyn Fn() -> Run) -> Result<f64> {
    let numbers: Result<Vec<f64>> =
        (0..5).map(|_| Ok(output(on(Core::Client, run()))?.trim().parse()?)).collect();
    Ok(median(&numbers?))
}

/// Milliseconds that one program takes over the other, by the best of runs that alternate.
fn over(runs: usize, program: impl Fn() -> Run, bare: impl Fn() -> Run) -> Result<f64> {
    let mut best = (f64::MAX, f64::MAX);
    for _ in 0..runs {
        best.0 = best.0.min(milliseconds(on(Core::Client, program()))?);
        best.1 = best.1.min(milliseconds(on(Core::Client, bare()))?);
    }
    Ok(best.0 - best.1)
}

fn milliseconds(command: Command) -> Result<f64> {
    let started = Instant::now();
    output(command)?;
    Ok(started.elapsed().as_secs_f64() * 1000.0)
}
