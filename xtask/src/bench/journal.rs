//! Payments under a journal beside the same written down by hand, and beside what the disk can do.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::bench::Effort;
use crate::bench::machine::file_system;
use crate::bench::measure::{Measured, Round, Samples};
use crate::bench::pinned::{Core, Server, held};
use crate::bench::setup::Setup;
use crate::postgres;

/// The group of its rows.
pub const NAME: &str = "journal";

/// What was measured.
pub struct Journal {
    /// How often in a second the disk takes a page and says that it has it, one at a time.
    pub flushes: Samples,
    pub rows: Vec<Measured>,
    /// Whether rows were left out because PostgreSQL is not installed.
    pub lacks_postgres: bool,
}

/// Measures the rows of both stores; in each round the disk too, so that what disturbs it is seen.
pub fn measure(
    setup: &Setup,
    server: &Server,
    mut sqlite: Vec<Measured>,
    mut postgres: Vec<Measured>,
    effort: Effort,
) -> Result<Journal> {
    let folder = Folder::new(&setup.root)?;
    let location = folder.0.to_str().context("the repository's path is not UTF-8")?;
    let database = if postgres.is_empty() {
        None
    } else {
        // The client waits for it as it waits for the vendor: it has the other core.
        postgres::Server::start_in(&setup.root, &folder.0, |program| held(Core::Server, program))?
    };
    let lacks_postgres = !postgres.is_empty() && database.is_none();
    let mut flushes = Samples::default();
    for round in 1..=effort.rounds {
        println!("round {round} of {}", effort.rounds);
        flushes.push(&flush(&folder.0.join("flushes"), effort.time)?);
        for row in &mut sqlite {
            row.round(setup, server, effort.time, &[location])?;
        }
        let Some(database) = &database else { continue };
        for row in &mut postgres {
            row.round(setup, server, effort.time, &[&database.url])?;
        }
    }
    if !lacks_postgres {
        sqlite.append(&mut postgres);
    }
    Ok(Journal { flushes, rows: sqlite, lacks_postgres })
}

/// A folder on a disk, removed with all that is in it when this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(root: &Path) -> Result<Self> {
        let folder = root.join("target/bench/journal");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let kind = file_system(&folder);
        ensure!(
            !["tmpfs", "ramfs"].contains(&kind.as_str()),
            "target/ is in memory ({kind}): a flush costs nothing there"
        );
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is overwritten by the next run.
        let _ = fs::remove_dir_all(&self.0);
    }
}

const PAGE: usize = 4096;
/// As many as SQLite's write-ahead log has before it begins anew.
const PAGES: u64 = 1000;

/// Writes pages into a file that has its size already, and flushes after each: a log does no less for a commit.
fn flush(path: &Path, time: Duration) -> Result<Round> {
    let mut file = File::create(path).with_context(|| format!("cannot make {}", path.display()))?;
    let page = [b'.'; PAGE];
    for _ in 0..PAGES {
        file.write_all(&page)?;
    }
    file.sync_all()?;
    let mut microseconds = Vec::new();
    let started = Instant::now();
    for number in (0..PAGES).cycle() {
        let before = Instant::now();
        if before - started > time {
            break;
        }
        file.seek(SeekFrom::Start(number * PAGE as u64))?;
        file.write_all(&page)?;
        file.sync_data()?;
        microseconds.push(before.elapsed().as_secs_f64() * 1e6);
    }
    let seconds = started.elapsed().as_secs_f64();
    microseconds.sort_by(f64::total_cmp);
    let at = |share: usize| {
        microseconds.get(microseconds.len() * share / 100).copied().unwrap_or(f64::NAN)
    };
    #[allow(clippy::cast_precision_loss)] // some thousands
    let rate = microseconds.len() as f64 / seconds;
    Ok(Round { rate, cost: f64::NAN, latencies: Some([at(50), at(99)]), memory: None })
}
