//! Whether memory or file descriptors grow over many clients and many calls, in every language.

use anyhow::{Context as _, Result};

use crate::bench::Effort;
use crate::bench::pinned::{Core, Server, on, output};
use crate::bench::setup::Setup;
use crate::shell::Run;

/// A language, its program, and what its allocator or collector may still take in the second half, in MiB.
type Language = (&'static str, fn(&Setup) -> Run, f64);

const LANGUAGES: [Language; 3] = [
    ("Rust", |setup| setup.rust("lifetime"), 0.5),
    ("Python", |setup| setup.python().args(["lifetime.py"]), 1.0),
    ("Node", |setup| setup.node().args(["--expose-gc", "lifetime.mjs"]), 4.0),
];

/// What one run showed.
pub struct Lifetime {
    pub title: String,
    /// Memory after half of it and at its end, in MiB.
    pub memory: (f64, f64),
    /// Open files at the same moments.
    pub files: (u64, u64),
    allowed: f64,
}

impl Lifetime {
    /// Whether nothing grows.
    pub fn is_flat(&self) -> bool {
        self.memory.1 - self.memory.0 < self.allowed && self.files.1 <= self.files.0
    }
}

/// Runs all.
pub fn measure(setup: &Setup, server: &Server, effort: Effort) -> Result<Vec<Lifetime>> {
    let part = if effort.is_quick { 20 } else { 1 };
    let mut lifetimes = Vec::new();
    for (what, count, title) in [
        ("clients", 10_000 / part, "clients made, used once and dropped"),
        ("calls", 1_000_000 / part, "calls over one client"),
    ] {
        for (language, program, allowed) in LANGUAGES {
            let run = program(setup).args([what, &server.url, &count.to_string()]);
            let told = output(on(Core::Client, run))?;
            let middle = told.lines().count().saturating_sub(1) / 2;
            let (half, end) = (point(told.lines().nth(middle))?, point(told.lines().last())?);
            lifetimes.push(Lifetime {
                title: format!("{language}: {count} {title}"),
                memory: (half.0, end.0),
                files: (half.1, end.1),
                allowed,
            });
        }
    }
    Ok(lifetimes)
}

/// MiB and open files of one line.
fn point(line: Option<&str>) -> Result<(f64, u64)> {
    let line = line.context("nothing was told")?;
    let words: Vec<&str> = line.split_whitespace().collect();
    let [_, kilobytes, files] = words.as_slice() else {
        anyhow::bail!("not three numbers: {line}")
    };
    Ok((kilobytes.parse::<f64>()? / 1024.0, files.parse()?))
}
