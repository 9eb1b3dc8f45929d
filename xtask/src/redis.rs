//! A server of Redis for tests: the one that is installed on this machine, which keeps nothing and is gone afterwards.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

const SERVER: &str = "redis-server";
/// Comes with the server.
const CLIENT: &str = "redis-cli";
const PATIENCE: Duration = Duration::from_secs(20);

/// A server that is stopped when this is dropped.
pub struct Server {
    process: Child,
    /// `redis://…`, without a database's number.
    pub url: String,
}

/// Where Redis is not installed, tests of it are left out, but not where changes are checked for all.
pub fn is_installed() -> Result<bool> {
    let runs = |program| Command::new(program).arg("--version").output().is_ok();
    if runs(SERVER) && runs(CLIENT) {
        return Ok(true);
    }
    let missing = "no Redis: install `redis-server` from the system's packages";
    ensure!(std::env::var("CI").map_or(true, |value| value != "true"), missing);
    println!("Left out, {missing}.");
    Ok(false)
}

impl Server {
    /// Starts it on a free port.
    pub fn start() -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let process = Command::new(SERVER)
            .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
            .args(["--save", "", "--appendonly", "no", "--databases", "1000"])
            .current_dir(std::env::temp_dir())
            .stdout(Stdio::null())
            .spawn()
            .context("cannot start `redis-server`")?;
        let mut server = Self { process, url: format!("redis://127.0.0.1:{port}") };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if server.process.try_wait()?.is_some() || start.elapsed() > PATIENCE {
                bail!("Redis does not start");
            }
            sleep(Duration::from_millis(20));
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
