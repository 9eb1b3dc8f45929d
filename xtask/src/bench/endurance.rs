//! What only shows in the long run, written to `docs/endurance.md`: growth over many clients and calls, and processes
//! that end with calls in flight.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::bench::pinned::Server;
use crate::bench::setup::Setup;
use crate::bench::{Effort, lifetimes, machine, report};
use crate::shell::step;

const EXITS: &str = "1000";
/// Of each kind, and as many again with memory perturbed.
const DAEMON_EXITS: &str = "3000";

/// Runs everything in full and writes the page.
pub fn run(root: &Path) -> Result<()> {
    let setup = step("programs", || Setup::new(root))?;
    let server = Server::start(&setup, &[])?;
    let grown = step("lifetimes", || lifetimes::measure(&setup, &server, Effort::FULL))?;
    let mut page = HEAD.to_owned();
    page.push_str("\n## Growth\n\n");
    page.push_str(&report::tables::lifetimes(&grown));
    // Seen also where a process does not end well.
    print!("{page}");
    let exits = step("exits", || exits(&setup))?;
    page.push_str("\n## Exits\n\n");
    for (language, said) in &exits {
        writeln!(page, "- {language}: {said}.")?;
    }
    page.push_str(DAEMONS);
    page.push_str(&step("exits with daemon threads", || daemon_exits(&setup))?);
    page.push_str("\n## Machine and versions\n\n| | |\n| --- | --- |\n");
    for (name, value) in machine::describe(&setup) {
        if !name.ends_with("peers") {
            writeln!(page, "| {name} | {value} |")?;
        }
    }
    print!("{page}");
    std::fs::write(root.join("docs/endurance.md"), page)
        .context("cannot write docs/endurance.md")?;
    let growing = grown.iter().find(|lifetime| !lifetime.is_flat());
    ensure!(growing.is_none(), "something grows: {}", growing.map_or("", |found| &found.title));
    Ok(())
}

/// What the scripts of the bindings say; they fail where a process did not end well.
fn exits(setup: &Setup) -> Result<Vec<(&'static str, String)>> {
    for folder in ["test", "scripts"] {
        setup.installed.folder(&setup.root, &format!("bindings/node/{folder}"))?;
    }
    let python = setup.installed.venv.python().args(["bindings/python/scripts/exits.py", EXITS]);
    let node = crate::shell::Run::new("node").args(["scripts/exits.mjs", EXITS]);
    [("Python", python.at(&setup.root)), ("Node", node.at(&setup.installed.project))]
        .into_iter()
        .map(|(language, mut run)| {
            Ok((language, run.output()?.trim().trim_start_matches("exits: ").to_owned()))
        })
        .collect()
}

/// A table about Python's daemon threads; the script fails where payglot did not end well.
fn daemon_exits(setup: &Setup) -> Result<String> {
    let script = ["bindings/python/scripts/exits.py", "daemons", DAEMON_EXITS];
    setup.installed.venv.python().args(script).at(&setup.root).output()
}

const DAEMONS: &str = "
Python ends daemon threads where they stand. The table has what they were doing, half of them changing places every 0.1 ms,
and then the same with memory perturbed (`MALLOC_PERTURB_=165`, `PYTHONMALLOC=malloc`). The control does without payglot:
CPython lets such a process crash by itself. `bindings/python/scripts/exits.py daemons` runs this alone.

";

const HEAD: &str = "\
# Endurance

Written by `cargo xtask prove --endurance`, against the server of canned responses of the [benchmarks](benchmarks.md).

What is shown: nothing grows over many clients and many calls, and a process that ends while calls are on their way,
in any way that a process can, ends with its own status, at once and without a word. The ways are listed in
`bindings/python/tests/exits.py` and `bindings/node/test/exits.mjs`; small forms of both run in `cargo xtask test`.
";
