//! Installs the wheels and the npm packages as users do: into an empty virtual environment and an empty project.

use std::iter;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::by_name;
use crate::dist::{self, Dist};
use crate::files::copy;
use crate::shell::npm;
use crate::snippets;
use crate::tools::{Venv, up_to_date};

/// Where they were installed.
pub struct Installed {
    /// The virtual environment.
    pub venv: Venv,
    /// The npm project.
    pub project: PathBuf,
}

/// The options of `cargo xtask try`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// By name, out of registries that run on this machine alone: in Python, Node and Rust, on each platform that was built
    /// and that this machine can run.
    #[arg(long)]
    registries: bool,
    /// With `--registries`: what `dist --quick` has built.
    #[arg(long, requires = "registries")]
    quick: bool,
}

/// Installs what is in `target/dist/`, and runs the five lines of Python and Node with it.
pub fn attempt(root: &Path, options: &Options) -> Result<()> {
    if options.registries {
        return by_name::run(root, &root.join(dist::folder(options.quick)));
    }
    let installed = fresh(root, &dist::found(root)?, "try")?;
    snippets::five_lines(root, &installed)
}

/// Installs into fresh folders under `target/<name>/`.
pub fn fresh(root: &Path, dist: &Dist, name: &str) -> Result<Installed> {
    let wheels = [&dist.wheel, &dist.command].map(PathBuf::as_path);
    packages(&root.join("target").join(name), &wheels, &dist.npm.all())
}

/// Installs these wheels and npm packages into fresh folders of `folder`.
pub fn packages(folder: &Path, wheels: &[&Path], tarballs: &[&Path]) -> Result<Installed> {
    let venv = Venv::fresh(&folder.join("venv"))?;
    venv.install(
        iter::once("--no-index".as_ref()).chain(wheels.iter().map(|wheel| wheel.as_os_str())),
    )?;
    let project = folder.join("npm");
    if project.exists() {
        std::fs::remove_dir_all(&project)
            .with_context(|| format!("cannot empty {}", project.display()))?;
    }
    std::fs::create_dir_all(&project)
        .with_context(|| format!("cannot make {}", project.display()))?;
    std::fs::write(project.join("package.json"), "{ \"private\": true }\n")
        .context("package.json")?;
    npm()
        .args(["install", "--silent", "--offline", "--no-save"])
        .args(tarballs)
        .at(&project)
        .quiet()
        .run()?;
    Ok(Installed { venv, project })
}

impl Installed {
    /// Copies a folder of Node files into the project, where `import 'payglot'` finds the package.
    pub fn folder(&self, root: &Path, from: &str) -> Result<PathBuf> {
        let target = self.project.join(Path::new(from).file_name().context("no folder")?);
        copy(&root.join(from), &target)?;
        Ok(target)
    }

    /// Copies a folder of Node examples into the project, beside what its lock file pins.
    pub fn node_examples(&self, root: &Path, name: &str) -> Result<PathBuf> {
        let from = Path::new("examples/node").join(name);
        let pins = root.join(&from);
        let tools = root.join(".tools").join(format!("{name}-node"));
        let modules = tools.join("node_modules");
        up_to_date(&pins.join("package-lock.json"), &modules, || {
            for name in ["package.json", "package-lock.json"] {
                copy(&pins.join(name), &tools.join(name))?;
            }
            npm().args(["ci", "--ignore-scripts", "--silent"]).at(&tools).quiet().run()
        })?;
        let target = self.folder(root, &from.to_string_lossy())?;
        copy(&modules, &target.join("node_modules"))?;
        Ok(target)
    }

    /// Puts a Node example into the project, where `import 'payglot'` finds the package.
    pub fn example(&self, root: &Path, name: &str) -> Result<PathBuf> {
        let target = self.project.join(name);
        let source = root.join("examples/node").join(name);
        std::fs::copy(&source, &target)
            .with_context(|| format!("cannot copy {}", source.display()))?;
        Ok(target)
    }
}
