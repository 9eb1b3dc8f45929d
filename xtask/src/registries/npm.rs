//! verdaccio with no registry behind it: it has what was published to it, and nothing else.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::publish::tarballs;
use crate::registries::{Server, write};
use crate::shell::{Run, npm};
use crate::tools;

/// How long it may take to start on a machine that is busy.
const PATIENCE: Duration = Duration::from_mins(2);
const CONFIG: &str = "storage: ./storage
uplinks: {}
packages:
  '**': { access: $all, publish: $all }
web: { enable: false }
max_body_size: 100mb
log: { type: stdout, format: json, level: warn }
";

/// The registry, running.
pub struct Registry {
    _server: Server,
    url: String,
}

impl Registry {
    /// Starts it, and publishes what is in `dist`.
    pub fn start(root: &Path, dist: &Path, folder: &Path) -> Result<Self> {
        let tools = tools::from_npm(root, "registry")?;
        let config = folder.join("config.yaml");
        write(&config, CONFIG)?;
        let port = {
            let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
            listener.local_addr().context("no address")?.port()
        };
        let address = format!("127.0.0.1:{port}");
        let log =
            std::fs::File::create(folder.join("verdaccio.log")).context("cannot write a log")?;
        let mut command = Run::new("node")
            .args([tools.join("node_modules/verdaccio/bin/verdaccio")])
            .args(["--config"])
            .args([&config])
            .args(["--listen", &address])
            .at(folder)
            .into_command();
        let both = log.try_clone().context("cannot write a log")?;
        let child = command.stdin(Stdio::null()).stdout(log).stderr(both).spawn();
        let mut server = Server(child.context("cannot start verdaccio")?);
        let started = Instant::now();
        while TcpStream::connect(&address).is_err() {
            let ended = server.0.try_wait().context("verdaccio")?;
            ensure!(
                ended.is_none() && started.elapsed() < PATIENCE,
                "verdaccio did not start; {}/verdaccio.log may say why",
                folder.display()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        let registry = Self { _server: server, url: format!("http://{address}/") };
        // npm publishes nothing without a token; this registry takes any.
        write(&folder.join(".npmrc"), &format!("//{address}/:_authToken=anybody\n"))?;
        for tarball in tarballs(dist, true)? {
            let words = ["publish", "--access", "public", "--registry", &registry.url];
            npm().args(words).args([&tarball]).at(folder).quiet().run()?;
        }
        Ok(registry)
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }
}
