//! What an export has so far: its records and what asks for the next page, in one SQLite file that belongs to one process
//! at a time.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use payglot::runtime::paging::Walk;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use super::columns::Column;
use crate::whole_file::sync_folder;

/// The form of the file.
const VERSION: u32 = 1;

/// How far an export is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Progress {
    /// The page to ask for; none before the first and behind the last.
    pub next: Option<Walk>,
    /// Whether the list was read to its end, and held still meanwhile.
    pub is_complete: bool,
    /// Number of this walk over the list, from 1; 0 before the first.
    pub pass: u32,
    /// Pages of this walk.
    pub pages: u64,
    /// Records of this walk that were not in it already, and those among them that no earlier walk had.
    pub seen: u64,
    pub new: u64,
    /// Records of the walk before this one.
    pub seen_before: Option<u64>,
    /// Number of all records, as the last page says.
    pub total: Option<u64>,
    /// Whether something showed that records moved during this walk.
    pub has_moved: bool,
    pub columns: Vec<Column>,
}

/// One record of a page.
pub struct Row {
    pub key: Option<String>,
    pub line: String,
}

/// The file.
pub struct State {
    path: PathBuf,
    connection: Connection,
    pub progress: Progress,
}

impl State {
    /// Opens or makes it; one of another export is refused.
    pub fn open(path: &Path, request: &str) -> anyhow::Result<Self> {
        let problem = || format!("--state: cannot use {}", path.display());
        create_private(path).with_context(problem)?;
        let connection = Connection::open(path).with_context(problem)?;
        let tables =
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE IF NOT EXISTS export (version INTEGER, request TEXT, progress TEXT);
            CREATE TABLE IF NOT EXISTS records
                (position INTEGER PRIMARY KEY, key TEXT UNIQUE, pass INTEGER, line TEXT NOT NULL);";
        connection.execute_batch(tables).with_context(|| {
            format!("{}: another export has it open, or it is no state of one", problem())
        })?;
        let row =
            connection.query_row("SELECT version, request, progress FROM export", [], |row| {
                Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            });
        let progress = match row.optional().with_context(problem)? {
            None => {
                let first = Progress::default();
                let text = serde_json::to_string(&first)?;
                connection.execute(
                    "INSERT INTO export VALUES (?1, ?2, ?3)",
                    params![VERSION, request, text],
                )?;
                first
            }
            Some((VERSION, known, text)) if known == request => {
                serde_json::from_str(&text).with_context(problem)?
            }
            Some(_) => bail!(
                "--state: {} belongs to another export: of other arguments, another account or another version; name \
                 another file, or remove it",
                path.display()
            ),
        };
        Ok(Self { path: path.to_owned(), connection, progress })
    }

    /// Keeps the records of a page together with how far the export is then, as `settle` says. A record that is there
    /// already keeps its position and is as it came last.
    pub fn keep(
        &mut self,
        rows: &[Row],
        mut progress: Progress,
        settle: impl FnOnce(&mut Progress),
    ) -> anyhow::Result<()> {
        let transaction = self.connection.transaction()?;
        for row in rows {
            let known: Option<u32> = match &row.key {
                None => None,
                Some(key) => transaction
                    .prepare_cached("SELECT pass FROM records WHERE key = ?1")?
                    .query_row([key], |row| row.get(0))
                    .optional()?,
            };
            match known {
                None => {
                    transaction
                        .prepare_cached(
                            "INSERT INTO records (key, pass, line) VALUES (?1, ?2, ?3)",
                        )?
                        .execute(params![row.key, progress.pass, row.line])?;
                    progress.new += 1;
                }
                Some(pass) => {
                    transaction
                        .prepare_cached("UPDATE records SET pass = ?2, line = ?3 WHERE key = ?1")?
                        .execute(params![row.key, progress.pass, row.line])?;
                    if pass == progress.pass {
                        progress.has_moved = true;
                        continue;
                    }
                }
            }
            progress.seen += 1;
        }
        settle(&mut progress);
        let text = serde_json::to_string(&progress)?;
        transaction.execute("UPDATE export SET progress = ?1", [text])?;
        transaction.commit().context("cannot write the state")?;
        self.progress = progress;
        Ok(())
    }

    /// Number of records.
    pub fn count(&self) -> anyhow::Result<i64> {
        Ok(self.connection.query_row("SELECT count(*) FROM records", [], |row| row.get(0))?)
    }

    /// Hands over each record's line of JSON, in the order in which they came first.
    pub fn each(&self, mut take: impl FnMut(&str) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mut statement =
            self.connection.prepare("SELECT line FROM records ORDER BY position")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            take(row.get_ref(0)?.as_str()?)?;
        }
        Ok(())
    }

    /// Removes it: the file that it was for is complete.
    pub fn remove(self) -> anyhow::Result<()> {
        let Self { path, connection, .. } = self;
        connection.close().map_err(|(_, error)| error)?;
        std::fs::remove_file(&path)
            .and_then(|()| sync_folder(&path))
            .context("cannot remove the state")
    }
}

/// What is kept may be of use to others who use the machine: a link to a next page, personal data.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
