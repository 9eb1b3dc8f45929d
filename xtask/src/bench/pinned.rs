//! One core for the client and one for the server, where the system lets a process choose its core.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
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
    /// What makes clients trust it, each by its own variable.
    environment: Vec<(&'static str, PathBuf)>,
}

impl Server {
    /// Starts one with these words of its own.
    pub fn start(setup: &Setup, words: &[&str]) -> Result<Self> {
        let mut program = setup.rust("server");
        let certificates = setup.root.join("tests/contract/tls");
        for word in words {
            program = program.args([word]);
            if *word == TLS {
                program = program.args([&certificates]);
            }
        }
        let mut server = Self::spawn(program)?;
        if words.contains(&TLS) {
            server.url = server.url.replace("http://127.0.0.1", "https://localhost");
            let own = certificates.join("test-only-ca.pem");
            let all = bundle(&setup.root, &own)?;
            server.environment = vec![
                ("SSL_CERT_FILE", all.clone()),
                ("REQUESTS_CA_BUNDLE", all),
                ("NODE_EXTRA_CA_CERTS", own),
            ];
        }
        if words.contains(&"--http2") {
            server.environment.push(("BENCH_HTTP2", "1".into()));
        }
        Ok(server)
    }

    /// A client that trusts it.
    pub fn trusted(&self, run: Run) -> Run {
        self.environment.iter().fold(run, |run, (name, value)| run.env(name, value))
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
        let url = format!("http://127.0.0.1:{}", port.trim());
        Ok(Self { child, url, environment: Vec::new() })
    }
}

/// The word that makes it speak TLS.
const TLS: &str = "--tls";
/// The system's certificates in one file, where they are so.
const SYSTEM: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The CA of the bench behind the system's: what a client that reads them all has to read.
fn bundle(root: &Path, own: &Path) -> Result<PathBuf> {
    let mut all = std::fs::read(SYSTEM).unwrap_or_default();
    all.extend(std::fs::read(own).context("no CA of the bench")?);
    let path = root.join("target/bench/ca.pem");
    std::fs::write(&path, all).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is gone already, or it is now.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
