//! The report: sections for the terminal and for `docs/benchmarks.md`.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::bench::setup::Setup;
use crate::bench::{Effort, machine};

pub mod tables;

/// Marks what is not as it should be.
const MISSED: &str = " **missed**";

/// What `docs/benchmarks.md` says of one kind of measurement.
pub struct Section {
    pub title: &'static str,
    pub text: String,
}

impl Section {
    fn heading(&self) -> String {
        format!("\n## {}\n", self.title)
    }

    /// For the terminal.
    pub fn shown(&self) -> String {
        format!("{}\n{}", self.heading(), self.text)
    }
}

const METHOD: &str = "\
The server gives canned responses over HTTP/1.1 with keep-alive: a card in its envelope (0.6 KB), or a page of 100
payments (30 KB). Every client signs each request with HMAC-SHA256, keeps its connections, decodes the JSON and reads
the same fields. Peers run in their fastest documented mode: one client or pool for all calls, the one-shot
`hmac.digest` in Python and uvloop for everything asynchronous, a `Pool` with as many connections as calls in flight
for undici. payglot is installed from its wheel and its npm packages. Clients of a row take turns within each round; a
figure is the median of all rounds, with the distance between the best and the worst round beside it. Processor time
is that of the client's process. A ratio is payglot's median rate divided by the peer's, or the peer's median time
divided by payglot's: above 1, payglot is better. `p50` and `p99` are medians of what each round had at 50 and 99 per cent.

In `python-pages` payglot gives exact amounts and aware datetimes; `aiohttp + json` leaves floats and text, and
`exact` converts them to what payglot gives.
";

/// The whole page, of a run in full.
pub fn page(root: &Path, setup: &Setup, sections: &[Section], effort: Effort) -> Result<String> {
    let mut out = String::from(
        "# Benchmarks\n\nWritten by `cargo xtask bench`.\n\n## Machine and versions\n\n| | |\n| --- | --- |\n",
    );
    for (name, value) in machine::describe(setup) {
        writeln!(out, "| {name} | {value} |")?;
    }
    write!(out, "\n## Method\n\n{METHOD}\n{}\n", effort.told())?;
    for section in sections {
        out.push_str(&section.shown());
    }
    Ok(finished(root, &out))
}

/// The page with another text of one section, which was measured by itself.
pub fn with_section(root: &Path, page: &str, section: &Section, effort: Effort) -> Result<String> {
    let page = page.split_once(SHORT).context("docs/benchmarks.md has no end")?.0;
    let heading = section.heading();
    let (before, after) = match page.split_once(&heading) {
        Some((before, rest)) => (before, rest.find("\n## ").and_then(|at| rest.get(at..))),
        None => (page, None),
    };
    // What is not a rate has no rounds, and no spread.
    let rounds =
        if section.text.contains("spread") { format!(" {}", effort.told()) } else { String::new() };
    let text = format!("{}\nMeasured by itself, later than the rest.{rounds}\n", section.shown());
    Ok(finished(root, &[before, &text, after.unwrap_or_default()].concat()))
}

const SHORT: &str = "\n## What falls short\n";

/// Adds what is not as it should be, and the notes.
fn finished(root: &Path, page: &str) -> String {
    let mut out = format!("{page}{SHORT}\n");
    let short = short(page);
    if short.is_empty() {
        out.push_str("Nothing: every target and every budget is met.\n");
    }
    for line in short {
        out.push_str(&format!("- {line}\n"));
    }
    if let Ok(notes) = std::fs::read_to_string(root.join("docs/benchmarks-notes.md")) {
        out.push_str(&format!("\n{}", notes.trim_start()));
    }
    out
}

/// A line for every cell of the tables that is marked as missed; the cell behind it has what was wanted.
fn short(page: &str) -> Vec<String> {
    let mut short = Vec::new();
    let (mut title, mut has_clients) = ("", false);
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        let cells: Vec<&str> = line.split('|').map(str::trim).skip(1).collect();
        let [first, second, ..] = cells.as_slice() else { continue };
        if lines.peek().is_some_and(|next| next.starts_with("| ---")) {
            has_clients = *second == "client";
        }
        if !first.is_empty() {
            title = first;
        }
        for both in cells.windows(2) {
            let [measured, wanted] = both else { continue };
            let Some(measured) = measured.strip_suffix(MISSED) else { continue };
            let against = if has_clients { format!(" against {second}") } else { String::new() };
            short.push(format!("{title}{against}: {measured} of {wanted}"));
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str =
        "# Benchmarks\n\n## Rates\n\nfast\n\n## Budgets\n\nsmall\n\n## What falls short\n\nold\n";

    #[test]
    fn a_section_is_put_in_and_replaced() {
        let root = Path::new("/no/such/folder");
        let bursts = Section { title: "Bursts", text: "many, spread\n".to_owned() };
        let once = with_section(root, PAGE, &bursts, Effort::FULL).unwrap();
        let told = "Measured by itself, later than the rest. 5 rounds of 2.0 s each";
        assert!(once.starts_with(
            "# Benchmarks\n\n## Rates\n\nfast\n\n## Budgets\n\nsmall\n\n## Bursts\n\nmany, spread\n"
        ));
        assert!(once.contains(told) && !once.contains("old"), "{once}");
        assert_eq!(with_section(root, &once, &bursts, Effort::FULL).unwrap(), once);

        let rates = Section { title: "Rates", text: "faster\n".to_owned() };
        let twice = with_section(root, &once, &rates, Effort::FULL).unwrap();
        let start =
            "# Benchmarks\n\n## Rates\n\nfaster\n\nMeasured by itself, later than the rest.\n";
        assert!(twice.starts_with(start), "{twice}");
        assert_eq!(twice.matches("\n## ").count(), 4);
    }

    #[test]
    fn what_falls_short_is_read_from_the_tables() {
        let page = "\
| what | client | rate | ratio | at least |
| --- | --- | ---: | ---: | ---: |
| Node | payglot | 5 calls/s | | |
|  | undici | 5 calls/s | 1.00 **missed** | 1.4 |
|  | fetch | 1 calls/s | 5.00 | 4 |

| what | measured | at most |
| --- | ---: | ---: |
| `.node` | 6.8 MB **missed** | 6 MB |
";
        assert_eq!(short(page), ["Node against undici: 1.00 of 1.4", "`.node`: 6.8 MB of 6 MB"]);
    }
}
