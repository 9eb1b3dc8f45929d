//! `payglot man`: manual pages of the command and of all commands below it.

use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use clap::CommandFactory;
use clap_mangen::Man;

use crate::WrongInput;

/// Print the manual page of a command, or write those of all commands
///
/// `payglot man call paywint-platform payments.create | man -l -` shows one;
/// `payglot man --to ~/.local/share/man/man1` makes `man payglot` and `man payglot-reconcile` find theirs.
#[derive(clap::Args)]
pub struct Args {
    /// The command, such as journal or call paywint-platform payments.create; otherwise payglot itself
    #[arg(conflicts_with = "to")]
    command: Vec<String>,
    /// Write the pages of all commands into this folder, which is made where there is none
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

pub fn run<C: CommandFactory>(args: &Args) -> anyhow::Result<()> {
    let mut command = C::command().disable_help_subcommand(true);
    command.build();
    if let Some(folder) = &args.to {
        let problem = || format!("cannot write into {}", folder.display());
        std::fs::create_dir_all(folder).with_context(problem)?;
        return clap_mangen::generate_to(command, folder).with_context(problem);
    }
    for word in &args.command {
        let below = command.find_subcommand(word).cloned();
        // What was given is not repeated: it may be a secret.
        command = below.ok_or_else(|| WrongInput::of(anyhow!("there is no such command")))?;
    }
    // Not to standard output at once: it may be closed.
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    io::stdout().write_all(&page).context("cannot write to standard output")
}
