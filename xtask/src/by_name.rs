//! Installs payglot by its name out of the registries on this machine, as users do, and runs README's five lines with it: in Python
//! and Node on each platform that was built and that can be run here, and in Rust.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::demo::Sandbox;
use crate::dist::found_in;
use crate::machines::Machine;
use crate::npm::VERSION;
use crate::platforms::{self, Platform};
use crate::registries::Registries;
use crate::shell::{Run, step};
use crate::snippets::{SHOWN, readme};
use crate::tools::Venv;

/// Tries everything that is in `dist`.
pub fn run(root: &Path, dist: &Path) -> Result<()> {
    let registries = step("registries", || Registries::start(root, dist))?;
    let folder = root.join("target/try-by-name");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).context("cannot empty target/try-by-name")?;
    }
    let mut ran = Vec::new();
    for platform in platforms::ALL {
        let machine = found_in(dist, platform).map_err(|_| "not built".to_owned());
        let machine =
            machine.and_then(|_| Machine::of(root, platform).map_err(|why| format!("{why:#}")));
        ran.push(match machine {
            Ok(machine) => {
                let folder = folder.join(platform.name);
                let project = Project { root, folder, registries: &registries, machine };
                step(platform.name, || project.attempt())?
            }
            Err(why) => format!("{}: not run: {why}", platform.name),
        });
    }
    ran.push(step("Rust", || rust(root, &registries, &folder))?);
    println!("\n{}", ran.join("\n"));
    Ok(())
}

/// A user's project on a platform.
struct Project<'a> {
    root: &'a Path,
    folder: PathBuf,
    registries: &'a Registries,
    machine: Machine,
}

impl Project<'_> {
    /// Installs, runs, and says with what.
    fn attempt(&self) -> Result<String> {
        std::fs::create_dir_all(&self.folder).context("cannot make a folder")?;
        let Platform { name, .. } = self.machine.platform;
        let node = self.node().context("Node")?;
        let python = self.python().context("Python")?;
        Ok(format!("{name}: {python}; {node}"))
    }

    fn node(&self) -> Result<String> {
        std::fs::write(self.folder.join("package.json"), "{ \"private\": true }\n")
            .context("package.json")?;
        let install = |words: &[&str]| {
            let npm = self.machine.npm()?.args(["install", "--registry", self.registries.npm()]);
            // What an earlier attempt has left is of another registry.
            let npm = npm.env("NPM_CONFIG_CACHE", self.folder.join("npm-cache"));
            let npm = npm.env("NPM_CONFIG_AUDIT", "false").env("NPM_CONFIG_FUND", "false");
            npm.args(words).at(&self.folder).quiet().run()
        };
        install(&["payglot"])?;
        install(&["--save-dev", "@payglot/cli"])?;
        let platform = self.machine.platform;
        let package = format!("node_modules/@payglot/cli-{}/bin", platform.name);
        let program = self.folder.join(package).join(platform.program());
        let sandbox = Sandbox::by(self.machine.run(&program))?;
        for (language, file) in [("js", "lines.mjs"), ("cjs", "lines.cjs")] {
            let file = self.folder.join(file);
            std::fs::write(&file, readme(self.root, language)?).context("cannot write a file")?;
            shows(&sandbox, self.machine.node().args([&file]).at(&self.folder))?;
        }
        Ok(format!("Node {}", self.machine.node().args(["--version"]).output()?.trim()))
    }

    fn python(&self) -> Result<String> {
        if self.machine.python().is_none() {
            return Ok("no Python was found for it".to_owned());
        }
        // A pip for every Python of the platform: it has no native part.
        let venv = Venv::fresh(&self.folder.join("venv"))?;
        let packages = self.folder.join("python");
        let python = || self.machine.python().context("Python");
        python()?
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"])
            .args(["--no-cache-dir", "--index-url", &self.registries.python(), "--target"])
            .args([&packages])
            .args(["payglot[testing]"])
            .env("PYTHONPATH", venv.site_packages()?)
            .at(&self.folder)
            .quiet()
            .run()?;
        let sandbox = Sandbox::by(self.machine.run(&packages.join("bin").join("payglot")))?;
        let file = self.folder.join("lines.py");
        std::fs::write(&file, readme(self.root, "python")?).context("cannot write a file")?;
        shows(&sandbox, python()?.args([&file]).env("PYTHONPATH", &packages).at(&self.folder))?;
        let version = "import platform; print('Python', platform.python_version())";
        Ok(python()?.args(["-c", version]).output()?.trim().to_owned())
    }
}

/// Runs what shows the five lines' address.
fn shows(sandbox: &Sandbox, run: Run) -> Result<()> {
    // Of the programs on this machine none is meant.
    let shown = sandbox.environment(run)?.env("PAYGLOT_BIN", "").output()?;
    ensure!(shown.contains(SHOWN), "it shows {shown}");
    print!("{shown}");
    Ok(())
}

/// A new crate of a user, which is in no workspace and has a cargo that knows these registries alone.
fn rust(root: &Path, registries: &Registries, folder: &Path) -> Result<String> {
    let project = std::env::temp_dir().join(format!("payglot-five-lines-{}", std::process::id()));
    let cargo = |words: &[&str]| {
        let cargo = Run::cargo().args(words).at(&project);
        let cargo = cargo.env("CARGO_HOME", folder.join("cargo"));
        cargo.env("CARGO_TARGET_DIR", folder.join("rust")).quiet().run()
    };
    let result = (|| {
        std::fs::create_dir_all(project.join(".cargo")).context("cannot make a folder")?;
        std::fs::write(project.join(".cargo/config.toml"), registries.cargo())
            .context("config.toml")?;
        cargo(&["init", "--quiet", "--vcs", "none", "--name", "five-lines"])?;
        cargo(&["add", "--quiet", "payglot"])?;
        cargo(&["add", "--quiet", "tokio", "--features", "full"])?;
        std::fs::write(project.join("src/main.rs"), readme(root, "rust")?).context("main.rs")?;
        cargo(&["build", "--quiet"])?;
        cargo(&["install", "--quiet", "--debug", "--root", "installed", "payglot-cli"])?;
        let sandbox = Sandbox::by(Run::new(project.join("installed/bin/payglot")))?;
        shows(&sandbox, Run::new(folder.join("rust/debug/five-lines")))
    })();
    let removed = std::fs::remove_dir_all(&project);
    result?;
    if let Err(error) = removed {
        bail!("cannot remove {}: {error}", project.display());
    }
    Ok(format!("Rust: payglot {VERSION} by cargo add, and payglot-cli by cargo install"))
}
