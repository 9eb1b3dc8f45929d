//! `cargo xtask demo`: builds all three languages, and walks the life of a card, payments, and the whole story with
//! its webhooks from Rust, Python and Node, each with a sandbox. It succeeds only if all three saw the same.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::dist;
use crate::install::{self, Installed};
use crate::shell::{Run, step};

/// The same seed gives every language the same ids, so that what they print can be compared.
const SEED: &str = "7";

/// What is walked, in each language.
const EXAMPLES: [&str; 3] = ["card_flow", "payment_flow", "whole_story"];

/// Runs the demo.
pub fn run(root: &Path) -> Result<()> {
    let dist = dist::quick(root)?;
    // Alone: together with the command, which the packages have built, both would be compiled with the features of both.
    step("Rust examples", || {
        let words = ["build", "--quiet", "--package", "payglot-examples"];
        let programs = EXAMPLES.iter().flat_map(|name| ["--bin", name]);
        Run::cargo().args(words).args(programs).at(root).run()
    })?;
    let installed =
        step("install the wheel and the package", || install::fresh(root, &dist, "demo"))?;
    for example in EXAMPLES {
        compare(root, example, &installed)?;
    }
    Ok(())
}

/// Walks one flow from every language, and fails unless all saw the same.
fn compare(root: &Path, example: &str, installed: &Installed) -> Result<()> {
    let mut first: Option<String> = None;
    for language in ["Rust", "Python", "Node"] {
        let seen = step(&format!("{example} from {language}"), || {
            flow(root, example, language, installed)
        })?;
        match &first {
            None => first = Some(seen),
            Some(first) => {
                ensure!(seen == *first, "{language} did not see in {example} what Rust saw");
            }
        }
    }
    let lines = first.map_or(0, |seen| seen.lines().count());
    println!("\n{example}: Rust, Python and Node saw the same {lines} lines.");
    Ok(())
}

/// Runs one language's example against a sandbox of its own, and gives what it printed.
fn flow(root: &Path, example: &str, language: &str, installed: &Installed) -> Result<String> {
    let sandbox = Sandbox::start(root)?;
    let run = match language {
        "Rust" => Run::new(root.join("target/debug").join(example)),
        "Python" => {
            installed.venv.python().args([root.join(format!("examples/python/{example}.py"))])
        }
        _ => Run::new("node").args([installed.example(root, &format!("{example}.mjs"))?]),
    };
    let seen = sandbox.environment(run)?.output()?;
    print!("{seen}");
    Ok(seen)
}

/// The sandbox as a program; ends with this value.
pub struct Sandbox {
    child: Child,
    _stdin: Option<ChildStdin>,
    ready: serde_json::Value,
}

impl Sandbox {
    /// Starts one on a free port.
    pub fn start(root: &Path) -> Result<Self> {
        Self::spawn(Self::program(root, "debug").into_command())
    }

    /// Starts that of a program that was installed.
    pub fn installed(program: &Path) -> Result<Self> {
        Self::by(Run::new(program))
    }

    /// Starts a program that is run by another one.
    pub fn by(run: Run) -> Result<Self> {
        Self::spawn(with_words(run).into_command())
    }

    /// The program of a profile, with its words.
    pub fn program(root: &Path, profile: &str) -> Run {
        with_words(Run::new(root.join("target").join(profile).join("payglot")))
    }

    /// Starts the program.
    pub fn spawn(mut command: Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the sandbox")?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("the sandbox has no output")?;
        BufReader::new(stdout).read_line(&mut line).context("the sandbox said nothing")?;
        let ready = serde_json::from_str(&line)
            .with_context(|| format!("the sandbox did not start: {line}"))?;
        Ok(Self { _stdin: child.stdin.take(), child, ready })
    }

    /// What the sandbox said of itself when it started.
    pub fn value(&self, key: &str) -> Result<&str> {
        let value = self.ready.get(key).and_then(serde_json::Value::as_str);
        value.with_context(|| format!("the sandbox did not say its {key}"))
    }

    /// Tells a program where the sandbox is and how to sign, by the environment that every client reads.
    pub fn environment(&self, mut run: Run) -> Result<Run> {
        let variables = self.ready.get("environment").and_then(serde_json::Value::as_object);
        for (name, value) in variables.context("the sandbox did not say its environment")? {
            run = run.env(name, value.as_str().unwrap_or_default());
        }
        Ok(run.env("SANDBOX_USER_ID", self.value("user_id")?))
    }
}

fn with_words(run: Run) -> Run {
    let words = ["sandbox", "--listen", "127.0.0.1:0", "--seed", SEED];
    run.args(words).args(["--json", "--exit-with-stdin"])
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It stops by itself when its input closes; this is for one that hangs.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
