//! `cargo xtask dist`: the wheels and the npm packages, as users install them, in `target/dist/`. The demo and the tests
//! install the same packages, built without optimization, which takes minutes less.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::dist::build::Build;
use crate::npm::{self, Tarballs};
use crate::platforms::{self, Platform};
use crate::shell::step;

mod auditable;
mod build;
pub mod packages;
mod paths;

/// The options of `cargo xtask dist`.
#[derive(Debug, Default, Clone, clap::Args)]
pub struct Options {
    /// Build for every Linux with glibc 2.17 or with musl, of both processors, and not for that of this machine alone.
    #[arg(long)]
    portable: bool,
    /// With `--portable`: this platform alone, such as linux-x64-gnu; may be given more than once.
    #[arg(long, value_parser = platforms::named, requires = "portable")]
    only: Vec<Platform>,
    /// Build without optimization into target/dist-quick/: to try the packages, and never to hand them out.
    #[arg(long)]
    quick: bool,
}

/// What was built.
pub struct Dist {
    /// The wheel.
    pub wheel: PathBuf,
    /// The wheel with the `payglot` command.
    pub command: PathBuf,
    /// The sources of the wheel, from which pip builds one where there is none.
    pub sources: PathBuf,
    /// The npm packages.
    pub npm: Tarballs,
}

/// Builds all of it, for this machine.
pub fn run(root: &Path) -> Result<Dist> {
    build(root, &Options::default())?;
    found(root)
}

/// Builds all of it without optimization, from what other builds have compiled: for who tries payglot or tests it.
pub fn quick(root: &Path) -> Result<Dist> {
    build(root, &Options { quick: true, ..Options::default() })?;
    found_in(&root.join(folder(true)), platforms::here()?)
}

/// Builds all of it.
pub fn build(root: &Path, options: &Options) -> Result<()> {
    let out = root.join(folder(options.quick));
    std::fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    let built = portable(root, &out, options)?;
    step("sources", || {
        remove(&out, "gz")?;
        build::sources(root, &out)
    })?;
    step("npm packages of every platform", || npm::pack_whole(root, &out))?;
    for platform in built {
        let dist = found_in(&out, platform)?;
        if options.portable {
            step(&format!("packages, {}", platform.name), || {
                packages::audit(root, &dist)?;
                packages::check(root, &dist)
            })?;
        }
        let files = [&dist.wheel, &dist.command, &dist.sources].map(PathBuf::as_path);
        for file in files.into_iter().chain(dist.npm.all()) {
            let megabytes = file_size(file)? / 1e6;
            println!("{} ({megabytes:.2} MB)", file.strip_prefix(root).unwrap_or(file).display());
        }
    }
    Ok(())
}

/// Builds what differs between platforms, for this one or for each that this machine can.
fn portable(root: &Path, out: &Path, options: &Options) -> Result<Vec<Platform>> {
    if options.only.is_empty() {
        for ending in ["whl", "tgz", "json"] {
            remove(out, ending)?;
        }
    }
    if !options.portable {
        Build::here(root, out, options.quick)?.run()?;
        return Ok(vec![platforms::here()?]);
    }
    let mut done = Vec::new();
    let mut left_out = Vec::new();
    let wanted = |one: &Platform| options.only.is_empty() || options.only.contains(one);
    for platform in platforms::ALL.into_iter().filter(wanted) {
        match Build::portable(root, out, platform, options.quick) {
            Ok(build) => {
                for wheel in with_ending(out, "whl")? {
                    if platform.has_wheel(&name_of(&wheel)) {
                        std::fs::remove_file(&wheel).context("cannot remove an older wheel")?;
                    }
                }
                build.run()?;
                done.push(platform);
            }
            Err(reason) => left_out.push(format!("left out: {}: {reason:#}", platform.name)),
        }
    }
    println!("{}", left_out.join("\n"));
    ensure!(!done.is_empty(), "nothing was built");
    Ok(done)
}

/// Where the packages are.
pub fn folder(is_quick: bool) -> &'static str {
    if is_quick { "target/dist-quick" } else { "target/dist" }
}

/// What is in `target/dist/` for this machine.
pub fn found(root: &Path) -> Result<Dist> {
    found_in(&root.join(folder(false)), platforms::here()?)
}

/// What is in a folder for a platform.
pub fn found_in(out: &Path, platform: Platform) -> Result<Dist> {
    let wheel = |begin: &str| {
        let mut wheels = with_ending(out, "whl")?;
        wheels.retain(|path| {
            let name = name_of(path);
            name.starts_with(begin) && platform.has_wheel(&name)
        });
        ensure!(
            wheels.len() == 1,
            "{} has {} wheels {begin}… of {}, not one",
            out.display(),
            wheels.len(),
            platform.name
        );
        wheels.pop().context("no wheel")
    };
    Ok(Dist {
        wheel: wheel("payglot-")?,
        command: wheel("payglot_cli-")?,
        sources: only(out, "payglot-", "gz")?,
        npm: npm::found(out, platform)?,
    })
}

/// The file that cargo makes of a library on this machine.
pub fn library_file(name: &str) -> String {
    format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn remove(folder: &Path, ending: &str) -> Result<()> {
    for path in with_ending(folder, ending)? {
        std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// The one file of this begin and ending.
pub fn only(folder: &Path, name: &str, ending: &str) -> Result<PathBuf> {
    let mut found = with_ending(folder, ending)?;
    found.retain(|path| {
        path.file_name()
            .and_then(|found| found.to_str())
            .is_some_and(|found| found.starts_with(name))
    });
    ensure!(
        found.len() == 1,
        "expected one {name}*.{ending} file in {}, not {}",
        folder.display(),
        found.len()
    );
    found.pop().context("no file")
}

fn with_ending(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(paths.filter(|path| path.extension().is_some_and(|found| found == ending)).collect())
}

/// How many bytes it has.
pub fn file_size(path: &Path) -> Result<f64> {
    let bytes =
        std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
    #[allow(clippy::cast_precision_loss)] // a size for people
    Ok(bytes as f64)
}
