//! Installs payglot by its name out of the registries on this machine, as users do, and runs README's five lines with it: in Python
//! and Node on each platform that was built and that can be run here, from the sources, and in Rust. Then it says of each file how
//! large it is and what ran it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::demo::Sandbox;
use crate::dist::{file_size, found_in};
use crate::machines::Machine;
use crate::npm::VERSION;
use crate::platforms::{self, Platform};
use crate::publish::{CRATES, with_endings};
use crate::registries::Registries;
use crate::shell::{Run, step};
use crate::snippets::{SHOWN, readme};
use crate::tools::{self, Venv};

/// Tries everything that is in `dist`.
pub fn run(root: &Path, dist: &Path) -> Result<()> {
    let registries = step("registries", || Registries::start(root, dist))?;
    let folder = root.join("target/try-by-name");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).context("cannot empty target/try-by-name")?;
    }
    let mut ran = Vec::new();
    for platform in platforms::ALL {
        if found_in(dist, platform).is_err() {
            continue;
        }
        ran.push(match Machine::of(root, platform) {
            Ok(machine) => {
                let folder = folder.join(platform.name);
                let project = Project { root, folder, registries: &registries, machine };
                step(platform.name, || project.attempt())?
            }
            Err(why) => {
                let not = format!("not run: {why:#}");
                Ran { platform, python: not.clone(), node: not }
            }
        });
    }
    let sources = step("sources", || sources(root, &registries, &folder))?;
    let rust = step("Rust", || rust(root, &registries, &folder))?;
    let table = table(dist, &ran, &sources)? + &crates(&registries.crates(), &rust)?;
    print!("\n{table}");
    std::fs::write(folder.join("table.md"), table).context("table.md")
}

/// What ran on a platform.
struct Ran {
    platform: Platform,
    python: String,
    node: String,
}

/// Of each file its size, and what ran it.
fn table(dist: &Path, ran: &[Ran], sources: &str) -> Result<String> {
    let mut table = "| file | MB | run by |\n| --- | --- | --- |\n".to_owned();
    for file in with_endings(dist, &[".whl", ".tar.gz", ".tgz"])? {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        table += &row(&name, &file, &what_ran(&name, ran, sources))?;
    }
    Ok(table)
}

/// What ran a file: that of its platform, or of all where it is for all.
fn what_ran(name: &str, ran: &[Ran], sources: &str) -> String {
    if name.ends_with(".tar.gz") {
        return sources.to_owned();
    }
    let is_of = |one: &&Ran| {
        let Platform { name: platform, .. } = one.platform;
        one.platform.has_wheel(name) || name.contains(&format!("-{platform}-"))
    };
    match ran.iter().find(is_of) {
        Some(one) if Path::new(name).extension().is_some_and(|kind| kind == "whl") => {
            one.python.clone()
        }
        Some(one) => one.node.clone(),
        None if platforms::ALL.iter().any(|one| name.contains(one.name)) => "not run".to_owned(),
        None => "all of them".to_owned(),
    }
}

/// The crates, which are among others of an index.
fn crates(index: &Path, rust: &str) -> Result<String> {
    let rows = CRATES.map(|name| {
        let file = format!("{name}-{VERSION}.crate");
        row(&file, &index.join("files").join(&file), rust)
    });
    rows.into_iter().collect()
}

fn row(name: &str, file: &Path, ran: &str) -> Result<String> {
    Ok(format!("| `{name}` | {:.2} | {ran} |\n", file_size(file)? / 1e6))
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
    fn attempt(&self) -> Result<Ran> {
        std::fs::create_dir_all(&self.folder).context("cannot make a folder")?;
        let node = self.node().context("Node")?;
        let python = self.python().context("Python")?;
        Ok(Ran { platform: self.machine.platform, python, node })
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
        let version = self.machine.node().args(["--version"]).output()?;
        Ok(format!("Node {}{}", version.trim().trim_start_matches('v'), self.machine.through()))
    }

    fn python(&self) -> Result<String> {
        if self.machine.python().is_none() {
            return Ok("not run: no Python was found for it".to_owned());
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
        let version = python()?.args(["-c", version]).output()?;
        Ok(format!("{}{}", version.trim(), self.machine.through()))
    }
}

/// Installs from the sources, as pip does where there is no wheel, with the command that was installed for this machine.
fn sources(root: &Path, registries: &Registries, folder: &Path) -> Result<String> {
    let builder = tools::builder(root)?;
    let packages = folder.join("sources");
    let install = builder
        .python()
        // What builds is there already: nothing is taken from another index.
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"])
        .args(["--no-build-isolation", "--no-cache-dir", "--no-deps", "--no-binary", "payglot"])
        .args(["--index-url", &registries.python(), "--target"])
        .args([&packages])
        .args(["payglot"])
        .env("CARGO_TARGET_DIR", folder.join("sources-built"))
        // Its own profile takes minutes more.
        .env("MATURIN_PEP517_ARGS", "--profile dev");
    builder.on_path(install)?.quiet().run()?;
    let command = folder.join(platforms::here()?.name).join("python/bin/payglot");
    let sandbox = Sandbox::installed(&command)?;
    let file = folder.join("lines.py");
    std::fs::write(&file, readme(root, "python")?).context("cannot write a file")?;
    shows(&sandbox, builder.python().args([&file]).env("PYTHONPATH", &packages))?;
    Ok("built and run on this machine".to_owned())
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
    // `cargo install` reads what is here, and not what a project says.
    let home = folder.join("cargo");
    let cargo = |words: &[&str]| {
        let cargo = Run::cargo().args(words).at(&project);
        let cargo = cargo.env("CARGO_HOME", &home);
        cargo.env("CARGO_TARGET_DIR", folder.join("rust")).quiet().run()
    };
    let result = (|| {
        for folder in [&project, &home] {
            std::fs::create_dir_all(folder).context("cannot make a folder")?;
        }
        std::fs::write(home.join("config.toml"), registries.cargo()).context("config.toml")?;
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
    Ok("`cargo add payglot` and `cargo install payglot-cli`".to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Ran, what_ran};
    use crate::platforms;

    #[test]
    fn a_file_was_run_by_what_its_platform_has() {
        let ran = |name: &str| Ran {
            platform: platforms::named(name).unwrap(),
            python: format!("Python of {name}"),
            node: format!("Node of {name}"),
        };
        let ran = ["linux-x64-gnu", "linux-x64-musl"].map(ran);
        for (file, wanted) in [
            ("payglot-0.2.0-cp310-abi3-manylinux_2_17_x86_64.whl", "Python of linux-x64-gnu"),
            ("payglot_cli-0.2.0-py3-none-musllinux_1_2_x86_64.whl", "Python of linux-x64-musl"),
            ("payglot-linux-x64-musl-0.2.0.tgz", "Node of linux-x64-musl"),
            ("payglot-cli-linux-x64-gnu-0.2.0.tgz", "Node of linux-x64-gnu"),
            ("payglot-cli-darwin-x64-0.2.0.tgz", "not run"),
            ("payglot-cli-0.2.0.tgz", "all of them"),
            ("payglot-0.2.0.tar.gz", "pip"),
        ] {
            assert_eq!(what_ran(file, &ran, "pip"), wanted, "{file}");
        }
    }
}
