//! The report: tables for the terminal and for `docs/benchmarks.md`.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::bench::journal::Journal;
use crate::bench::lifetimes::Lifetime;
use crate::bench::load::{self, Load};
use crate::bench::measure::{Measured, Samples, median, spread};
use crate::bench::setup::Setup;
use crate::bench::{Effort, Results, machine};

/// Marks what is not as it should be.
const MISSED: &str = " **missed**";

/// The whole page, of a run in full.
pub fn page(root: &Path, setup: &Setup, results: &Results, effort: Effort) -> Result<String> {
    let mut out = String::from(
        "# Benchmarks\n\nWritten by `cargo xtask bench`.\n\n## Machine and versions\n\n| | |\n| --- | --- |\n",
    );
    for (name, value) in machine::describe(setup) {
        writeln!(out, "| {name} | {value} |")?;
    }
    writeln!(
        out,
        "\n## Method\n\n{METHOD}\n{} rounds of {:.1} s each for every client, after a warm-up of half of that.\n",
        effort.rounds,
        effort.time.as_secs_f64()
    )?;
    out.push_str(&tables(results));
    out.push_str("\n## What falls short\n\n");
    let short = short(results);
    if short.is_empty() {
        out.push_str("Nothing: every target and every budget is met.\n");
    }
    for line in short {
        writeln!(out, "- {line}")?;
    }
    if let Ok(notes) = std::fs::read_to_string(root.join("docs/benchmarks-notes.md")) {
        write!(out, "\n{}", notes.trim_start())?;
    }
    Ok(out)
}

const METHOD: &str = "\
The server gives canned responses over HTTP/1.1 with keep-alive: a card in its envelope (0.6 KB), or a page of 100
payments (30 KB). Every client signs each request with HMAC-SHA256, keeps its connections, decodes the JSON and reads
the same fields. Peers run in their fastest documented mode: one client or pool for all calls, the one-shot
`hmac.digest` in Python and uvloop for everything asynchronous, a `Pool` with as many connections as calls in flight
for undici. payglot is installed from its wheel and its npm packages. Clients of a row take turns within each round; a
figure is the median of all rounds, with the distance between the best and the worst round beside it. Processor time
is that of the client's process. A ratio is payglot's rate divided by the peer's.

In `python-pages` payglot gives exact amounts and aware datetimes; `aiohttp + json` leaves floats and text, and
`exact` converts them to what payglot gives.
";

const JOURNAL_TITLE: &str = "\n## Payments under a journal";

const JOURNAL: &str = "\
Every payment has an intent of its own. It is written durably before the request is sent, and again with the response: two
commits for each payment, and what is in flight at the same time may share a flush of the disk. By hand it is a table of
intents, written before and after the request is sent: by `sqlite3` over one connection in a thread of its own or by
`better-sqlite3`, in WAL mode with `synchronous = FULL`; by `psycopg` or `pg` over a pool with a connection for each payment
in flight. PostgreSQL runs on the core of the server, with its own defaults: `fsync` and `synchronous_commit` are on. One at
a time is synchronous in Python, more is under uvloop. At the end the store must have as many payments as were made.

The first line is the limit: how often in a second the disk takes 4 KB in a file that has its size, and says that it has
them, one at a time. One payment at a time cannot be faster than half of it, whoever writes it down.
";

/// The page with another section of the journal, measured by itself.
pub fn with_journal(page: &str, journal: &Journal, effort: Effort) -> Result<String> {
    let mut section = String::new();
    write_journal(&mut section, journal)?;
    let (rounds, seconds) = (effort.rounds, effort.time.as_secs_f64());
    writeln!(
        section,
        "\nMeasured by itself, later than the rest, in {rounds} rounds of {seconds:.1} s."
    )?;
    let start = page.find(JOURNAL_TITLE).or_else(|| page.find("\n## Budgets"));
    let (before, rest) = page.split_at(start.context("docs/benchmarks.md has no budgets")?);
    let is_there = rest.starts_with(JOURNAL_TITLE);
    let next = rest.get(1..).and_then(|rest| rest.find("\n## ")).map_or(rest.len(), |at| at + 1);
    let after = if is_there { rest.split_at(next).1 } else { rest };
    Ok([before, &section, after].concat())
}

/// The tables alone.
pub fn tables(results: &Results) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = write_tables(&mut out, results);
    out
}

fn write_tables(out: &mut String, results: &Results) -> std::fmt::Result {
    if !results.rows.is_empty() {
        out.push_str(
            "## Rates\n\n| what | client | rate | spread | processor time | ratio | at least |\n",
        );
        out.push_str("| --- | --- | ---: | ---: | ---: | ---: | ---: |\n");
        for measured in &results.rows {
            rates(out, measured)?;
        }
    }
    if !results.overlap.is_empty() {
        out.push_str("\n## Paging overlap\n\n");
        out.push_str(
            "The server waits 5 ms before each page, and the client works 5 ms on each, in walks of 20 pages. Clocks \
             round both up to about 6 ms: some 85 pages a second without overlap, and 155 at best.\n\n",
        );
        out.push_str("| client | pages/s | spread |\n| --- | ---: | ---: |\n");
        for Measured { row, samples } in &results.overlap {
            for samples in samples {
                let spread = samples.spread() * 100.0;
                writeln!(out, "| {} | {:.0} | {spread:.0} % |", row.title, samples.rate())?;
            }
        }
    }
    if let Some(journal) = &results.journal {
        write_journal(out, journal)?;
    }
    if !results.budgets.is_empty() {
        out.push_str("\n## Budgets\n\n| what | measured | at most |\n| --- | ---: | ---: |\n");
        for budget in &results.budgets {
            let mark = if budget.measured > budget.at_most { MISSED } else { "" };
            let (measured, unit, at_most) = (budget.measured, budget.unit, budget.at_most);
            writeln!(out, "| {} | {measured:.1} {unit}{mark} | {at_most} {unit} |", budget.title)?;
        }
    }
    if !results.codegen.is_empty() {
        out.push_str("\n## Code generation\n\n| operations | seconds | ms per operation |\n| ---: | ---: | ---: |\n");
        for (operations, seconds) in &results.codegen {
            #[allow(clippy::cast_precision_loss)] // a few thousand
            let each = seconds * 1000.0 / *operations as f64;
            let mark = if is_slow(*operations, *seconds) { MISSED } else { "" };
            match operations {
                0 => writeln!(out, "| all providers of the repository | {seconds:.2}{mark} | |")?,
                _ => writeln!(out, "| {operations} | {seconds:.2} | {each:.2} |")?,
            }
        }
    }
    if !results.builds.is_empty() {
        out.push_str("\n## Building `crates/payglot`\n\n| features | profile | clean, s | after a change, s |\n");
        out.push_str("| --- | --- | ---: | ---: |\n");
        for build in &results.builds {
            let mark = if build.clean > CLEAN { MISSED } else { "" };
            let (features, profile) = (&build.features, build.profile);
            writeln!(
                out,
                "| {features} | {profile} | {:.0}{mark} | {:.1} |",
                build.clean, build.incremental
            )?;
        }
    }
    if !results.lifetimes.is_empty() {
        lifetimes(out, &results.lifetimes)?;
    }
    if !results.load.is_empty() {
        write_load(out, &results.load)?;
    }
    if !results.instructions.is_empty() {
        out.push_str("\n## Instructions\n\n| work | instructions |\n| --- | ---: |\n");
        for count in &results.instructions {
            writeln!(out, "| {} | {} |", count.title, count.instructions)?;
        }
    }
    Ok(())
}

/// What many clients and calls leave behind.
pub fn lifetimes(out: &mut String, lifetimes: &[Lifetime]) -> std::fmt::Result {
    out.push_str("\n## Growth\n\n| what | memory after half | at the end | open files |\n");
    out.push_str("| --- | ---: | ---: | ---: |\n");
    for lifetime in lifetimes {
        let mark = if lifetime.is_flat() { "" } else { MISSED };
        let ((half, end), (before, after)) = (lifetime.memory, lifetime.files);
        writeln!(
            out,
            "| {} | {half:.1} MiB | {end:.1} MiB{mark} | {before}, {after} |",
            lifetime.title
        )?;
    }
    Ok(())
}

/// Seconds that a clean build may take.
const CLEAN: f64 = 60.0;

fn is_slow(operations: usize, seconds: f64) -> bool {
    operations == 0 && seconds > 5.0
}

fn rates(out: &mut String, Measured { row, samples }: &Measured) -> std::fmt::Result {
    let own = samples.first().map_or(f64::NAN, Samples::rate);
    for (position, (client, samples)) in row.clients.iter().zip(samples).enumerate() {
        let title = if position == 0 { row.title } else { "" };
        let (rate, spread, cost) = (samples.rate(), samples.spread() * 100.0, samples.cost());
        let ratio = ratio(position, own / rate, client.at_least);
        writeln!(
            out,
            "| {title} | {} | {rate:.0} {} | {spread:.0} % | {cost:.1} µs | {ratio}",
            client.name, row.unit
        )?;
    }
    Ok(())
}

fn write_journal(out: &mut String, journal: &Journal) -> std::fmt::Result {
    write!(out, "{JOURNAL_TITLE}\n\n{JOURNAL}\n")?;
    if journal.lacks_postgres {
        out.push_str(
            "PostgreSQL is not installed where this was measured: its rows are left out.\n\n",
        );
    }
    out.push_str("| what | client | rate | spread | p50 | p99 | ratio | at least |\n");
    out.push_str("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    let flushes = speed(&journal.flushes, "flushes/s");
    writeln!(out, "| the disk, one at a time | write 4 KB and `fdatasync` | {flushes} | | |")?;
    for Measured { row, samples } in &journal.rows {
        let own = samples.first().map_or(f64::NAN, Samples::rate);
        for (position, (client, samples)) in row.clients.iter().zip(samples).enumerate() {
            let title = if position == 0 { row.title } else { "" };
            let ratio = ratio(position, own / samples.rate(), client.at_least);
            writeln!(out, "| {title} | {} | {} | {ratio}", client.name, speed(samples, row.unit))?;
        }
    }
    Ok(())
}

/// Rate, spread and latencies, as cells of a table.
fn speed(samples: &Samples, unit: &str) -> String {
    let (rate, spread, [p50, p99]) =
        (samples.rate(), samples.spread() * 100.0, samples.latencies());
    format!("{rate:.0} {unit} | {spread:.0} % | {p50:.2} ms | {p99:.2} ms")
}

/// How many times as fast payglot is, and is to be, as the last cells of a row.
fn ratio(position: usize, ratio: f64, at_least: Option<f64>) -> String {
    match at_least {
        Some(target) => {
            let mark = if ratio < target { MISSED } else { "" };
            format!("{ratio:.2}{mark} | {target} |")
        }
        None if position > 0 => format!("{ratio:.2} | |"),
        None => "| |".to_owned(),
    }
}

fn write_load(out: &mut String, load: &[Load]) -> std::fmt::Result {
    let connections = load::CONNECTIONS;
    write!(
        out,
        "\n## The sandbox under load\n\n{connections} connections, one core for the server; Prism mocks the \
         document that the sandbox serves.\n\n| operation | server | requests/s | spread | p50 | p99 |\n\
         | --- | --- | ---: | ---: | ---: | ---: |\n"
    )?;
    for Load { operation, server, rates, p50, p99 } in load {
        let (rate, spread) = (median(rates), spread(rates) * 100.0);
        let [p50, p99] = [p50, p99].map(|samples| median(samples) / 1000.0);
        writeln!(
            out,
            "| `{operation}` | {server} | {rate:.0} | {spread:.0} % | {p50:.2} ms | {p99:.2} ms |"
        )?;
    }
    Ok(())
}

/// A line for everything that is not as it should be.
fn short(results: &Results) -> Vec<String> {
    let mut lines = Vec::new();
    let journal = results.journal.iter().flat_map(|journal| &journal.rows);
    for Measured { row, samples } in results.rows.iter().chain(journal) {
        let own = samples.first().map_or(f64::NAN, Samples::rate);
        for (client, samples) in row.clients.iter().zip(samples) {
            let ratio = own / samples.rate();
            if let Some(target) = client.at_least.filter(|target| ratio < *target) {
                lines
                    .push(format!("{} against {}: {ratio:.2} of {target}", row.title, client.name));
            }
        }
    }
    for budget in results.budgets.iter().filter(|budget| budget.measured > budget.at_most) {
        let (title, measured, unit) = (budget.title, budget.measured, budget.unit);
        lines.push(format!("{title}: {measured:.1} {unit} of {} {unit}", budget.at_most));
    }
    for (_, seconds) in results.codegen.iter().filter(|(count, seconds)| is_slow(*count, *seconds))
    {
        lines.push(format!("code generation of all providers: {seconds:.1} s of 5 s"));
    }
    for build in results.builds.iter().filter(|build| build.clean > CLEAN) {
        let (features, profile, clean) = (&build.features, build.profile, build.clean);
        lines.push(format!("clean build of {features} ({profile}): {clean:.0} s of {CLEAN} s"));
    }
    for lifetime in results.lifetimes.iter().filter(|lifetime| !lifetime.is_flat()) {
        lines.push(format!("growth over {}", lifetime.title));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_of_the_journal_is_put_in_and_replaced() {
        let journal =
            Journal { flushes: Samples::default(), rows: Vec::new(), lacks_postgres: false };
        let page = "# Benchmarks\n\n## Rates\n\nfast\n\n## Budgets\n\nsmall\n";
        let once = with_journal(page, &journal, Effort::FULL).unwrap();
        let (before, section) = once.split_once(JOURNAL_TITLE).unwrap();
        assert_eq!(before, "# Benchmarks\n\n## Rates\n\nfast\n");
        assert!(section.ends_with("in 7 rounds of 3.0 s.\n\n## Budgets\n\nsmall\n"), "{once}");
        assert_eq!(with_journal(&once, &journal, Effort::FULL).unwrap(), once);
    }
}
