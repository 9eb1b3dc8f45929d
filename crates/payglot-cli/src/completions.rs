//! `payglot completions`: what a shell needs to complete providers, operations and their arguments.

use std::io::{self, Write as _};

use anyhow::Context as _;
use clap::CommandFactory;
use clap_complete::Shell;

/// Print completions for a shell.
///
/// For bash: `payglot completions bash > ~/.local/share/bash-completion/completions/payglot`.
#[derive(clap::Args)]
pub struct Args {
    /// The shell.
    shell: Shell,
}

pub fn run<C: CommandFactory>(args: &Args) -> anyhow::Result<()> {
    // Not to standard output at once: a pipe that is closed would be a panic.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut C::command(), "payglot", &mut script);
    io::stdout().write_all(&script).context("cannot write to standard output")
}
