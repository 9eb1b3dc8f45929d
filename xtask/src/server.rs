//! A program that serves on a port of this machine, for as long as a step needs it.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::shell::Run;

/// Longer than any of them takes to start.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The program; ends with this value.
pub struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts it on a free port, which `PORT` names to it, and waits until it listens.
    pub fn start(run: Run) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = run.env("PORT", port.to_string()).into_command();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let mut server = Self { child: child.context("cannot start")?, port };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = server.child.try_wait()? {
                bail!("it ended before it listened ({status})");
            }
            ensure!(started.elapsed() < PATIENCE, "it does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
