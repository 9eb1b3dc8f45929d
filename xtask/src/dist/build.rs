//! One platform's build: the wheels, the native module of Node and the program, by whichever way this machine has to it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::debian::{self, For};
use crate::dist::auditable;
use crate::dist::paths::{build_folders, holds, with_flags};
use crate::files::copy;
use crate::npm;
use crate::platforms::{self, Platform};
use crate::sbom;
use crate::shell::{Run, step};
use crate::tools::{self, Venv};

/// The oldest glibc that a portable build runs with, as manylinux2014 has it.
const GLIBC: &str = "2.17";

/// A library that is loaded into a program shares that program's C library. Exactly the words of maturin: with others cargo compiles
/// everything again.
const SHARED_MUSL: [&str; 2] = ["-C", "target-feature=-crt-static"];

/// How a platform is built for.
enum How {
    /// With what this machine has, for this machine.
    Here,
    /// For every glibc from 2.17, with zig as linker.
    Zig,
    /// For another processor or C library, with zig and the compiler in this folder.
    Cross(PathBuf),
}

/// One build of everything for a platform.
pub struct Build<'a> {
    root: &'a Path,
    out: &'a Path,
    platform: Platform,
    how: How,
    /// Without optimization, from what other builds have compiled.
    is_quick: bool,
    tools: Venv,
}

impl<'a> Build<'a> {
    /// For this machine.
    pub fn here(root: &'a Path, out: &'a Path, is_quick: bool) -> Result<Self> {
        let tools = tools::builder(root)?;
        Ok(Self { root, out, platform: platforms::here()?, how: How::Here, is_quick, tools })
    }

    /// For every Linux of a platform. The error says why this machine cannot.
    pub fn portable(
        root: &'a Path,
        out: &'a Path,
        platform: Platform,
        is_quick: bool,
    ) -> Result<Self> {
        if platform.os != "linux" {
            bail!("it is built on a machine of its own, by the release workflow");
        }
        let here = platforms::here()?;
        ensure!(here.libc == Some("glibc"), "only Linux with glibc builds portable packages");
        let how = if platform == here {
            How::Zig
        } else {
            How::Cross(debian::packages(root, For::ThisMachine)?)
        };
        Ok(Self { root, out, platform, how, is_quick, tools: tools::portable_builder(root)? })
    }

    /// Builds all of it.
    pub fn run(&self) -> Result<()> {
        let name = self.platform.name;
        let (release, small) = match self.how {
            _ if self.is_quick => ("dev", "dev"),
            How::Here | How::Zig => ("release", "small"),
            How::Cross(_) => ("cross", "cross"),
        };
        step(&format!("wheel, {name}"), || {
            self.wheel("bindings/python", "payglot-python", release)
        })?;
        // npm's packages take the program that this builds.
        step(&format!("command, {name}"), || {
            self.wheel("crates/payglot-cli", "payglot-cli", small)
        })?;
        let program = self.folder(small).join(self.platform.program());
        let module = self.folder(release).join(self.platform.library("payglot_node"));
        step(&format!("npm packages, {name}"), || {
            self.module(release)?;
            let parts = npm::Parts {
                platform: self.platform,
                module: &module,
                program: &program,
                of_module: &self.contents("payglot-node")?,
                of_program: &self.contents("payglot-cli")?,
            };
            npm::pack(self.root, self.out, &parts)
        })?;
        if self.is_quick {
            return Ok(());
        }
        let extension = self.folder(release).join(self.platform.library("_payglot"));
        for file in [&program, &module, &extension] {
            for (folder, _) in build_folders(self.root)? {
                ensure!(!holds(file, &folder)?, "{} names {folder}", file.display());
            }
            auditable::check(file)?;
        }
        Ok(())
    }

    /// Writes what is in a package, and puts it beside the packages too.
    fn contents(&self, package: &str) -> Result<PathBuf> {
        let sbom = sbom::write(self.root, package, self.platform)?;
        copy(&sbom, &self.out.join(sbom.file_name().context("it has no name")?))?;
        Ok(sbom)
    }

    fn wheel(&self, folder: &str, package: &str, profile: &str) -> Result<()> {
        let sbom = self.contents(package)?;
        let maturin = Run::new(self.tools.program("maturin"))
            .args(["build", "--quiet", "--locked", "--profile", profile, "--manifest-path"])
            .args([&format!("{folder}/Cargo.toml")])
            .args(["--sbom-include"])
            .args([sbom])
            .args(["--out"])
            .args([self.out])
            .at(self.root);
        let python = self.tools.program("python");
        let tag = if self.is_musl() { "musllinux_1_2" } else { "manylinux2014" };
        let zig = ["--zig", "--compatibility", tag, "--target", self.platform.target];
        let maturin = match self.how {
            How::Here => maturin.args(["--interpreter"]).args([python]),
            How::Zig => maturin.args(["--interpreter"]).args([python]).args(zig),
            How::Cross(_) => maturin.args(zig).args(["-Z", debian::STANDARD_LIBRARY]),
        };
        // maturin does it for libraries.
        let shares_musl = self.shares_musl() && package == "payglot-cli";
        self.cargo(maturin, if shares_musl { &SHARED_MUSL } else { &[] })
    }

    fn module(&self, profile: &str) -> Result<()> {
        let words = ["--quiet", "--locked", "--profile", profile, "--package", "payglot-node"];
        let target = self.platform.target;
        // zigbuild takes the version of glibc behind the target's name.
        let target = if self.is_musl() { target.to_owned() } else { format!("{target}.{GLIBC}") };
        let zig = ["--target", &target];
        let cargo = match self.how {
            How::Here => Run::cargo().args(["build"]).args(words),
            How::Zig => Run::cargo().args(["zigbuild"]).args(words).args(zig),
            How::Cross(_) => {
                let zigbuild = Run::cargo().args(["zigbuild"]).args(words).args(zig);
                zigbuild.args(["-Z", debian::STANDARD_LIBRARY])
            }
        };
        self.cargo(cargo.at(self.root), if self.is_musl() { &SHARED_MUSL } else { &[] })
    }

    /// Whether payglot's own program is compiled as the libraries are, so that nothing is compiled twice. zig links musl into it all
    /// the same, and libgcc too; an Alpine's own linker would have it ask for libgcc, which not every Alpine has.
    fn shares_musl(&self) -> bool {
        self.is_musl() && matches!(self.how, How::Cross(_))
    }

    /// Runs what runs cargo.
    fn cargo(&self, run: Run, flags: &[&str]) -> Result<()> {
        let run = with_flags(run, self.root, !self.is_quick, flags)?;
        let run = if self.is_quick { run } else { auditable::with_list(run, self.root)? };
        let run = match &self.how {
            How::Cross(debian) => debian::with_compiler(run, debian),
            _ => run,
        };
        let is_portable = matches!(self.how, How::Zig | How::Cross(_));
        let run = if is_portable { self.tools.on_path(run)? } else { run };
        run.run()
    }

    fn is_musl(&self) -> bool {
        self.platform.libc == Some("musl")
    }

    /// Where cargo puts what it builds with a profile.
    fn folder(&self, profile: &str) -> PathBuf {
        let target = self.root.join("target");
        let target = match self.how {
            How::Here => target,
            How::Zig | How::Cross(_) => target.join(self.platform.target),
        };
        target.join(if profile == "dev" { "debug" } else { profile })
    }
}

/// The sources of the wheel, from which pip builds one where there is none.
pub fn sources(root: &Path, out: &Path) -> Result<()> {
    Run::new(tools::builder(root)?.program("maturin"))
        .args(["sdist", "--manifest-path", "bindings/python/Cargo.toml", "--out"])
        .args([out])
        .at(root)
        .quiet()
        .run()
        .context("sources")
}
