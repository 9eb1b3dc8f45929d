//! Runs the examples of job queues in the crash lab: each payout is made once, whenever its workers are killed. Without
//! their intent the lab must find payouts that are made twice.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::Value;

use crate::install::Installed;
use crate::redis;
use crate::shell::Run;
use crate::tools;

/// Each run of the lab has a folder, where the journal is, and a database of Redis: the number of its folder in a list,
/// which is the same when it is started again.
const INSIDE: &str = r#"
cd "$CRASH_LAB_DIR"
redis-cli -u "$REDIS_URL" RPUSH runs "$CRASH_LAB_DIR" > /dev/null
run=$(redis-cli -u "$REDIS_URL" LPOS runs "$CRASH_LAB_DIR")
REDIS_URL=$REDIS_URL/$((run + 1))
export REDIS_URL
exec "$@"
"#;

/// A program as its example shows it, or without its intent.
struct Program {
    words: Vec<OsString>,
    /// Where Python finds packages and the example.
    python_path: OsString,
}

struct Example {
    name: &'static str,
    program: Program,
    without_intent: Program,
}

/// Runs both examples.
pub fn run(root: &Path, installed: &Installed) -> Result<()> {
    if !redis::is_installed()? {
        return Ok(());
    }
    let examples = [celery(root, installed)?, bullmq(root, installed)?];
    // At the same time, because most of it is waiting for jobs to be redelivered.
    thread::scope(|scope| {
        let mut labs = Vec::new();
        for example in &examples {
            for workers in ["1", "2"] {
                labs.push(scope.spawn(move || pays_once(installed, example, workers)));
            }
            labs.push(scope.spawn(move || pays_twice(installed, example)));
        }
        labs.into_iter().try_for_each(|lab| lab.join().map_err(|_| anyhow!("a lab panicked"))?)
    })?;
    for example in &examples {
        println!("{}: payouts are made once, whenever its workers are killed", example.name);
    }
    Ok(())
}

fn celery(root: &Path, installed: &Installed) -> Result<Example> {
    let name = "examples/python/queues/celery_payouts.py";
    let file = root.join(name);
    let packages = tools::python_tools(root)?.site_packages()?;
    let program = |file: &Path| -> Result<Program> {
        let folder = file.parent().context("no folder")?;
        Ok(Program {
            words: vec![installed.venv.program("python").into(), file.into()],
            python_path: std::env::join_paths([folder, &packages])?,
        })
    };
    let target = installed.project.join("without_intent/celery_payouts.py");
    let changes = [
        ("Platform(journal=journal", "Platform(require_intent=False, journal=journal"),
        ("            intent=f\"payout {number}\",\n", ""),
    ];
    without_intent(&file, &target, &changes)?;
    Ok(Example { name, program: program(&file)?, without_intent: program(&target)? })
}

fn bullmq(root: &Path, installed: &Installed) -> Result<Example> {
    let name = "examples/node/queues/bullmq_payouts.mjs";
    let folder = installed.node_examples(root, "queues")?;
    let program = |file: PathBuf| Program {
        words: vec!["node".into(), file.into()],
        python_path: OsString::new(),
    };
    let target = folder.join("without_intent.mjs");
    let changes = [
        ("Platform({ journal", "Platform({ requireIntent: false, journal"),
        (", { intent: `payout ${number}` }", ""),
    ];
    without_intent(&root.join(name), &target, &changes)?;
    Ok(Example {
        name,
        program: program(folder.join("bullmq_payouts.mjs")),
        without_intent: program(target),
    })
}

/// Writes an example as it is without a payout's intent.
fn without_intent(from: &Path, to: &Path, changes: &[(&str, &str)]) -> Result<()> {
    let mut text =
        std::fs::read_to_string(from).with_context(|| format!("cannot read {}", from.display()))?;
    for (there, instead) in changes {
        ensure!(text.matches(there).count() == 1, "{} has not one `{there}`", from.display());
        text = text.replace(there, instead);
    }
    std::fs::create_dir_all(to.parent().context("no folder")?)?;
    std::fs::write(to, text).with_context(|| format!("cannot write {}", to.display()))
}

/// Killed at every step that the sandbox sees.
fn pays_once(installed: &Installed, example: &Example, workers: &str) -> Result<()> {
    let server = redis::Server::start()?;
    lab(installed, &example.program, &server, &["--workers", workers])
        .env("REDELIVER_AFTER", "1")
        .quiet()
        .run()
        .with_context(|| format!("{} in the crash lab", example.name))
}

/// Killed where the vendor has acted and the job does not know it.
fn pays_twice(installed: &Installed, example: &Example) -> Result<()> {
    let server = redis::Server::start()?;
    let step = "paywint-platform/payments.create #1, committed";
    let output = lab(installed, &example.without_intent, &server, &["--json", "--only", step])
        // Long enough that nothing is redelivered before the kill.
        .env("REDELIVER_AFTER", "3")
        .into_command()
        .output()
        .context("cannot start the crash lab")?;
    let report: Value = serde_json::from_slice(&output.stdout).with_context(|| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("{} without its intent, in the crash lab: {said}", example.name)
    })?;
    let problem = report.pointer("/runs/0/problems/0").and_then(Value::as_str).unwrap_or_default();
    ensure!(
        ["3 times instead of 2", "4 times instead of 2"].iter().any(|more| problem.ends_with(more)),
        "{} without its intent: the crash lab finds no payout that is made twice, but `{problem}`",
        example.name
    );
    Ok(())
}

/// The crash lab for a program, with a server of Redis that survives the kills as it does on another machine. No two labs
/// share one: Celery publishes results to all databases of a server.
fn lab(installed: &Installed, program: &Program, server: &redis::Server, words: &[&str]) -> Run {
    Run::new(installed.venv.program("payglot"))
        .args(["crash-lab", "--timeout", "60"])
        .args(words)
        .args(["--", "sh", "-euc", INSIDE, "sh"])
        .args(&program.words)
        .env("REDIS_URL", &server.url)
        .env("PYTHONPATH", &program.python_path)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // The command that was installed.
        .env("PAYGLOT_BIN", "")
}
