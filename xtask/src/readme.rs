//! Runs what the README shows, as it shows it: the snippets of three languages, and curl with openssl.
//!
//! A fenced block takes part when it is marked `run` (```` ```python run ````). Whatever it needs comes from the
//! environment that `payglot sandbox` prints, as for a reader. A block with tests is run by the language's test runner.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::demo::Sandbox;
use crate::install::Installed;
use crate::shell::Run;
use crate::tools;

/// One runnable block.
struct Snippet {
    language: String,
    line: usize,
    code: String,
}

/// Runs every marked block of the README, and every example.
pub fn run(root: &Path, installed: &Installed) -> Result<()> {
    let text = std::fs::read_to_string(root.join("README.md")).context("cannot read README.md")?;
    let snippets = snippets(&text)?;
    for language in ["python", "js", "cjs", "rust", "bash"] {
        ensure!(
            snippets.iter().any(|snippet| snippet.language == language),
            "README.md runs no {language} block"
        );
    }
    let sandbox = Sandbox::start(root)?;
    for snippet in &snippets {
        let shown = run_snippet(root, installed, &sandbox, snippet)
            .with_context(|| format!("README.md, line {} ({})", snippet.line, snippet.language))?;
        println!(
            "README.md:{} {}: {}",
            snippet.line,
            snippet.language,
            shown.trim().lines().last().unwrap_or_default()
        );
    }
    examples(root, installed)?;
    payouts(root, installed)
}

fn run_snippet(
    root: &Path,
    installed: &Installed,
    sandbox: &Sandbox,
    snippet: &Snippet,
) -> Result<String> {
    // What a block remembers is of its sandbox.
    let folder = installed.project.join("readme").join(snippet.line.to_string());
    if folder.exists() {
        std::fs::remove_dir_all(&folder).context("cannot empty a folder")?;
    }
    std::fs::create_dir_all(&folder).context("cannot make a folder")?;
    let write = |name: &str| {
        let path = folder.join(name);
        std::fs::write(&path, &snippet.code).context("cannot write the block").map(|()| path)
    };
    let run = match snippet.language.as_str() {
        "python" => {
            let python = installed.venv.python();
            let run = if snippet.code.contains("def test_") {
                let pytest = ["-m", "pytest", "--quiet", "-p", "no:cacheprovider"];
                python.args(pytest).args([write("test_snippet.py")?])
            } else {
                python.args([write("snippet.py")?])
            };
            // pytest and httpx, which a reader has.
            run.env("PYTHONPATH", tools::python_tools(root)?.site_packages()?).at(&folder)
        }
        "js" => Run::new("node").args([write("snippet.mjs")?]).at(&folder),
        "cjs" => Run::new("node").args([write("snippet.cjs")?]).at(&folder),
        "bash" => {
            // The command is the one that was installed.
            let path = std::env::var_os("PATH").unwrap_or_default();
            let folders =
                std::iter::once(installed.venv.folder()).chain(std::env::split_paths(&path));
            let path = std::env::join_paths(folders).context("PATH")?;
            Run::new("bash").args(["-eu"]).args([write("snippet.sh")?]).env("PATH", path)
        }
        "rust" => rust(root, &snippet.code)?,
        other => anyhow::bail!("nothing here runs {other}"),
    };
    // Sandboxes come with the packages.
    sandbox.environment(run)?.env("PAYGLOT_BIN", "").output()
}

/// A Rust block is compiled as a program, or a test, of the examples' crate.
fn rust(root: &Path, code: &str) -> Result<Run> {
    let is_test = code.contains("::test]");
    let folder = if is_test { "tests" } else { "examples" };
    let program = root.join("examples/rust").join(folder).join("readme.rs");
    let there = std::fs::read_to_string(&program)
        .with_context(|| format!("cannot read {}", program.display()))?;
    let body: String =
        there.lines().filter(|line| !line.starts_with("//!")).collect::<Vec<_>>().join("\n");
    ensure!(
        body.trim() == code.trim(),
        "{} is not the README's block; make them the same",
        program.strip_prefix(root).unwrap_or(&program).display()
    );
    if is_test {
        let test = ["test", "--quiet", "--package", "payglot-examples", "--test", "readme"];
        return Ok(Run::cargo().args(test).at(root));
    }
    let build = ["build", "--quiet", "--package", "payglot-examples", "--example", "readme"];
    Run::cargo().args(build).at(root).run()?;
    Ok(Run::new(root.join("target/debug/examples/readme")))
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

/// The blocks marked `run`.
fn snippets(text: &str) -> Result<Vec<Snippet>> {
    let mut snippets = Vec::new();
    let mut open: Option<Snippet> = None;
    for (number, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(mark)) => {
                if let Some(language) = mark.strip_suffix(" run") {
                    open = Some(Snippet {
                        language: language.to_owned(),
                        line: number + 2,
                        code: String::new(),
                    });
                } else if !mark.is_empty() {
                    open = Some(Snippet {
                        language: String::new(),
                        line: number + 2,
                        code: String::new(),
                    });
                }
            }
            (Some(_), Some("")) => {
                snippets.extend(open.take().filter(|snippet| !snippet.language.is_empty()));
            }
            (Some(snippet), _) => {
                snippet.code.push_str(line);
                snippet.code.push('\n');
            }
            (None, None) => {}
        }
    }
    ensure!(open.is_none(), "README.md: a block is not closed");
    Ok(snippets)
}
