//! What each kind of measurement says of itself, as tables.

use std::fmt::Write as _;

use crate::bench::budgets::Budget;
use crate::bench::build_cost::Build;
use crate::bench::instructions::Count;
use crate::bench::journal::Journal;
use crate::bench::lifetimes::Lifetime;
use crate::bench::load::{self, Load};
use crate::bench::measure::{Measured, Samples, median, spread};
use crate::bench::rows::{Client, Row};

use super::MISSED;

/// Adds a line; writing to a `String` cannot fail.
macro_rules! line {
    ($out:expr, $($text:tt)*) => {{ let _ = writeln!($out, $($text)*); }};
}

/// The first lines of a table. Columns of figures begin with a colon.
fn head(columns: &str) -> String {
    let cells: Vec<_> = columns.split(" | ").collect();
    let rule = |cell: &&str| if cell.starts_with(':') { "---:" } else { "---" };
    let names: Vec<_> = cells.iter().map(|cell| cell.trim_start_matches(':')).collect();
    let rules: Vec<_> = cells.iter().map(rule).collect();
    format!("| {} |\n| {} |\n", names.join(" | "), rules.join(" | "))
}

/// A client of a row.
struct TableLine<'a> {
    row: &'a Row,
    client: &'a Client,
    samples: &'a Samples,
    /// Those of payglot, on the lines of its peers.
    own: Option<&'a Samples>,
}

impl TableLine<'_> {
    /// The row's title on its first line, and the client.
    fn begin(&self) -> String {
        let title = if self.own.is_none() { self.row.title } else { "" };
        format!("| {title} | {}", self.client.name)
    }

    /// How many times as good payglot is, and is to be, by a figure of which more is better.
    fn ratio(&self, figure: fn(&Samples) -> f64) -> String {
        let Some(own) = self.own else { return " | ".to_owned() };
        let ratio = figure(own) / figure(self.samples);
        match self.client.at_least {
            Some(target) if ratio < target => format!("{ratio:.2}{MISSED} | {target}"),
            Some(target) => format!("{ratio:.2} | {target}"),
            None => format!("{ratio:.2} | "),
        }
    }
}

fn lines(rows: &[Measured]) -> impl Iterator<Item = TableLine<'_>> {
    rows.iter().flat_map(|Measured { row, samples }| {
        let own = samples.first();
        row.clients.iter().zip(samples).enumerate().map(move |(position, (client, samples))| {
            TableLine { row, client, samples, own: own.filter(|_| position > 0) }
        })
    })
}

/// Calls or pages a second.
pub fn rates(rows: &[Measured]) -> String {
    let mut out = head("what | client | :rate | :spread | :processor time | :ratio | :at least");
    for one in lines(rows) {
        let (rate, cost) = (one.samples.rate(), one.samples.cost());
        let (unit, spread) = (one.row.unit, one.samples.spread() * 100.0);
        let (begin, ratio) = (one.begin(), one.ratio(Samples::rate));
        line!(out, "{begin} | {rate:.0} {unit} | {spread:.0} % | {cost:.1} µs | {ratio} |");
    }
    out
}

/// Pages that are read while the next is prefetched.
pub fn overlap(rows: &[Measured]) -> String {
    let mut out = String::from(
        "The server waits 5 ms before each page, and the client works 5 ms on each, in walks of 20 pages. Clocks \
         round both up to about 6 ms: some 85 pages a second without overlap, and 155 at best.\n\n",
    );
    out.push_str(&head("client | :pages/s | :spread"));
    for one in lines(rows) {
        let spread = one.samples.spread() * 100.0;
        line!(out, "| {} | {:.0} | {spread:.0} % |", one.row.title, one.samples.rate());
    }
    out
}

/// How long processes take.
pub fn cold(rows: &[Measured]) -> String {
    let mut out = String::from(
        "From the start of a process to its end after its first signed call over TLS. Every client trusts the system's \
         certificates and the CA of the bench; Node's own have its list of the system's built in.\n\n",
    );
    out.push_str(&head("what | client | :p50 | :spread | :ratio | :at least"));
    for one in lines(rows) {
        let ([p50, _], spread) = (one.samples.latencies(), one.samples.spread() * 100.0);
        let (begin, ratio) = (one.begin(), one.ratio(Samples::rate));
        line!(out, "{begin} | {p50:.1} ms | {spread:.0} % | {ratio} |");
    }
    out
}

/// Calls that begin at once.
pub fn burst(rows: &[Measured]) -> String {
    let mut out = String::from(
        "10,000 calls that are begun at once over at most 100 connections. Memory is what the process grew by at most, \
         for each call.\n\n",
    );
    out.push_str(&head(
        "what | client | :until the last | :spread | :p50 | :p99 | :ratio of p99 | :at least | :memory | :ratio of memory | :at least",
    ));
    for one in lines(rows) {
        let (begin, samples) = (one.begin(), one.samples);
        let ([p50, p99], spread) = (samples.latencies(), samples.spread() * 100.0);
        let (until, memory) = (1e7 / samples.rate(), samples.memory());
        let late = one.ratio(|samples| 1.0 / samples.latencies()[1]);
        let more = one.ratio(|samples| 1.0 / samples.memory());
        line!(
            out,
            "{begin} | {until:.0} ms | {spread:.0} % | {p50:.0} ms | {p99:.0} ms | {late} | {memory:.1} KB | {more} |"
        );
    }
    out
}

/// Small calls beside large responses.
pub fn beside(rows: &[Measured]) -> String {
    let mut out = String::from(
        "8 small calls in flight, and always one whose response is large. The ratio is that of the small calls' p99.\n\n",
    );
    out.push_str(&head(
        "what | client | :small calls | :spread | :p50 | :p99 | :ratio | :at least",
    ));
    for one in lines(rows) {
        let (begin, ratio) = (one.begin(), one.ratio(|samples| 1.0 / samples.latencies()[1]));
        line!(out, "{begin} | {} | {ratio} |", speed(one.samples, one.row.unit));
    }
    out
}

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

/// Payments under a journal.
pub fn journal(journal: &Journal) -> String {
    let mut out = String::from(JOURNAL);
    if journal.lacks_postgres {
        out.push_str(
            "PostgreSQL is not installed where this was measured: its rows are left out.\n\n",
        );
    }
    out.push_str(&head("what | client | :rate | :spread | :p50 | :p99 | :ratio | :at least"));
    let flushes = speed(&journal.flushes, "flushes/s");
    line!(out, "| the disk, one at a time | write 4 KB and `fdatasync` | {flushes} | | |");
    for one in lines(&journal.rows) {
        let (begin, ratio) = (one.begin(), one.ratio(Samples::rate));
        line!(out, "{begin} | {} | {ratio} |", speed(one.samples, one.row.unit));
    }
    out
}

/// Rate, spread and latencies, as cells of a table.
fn speed(samples: &Samples, unit: &str) -> String {
    let (rate, spread, [p50, p99]) =
        (samples.rate(), samples.spread() * 100.0, samples.latencies());
    format!("{rate:.0} {unit} | {spread:.0} % | {p50:.2} ms | {p99:.2} ms")
}

/// Budgets.
pub fn budgets(budgets: &[Budget]) -> String {
    let mut out = head("what | :measured | :at most");
    for Budget { title, measured, unit, at_most } in budgets {
        let mark = if measured > at_most { MISSED } else { "" };
        line!(out, "| {title} | {measured:.1} {unit}{mark} | {at_most} {unit} |");
    }
    out
}

/// Seconds that code generation of the repository's providers may take.
const GENERATED: f64 = 5.0;

/// Code generation: operations, 0 for the providers of the repository, and seconds.
pub fn codegen(runs: &[(usize, f64)]) -> String {
    let mut out = head("operations | :seconds | :at most | :ms per operation");
    for (operations, seconds) in runs {
        #[allow(clippy::cast_precision_loss)] // a few thousand
        let each = seconds * 1000.0 / *operations as f64;
        let mark = if *seconds > GENERATED { MISSED } else { "" };
        if *operations == 0 {
            let all = "all providers of the repository";
            line!(out, "| {all} | {seconds:.2}{mark} | {GENERATED} | |");
        } else {
            line!(out, "| {operations} | {seconds:.2} | | {each:.2} |");
        }
    }
    out
}

/// Seconds that a clean build may take.
const CLEAN: f64 = 60.0;

/// Builds of the core client crate.
pub fn builds(builds: &[Build]) -> String {
    let mut out = head("features | profile | :clean, s | :at most | :after a change, s");
    for Build { features, profile, clean, incremental } in builds {
        let mark = if *clean > CLEAN { MISSED } else { "" };
        line!(out, "| {features} | {profile} | {clean:.0}{mark} | {CLEAN} | {incremental:.1} |");
    }
    out
}

/// What many clients and calls leave behind.
pub fn lifetimes(lifetimes: &[Lifetime]) -> String {
    let mut out = head("what | :memory after half | :at the end | :open files");
    for lifetime in lifetimes {
        let mark = if lifetime.is_flat() { "" } else { MISSED };
        let (title, (half, end), (before, after)) =
            (&lifetime.title, lifetime.memory, lifetime.files);
        line!(out, "| {title} | {half:.1} MiB | {end:.1} MiB{mark} | {before}, {after} |");
    }
    out
}

/// The sandbox beside Prism.
pub fn load(load: &[Load]) -> String {
    let mut out = format!(
        "{} connections, one core for the server; Prism mocks the document that the sandbox serves.\n\n",
        load::CONNECTIONS
    );
    out.push_str(&head("operation | server | :requests/s | :spread | :p50 | :p99"));
    for Load { operation, server, rates, p50, p99 } in load {
        let (rate, spread) = (median(rates), spread(rates) * 100.0);
        let [p50, p99] = [p50, p99].map(|samples| median(samples) / 1000.0);
        line!(
            out,
            "| `{operation}` | {server} | {rate:.0} | {spread:.0} % | {p50:.2} ms | {p99:.2} ms |"
        );
    }
    out
}

/// Instructions of the core's work.
pub fn instructions(counts: &[Count]) -> String {
    let mut out = head("work | :instructions");
    for Count { title, instructions, .. } in counts {
        line!(out, "| {title} | {instructions} |");
    }
    out
}
