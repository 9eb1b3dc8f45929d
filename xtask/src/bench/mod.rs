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

use budgets::Budget;
use measure::Measured;
use pinned::Server;
use setup::Setup;

/// What to measure.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Fewer and shorter rounds, and no clean builds: for a first look; nothing is written.
    #[arg(long)]
    quick: bool,
    /// Only the rows and groups whose name contains this; nothing is written, except of `journal`, whose section is.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Only count the core's instructions, and fail where they have grown.
    #[arg(long)]
    check: bool,
}

/// How much is measured.
#[derive(Clone, Copy)]
struct Effort {
    rounds: usize,
    time: Duration,
    is_quick: bool,
}

impl Effort {
    const QUICK: Self = Self { rounds: 3, time: Duration::from_millis(500), is_quick: true };
    const FULL: Self = Self { rounds: 7, time: Duration::from_secs(3), is_quick: false };
}

/// Everything that was measured.
#[derive(Default)]
struct Results {
    rows: Vec<Measured>,
    overlap: Vec<Measured>,
    journal: Option<journal::Journal>,
    budgets: Vec<Budget>,
    codegen: Vec<(usize, f64)>,
    builds: Vec<build_cost::Build>,
    lifetimes: Vec<lifetimes::Lifetime>,
    instructions: Vec<instructions::Count>,
    load: Vec<load::Load>,
}

/// Measures, prints and writes.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    if options.check {
        return instructions::check(root);
    }
    let effort = if options.quick { Effort::QUICK } else { Effort::FULL };
    if options.only.as_deref() == Some(load::NAME) {
        // It needs none of the SDKs.
        let load = step("sandbox under load", || load::measure(root, effort))?;
        print!("\n{}", report::tables(&Results { load, ..Results::default() }));
        return Ok(());
    }
    let setup = step("programs", || Setup::new(root))?;
    let mut results = Results::default();
    let outcome = measure(&setup, options, effort, &mut results);
    // What was measured before something failed is worth seeing.
    print!("\n{}", report::tables(&results));
    outcome?;
    let path = root.join("docs/benchmarks.md");
    if let (Some(journal::NAME), false) = (options.only.as_deref(), options.quick)
        && let Some(journal) = &results.journal
    {
        let page = std::fs::read_to_string(&path).context("cannot read docs/benchmarks.md")?;
        let page = report::with_journal(&page, journal, effort)?;
        std::fs::write(&path, page).context("cannot write docs/benchmarks.md")?;
        println!("\nwrote its section of docs/benchmarks.md");
    }
    if options.only.is_some() || options.quick {
        return Ok(());
    }
    instructions::write(root, &results.instructions)?;
    let page = report::page(root, &setup, &results, effort)?;
    std::fs::write(&path, page).context("cannot write docs/benchmarks.md")?;
    println!("\nwrote docs/benchmarks.md");
    Ok(())
}

fn measure(setup: &Setup, options: &Options, effort: Effort, results: &mut Results) -> Result<()> {
    let root = &setup.root;
    let mut is_known = false;
    let mut wanted = |name: &str| {
        let is_wanted = options.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
        is_known |= is_wanted;
        is_wanted
    };

    let rows: Vec<_> = rows::ROWS.iter().filter(|row| wanted(row.name)).collect();
    if !rows.is_empty() {
        let server = Server::start(setup, 0)?;
        results.rows = step("rates", || measure::rows(setup, &server, &rows, effort))?;
    }
    let rows: Vec<_> = rows::OVERLAP.iter().filter(|row| wanted(row.name)).collect();
    if !rows.is_empty() {
        let server = Server::start(setup, 5)?;
        results.overlap = step("overlap", || measure::rows(setup, &server, &rows, effort))?;
    }
    let [sqlite, postgres] = [rows::SQLITE, rows::POSTGRES].map(|rows| {
        rows.iter().filter(|row| wanted(row.name)).map(Measured::of).collect::<Vec<_>>()
    });
    if !(sqlite.is_empty() && postgres.is_empty()) {
        let server = Server::start(setup, 0)?;
        let measure = || journal::measure(setup, &server, sqlite, postgres, effort);
        results.journal = Some(step("journal", measure)?);
    }
    if wanted("budgets") {
        let server = Server::start(setup, 0)?;
        results.budgets = step("budgets", || budgets::measure(setup, &server, effort))?;
    }
    if wanted("codegen") {
        results.codegen = step("codegen", || build_cost::codegen(setup, effort))?;
    }
    if wanted("builds") && !effort.is_quick {
        results.builds = step("clean builds", || build_cost::builds(root))?;
    }
    if wanted("lifetimes") {
        let server = Server::start(setup, 0)?;
        results.lifetimes = step("lifetimes", || lifetimes::measure(setup, &server, effort))?;
    }
    if wanted("instructions") {
        results.instructions = step("instructions", || instructions::count(root))?;
    }
    if wanted(load::NAME) {
        results.load = step("sandbox under load", || load::measure(root, effort))?;
    }
    ensure!(is_known, "nothing is called {}", options.only.as_deref().unwrap_or("so"));
    Ok(())
}
