//! Packages of Debian, unpacked into `.tools/` and not installed: what builds and runs payglot for a platform that is not this one.
//! It needs apt and dpkg, and no rights of an administrator.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::publish::with_endings;
use crate::shell::Run;
use crate::tools::{names, up_to_date};

/// What is unpacked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// Programs of this machine, which has part of what they need already.
    ThisMachine,
    /// Programs of ARM64, with everything that they need.
    Arm64,
    /// Programs of musl, for both processors. Older ones than this suite's cannot load what is built today.
    Musl,
}

/// The suite that musl is taken from.
const MUSL_SUITE: &str = "trixie";

impl For {
    fn name(self) -> &'static str {
        match self {
            Self::ThisMachine => "debian-host",
            Self::Arm64 => "debian-arm64",
            Self::Musl => "debian-musl",
        }
    }

    fn architectures(self) -> &'static [&'static str] {
        match self {
            Self::ThisMachine => &["amd64"],
            Self::Arm64 => &["arm64"],
            Self::Musl => &["amd64", "arm64"],
        }
    }
}

/// Unpacks what `tools/debian-….txt` lists, and gives the folder that has its `usr`.
pub fn packages(root: &Path, what: For) -> Result<PathBuf> {
    ensure!(cfg!(target_arch = "x86_64"), "only a machine with x86-64 builds and runs for others");
    let name = what.name();
    let pins = root.join("tools").join(format!("{name}.txt"));
    let folder = root.join(".tools").join(name);
    up_to_date(&pins, &folder, || {
        let list =
            std::fs::read_to_string(&pins).with_context(|| format!("cannot read {name}.txt"))?;
        if folder.exists() {
            std::fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {name}"))?;
        }
        unpack(&folder, what, &names(&list))
    })?;
    Ok(folder)
}

/// The standard library is built from its sources for a platform that is not this one: behind cargo's `-Z`.
pub const STANDARD_LIBRARY: &str = "build-std=std,panic_unwind";

/// Runs what runs cargo with the compiler among the packages for this machine, which has those sources beside it.
pub fn with_compiler(run: Run, packages: &Path) -> Run {
    run.env("RUSTC", packages.join("usr/bin/rustc"))
        .env("LD_LIBRARY_PATH", packages.join("usr/lib/x86_64-linux-gnu"))
        // Building the standard library is not stable yet.
        .env("RUSTC_BOOTSTRAP", "1")
}

/// Downloads the sources of packages of musl's suite, as their authors published them, and gives the archives.
pub fn sources(folder: &Path, names: &[&str]) -> Result<Vec<PathBuf>> {
    let apt = Apt::new(folder.join("apt"), For::Musl)?;
    apt.run(&["update"], &[])?;
    apt.run(&["source", "--download-only", "--tar-only"], names)?;
    with_endings(&apt.archives(), &[".orig.tar.gz", ".orig.tar.xz", ".orig.tar.bz2"])
}

fn unpack(folder: &Path, what: For, names: &[&str]) -> Result<()> {
    let apt = Apt::new(folder.join("apt"), what)?;
    apt.run(&["update"], &[])?;
    let architectures = what.architectures().iter();
    let packages: Vec<String> = architectures
        .flat_map(|one| names.iter().map(move |name| format!("{name}:{one}")))
        .collect();
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    if what == For::Musl {
        // Both at once cannot be installed, and neither needs anything.
        apt.run(&["download"], &packages)?;
    } else {
        let words = ["--yes", "--no-install-recommends", "--download-only", "--reinstall"];
        apt.run(&[&["install"], &words[..]].concat(), &packages)?;
    }
    for package in with_endings(&apt.archives(), &[".deb"])? {
        let name = package.file_stem().unwrap_or_default().to_string_lossy();
        println!("{}", name.replace("%3a", ":"));
        Run::new("dpkg-deb").args(["--extract"]).args([&package, folder]).quiet().run()?;
    }
    std::fs::remove_dir_all(&apt.state).context("cannot remove what apt downloaded")
}

/// apt with lists and files of its own: the system's are neither read nor written.
struct Apt {
    state: PathBuf,
    options: Vec<String>,
}

impl Apt {
    fn new(state: PathBuf, what: For) -> Result<Self> {
        for part in ["lists/partial", "cache/archives/partial"] {
            let part = state.join(part);
            std::fs::create_dir_all(&part)
                .with_context(|| format!("cannot make {}", part.display()))?;
        }
        let option = |name: &str, value: &Path| format!("{name}={}", value.display());
        let mut options = vec![
            option("Dir::State::Lists", &state.join("lists")),
            option("Dir::Cache", &state.join("cache")),
            "APT::Architectures::=amd64".to_owned(),
            "APT::Architectures::=arm64".to_owned(),
            "APT::Sandbox::User=root".to_owned(),
            "Debug::NoLocking=true".to_owned(),
        ];
        if what != For::ThisMachine {
            // Nothing of it is here yet.
            options.push("Dir::State::status=/dev/null".to_owned());
        }
        if what == For::Arm64 {
            options.push("APT::Architecture=arm64".to_owned());
        }
        if what == For::Musl {
            let sources = state.join("sources.list");
            std::fs::write(&sources, suite(MUSL_SUITE)?).context("cannot write sources.list")?;
            options.push(option("Dir::Etc::SourceList", &sources));
            options.push("Dir::Etc::SourceParts=-".to_owned());
        }
        Ok(Self { state, options })
    }

    fn archives(&self) -> PathBuf {
        self.state.join("cache/archives")
    }

    fn run(&self, words: &[&str], packages: &[&str]) -> Result<()> {
        let options = self.options.iter().flat_map(|option| ["-o", option.as_str()]);
        let apt = Run::new("apt-get").args(options).args(words).args(packages);
        apt.at(&self.archives()).quiet().run()
    }
}

/// apt's sources for another suite, at the first address that this machine has.
fn suite(name: &str) -> Result<String> {
    let words = ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"];
    let known = Run::new("apt-get").args(words).output()?;
    let address = known.lines().find(|line| line.trim_end_matches('/').ends_with("/debian"));
    let address = address.context("apt has no address of Debian's packages")?;
    let keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
    let line = |kind: &str| format!("{kind} [signed-by={keys}] {address} {name} main\n");
    Ok(line("deb") + &line("deb-src"))
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn comments_and_empty_lines_of_a_list_are_no_packages() {
        assert_eq!(names("# what\n\nmusl\n  rustc-web\n"), ["musl", "rustc-web"]);
        assert!(names(include_str!("../../tools/debian-host.txt")).contains(&"rust-web-src"));
        assert!(names(include_str!("../../tools/debian-arm64.txt")).contains(&"python3-minimal"));
        assert_eq!(names(include_str!("../../tools/debian-musl.txt")), ["musl"]);
        let sources = names(include_str!("../../tools/musl-python-sources.txt"));
        assert_eq!(sources, ["python3.13", "zlib"]);
    }
}
