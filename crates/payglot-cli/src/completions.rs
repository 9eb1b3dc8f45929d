//! `payglot completions`: what a shell needs to complete providers, operations and their arguments.

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

#[allow(clippy::unnecessary_wraps)] // like every command
pub fn run<C: CommandFactory>(args: &Args) -> anyhow::Result<()> {
    clap_complete::generate(args.shell, &mut C::command(), "payglot", &mut std::io::stdout());
    Ok(())
}
