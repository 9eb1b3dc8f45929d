//! `cargo xtask release`: the version everywhere, from one source, and what a release needs; with `--dry-run` in a copy, where
//! everything that one machine can do is done. Nothing here uploads, commits or tags.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use sha2::{Digest as _, Sha256};

use crate::npm::VERSION;
use crate::platforms;
use crate::publish::{check_crates, with_endings};
use crate::shell::{Run, step};

/// The options of `cargo xtask release`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The version, such as 0.2.0.
    version: String,
    /// Work on a copy of what is committed, in target/release-dry/: build, install and try there what is released.
    #[arg(long)]
    dry_run: bool,
    /// With `--dry-run`: build without optimization, to try the release and not what is in it.
    #[arg(long, requires = "dry_run")]
    quick: bool,
}

/// The options of `cargo xtask collect`.
#[derive(Debug, clap::Args)]
pub struct Collect {
    /// Fail where a platform is missing.
    #[arg(long)]
    complete: bool,
}

/// Files that repeat the version of `Cargo.toml`, and how it stands there.
const REPEATED: [(&str, &str); 5] = [
    ("Cargo.toml", "version = \"{}\""),
    ("bindings/node/package.json", "\"version\": \"{}\""),
    ("bindings/node/package-lock.json", "\"name\": \"payglot\",\n  \"version\": \"{}\""),
    ("bindings/python/pyproject.toml", "payglot-cli=={}"),
    ("crates/payglot-cli/npm/package.json", "\"version\": \"{}\""),
];

/// Prepares a release.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let version = &options.version;
    let numbers: Vec<&str> = version.split('.').collect();
    ensure!(
        numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u32>().is_ok()),
        "{version} is no version; give three numbers, such as 0.2.0"
    );
    if options.dry_run {
        return dry_run(root, version, options.quick);
    }
    let changed = Run::new("git").args(["status", "--porcelain", "-uno"]).at(root).output()?;
    ensure!(changed.trim().is_empty(), "commit what is changed first:\n{changed}");
    for (file, pattern) in REPEATED {
        let path = root.join(file);
        let text = read(&path)?;
        let (old, new) = (pattern.replace("{}", VERSION), pattern.replace("{}", version));
        ensure!(text.contains(&old), "{file} does not have {old}");
        let text = if file == "bindings/node/package-lock.json" {
            // Twice: of the file, and of the package in it.
            let again =
                |version: &str| format!("\"name\": \"payglot\",\n      \"version\": \"{version}\"");
            text.replace(&old, &new).replace(&again(VERSION), &again(version))
        } else {
            text.replace(&old, &new)
        };
        write(&path, &text)?;
    }
    let path = root.join("CHANGELOG.md");
    let date = Run::new("git").args(["log", "-1", "--format=%cs"]).at(root).output()?;
    write(&path, &with_section(&read(&path)?, version, date.trim())?)?;
    Run::cargo().args(["update", "--quiet", "--workspace", "--offline"]).at(root).run()?;
    println!("{version} is set. Read the difference, commit it, and push the tag v{version}.");
    Ok(())
}

/// What was unreleased is in a section of the version.
fn with_section(changelog: &str, version: &str, date: &str) -> Result<String> {
    let head = "## Unreleased\n";
    let (before, after) = changelog.split_once(head).context("CHANGELOG.md: no `## Unreleased`")?;
    ensure!(!changelog.contains(&format!("## {version} ")), "CHANGELOG.md has {version} already");
    ensure!(
        !after.split("\n## ").next().unwrap_or_default().trim().is_empty(),
        "CHANGELOG.md: nothing is unreleased"
    );
    Ok(format!("{before}{head}\n## {version} ({date})\n{after}"))
}

fn dry_run(root: &Path, version: &str, is_quick: bool) -> Result<()> {
    let copied = root.join("target/release-dry");
    if copied.exists() {
        std::fs::remove_dir_all(&copied).context("cannot empty target/release-dry")?;
    }
    Run::new("git").args(["clone", "--quiet"]).args([root, &copied]).run()?;
    let xtask = |words: &[&str]| {
        step(&words.join(" "), || {
            let run = Run::cargo().args(["run", "--quiet", "--package", "xtask", "--"]);
            // Its own folder, as on a machine that has only the clone.
            run.args(words).at(&copied).env("CARGO_TARGET_DIR", copied.join("target")).run()
        })
    };
    xtask(&["release", version])?;
    xtask(&["check-tag", &format!("v{version}")])?;
    xtask(&["semver"])?;
    let quick = if is_quick { &["--quick"][..] } else { &[] };
    let with = |words: &[&str]| xtask(&[words, quick].concat());
    if cfg!(all(target_os = "linux", target_env = "gnu")) {
        with(&["dist", "--portable"])?;
    } else {
        with(&["dist"])?;
    }
    with(&["try", "--registries"])?;
    xtask(&["publish", "crates", "--dry-run"])?;
    let dist = if is_quick {
        "dist-quick"
    } else {
        xtask(&["publish", "npm", "--dry-run"])?;
        xtask(&["publish", "python", "--dry-run"])?;
        xtask(&["collect"])?;
        "dist"
    };
    println!(
        "\nWhat a release of {version} has of this machine is in target/release-dry/target/{dist}/; this tree is as it was."
    );
    Ok(())
}

/// The tag of a release is the version that everything has, and the changelog has its section.
pub fn check_tag(root: &Path, tag: &str) -> Result<()> {
    ensure!(tag == format!("v{VERSION}"), "the tag is {tag}, the version {VERSION}");
    repeats(root)?;
    notes(root)?;
    check_crates(root)?;
    println!("{tag}: versions, changelog and crates are right");
    Ok(())
}

/// Every file that repeats the version has this one.
fn repeats(root: &Path) -> Result<()> {
    for (file, pattern) in REPEATED {
        let wanted = pattern.replace("{}", VERSION);
        ensure!(read(&root.join(file))?.contains(&wanted), "{file} does not have {wanted}");
    }
    Ok(())
}

/// The section of this version.
fn notes(root: &Path) -> Result<String> {
    let changelog = read(&root.join("CHANGELOG.md"))?;
    let mut sections = changelog.split("\n## ");
    let section = sections.find(|section| section.starts_with(&format!("{VERSION} ")));
    let section = section.with_context(|| format!("CHANGELOG.md has no section {VERSION}"))?;
    let (_, text) = section.split_once('\n').unwrap_or_default();
    Ok(format!("{}\n", text.trim()))
}

/// Adds to `target/dist/` what belongs to a release beside packages: checksums, and the text beside it.
pub fn collect(root: &Path, options: &Collect) -> Result<()> {
    let dist = root.join("target/dist");
    if options.complete {
        for platform in platforms::ALL {
            for prefix in ["", "cli-"] {
                let file = format!("payglot-{prefix}{}-{VERSION}.tgz", platform.name);
                ensure!(dist.join(&file).is_file(), "{file} is missing");
            }
        }
        // A wheel of the library and one of the command for each, and the sources.
        let wheels = with_endings(&dist, &[".whl"])?.len();
        ensure!(wheels == 2 * platforms::ALL.len(), "{wheels} wheels");
        with_endings(&dist, &[".tar.gz"])?;
        // Of the library in Python, of that in Node, and of the command.
        let sboms = with_endings(&dist, &[".cyclonedx.json"])?.len();
        ensure!(sboms == 3 * platforms::ALL.len(), "{sboms} lists of what is in packages");
    }
    let mut sums = String::new();
    for file in with_endings(&dist, &[".whl", ".tar.gz", ".tgz", ".json"])? {
        let bytes =
            std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        sums += &format!("{}  {name}\n", hex::encode(Sha256::digest(&bytes)));
    }
    print!("{sums}");
    write(&dist.join("SHA256SUMS"), &sums)?;
    match notes(root) {
        Ok(notes) => write(&root.join("target/release-notes.md"), &notes),
        Err(error) if options.complete => bail!(error),
        Err(_) => Ok(()),
    }
}

fn read(path: &PathBuf) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(path: &PathBuf, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use super::{repeats, with_section};

    #[test]
    fn the_version_is_the_same_everywhere() {
        repeats(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))).unwrap();
    }

    #[test]
    fn what_was_unreleased_gets_a_section_once() {
        let before = "# Changelog\n\n## Unreleased\n\n### Added\n\n- a\n";
        let after = with_section(before, "0.2.0", "2026-11-27").unwrap();
        let wanted = "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-11-27)\n\n### Added\n\n- a\n";
        assert_eq!(after, wanted);
        with_section(&after, "0.2.0", "2026-11-27").unwrap_err();
        with_section(&after, "0.3.0", "2026-11-27").unwrap_err();
    }
}
