//! The three registries, on this machine alone: they offer the packages in a folder, and the crates, by the names that users
//! install. Nothing of them outlives the value.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use anyhow::{Context as _, Result};

use crate::shell::{Run, python};

mod crates;
mod npm;
mod python;

/// The registries, running.
pub struct Registries {
    _files: Server,
    files: String,
    npm: npm::Registry,
    folder: PathBuf,
}

impl Registries {
    /// Fills and starts them.
    pub fn start(root: &Path, dist: &Path) -> Result<Self> {
        let folder = root.join("target/registries");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).context("cannot empty target/registries")?;
        }
        std::fs::create_dir_all(&folder).context("cannot make target/registries")?;
        let (server, files) = serve(&folder)?;
        python::fill(dist, &folder.join("simple"))?;
        crates::fill(root, &folder.join("crates"), &format!("{files}/crates"))?;
        let npm = npm::Registry::start(root, dist, &folder.join("npm"))?;
        Ok(Self { _files: server, files, npm, folder })
    }

    /// Where pip looks.
    pub fn python(&self) -> String {
        format!("{}/simple/", self.files)
    }

    /// Where npm looks.
    pub fn npm(&self) -> &str {
        self.npm.url()
    }

    /// The folder with cargo's index.
    pub fn crates(&self) -> PathBuf {
        self.folder.join("crates")
    }

    /// What a `config.toml` of cargo says, so that it looks here and not at crates.io.
    pub fn cargo(&self) -> String {
        format!(
            "[source.crates-io]\nreplace-with = \"local\"\n\n[source.local]\nregistry = \"sparse+{}/crates/\"\n",
            self.files
        )
    }
}

/// A program that runs until this is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Python's server of files, for a folder; with its address.
fn serve(folder: &Path) -> Result<(Server, String)> {
    let words = ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory"];
    let mut command = Run::new(python()).args(words).args([folder]).into_command();
    let log = std::fs::File::create(folder.with_extension("log")).context("cannot write a log")?;
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn();
    let mut server = Server(child.context("cannot start Python's server of files")?);
    let mut line = String::new();
    let stdout = server.0.stdout.take().context("the server has no output")?;
    BufReader::new(stdout).read_line(&mut line).context("the server said nothing")?;
    let address = line.split(['(', ')']).nth(1);
    let address = address.with_context(|| format!("the server said {line}"))?;
    Ok((server, address.trim_end_matches('/').to_owned()))
}

fn write(path: &PathBuf, text: &str) -> Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)
            .with_context(|| format!("cannot make {}", parent.display()))?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
