//! `cargo xtask prove`: the double-spend proof in full, written to `docs/replay-safety.md`; with `--endurance`, what
//! only shows in the long run, written to `docs/endurance.md`.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::bench::endurance;
use crate::shell::{Run, step};

/// What to prove.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// That nothing grows over 10,000 clients and 1,000,000 calls in each language, and that a thousand processes end
    /// well with calls in flight; written to docs/endurance.md.
    #[arg(long)]
    endurance: bool,
}

/// Runs it and writes the page.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    if options.endurance {
        return endurance::run(root);
    }
    let package = ["--quiet", "--release", "--package", "payglot-proof"];
    step("build", || Run::cargo().args(["build"]).args(package).at(root).run())?;
    let report = step("simulation", || {
        Run::new(root.join("target/release/payglot-proof")).args(["100000"]).at(root).output()
    })?;
    let page = root.join("docs/replay-safety.md");
    std::fs::write(&page, format!("{HEAD}\n{report}"))
        .context("cannot write docs/replay-safety.md")?;
    print!("{report}");
    Ok(())
}

const HEAD: &str = "\
# Replay safety

What is shown: a payment is never sent twice, and a call always tells the truth about what it knows.

`cargo xtask prove` makes real calls with the real client over real sockets, against a vendor that reads the raw bytes
itself, acts when a request is whole, and counts. Each call is struck by a fault:

- no address, nobody listening, a TLS handshake that breaks after each byte, a certificate that nobody signed;
- the connection breaks after each byte of the request, by a reset;
- the vendor acts, and the connection breaks after each byte of the response, by a close or a reset;
- the vendor acts or does not, and responds with each of 16 statuses, or says nothing until time has run out.

Every fault is tried for every replay class and for 0, 1, 2 and 5 retries; after these come calls that are struck several
times in a row, drawn at random. After each call it is checked that

1. the vendor acted at most once for `create` and `money`, and saw one key for `keyed`;
2. where it acted and the call did not succeed, the call ended in `OutcomeUnknownError`;
3. a call that succeeded was acted on, and one that says that nothing was sent was never received;
4. a repeatable call never ends in `OutcomeUnknownError`, and neither does one that could not be sent.

A small form of this runs in `cargo xtask test`.

One thing is on the safe side of exact: when the time for a whole call runs out while it is still connecting, a `create`
or `money` call ends in `OutcomeUnknownError` although nothing was sent.

## Result
";
