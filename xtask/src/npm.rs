//! The npm packages: `payglot` is JavaScript and types, `@payglot/cli` the command; each asks by `optionalDependencies` for the
//! package of the platform, which alone holds native code. Versions are the workspace's.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::files::copy;
use crate::platforms::{self, Platform};
use crate::shell::npm;

/// The version that everything of this workspace has.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// The tarballs.
pub struct Tarballs {
    /// `payglot`.
    pub package: PathBuf,
    /// `@payglot/<platform>`: the native part.
    pub native: PathBuf,
    /// `@payglot/cli`.
    pub command: PathBuf,
    /// `@payglot/cli-<platform>`: the program.
    pub program: PathBuf,
}

impl Tarballs {
    /// All of them.
    pub fn all(&self) -> [&Path; 4] {
        [&self.package, &self.native, &self.command, &self.program]
    }
}

/// The tarballs of a folder for a platform.
pub fn found(out: &Path, platform: Platform) -> Result<Tarballs> {
    let platform = platform.name;
    let file = |name: &str| {
        let path = out.join(format!("{name}-{VERSION}.tgz"));
        ensure!(path.is_file(), "{} is missing", path.display());
        Ok(path)
    };
    Ok(Tarballs {
        package: file("payglot")?,
        native: file(&format!("payglot-{platform}"))?,
        command: file("payglot-cli")?,
        program: file(&format!("payglot-cli-{platform}"))?,
    })
}

/// What was built for a platform.
pub struct Parts<'a> {
    /// The platform.
    pub platform: Platform,
    /// The native module.
    pub module: &'a Path,
    /// The program.
    pub program: &'a Path,
    /// What is in the module.
    pub of_module: &'a Path,
    /// What is in the program.
    pub of_program: &'a Path,
}

/// Packs what was built for a platform.
pub fn pack(root: &Path, out: &Path, parts: &Parts<'_>) -> Result<()> {
    let stage = stage(root, parts.platform.name)?;
    let native = format!("payglot.{}.node", parts.platform.name);
    let command = format!("bin/{}", parts.platform.program());
    let module = Part { prefix: "", file: &native, built: parts.module, sbom: parts.of_module };
    part(root, &stage, out, parts.platform, &module)?;
    let program =
        Part { prefix: "cli-", file: &command, built: parts.program, sbom: parts.of_program };
    part(root, &stage, out, parts.platform, &program)
}

/// Packs what is the same for all platforms.
pub fn pack_whole(root: &Path, out: &Path) -> Result<()> {
    let stage = stage(root, "whole")?;
    library(root, &stage, out)?;
    cli(root, &stage, out)
}

/// An empty folder for packages before they are packed.
fn stage(root: &Path, name: &str) -> Result<PathBuf> {
    let stage = root.join("target/stage/npm").join(name);
    if stage.exists() {
        std::fs::remove_dir_all(&stage)
            .with_context(|| format!("cannot empty {}", stage.display()))?;
    }
    Ok(stage)
}

fn library(root: &Path, stage: &Path, out: &Path) -> Result<()> {
    let folder = stage.join("payglot");
    let mut manifest = staged(&root.join("bindings/node"), &folder)?;
    set(&mut manifest, "optionalDependencies", on_platforms(""));
    // Who tests with the sandbox has it, of the same version; nobody else needs it.
    set(&mut manifest, "peerDependencies", json!({ "@payglot/cli": VERSION }));
    set(&mut manifest, "peerDependenciesMeta", json!({ "@payglot/cli": { "optional": true } }));
    for name in ["devDependencies", "scripts"] {
        manifest.as_object_mut().and_then(|manifest| manifest.shift_remove(name));
    }
    packed(root, &folder, out, &manifest)
}

fn cli(root: &Path, stage: &Path, out: &Path) -> Result<()> {
    let folder = stage.join("cli");
    let mut manifest = staged(&root.join("crates/payglot-cli/npm"), &folder)?;
    set(&mut manifest, "optionalDependencies", on_platforms("cli-"));
    packed(root, &folder, out, &manifest)
}

/// What only one platform has.
struct Part<'a> {
    /// The begin of the package's name, after `@payglot/` and before the platform's.
    prefix: &'a str,
    /// Where the file is in the package.
    file: &'a str,
    /// The file.
    built: &'a Path,
    /// What is in it.
    sbom: &'a Path,
}

fn part(root: &Path, stage: &Path, out: &Path, platform: Platform, part: &Part<'_>) -> Result<()> {
    let name = format!("@payglot/{}{}", part.prefix, platform.name);
    let folder = stage.join(format!("{}{}", part.prefix, platform.name));
    copy(part.built, &folder.join(part.file))?;
    copy(part.sbom, &folder.join("sbom.cyclonedx.json"))?;
    let whole = if part.prefix.is_empty() { "payglot" } else { "@payglot/cli" };
    let what = if part.prefix.is_empty() { "native part" } else { "program" };
    let mut manifest = json!({
        "name": name,
        "version": VERSION,
        "description": format!("The {what} of {whole} for {}", platform.name),
        "license": "MIT OR Apache-2.0",
        "repository": { "type": "git", "url": "git+https://github.com/payglot/payglot.git" },
        "engines": { "node": ">=20" },
        "type": "commonjs",
        // Archives of packages cannot run what is in them.
        "preferUnplugged": true,
        "files": [part.file, "sbom.cyclonedx.json", "LICENSE-*"],
        "os": [platform.os],
        "cpu": [platform.cpu],
    });
    if part.prefix.is_empty() {
        set(&mut manifest, "main", format!("./{}", part.file).into());
    }
    if let Some(libc) = platform.libc {
        set(&mut manifest, "libc", json!([libc]));
    }
    let text = format!(
        "# {name}\n\nThe {what} of [`{whole}`](https://www.npmjs.com/package/{whole}) for {} ({}), which installs this \
         package by itself.\n",
        platform.name, platform.target
    );
    std::fs::write(folder.join("README.md"), text).context("README.md")?;
    packed(root, &folder, out, &manifest)
}

/// The platforms' packages, of exactly this version.
fn on_platforms(prefix: &str) -> Value {
    let packages =
        platforms::ALL.map(|one| (format!("@payglot/{prefix}{}", one.name), VERSION.into()));
    Value::Object(packages.into_iter().collect())
}

fn set(manifest: &mut Value, key: &str, value: Value) {
    if let Some(manifest) = manifest.as_object_mut() {
        manifest.insert(key.to_owned(), value);
    }
}

/// Copies what `package.json` lists in `files`, and gives it with the workspace's version.
fn staged(source: &Path, folder: &Path) -> Result<Value> {
    let path = source.join("package.json");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let mut manifest: Value =
        serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    let files = manifest.get("files").and_then(Value::as_array).context("no `files`")?;
    for name in files.iter().filter_map(Value::as_str).filter(|name| !name.contains('*')) {
        copy(&source.join(name), &folder.join(name))?;
    }
    copy(&source.join("README.md"), &folder.join("README.md"))?;
    set(&mut manifest, "version", VERSION.into());
    Ok(manifest)
}

fn packed(root: &Path, folder: &Path, out: &Path, manifest: &Value) -> Result<()> {
    for licence in LICENCES {
        copy(&root.join(licence), &folder.join(licence))?;
    }
    let text = format!("{}\n", serde_json::to_string_pretty(manifest)?);
    std::fs::write(folder.join("package.json"), text).context("cannot write package.json")?;
    npm().args(["pack", "--silent", "--pack-destination"]).args([out]).at(folder).quiet().run()
}
