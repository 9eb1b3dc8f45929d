//! Where a journal is, as options of the commands that look into one.

use anyhow::{Context as _, bail};
use payglot::journal::Journal;

use crate::{WrongInput, private};

/// Where the journal is.
#[derive(clap::Args)]
pub struct Location {
    /// Path of the file, or `postgresql://user@host/database`; a URL with a password is better given in the environment or in
    /// a file (see --journal-from)
    #[arg(
        long,
        global = true,
        env = "PAYGLOT_JOURNAL",
        hide_env_values = true,
        value_name = "LOCATION"
    )]
    journal: Option<String>,
    /// The location from a file, from standard input (-), or from an environment variable (env:NAME)
    #[arg(long, global = true, value_name = "SOURCE", conflicts_with = "journal")]
    journal_from: Option<String>,
}

impl Location {
    /// Opens the journal that is there: looking at one makes none.
    pub fn open(&self) -> anyhow::Result<Journal> {
        Ok(Journal::open(&self.named().map_err(WrongInput::of)?)?)
    }

    fn named(&self) -> anyhow::Result<String> {
        let location = match (&self.journal, &self.journal_from) {
            (Some(location), _) => location.clone(),
            (None, Some(source)) => private::read(source).context("--journal-from")?,
            (None, None) => {
                bail!("say where the journal is: --journal, --journal-from, or PAYGLOT_JOURNAL")
            }
        };
        let is_file = !location.contains("://");
        if is_file && !std::path::Path::new(&location).exists() {
            bail!("there is no journal at that path");
        }
        Ok(location)
    }
}
