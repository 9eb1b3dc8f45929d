//! `cargo xtask bench`: payglot beside what people use now, and the budgets, written to `docs/benchmarks.md`.
//!
//! Every client signs, keeps its connections, decodes the JSON and reads the same fields. The client has one core,
//! the server of canned responses another; rounds of all clients alternate, so that a disturbance strikes them alike.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::shell::step;

mod budgets;
mod build_cost;
pub mod endurance;
mod instructions;
mod journal;
mod lifetimes;
mod load;
mod machine;
mod measure;
mod peers;
mod pinned;
mod report;
mod rows;
mod setup;

use measure::Measured;
use pinned::Server;
use report::{Section, tables};
use rows::Row;
use setup::Setup;

/// What to measure.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Fewer and shorter rounds, and no clean builds, for a first look at a change in some five minutes; nothing is written.
    #[arg(long)]
    quick: bool,
    /// Only the section of this name, which is written; or the rows whose name contains it, which are only printed.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Only count the core's instructions, and fail where they have grown.
    #[arg(long)]
    check: bool,
}

impl Options {
    fn is_section(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == name)
    }

    /// The rows of a section that are to be measured.
    fn rows(&self, section: &str, rows: &'static [Row]) -> Vec<&'static Row> {
        let is_wanted = |row: &&Row| {
            self.is_section(section)
                || self.only.as_ref().is_some_and(|only| row.name.contains(only))
        };
        rows.iter().filter(is_wanted).collect()
    }
}

/// How much is measured.
#[derive(Clone, Copy)]
struct Effort {
    rounds: usize,
    time: Duration,
    /// Processes that are started in a round.
    starts: usize,
    is_quick: bool,
}

impl Effort {
    const QUICK: Self =
        Self { rounds: 3, time: Duration::from_millis(400), starts: 5, is_quick: true };
    const FULL: Self =
        Self { rounds: 5, time: Duration::from_secs(2), starts: 10, is_quick: false };

    fn told(self) -> String {
        let (rounds, seconds) = (self.rounds, self.time.as_secs_f64());
        format!(
            "{rounds} rounds of {seconds:.1} s each for every client, after a warm-up of half of that."
        )
    }
}

/// Measures, prints and writes.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    if options.check {
        return instructions::check(root);
    }
    let effort = if options.quick { Effort::QUICK } else { Effort::FULL };
    let mut sections = Vec::new();
    let outcome = sections_of(root, options, effort, &mut sections);
    // What was measured before something failed is worth seeing.
    for (_, section) in &sections {
        print!("{}", section.shown());
    }
    let setup = outcome?;
    if options.quick {
        return Ok(());
    }
    let path = root.join("docs/benchmarks.md");
    let page = match (&options.only, sections.as_slice(), setup) {
        (None, _, Some(setup)) => {
            let sections: Vec<_> = sections.into_iter().map(|(_, section)| section).collect();
            report::page(root, &setup, &sections, effort)?
        }
        (Some(only), [(name, section)], _) if only == name => {
            let page = std::fs::read_to_string(&path).context("cannot read docs/benchmarks.md")?;
            report::with_section(root, &page, section, effort)?
        }
        _ => return Ok(()),
    };
    std::fs::write(&path, page).context("cannot write docs/benchmarks.md")?;
    println!("\nwrote docs/benchmarks.md");
    Ok(())
}

/// Measures what is wanted, each section with the name that `--only` has for it; gives what was built for it.
fn sections_of(
    root: &Path,
    options: &Options,
    effort: Effort,
    sections: &mut Vec<(&'static str, Section)>,
) -> Result<Option<Setup>> {
    if options.only.as_deref() == Some(load::NAME) {
        // It needs none of the SDKs.
        let load = step("sandbox under load", || load::measure(root, effort))?;
        sections.push((load::NAME, Section { title: UNDER_LOAD, text: tables::load(&load) }));
        return Ok(None);
    }
    let setup = step("programs", || Setup::new(root))?;
    let mut add = |name, title, text| sections.push((name, Section { title, text }));
    for (name, title, rows, table) in ROWS {
        let rows = options.rows(name, rows);
        if !rows.is_empty() {
            let measure = if name == "cold" { measure::starts } else { measure::rows };
            add(name, title, table(&step(name, || measure(&setup, &rows, effort))?));
        }
    }
    let [sqlite, postgres] = [rows::SQLITE, rows::POSTGRES].map(|rows| {
        options.rows(journal::NAME, rows).into_iter().map(Measured::of).collect::<Vec<_>>()
    });
    if !(sqlite.is_empty() && postgres.is_empty()) {
        let server = Server::start(&setup, &[])?;
        let measure = || journal::measure(&setup, &server, sqlite, postgres, effort);
        let journal = step("journal", measure)?;
        add(journal::NAME, "Payments under a journal", tables::journal(&journal));
    }
    if options.is_section("budgets") {
        let server = Server::start(&setup, &[])?;
        let budgets = step("budgets", || budgets::measure(&setup, &server, effort))?;
        add("budgets", "Budgets", tables::budgets(&budgets));
    }
    if options.is_section("codegen") {
        let runs = step("codegen", || build_cost::codegen(&setup, effort))?;
        add("codegen", "Code generation", tables::codegen(&runs));
    }
    if options.is_section("builds") && !effort.is_quick {
        let builds = step("clean builds", || build_cost::builds(root))?;
        add("builds", "Building `crates/payglot`", tables::builds(&builds));
    }
    if options.is_section("lifetimes") {
        let server = Server::start(&setup, &[])?;
        let lifetimes = step("lifetimes", || lifetimes::measure(&setup, &server, effort))?;
        add("lifetimes", "Growth", tables::lifetimes(&lifetimes));
    }
    if options.is_section(load::NAME) {
        let load = step("sandbox under load", || load::measure(root, effort))?;
        add(load::NAME, UNDER_LOAD, tables::load(&load));
    }
    if options.is_section("instructions") {
        let counts = step("instructions", || instructions::count(root))?;
        if !effort.is_quick {
            instructions::write(root, &counts)?;
        }
        add("instructions", "Instructions", tables::instructions(&counts));
    }
    let only = options.only.as_deref().unwrap_or("so");
    ensure!(!sections.is_empty(), "nothing is called {only}");
    Ok(Some(setup))
}

const UNDER_LOAD: &str = "The sandbox under load";

/// A section of rows that are measured alike: name, title, rows, and the table of them.
type Rows = (&'static str, &'static str, &'static [Row], fn(&[Measured]) -> String);

const ROWS: [Rows; 7] = [
    ("rates", "Rates", rows::RATES, tables::rates),
    ("tls", "Over TLS", rows::TLS, tables::rates),
    ("overlap", "Paging overlap", rows::OVERLAP, tables::overlap),
    ("cold", "Cold start", rows::COLD, tables::cold),
    ("burst", "Bursts", rows::BURST, tables::burst),
    ("beside", "Beside large responses", rows::BESIDE, tables::beside),
    ("parsing", "Parsing", rows::PARSING, tables::rates),
];
