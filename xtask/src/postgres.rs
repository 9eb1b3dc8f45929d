//! A server of PostgreSQL for tests: the one that is installed on this machine, with a database of its own that is gone
//! afterwards.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::shell::Run;

/// Names the folder of its programs where they are not found by themselves.
const FOLDER: &str = "POSTGRES_BIN";

/// Names a running server to the tests; its user may make databases.
const VARIABLE: &str = "PAYGLOT_POSTGRES";

const PATIENCE: Duration = Duration::from_mins(1);

/// A server that is stopped, and its data removed, when this is dropped.
pub struct Server {
    process: Child,
    folder: PathBuf,
    /// `postgresql://…/`, without a database's name.
    pub url: String,
}

impl Server {
    /// Starts it; where PostgreSQL is not installed, tests of it are left out, but not where changes are checked for all.
    pub fn start(root: &Path) -> Result<Option<Self>> {
        Self::start_in(root, &std::env::temp_dir(), |program| program)
    }

    /// Starts it with its data in a folder of `parent`, and what runs it changed, such as held to a core.
    pub fn start_in(
        root: &Path,
        parent: &Path,
        changed: impl FnOnce(Command) -> Command,
    ) -> Result<Option<Self>> {
        let Some(programs) = programs() else {
            let missing = format!(
                "no PostgreSQL: install it from the system's packages, or name the folder of its programs in {FOLDER}"
            );
            if std::env::var("CI").is_ok_and(|value| value == "true") {
                bail!(missing);
            }
            println!("Left out, {missing}.");
            return Ok(None);
        };
        let folder = parent.join(format!("payglot-postgres-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let data = folder.join("data");
        let user = unprivileged(&folder)?;
        let mut init = Command::new(programs.join("initdb"));
        init.args(["--auth", "trust", "--username", "postgres", "--encoding", "UTF8", "--no-sync"]);
        init.arg("--pgdata").arg(&data);
        let init = run_as(init, user).output().context("cannot start `initdb`")?;
        if !init.status.success() {
            bail!("`initdb` failed: {}", String::from_utf8_lossy(&init.stderr));
        }
        // With TLS for whoever asks for it. It takes a key that nobody else can read.
        let [certificate, key] = ["test-only-leaf.pem", "test-only-leaf.key"].map(|name| {
            let (from, to) = (root.join("tests/contract/tls").join(name), folder.join(name));
            std::fs::copy(&from, &to).with_context(|| format!("cannot copy {name}")).map(|_| to)
        });
        let (certificate, key) = (certificate?, key?);
        private(&key, user)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut postgres = Command::new(programs.join("postgres"));
        postgres
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
            .args(["-c", "max_connections=300", "-c", "ssl=on"])
            .args(["-c", &format!("ssl_cert_file={}", certificate.display())])
            .args(["-c", &format!("ssl_key_file={}", key.display())]);
        let process = run_as(changed(postgres), user)
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.join("log"))?)
            .spawn()
            .context("cannot start `postgres`")?;
        let url = format!("postgresql://postgres@127.0.0.1:{port}/");
        let mut server = Self { process, folder, url };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if server.process.try_wait()?.is_some() || start.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(server.folder.join("log")).unwrap_or_default();
                bail!("PostgreSQL does not start:\n{log}");
            }
            sleep(Duration::from_millis(20));
        }
        Ok(Some(server))
    }
}

/// Names the server to what is run, where there is one.
pub fn named(run: Run, server: Option<&Server>) -> Run {
    match server {
        Some(server) => run.env(VARIABLE, &server.url),
        None => run,
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What it has written is not looked at again.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Which version is installed.
pub fn version() -> Option<String> {
    let said = Run::new(programs()?.join("postgres")).args(["--version"]).output().ok()?;
    Some(said.trim().to_owned())
}

/// Where its programs are: Debian does not put them where programs are looked for.
fn programs() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(FOLDER) {
        return Some(named.into());
    }
    let has_server =
        |folder: &PathBuf| folder.join("postgres").is_file() && folder.join("initdb").is_file();
    let path = std::env::var_os("PATH")?;
    let mut of_versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .collect();
    of_versions.sort();
    of_versions.into_iter().rev().chain(std::env::split_paths(&path)).find(has_server)
}

/// PostgreSQL refuses to run for root: the user that it runs for instead, who gets the folder.
#[cfg(unix)]
fn unprivileged(folder: &Path) -> Result<Option<u32>> {
    let id = |words: &[&str]| -> Result<u32> {
        let output = Command::new("id").args(words).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
    };
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    let user = id(&["-u", "nobody"])
        .context("PostgreSQL does not run for root, and there is no user `nobody`")?;
    std::os::unix::fs::chown(folder, Some(user), None)?;
    Ok(Some(user))
}

/// Makes a file readable for that user alone.
#[cfg(unix)]
fn private(file: &Path, user: Option<u32>) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))?;
    Ok(std::os::unix::fs::chown(file, user, None)?)
}

#[cfg(not(unix))]
fn private(_: &Path, _: Option<u32>) -> Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn unprivileged(_: &Path) -> Result<Option<u32>> {
    Ok(None)
}

fn run_as(mut command: Command, user: Option<u32>) -> Command {
    command.env_remove("PGDATA").current_dir(std::env::temp_dir());
    #[cfg(unix)]
    if let Some(user) = user {
        std::os::unix::process::CommandExt::uid(&mut command, user);
    }
    command
}
