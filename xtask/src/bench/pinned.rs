//! One core for the client and one for the server, where the system lets a process choose its core.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

use crate::bench::setup::Setup;
use crate::shell::Run;

/// Which core a process gets.
#[derive(Clone, Copy)]
pub enum Core {
    /// That of the canned responses.
    Server,
    /// That of the clients.
    Client,
}

/// Whether processes can be held to a core here.
pub fn is_possible() -> bool {
    std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1)
        && Command::new("taskset").arg("--version").output().is_ok()
}

/// What is run, held to a core.
pub fn on(core: Core, run: Run) -> Command {
    held(core, run.into_command())
}

/// The command, held to a core.
pub fn held(core: Core, command: Command) -> Command {
    if !is_possible() {
        return command;
    }
    let number = match core {
        Core::Server => "0",
        Core::Client => "1",
    };
    let mut pinned = Command::new("taskset");
    pinned.args(["--cpu-list", number]).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        pinned.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        pinned.env(name, value.unwrap_or_default());
    }
    pinned
}

/// Runs a command to its end and gives what it printed.
pub fn output(mut command: Command) -> Result<String> {
    let shown = format!("{command:?}");
    let output = command.output().with_context(|| format!("cannot start {shown}"))?;
    anyhow::ensure!(
        output.status.success(),
        "{shown} failed ({})\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The server of canned responses; ends when dropped.
pub struct Server {
    child: Child,
    /// Where it responds.
    pub url: String,
}

impl Server {
    /// Starts one that waits this long before each response.
    pub fn start(setup: &Setup, latency_ms: u32) -> Result<Self> {
        Self::spawn(setup.rust("server").args(["--latency-ms", &latency_ms.to_string()]))
    }

    /// Starts the program, which prints its port.
    pub fn spawn(program: Run) -> Result<Self> {
        let mut command = on(Core::Server, program);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the server")?;
        let output = child.stdout.take().context("the server has no output")?;
        let mut port = String::new();
        BufReader::new(output).read_line(&mut port).context("the server did not start")?;
        Ok(Self { child, url: format!("http://127.0.0.1:{}", port.trim()) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is gone already, or it is now.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
