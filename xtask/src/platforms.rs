//! The platforms that payglot is built for, by the names that npm, Rust and Python's wheels have for them.

use anyhow::{Context as _, Result};

/// A platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Platform {
    /// What napi-rs calls it, and the end of the names of its npm packages.
    pub name: &'static str,
    /// Rust's name of the target.
    pub target: &'static str,
    /// Node's `process.platform`.
    pub os: &'static str,
    /// Node's `process.arch`.
    pub cpu: &'static str,
    /// npm's name of the C library, where a system may have one of several.
    pub libc: Option<&'static str>,
}

/// All of them. `bindings/node/lib/native.cjs` has the same list, which a test compares.
pub const ALL: [Platform; 7] = [
    platform("darwin-arm64", "aarch64-apple-darwin", "darwin", "arm64", None),
    platform("darwin-x64", "x86_64-apple-darwin", "darwin", "x64", None),
    platform("linux-arm64-gnu", "aarch64-unknown-linux-gnu", "linux", "arm64", Some("glibc")),
    platform("linux-arm64-musl", "aarch64-unknown-linux-musl", "linux", "arm64", Some("musl")),
    platform("linux-x64-gnu", "x86_64-unknown-linux-gnu", "linux", "x64", Some("glibc")),
    platform("linux-x64-musl", "x86_64-unknown-linux-musl", "linux", "x64", Some("musl")),
    platform("win32-x64-msvc", "x86_64-pc-windows-msvc", "win32", "x64", None),
];

const fn platform(
    name: &'static str,
    target: &'static str,
    os: &'static str,
    cpu: &'static str,
    libc: Option<&'static str>,
) -> Platform {
    Platform { name, target, os, cpu, libc }
}

/// The one that this program runs on, and so the one that it builds for.
pub fn here() -> Result<Platform> {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let cpu = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let libc = (os == "linux").then_some(if cfg!(target_env = "musl") { "musl" } else { "glibc" });
    let mut all = ALL.into_iter();
    let found = all.find(|one| one.os == os && one.cpu == cpu && one.libc == libc);
    found
        .with_context(|| format!("{os}-{cpu} is no platform of the list in xtask/src/platforms.rs"))
}

/// The one of this name.
pub fn named(name: &str) -> Result<Platform> {
    let names = || ALL.map(|one| one.name).join(", ");
    let found = ALL.into_iter().find(|one| one.name == name);
    found.with_context(|| format!("{name} is none of {}", names()))
}

impl Platform {
    /// Whether a wheel of this name is for this platform.
    pub fn has_wheel(&self, name: &str) -> bool {
        let cpu = match (self.cpu, self.os) {
            ("arm64", "linux") => "aarch64",
            ("arm64", _) => "arm64",
            (_, "win32") => "amd64",
            _ => "x86_64",
        };
        let tag = name.rsplit('-').next().unwrap_or_default();
        let is_os = match (self.os, self.libc) {
            ("linux", Some("musl")) => tag.starts_with("musllinux"),
            // Without maturin's check of symbols the tag is `linux` alone.
            ("linux", _) => tag.starts_with("manylinux") || tag.starts_with("linux"),
            ("darwin", _) => tag.starts_with("macosx"),
            _ => tag.starts_with("win"),
        };
        is_os && tag.ends_with(&format!("{cpu}.whl"))
    }

    /// The file that cargo makes of a library.
    pub fn library(&self, name: &str) -> String {
        match self.os {
            "darwin" => format!("lib{name}.dylib"),
            "win32" => format!("{name}.dll"),
            _ => format!("lib{name}.so"),
        }
    }

    /// The program `payglot`, as this platform calls it.
    pub fn program(&self) -> &'static str {
        if self.os == "win32" { "payglot.exe" } else { "payglot" }
    }

    /// A native module that was built beside the package's sources.
    pub fn module_built_here(&self) -> String {
        format!("payglot.{}-{}.node", self.os, self.cpu)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{ALL, here};

    #[test]
    fn the_loader_of_the_npm_package_knows_exactly_these() {
        let loader = include_str!("../../bindings/node/lib/native.cjs");
        let mut found: Vec<&str> = loader
            .split("require('@payglot/")
            .skip(1)
            .filter_map(|rest| rest.split('\'').next())
            .collect();
        found.sort_unstable();
        assert_eq!(found, ALL.map(|platform| platform.name));
        for platform in ALL {
            let key = format!("'{}-{}': [", platform.os, platform.cpu);
            let (_, packages) = loader.split_once(&key).unwrap();
            let packages = packages.split(']').next().unwrap();
            assert!(
                packages.contains(&format!("'@payglot/{}'", platform.name)),
                "{key} {packages}"
            );
        }
    }

    #[test]
    fn the_loader_of_the_command_knows_exactly_these() {
        let loader = include_str!("../../crates/payglot-cli/npm/index.cjs");
        let (_, list) = loader.split_once("const PACKAGES = {").unwrap();
        let list = list.split("\n}").next().unwrap();
        let mut found: Vec<&str> =
            list.split('\'').filter_map(|text| text.strip_prefix("@payglot/cli-")).collect();
        found.sort_unstable();
        assert_eq!(found, ALL.map(|platform| platform.name));
    }

    #[test]
    fn a_wheel_is_of_one_platform() {
        let of = |wheel: &str| {
            let found = ALL.into_iter().filter(|platform| platform.has_wheel(wheel));
            found.map(|platform| platform.name).collect::<Vec<_>>()
        };
        for (tag, platform) in [
            ("manylinux_2_17_x86_64.manylinux2014_x86_64", "linux-x64-gnu"),
            ("manylinux_2_34_x86_64", "linux-x64-gnu"),
            ("linux_aarch64", "linux-arm64-gnu"),
            ("musllinux_1_2_x86_64", "linux-x64-musl"),
            ("musllinux_1_2_aarch64", "linux-arm64-musl"),
            ("macosx_11_0_arm64", "darwin-arm64"),
            ("macosx_10_12_x86_64", "darwin-x64"),
            ("win_amd64", "win32-x64-msvc"),
        ] {
            assert_eq!(of(&format!("payglot-0.1.0-cp310-abi3-{tag}.whl")), [platform]);
            assert_eq!(of(&format!("payglot_cli-0.1.0-py3-none-{tag}.whl")), [platform]);
        }
        assert_eq!(super::named("linux-x64-musl").unwrap().name, "linux-x64-musl");
        assert!(super::named("plan9").is_err());
    }

    #[test]
    fn this_machine_is_one_of_them() {
        assert!(ALL.contains(&here().unwrap()));
    }
}
