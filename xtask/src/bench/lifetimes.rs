//! Whether memory or file descriptors grow over many clients and many calls.

use anyhow::{Context as _, Result};

use crate::bench::Effort;
use crate::bench::pinned::{Core, Server, on, output};
use crate::bench::setup::Setup;

/// What one run showed.
pub struct Lifetime {
    pub title: String,
    /// Memory after a tenth of it and at its end, in MiB.
    pub memory: (f64, f64),
    /// Open files at the same moments.
    pub files: (u64, u64),
}

impl Lifetime {
    /// Half a MiB is what an allocator may keep for itself.
    pub fn is_flat(&self) -> bool {
        self.memory.1 - self.memory.0 < 0.5 && self.files.1 <= self.files.0
    }
}

/// Runs both.
pub fn measure(setup: &Setup, server: &Server, effort: Effort) -> Result<Vec<Lifetime>> {
    let part = if effort.is_quick { 20 } else { 1 };
    Ok(vec![
        run(setup, server, "clients", 10_000 / part, "clients made, used once and dropped")?,
        run(setup, server, "calls", 1_000_000 / part, "calls over one client")?,
    ])
}

fn run(setup: &Setup, server: &Server, what: &str, count: u32, title: &str) -> Result<Lifetime> {
    let run = setup.rust("lifetime").args([what, &server.url, &count.to_string()]);
    let told = output(on(Core::Client, run))?;
    let (first, last) = (point(told.lines().next())?, point(told.lines().last())?);
    let title = format!("{count} {title}");
    Ok(Lifetime { title, memory: (first.0, last.0), files: (first.1, last.1) })
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
