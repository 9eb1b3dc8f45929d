//! Runs every example, and the payouts of three languages in the crash lab.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::demo::Sandbox;
use crate::install::Installed;
use crate::shell::Run;

/// Runs all of them.
pub fn run(root: &Path, installed: &Installed) -> Result<()> {
    examples(root, installed)?;
    payouts(root, installed)
}

/// Every example, each against a sandbox of its own.
fn examples(root: &Path, installed: &Installed) -> Result<()> {
    Run::cargo().args(["build", "--quiet", "--package", "payglot-examples"]).at(root).run()?;
    for language in ["rust", "python", "node"] {
        let folder = root.join("examples").join(language);
        for entry in std::fs::read_dir(&folder)
            .with_context(|| format!("cannot read {}", folder.display()))?
        {
            let path = entry?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let run = match path.extension().and_then(|ending| ending.to_str()) {
                // A service, which does not end: `examples/rust/tests/outbox.rs` runs it.
                Some("rs") if stem == "outbox" => continue,
                Some("rs") => Run::new(root.join("target/debug").join(stem)),
                Some("py") => installed.venv.python().args([&path]),
                Some("mjs" | "cjs") => Run::new("node").args([installed.example(root, name)?]),
                _ => continue,
            };
            let sandbox = Sandbox::start(root)?;
            // What an example remembers is of its sandbox.
            let folder = installed.project.join("example");
            if folder.exists() {
                std::fs::remove_dir_all(&folder)?;
            }
            std::fs::create_dir(&folder)?;
            sandbox
                .environment(run)?
                .at(&folder)
                .output()
                .with_context(|| format!("examples/{language}/{name}"))?;
            println!("examples/{language}/{name}: runs");
        }
    }
    Ok(())
}

/// The payouts of three languages survive the crash lab: killed at every step that the sandbox sees and at random ones, alone
/// and as two workers at once.
fn payouts(root: &Path, installed: &Installed) -> Result<()> {
    let python = installed.venv.program("python");
    let programs = [
        ("python", vec![python, root.join("examples/python/payouts.py")]),
        ("node", vec!["node".into(), installed.example(root, "payouts.mjs")?]),
        ("rust", vec![root.join("target/debug/payouts")]),
    ];
    for (language, program) in programs {
        for workers in ["1", "2"] {
            // Each run has a folder of its own, and the journal is in it.
            let inside = "cd \"$CRASH_LAB_DIR\" && exec \"$@\"";
            Run::new(installed.venv.program("payglot"))
                .args([
                    "crash-lab",
                    "--random",
                    "4",
                    "--workers",
                    workers,
                    "--",
                    "sh",
                    "-c",
                    inside,
                    "sh",
                ])
                .args(&program)
                .at(root)
                .quiet()
                .run()
                .with_context(|| format!("examples/{language}: payouts in the crash lab"))?;
        }
        println!("examples/{language}: payouts are made once, whenever they are killed");
    }
    Ok(())
}
