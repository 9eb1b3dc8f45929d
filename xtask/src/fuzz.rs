//! `cargo xtask fuzz`: each fuzz target for a bounded time, on top of the corpus that is kept.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::shell::{Run, step};

const TARGETS: [&str; 3] = ["responses", "webhooks", "lowering"];

/// Coverage that libFuzzer is led by; all of it works with the pinned stable toolchain.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions --cfg fuzzing";

/// How long.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Seconds for each target.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

/// Builds and runs all targets.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let folder = root.join("fuzz");
    let target = root.join("target/fuzz");
    // A target triple of its own keeps coverage out of build scripts and procedural macros.
    let version = Run::new("rustc").args(["-vV"]).output()?;
    let triple = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc -vV names no host")?;
    step("build", || {
        Run::cargo()
            .args(["build", "--quiet", "--release", "--target", triple])
            .at(&folder)
            .env("RUSTFLAGS", COVERAGE)
            .env("CARGO_TARGET_DIR", &target)
            .run()
    })?;
    for name in TARGETS {
        let corpus = folder.join("corpus").join(name);
        let found = target.join("found").join(name);
        for folder in [&corpus, &found] {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        step(name, || {
            // New inputs go to the build folder; what deserves to be kept is moved to the corpus by hand.
            Run::new(target.join(triple).join("release").join(name))
                .args([&found, &corpus])
                .args([format!("-max_total_time={}", options.seconds)])
                .args(["-max_len=4096", "-print_final_stats=1", "-verbosity=0"])
                .args([format!("-artifact_prefix={}/", target.display())])
                .run()
        })?;
    }
    Ok(())
}
