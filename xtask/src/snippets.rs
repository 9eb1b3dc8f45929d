//! Runs what the README and the docs show, as they show it: the snippets of three languages, and curl with openssl.
//!
//! A fenced block takes part when it is marked `run` (```` ```python run ````). Whatever it needs comes from the
//! environment that `payglot sandbox` prints, as for a reader. A block with tests is run by the language's test runner.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::demo::Sandbox;
use crate::files::copy;
use crate::install::Installed;
use crate::shell::Run;
use crate::tools;

/// What no log may show: a number that the pages use, and the links that the sandbox makes.
const SENSITIVE: [&str; 2] = ["123-45-6789", "/hosted/"];

/// What the five lines show in every language, before the rest of the address.
pub const SHOWN: &str = "open within 30 minutes: http";

/// One runnable block.
struct Snippet {
    language: String,
    line: usize,
    code: String,
}

/// Runs every marked block of every page.
pub fn run(root: &Path, installed: &Installed) -> Result<()> {
    let mut languages = BTreeSet::new();
    // Where blocks of Node find them, as a reader's project has them.
    let loggers = tools::from_npm(root, "loggers")?.join("node_modules");
    copy(&loggers, &installed.project.join("snippets/node_modules"))?;
    for page in pages(root)? {
        let text = std::fs::read_to_string(&page)
            .with_context(|| format!("cannot read {}", page.display()))?;
        let name = page.strip_prefix(root).unwrap_or(&page).display().to_string();
        let snippets = snippets(&text).with_context(|| name.clone())?;
        if snippets.is_empty() {
            continue;
        }
        // What a page's blocks leave behind is of its sandbox.
        let sandbox = Sandbox::start(root)?;
        let stem = page.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        for snippet in &snippets {
            let shown = run_snippet(root, installed, &sandbox, &stem.to_lowercase(), snippet)
                .with_context(|| format!("{name}, line {} ({})", snippet.line, snippet.language))?;
            println!(
                "{name}:{} {}: {}",
                snippet.line,
                snippet.language,
                shown.trim().lines().last().unwrap_or_default()
            );
            languages.insert(snippet.language.clone());
        }
    }
    for language in ["python", "js", "cjs", "rust", "bash"] {
        ensure!(languages.contains(language), "no page runs a {language} block");
    }
    Ok(())
}

/// Runs the five lines of Python and Node, with nothing but what was installed.
pub fn five_lines(root: &Path, installed: &Installed) -> Result<()> {
    let text = std::fs::read_to_string(root.join("README.md")).context("cannot read README.md")?;
    let sandbox = Sandbox::installed(&installed.venv.program("payglot"))?;
    let mut seen = 0;
    for snippet in snippets(&text)? {
        if ["python", "js", "cjs"].contains(&snippet.language.as_str()) {
            let shown = run_snippet(root, installed, &sandbox, "readme", &snippet)
                .with_context(|| format!("README.md, line {}", snippet.line))?;
            ensure!(shown.contains(SHOWN), "it shows {shown}");
            print!("{}: {shown}", snippet.language);
            seen += 1;
        }
    }
    ensure!(seen == 3, "README.md has {seen} blocks of five lines");
    Ok(())
}

/// README's five lines in a language, as the mark of its block has it.
pub fn readme(root: &Path, language: &str) -> Result<String> {
    let text = std::fs::read_to_string(root.join("README.md")).context("cannot read README.md")?;
    let lines = snippets(&text)?.into_iter().find(|snippet| snippet.language == language);
    Ok(lines.with_context(|| format!("README.md has no five lines of {language}"))?.code)
}

/// Runs README's five lines as an ES module of Node with another program, and gives what it shows.
pub fn five_lines_with(root: &Path, installed: &Installed, run: Run) -> Result<String> {
    let file = installed.project.join("five-lines.mjs");
    std::fs::write(&file, readme(root, "js")?).context("cannot write the block")?;
    let sandbox = Sandbox::installed(&installed.venv.program("payglot"))?;
    let run = run.args([&file]).at(&installed.project);
    let shown = sandbox.environment(run)?.output()?;
    ensure!(shown.contains(SHOWN), "it shows {shown}");
    Ok(shown)
}

/// The README, and the pages of `docs/` that are written by hand.
fn pages(root: &Path) -> Result<Vec<PathBuf>> {
    let docs = root.join("docs");
    let entries =
        std::fs::read_dir(&docs).with_context(|| format!("cannot read {}", docs.display()))?;
    let mut pages: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect();
    pages.push(root.join("README.md"));
    pages.sort();
    Ok(pages)
}

fn run_snippet(
    root: &Path,
    installed: &Installed,
    sandbox: &Sandbox,
    page: &str,
    snippet: &Snippet,
) -> Result<String> {
    let folder = installed.project.join("snippets").join(format!("{page}-{}", snippet.line));
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
            // pytest and httpx, which a reader of the docs has; the README's lines need nothing.
            let run = if page == "readme" {
                run
            } else {
                run.env("PYTHONPATH", tools::python_tools(root)?.site_packages()?)
            };
            run.at(&folder)
        }
        "js" => Run::new("node").args([write("snippet.mjs")?]).at(&folder),
        "cjs" => Run::new("node").args([write("snippet.cjs")?]).at(&folder),
        "bash" => {
            // The command is the one that was installed.
            let bash = Run::new("bash").args(["-eu"]).args([write("snippet.sh")?]);
            installed.venv.on_path(bash)?.at(&folder)
        }
        "rust" => rust(root, page, &snippet.code)?,
        other => anyhow::bail!("nothing here runs {other}"),
    };
    // Sandboxes come with the packages.
    let mut run = sandbox.environment(run)?.env("PAYGLOT_BIN", "");
    if !snippet.code.contains("redact") {
        return run.output();
    }
    let shown = run.shown()?;
    let problem = SENSITIVE.iter().find(|text| shown.contains(**text));
    ensure!(problem.is_none() && shown.contains("[redacted]"), "it logs {shown}");
    Ok(shown)
}

/// A Rust block is compiled as a program, or a test, of the examples' crate that has the page's name.
fn rust(root: &Path, page: &str, code: &str) -> Result<Run> {
    let is_test = code.contains("::test]");
    let folder = if is_test { "tests" } else { "examples" };
    let program = root.join("examples/rust").join(folder).join(format!("{page}.rs"));
    let there = std::fs::read_to_string(&program)
        .with_context(|| format!("cannot read {}", program.display()))?;
    let body: String =
        there.lines().filter(|line| !line.starts_with("//!")).collect::<Vec<_>>().join("\n");
    ensure!(
        body.trim() == code.trim(),
        "{} is not the page's block; make them the same",
        program.strip_prefix(root).unwrap_or(&program).display()
    );
    if is_test {
        let test = ["test", "--quiet", "--package", "payglot-examples", "--test", page];
        return Ok(Run::cargo().args(test).at(root));
    }
    let build = ["build", "--quiet", "--package", "payglot-examples", "--example", page];
    Run::cargo().args(build).at(root).run()?;
    Ok(Run::new(root.join("target/debug/examples").join(page)))
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
    ensure!(open.is_none(), "a block is not closed");
    Ok(snippets)
}
